"""The bank of wrong answers: each has a story that goes as told with the reference, and not with the mutant."""

from pathlib import Path

import pytest

from consensus_lab.check.keeping import Filing, filing
from consensus_lab.lab.catalogue import protocol, protocols
from consensus_lab.lab.mutants import Mutant, bank
from consensus_lab.lab.trials import Refuted, script

MUTANTS = [(name, mutant) for name in protocols() for mutant in bank(name)]


@pytest.mark.parametrize(("name", "mutant"), MUTANTS, ids=[mutant.name for _, mutant in MUTANTS])
def test_its_story_tells_the_mutant_from_the_reference(name: str, mutant: Mutant, tmp_path: Path):
    cast = protocol(name).cast
    token = filing.set(Filing(tmp_path))
    try:
        script(cast(**mutant.cast), mutant.script)
        with pytest.raises(Refuted) as refuted:
            script(cast(**mutant.cast, **{mutant.role: mutant.kind}), mutant.script)
    finally:
        filing.reset(token)
    begins = "expected " if mutant.refutes == "expect" else f"{mutant.refutes} ("
    assert str(refuted.value).startswith(begins)


@pytest.mark.parametrize(("name", "mutant"), MUTANTS, ids=[mutant.name for _, mutant in MUTANTS])
def test_it_is_one_rule_gone_wrong_and_says_how(name: str, mutant: Mutant):
    assert mutant.name == mutant.kind.__name__
    reference = mutant.kind.__mro__[1]
    overridden = {name for name in vars(mutant.kind) if hasattr(reference, name) and not name.startswith("__")}
    assert overridden - {"RULES"} == {mutant.rule}
    assert len(mutant.wrong.split()) >= 4
