"""Who plays in three-phase commit, and in which of its variants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consensus_lab.kernel import Address, Cast, Process
from consensus_lab.kernel.cast import refuse_unless, told
from consensus_lab.protocols.commitment import voters_named
from consensus_lab.protocols.three_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.three_phase_commit.course import CautiousCoordinator
from consensus_lab.protocols.three_phase_commit.invariants import EVENTUALLY, INVARIANTS
from consensus_lab.protocols.three_phase_commit.messages import Begin
from consensus_lab.protocols.three_phase_commit.participant import Participant
from consensus_lab.protocols.three_phase_commit.termination import TerminatingParticipant

NAME = "three-phase-commit"
COORDINATOR: Address = "coordinator"
TX = "T1"
CRASHES = frozenset({"crash", "power", "late"})
"""What it is made for: nodes that stop and come back. No message is lost, and whoever is silent is down."""


@dataclass(frozen=True)
class Variant:
    """The pair of classes that play it."""

    coordinator: type[Coordinator]
    participant: type[Participant]


VARIANTS = {
    "skeen": Variant(Coordinator, Participant),
    "course": Variant(CautiousCoordinator, Participant),
    "termination": Variant(Coordinator, TerminatingParticipant),
}


def cast(
    participants: int = 2,
    *,
    variant: str = "skeen",
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
        peers = frozenset(addresses) - {address}
        processes[address] = played.participant(COORDINATOR, TX, address not in unwilling, peers)
    requests = ((COORDINATOR, Begin(TX)),)
    return Cast(
        NAME,
        processes,
        requests,
        INVARIANTS,
        parameters=parameters,
        eventually=EVENTUALLY,
        withstands=CRASHES,
    )
