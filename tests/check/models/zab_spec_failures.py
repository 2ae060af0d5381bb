"""Election and failures in Apache's protocol-spec/Zab.tla: an oracle names leaders, connections and servers fail.

These are the steps that move several servers at once: a leader that loses its quorum takes its learners with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.check.models.zab_spec_state import (
    DISCOVERY,
    ELECTION,
    FOLLOWING,
    LEADING,
    LOOKING,
    Committed,
    Heard,
    Received,
    State,
    replace_at,
)


class Bounds(NamedTuple):
    """The specification's Parameters."""

    timeouts: int
    transactions: int
    epoch: int
    restarts: int


# -- election ---------------------------------------------------------------------------------------------------------


def elect(state: State, i: int) -> Iterator[State]:
    """UpdateLeader and FollowLeader."""
    if state.servers[i].state != LOOKING:
        return
    if state.oracle != i:
        yield switch_to_leader(state, i)._replace(oracle=i)
    if state.oracle == i:
        yield switch_to_leader(state, i)
    elif state.oracle is not None:
        yield state.change(i, state=FOLLOWING, phase=DISCOVERY)


def switch_to_leader(state: State, i: int) -> State:
    server = state.servers[i]
    nobody: Received = (None,) * len(state.servers)
    return state.change(
        i,
        state=LEADING,
        phase=DISCOVERY,
        learners=frozenset({i}),
        cepochs=replace_at(nobody, i, Heard(epoch=server.accepted_epoch)),
        ackes=replace_at(nobody, i, Heard(epoch=server.current_epoch, history=server.history)),
        acklds=replace_at(nobody, i, Heard()),
        sent=0,
    )


# -- failures ---------------------------------------------------------------------------------------------------------


def timeout(state: State, i: int, j: int, bounds: Bounds) -> Iterator[State]:
    """Leader i and its follower j lose each other."""
    if state.recorder.timeouts < bounds.timeouts and follows(state, j, i):
        yield part(state, i, j).record(timeouts=state.recorder.timeouts + 1)


def restart(state: State, i: int, bounds: Bounds) -> Iterator[State]:
    """A restart counts as a timeout, too."""
    recorder = state.recorder
    if recorder.timeouts < bounds.timeouts and recorder.restarts < bounds.restarts:
        stopped = stop(state, i).change(i, committed=Committed())
        yield stopped.record(timeouts=recorder.timeouts + 1, restarts=recorder.restarts + 1)


def follows(state: State, j: int, i: int) -> bool:
    leader, follower = state.servers[i], state.servers[j]
    return leader.state == LEADING and j in leader.learners and follower.state == FOLLOWING and follower.leader == i


def stop(state: State, i: int) -> State:
    server = state.servers[i]
    if server.state == LEADING:
        return shut_leader_down(state, i)
    if server.state == LOOKING:
        return state
    if server.leader is not None:
        return part(state, server.leader, i)
    return shut_down(state, i).clean_input([i])


def part(state: State, leader: int, follower: int) -> State:
    """The leader goes on without this follower if a quorum is left, and gives up with all its learners if not."""
    if state.is_quorum(state.servers[leader].learners - {follower}):
        return go_back_to_election(state, follower, leader)
    return shut_leader_down(state, leader)


def go_back_to_election(state: State, follower: int, leader: int) -> State:
    return remove_learner(shut_down(state, follower), leader, follower).clean(leader, follower)


def shut_down(state: State, i: int) -> State:
    return state.change(i, state=LOOKING, phase=ELECTION, leader=None)


def shut_leader_down(state: State, i: int) -> State:
    learners = state.servers[i].learners
    for learner in learners:
        state = shut_down(state, learner)
    return state.clean_input(learners).change(i, learners=frozenset())


def remove_learner(state: State, i: int, j: int) -> State:
    leader = state.servers[i]
    return state.change(
        i,
        learners=leader.learners - {j},
        cepochs=disconnect(leader.cepochs, j),
        ackes=disconnect(leader.ackes, j),
        acklds=disconnect(leader.acklds, j),
    )


def disconnect(received: Received, j: int) -> Received:
    heard = received[j]
    return received if heard is None else replace_at(received, j, heard._replace(connected=False))
