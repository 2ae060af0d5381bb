"""A campaign: the references survive it, the same seed is the same run, and weak evidence is called so."""

import os
import subprocess
import sys

import pytest

from consensus_lab.check.fuzz import MENU, Campaign, investigate, menu_of
from consensus_lab.kernel import Links
from consensus_lab.lab.catalogue import protocol, protocols
from consensus_lab.lab.mutants.paxos.acceptors import ForgetPromise
from consensus_lab.protocols import paxos, three_phase_commit

SEEDS = {"two-phase-commit": 20_000, "three-phase-commit": 20_000, "paxos": 2_000, "election": 2_000}
"""As many as take some seconds."""
FEW = 100  # of those whose states hardly ever repeat
BUSY = {"zab": {"writes": 3}}
"""Where nobody asks for anything by default."""
PLAY_ONE = """
from consensus_lab.check.fuzz import Campaign, menu_of
from consensus_lab.check.fuzz.finding import as_steps
from consensus_lab.lab.catalogue import protocol
from consensus_lab.lab.mutants.paxos.acceptors import ForgetPromise
cast = protocol("paxos").cast(acceptor=ForgetPromise)
campaign = Campaign(cast, menu_of(cast))
for seed in {before}:
    campaign.failure(seed)
print("\\n".join(map(str, as_steps(cast, campaign.failure({seed}).trail))))
"""


@pytest.mark.parametrize("name", protocols())
def test_the_reference_survives(name: str) -> None:
    cast = protocol(name).cast(**BUSY.get(name, {}))
    campaign = Campaign(cast, menu_of(cast))
    failure = campaign.run(range(1, SEEDS.get(name, FEW) + 1))
    assert failure is None, investigate(cast, failure)
    assert campaign.statistics.decisions, "a campaign that decides nothing has shown nothing"


def first_failure() -> int:
    cast = paxos.cast(acceptor=ForgetPromise)
    failure = Campaign(cast, menu_of(cast)).run(range(1, 2_000))
    assert failure is not None
    return failure.seed


def test_the_same_seed_is_the_same_run_whatever_was_played_before_and_in_any_interpreter() -> None:
    seed = first_failure()
    told = {
        subprocess.run(
            [sys.executable, "-c", PLAY_ONE.format(before=before, seed=seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed, before in (("1", []), ("2", [1, 2, 3]))
    }
    assert len(told) == 1
    assert "deliver" in told.pop()


def test_a_menu_leaves_out_what_the_links_cannot_suffer_and_what_the_protocol_does_not_withstand() -> None:
    assert set(menu_of(paxos.cast())) == MENU.keys() - {"reset"}
    assert menu_of(three_phase_commit.cast()) == ("crash", "power", "late")
    assert "partition" in menu_of(three_phase_commit.cast(), ["partition"])
    with pytest.raises(ValueError, match="which do not suffer reset"):
        menu_of(paxos.cast(), ["reset"])
    with pytest.raises(ValueError, match="there is no fault 'flood'"):
        menu_of(paxos.cast(), ["flood"])


@pytest.mark.parametrize("name", protocols())
def test_every_kind_of_fault_that_can_strike_does(name: str) -> None:
    cast = protocol(name).cast()
    campaign = Campaign(cast, menu_of(cast))
    assert campaign.run(range(1, 26)) is None
    missed = [kind for kind in campaign.menu if not campaign.statistics.drawn[kind]]
    assert not missed
    lost = {"loss", "duplication", "delay"} if cast.links is Links.FIFO else set()
    countable = {"loss", "duplication", "delay", "late", "crash", "power", "pause", "cut", "partition", "reset"} - lost
    assert countable & set(campaign.menu) <= {kind for kind, times in campaign.statistics.struck.items() if times}


def test_three_phase_commit_splits_as_soon_as_the_network_may() -> None:
    cast = three_phase_commit.cast()
    failure = Campaign(cast, menu_of(cast, ["partition", "cut", "loss"])).run(range(1, 2_000))
    assert failure is not None
