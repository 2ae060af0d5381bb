"""Atomic commitment, written once: both protocols speak its words, have its voters, and are held to its claims."""

import pytest

from consensus_lab.kernel import Decision
from consensus_lab.kernel.notation import parse, vocabulary
from consensus_lab.lab.catalogue import words_of
from consensus_lab.protocols import commitment, three_phase_commit, two_phase_commit
from consensus_lab.protocols.commitment import Commit, Prepared, Voter

PACKAGES = pytest.mark.parametrize("package", [two_phase_commit, three_phase_commit])


@PACKAGES
def test_both_protocols_offer_the_same_words_as_their_own(package):
    for word in ("Begin", "Commit", "Abort", "Prepared"):
        assert getattr(package.messages, word) is getattr(commitment, word)


@PACKAGES
def test_what_a_protocol_offers_from_elsewhere_can_be_read(package):
    words = vocabulary(package.messages)
    assert parse("Prepared(tx=T1, undo=old, redo=T1)", words) == Prepared("T1", "old", "T1")
    assert parse("State.READY", words) is package.messages.State.READY


def test_a_vocabulary_holds_messages_and_enums_and_nothing_else_that_a_module_happens_to_name():
    assert {"Enum", "message", "Verdict"}.isdisjoint(words_of("three-phase-commit"))
    assert {"State", "Part", "Commit", "PreCommit", "Recovered"} <= words_of("three-phase-commit").keys()


@PACKAGES
def test_participants_vote_and_the_coordinator_does_not(package):
    voters = {address for address, process in package.cast(2).processes.items() if isinstance(process, Voter)}
    assert voters == {"p1", "p2"}


@PACKAGES
def test_both_are_held_to_the_same_claims(package):
    assert package.INVARIANTS[:5] == commitment.INVARIANTS
    assert [claim.name for claim in commitment.INVARIANTS] == ["AC1", "AC2", "AC3", "AC4", "LOCKS"]


@pytest.mark.parametrize(
    ("package", "record"), [(two_phase_commit, "Prepared"), (three_phase_commit, "Promised")], ids=["two", "three"]
)
def test_ac3_names_the_record_that_is_missing(package, record: str):
    class NothingOnDisk:
        cast = package.cast(1)
        decisions = (Decision("coordinator", Commit("T1")),)

        def journal(self, address: str) -> tuple:
            return ()

    witness = commitment.unanimity.check(NothingOnDisk())
    assert witness == f"coordinator decided Commit(T1), but p1's disk holds no {record} record"
