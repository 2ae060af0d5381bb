"""Claims about every moment: a sentence, a check that names its witness, and no silence when the check itself fails."""

import pytest

from consensus_lab.kernel import Cast, invariant
from consensus_lab.kernel.cast import refuse_unless
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim import World


@invariant("EMPTY", "nobody's disk holds anything")
def empty(view):
    return next((f"{a} holds {view.journal(a)[0]}" for a in view.cast.addresses if view.journal(a)), None)


@invariant("BROKEN", "this check has a mistake in it")
def broken(view):
    return view.no_such_thing


def test_a_claim_that_holds_has_no_violation():
    assert empty.refute(World.of(cast(1))) is None


def test_a_refuted_claim_reads_as_a_sentence_with_its_witness():
    class Held(World):
        def journal(self, address):
            return ("a record",)

    start = World.of(cast(1))
    held = Held(start.cast, start.machines, start.network, start.requests)
    violation = empty.refute(held)
    assert violation is not None
    assert violation.witness == "coordinator holds a record"
    assert str(violation) == "EMPTY (nobody's disk holds anything): refuted, coordinator holds a record"


def test_a_check_that_raises_has_not_shown_that_its_claim_holds():
    violation = broken.refute(World.of(cast(1)))
    assert violation is not None
    assert "the check itself failed with AttributeError" in violation.witness


def test_a_cast_may_be_held_to_other_claims_and_is_otherwise_the_same():
    strict = cast(2).claiming(empty, broken)
    assert [claim.name for claim in strict.invariants] == ["EMPTY", "BROKEN"]
    assert (strict.addresses, strict.requests) == (cast(2).addresses, cast(2).requests)
    assert [violation.invariant for violation in World.of(strict).violations()] == [broken]


def test_a_cast_gives_each_a_fresh_process_that_shares_nothing_with_the_next():
    cast_: Cast = cast(1)
    first, second = cast_.fresh("p1"), cast_.fresh("p1")
    assert first == second
    assert first is not second
    first.lock = "T9"
    assert cast_.fresh("p1") == second


def test_what_a_user_typed_is_refused_with_the_sentence():
    refuse_unless(True, "never said")
    with pytest.raises(ValueError, match=r"^so many it cannot be$"):
        refuse_unless(False, "so many it cannot be")
