"""Which of the four ways a learner is brought up to date, by the rules of LearnerHandler.syncFollower."""

import pytest

from consensus_lab.protocols.zab.learner_handler import LearnerHandler, Stage, Sync, sync_follower
from consensus_lab.protocols.zab.messages import COMMIT, DIFF, PROPOSAL, SNAP, TRUNC, Zxid
from tests.protocols.zab.running import server


def sync(log: str, peer: tuple[int, int], *, window: int = 500, from_disk: int = 0, led_into: int = 0) -> Sync:
    history = server(logs=(log, log, log)).history
    if led_into:
        history.lead_into(led_into)
    return sync_follower(history, Zxid(*peer), window, from_disk)


def told(made: Sync) -> list[str]:
    """The queue in short."""
    names = {DIFF: "DIFF", TRUNC: "TRUNC", SNAP: "SNAP", PROPOSAL: "P", COMMIT: "C"}
    zxids = [packet.txn.zxid if isinstance(packet, PROPOSAL) else packet.zxid for packet in made.queue]
    return [
        f"{names[type(packet)]} {zxid.epoch}.{zxid.counter}" for packet, zxid in zip(made.queue, zxids, strict=True)
    ]


@pytest.mark.parametrize(
    ("log", "peer", "options", "queue"),
    [
        ("1.3", (1, 3), {}, ["DIFF 1.3"]),
        ("", (0, 0), {}, ["DIFF 0.0"]),
        ("1.3", (1, 1), {}, ["DIFF 1.3", "P 1.2", "C 1.2", "P 1.3", "C 1.3"]),
        ("1.2/2.1", (1, 2), {"led_into": 3}, ["DIFF 2.1", "P 2.1", "C 2.1"]),
        ("1.3", (1, 5), {}, ["TRUNC 1.3"]),
        ("1.3", (2, 1), {}, ["TRUNC 1.3"]),
        ("", (1, 1), {}, ["TRUNC 0.0"]),
        ("1.2/1.4-5", (1, 3), {}, ["TRUNC 1.2", "P 1.4", "C 1.4", "P 1.5", "C 1.5"]),
        ("1.2/2.1", (1, 3), {}, ["SNAP 2.1"]),
        ("1.4", (1, 1), {"window": 2}, ["SNAP 1.4"]),
        ("1.4", (0, 0), {}, ["SNAP 1.4"]),
        (
            "1.4",
            (1, 1),
            {"window": 2, "from_disk": 3},
            ["DIFF 1.4", "P 1.2", "C 1.2", "P 1.3", "C 1.3", "P 1.4", "C 1.4"],
        ),
        ("1.5", (1, 1), {"window": 2, "from_disk": 1}, ["SNAP 1.5"]),
        ("1.3", (0, 0), {"window": 2, "from_disk": 9}, ["SNAP 1.3"]),
        ("1.3/2.2", (2, 0), {}, ["DIFF 2.2", "P 2.1", "C 2.1", "P 2.2", "C 2.2"]),
        ("1.3", (2, 0), {}, ["SNAP 1.3"]),
        ("1.3", (2, 0), {"led_into": 2}, ["DIFF 2.0"]),
    ],
    ids=[
        "both have the same",
        "both have nothing",
        "within the window",
        "the last of an earlier epoch is within the window",
        "ahead in the same epoch",
        "ahead in a later epoch",
        "ahead of nothing",
        "has what nobody has, in an epoch that goes on",
        "has what nobody has, at the end of an epoch",
        "before the window",
        "has nothing, and the window begins with the first",
        "before the window, and the log is at hand",
        "too much of the log",
        "has nothing, and no log says what comes first",
        "has led into an epoch, before its first proposal",
        "has led into an epoch that is later than all here",
        "has led into this epoch",
    ],
)
def test_the_way_follows_from_the_last_zxid_and_the_window(log: str, peer: tuple[int, int], options: dict, queue: list):
    assert told(sync(log, peer, **options)) == queue


def test_whoever_is_sent_a_snapshot_has_come_as_far_as_it_says():
    assert sync("1.4", (1, 1), window=2).queued == Zxid(1, 4)
    assert sync("1.3", (1, 5)).queued == Zxid(1, 3)
    assert sync("1.3", (1, 1)).queued == Zxid(1, 3)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_learner_hears_of_proposals_from_newleader_on(stage: Stage):
    assert LearnerHandler(1, 0, stage).forwarding == (stage in (Stage.SYNCING, Stage.SYNCED))


def test_a_learner_that_owes_an_ack_for_sync_limit_ticks_is_overdue():
    handler = LearnerHandler(1, 0, Stage.SYNCED)
    handler.proposed(Zxid(1, 1), tick=3)
    handler.proposed(Zxid(1, 2), tick=6)
    assert not handler.is_overdue(7, sync_limit=5)
    assert handler.is_overdue(8, sync_limit=5)
    handler.acked(Zxid(1, 1))
    assert not handler.is_overdue(8, sync_limit=5)
    assert handler.is_overdue(11, sync_limit=5)
    handler.acked(Zxid(1, 2))
    assert not handler.is_overdue(99, sync_limit=5)
