"""Real processes, killed again and again while clients write: nothing acknowledged is lost, and all logs are equal."""

from __future__ import annotations

import random

import pytest

from consensus_lab.lab.cluster import Cluster
from tests.net.replicated_logs import SUBJECTS, Record, Subject

ROUNDS = 60
WRITES = 6  # in each round, in turn to each client
GENEROUS = 120.0  # seconds: for what takes one or two


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_no_acknowledged_write_is_lost_and_all_logs_are_equal_whoever_is_killed(subject: Subject):
    chance = random.Random(ROUNDS)
    record = Record(subject)
    with Cluster(subject.cast, watch=record.watch) as cluster:
        for round in range(ROUNDS):
            for number in range(round * WRITES, (round + 1) * WRITES):
                cluster.submit(subject.clients[number % len(subject.clients)], subject.write(number))
            enough = round * WRITES + chance.randrange(WRITES)
            cluster.wait_for(lambda wanted=enough: len(record.acknowledged) >= wanted, f"{enough} are done", GENEROUS)
            victim = chance.choice([record.leader, *subject.servers]) or subject.servers[0]
            cluster.kill(victim)
            cluster.restart(victim)
        everything = set(range(ROUNDS * WRITES))
        cluster.wait_for(lambda: record.holds_all(everything), "all writes are done, and in every log", GENEROUS)
        left = cluster.aftermath()
    assert record.changed == []
    assert left.violations() == ()
    longest = max(record.logs.values(), key=len)
    for server, log in record.logs.items():
        assert log.items() <= longest.items(), f"{server} has another log than others"
        assert sorted(log) == list(range(1, len(log) + 1)), f"{server} has a hole in its log"
