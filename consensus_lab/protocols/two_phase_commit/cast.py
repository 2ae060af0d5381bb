"""Who plays in two-phase commit, and in which of its variants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consensus_lab.kernel import Address, Cast, Process
from consensus_lab.kernel.cast import refuse_unless, told
from consensus_lab.protocols.commitment import EVENTUALLY, voters_named
from consensus_lab.protocols.two_phase_commit.cooperative import CooperativeParticipant
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.invariants import INVARIANTS
from consensus_lab.protocols.two_phase_commit.messages import Begin
from consensus_lab.protocols.two_phase_commit.participant import Participant
from consensus_lab.protocols.two_phase_commit.presumed_abort import PresumedAbortCoordinator, PresumedAbortParticipant
from consensus_lab.protocols.two_phase_commit.presumed_commit import (
    PresumedCommitCoordinator,
    PresumedCommitParticipant,
)

NAME = "two-phase-commit"
COORDINATOR: Address = "coordinator"
TX = "T1"


@dataclass(frozen=True)
class Variant:
    """The pair of classes that play it."""

    coordinator: type[Coordinator]
    participant: type[Participant]


VARIANTS = {
    "presumed-nothing": Variant(Coordinator, Participant),
    "presumed-abort": Variant(PresumedAbortCoordinator, PresumedAbortParticipant),
    "presumed-commit": Variant(PresumedCommitCoordinator, PresumedCommitParticipant),
    "cooperative": Variant(Coordinator, CooperativeParticipant),
}


def cast(
    participants: int = 2,
    *,
    variant: str = "presumed-nothing",
    unwilling: Iterable[Address] = (),
    coordinator: type[Coordinator] | None = None,
    participant: type[Participant] | None = None,
) -> Cast:
    """A coordinator and participants p1 ... pn, of which `unwilling` vote no; classes of your own play in their stead.

    Raises ValueError, with a sentence, for a variant or an address that does not exist, or for no participants.
    """
    unwilling = tuple(sorted(set(unwilling)))
    parameters = told(cast, locals())
    refuse_unless(variant in VARIANTS, f"variant must be one of {', '.join(VARIANTS)}, not {variant}")
    addresses = voters_named(participants, unwilling)
    played = Variant(coordinator or VARIANTS[variant].coordinator, participant or VARIANTS[variant].participant)
    processes: dict[Address, Process] = {COORDINATOR: played.coordinator(frozenset(addresses))}
    for address in addresses:
        processes[address] = _participant(played.participant, address, addresses, address not in unwilling)
    requests = ((COORDINATOR, Begin(TX)),)
    return Cast(
        NAME,
        processes,
        requests,
        INVARIANTS,
        parameters=parameters,
        eventually=EVENTUALLY,
    )


def _participant(kind: type[Participant], me: Address, addresses: list[Address], willing: bool) -> Participant:
    if issubclass(kind, CooperativeParticipant):
        return kind(COORDINATOR, TX, willing, peers=frozenset(addresses) - {me})
    return kind(COORDINATOR, TX, willing)
