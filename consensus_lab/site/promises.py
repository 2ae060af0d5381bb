"""A protocol's invariants as a list: the sentences that every run of every figure is held to."""

from __future__ import annotations

from consensus_lab.lab.catalogue import protocol


def invariant_list(name: str) -> str:
    """Name and sentence, as the code states them."""
    return "\n".join(f"- **{each.name}**: {each.sentence}." for each in protocol(name).INVARIANTS)
