"""Real processes, killed again and again while clients write: nothing acknowledged is lost, and all logs are equal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

import pytest

from consensus_lab.lab.cluster import Cluster
from tests.net.replicated_logs import SUBJECTS, Record, Subject

ROUNDS = 60
WRITES = 6  # in each round
GENEROUS = 120.0  # seconds: for what takes one or two
MOST_TRIES = 60
PATIENCE = 1.0  # seconds until a client whose server is gone asks again


def ask(cluster: Cluster, subject: Subject, numbers: Iterable[int]) -> None:
    for number in numbers:
        cluster.submit(*subject.write(number))


def wait_for(cluster: Cluster, record: Record, asked: range, happened: Callable[[], bool]) -> None:
    """Wait until it has; ask again for what is not acknowledged, as a client does that hears nothing."""
    for _ in range(MOST_TRIES):
        if happened():
            return
        late = time.monotonic() + PATIENCE
        cluster.wait_for(lambda late=late: happened() or time.monotonic() > late, "writes are done", GENEROUS)
        if not happened():
            ask(cluster, record.subject, [number for number in asked if number not in record.acknowledged])
    pytest.fail(f"not done, however often asked: {record}")


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_no_acknowledged_write_is_lost_and_all_logs_are_equal_whoever_is_killed(subject: Subject):
    chance = random.Random(ROUNDS)
    record = Record(subject)
    with Cluster(subject.cast, watch=record.watch) as cluster:
        for round in range(ROUNDS):
            asked = range((round + 1) * WRITES)
            ask(cluster, subject, asked[-WRITES:])
            enough = round * WRITES + chance.randrange(WRITES)
            wait_for(cluster, record, asked, lambda enough=enough: len(record.acknowledged) >= enough)
            victim = chance.choice([record.leader, *subject.servers]) or subject.servers[0]
            cluster.kill(victim)
            cluster.restart(victim)
        wait_for(cluster, record, asked, lambda: record.holds_all(set(asked)))
        left = cluster.aftermath()
    assert record.changed == []
    assert left.violations() == ()
    longest = max(record.logs.values(), key=len)
    for server, log in record.logs.items():
        assert log.items() <= longest.items(), f"{server} has another log than others"
        assert sorted(log) == sorted(longest)[: len(log)], f"{server} has a hole in its log"
