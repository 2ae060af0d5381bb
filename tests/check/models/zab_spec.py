"""Apache's zookeeper-specifications/protocol-spec/Zab.tla in Python: every step that its Next allows, within bounds.

Junqueira, Reed, Serafini: Zab (DSN 2011), with an oracle in the place of the election, a channel for every pair of
servers, and steps in which a leader and its followers move together. So it is no cast of message-passing processes,
and is searched by a few lines of its own. Each action is named after the specification's; what may be generated twice
there (a disjunction with two true sides) is generated twice here, so that the counts can be compared with TLC's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.check.models.zab_spec_failures import Bounds, elect, go_back_to_election, restart, timeout
from tests.check.models.zab_spec_state import (
    BROADCAST,
    DISCOVERY,
    FOLLOWING,
    LEADING,
    SYNCHRONIZATION,
    Committed,
    Heard,
    History,
    Message,
    Proposal,
    Received,
    Server,
    State,
    Transaction,
    heard_from,
    index_of,
    last_zxid,
    replace_at,
)


def steps(state: State, bounds: Bounds) -> Iterator[State]:
    """Every state that one step leads to, as often as a step leads there."""
    everyone = range(len(state.servers))
    for i in everyone:
        yield from elect(state, i)
        yield from restart(state, i, bounds)
        yield from process_request(state, i, bounds)
        yield from broadcast_propose(state, i)
        for j in everyone:
            yield from timeout(state, i, j, bounds)
            yield from connect(state, i, j)
            yield from receive(state, i, j, bounds)


# -- discovery --------------------------------------------------------------------------------------------------------


def connect(state: State, i: int, j: int) -> Iterator[State]:
    """ConnectAndFollowerSendCEPOCH: follower j finds leader i."""
    leader, follower = state.servers[i], state.servers[j]
    found = leader.state == LEADING and j not in leader.learners and state.oracle == i
    if found and follower.state == FOLLOWING and follower.leader is None:
        connected = state.change(i, learners=leader.learners | {j}).change(j, leader=i)
        yield connected.send(j, i, Message("CEPOCH", epoch=follower.accepted_epoch))


def receive(state: State, i: int, j: int, bounds: Bounds) -> Iterator[State]:
    """Server i takes the oldest message from j, or throws it away if it should not exist: FilterNonexistentMessage."""
    if not state.channels[j][i]:
        return
    message, server = state.channels[j][i][0], state.servers[i]
    taken = state.discard(j, i)
    connected = j in server.learners if server.state == LEADING else server.leader == j
    process = PROCESS.get((server.state, message.kind))
    if process is None or not connected:
        yield taken.flag("messageIllegal")
    elif message.kind != "CEPOCH" or state.recorder.max_epoch < bounds.epoch:
        yield from process(taken, i, j, message)


def leader_process_cepoch(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    leader = state.servers[i]
    cepochs = replace_at(leader.cepochs, j, Heard(epoch=message.epoch))
    after = state.change(i, cepochs=cepochs)
    if state.is_quorum(heard_from(leader.cepochs)):
        after = after.send(i, j, Message("NEWEPOCH", epoch=leader.accepted_epoch))
    else:
        after = after.flag("stateInconsistent", when=leader.phase != DISCOVERY)
        if state.is_quorum(heard_from(cepochs)):
            epoch = 1 + max(heard.epoch for heard in cepochs if heard is not None)
            after = after.change(i, accepted_epoch=epoch).broadcast(i, cepochs, Message("NEWEPOCH", epoch=epoch))
    yield after.record(max_epoch=max(server.accepted_epoch for server in after.servers))


def follower_process_newepoch(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    follower = state.servers[i]
    if message.epoch < follower.accepted_epoch:
        yield go_back_to_election(state, i, j)
    elif follower.phase != DISCOVERY:
        yield state.flag("stateInconsistent")
    else:
        answer = Message("ACKEPOCH", epoch=follower.current_epoch, history=follower.history)
        yield state.change(i, accepted_epoch=message.epoch, phase=SYNCHRONIZATION).send(i, j, answer)


def leader_process_ackepoch(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    leader = state.servers[i]
    ackes = replace_at(leader.ackes, j, Heard(epoch=message.epoch, history=message.history))
    after = state.change(i, ackes=ackes)
    if state.is_quorum(heard_from(leader.ackes)):
        yield announced(after, i).send(i, j, new_leader(leader))
        return
    after = after.flag("stateInconsistent", when=leader.phase != DISCOVERY)
    if state.is_quorum(heard_from(ackes)):
        epoch = leader.accepted_epoch
        history = tuple(transaction._replace(acks=frozenset({i})) for transaction in initial_history(ackes))
        after = after.change(i, current_epoch=epoch, history=history, phase=SYNCHRONIZATION)
        after = announced(after, i)._replace(epoch_leaders=after.epoch_leaders | {(epoch, i)})
        after = after.broadcast(i, ackes, new_leader(after.servers[i]))
    yield after


def initial_history(ackes: Received) -> History:
    """The history of whoever was in the newest epoch, and of these the one with the greatest last zxid."""
    candidates = [heard for heard in ackes if heard is not None]
    return max(candidates, key=lambda heard: (heard.epoch, last_zxid(heard.history))).history


def new_leader(leader: Server) -> Message:
    return Message("NEWLEADER", epoch=leader.accepted_epoch, history=leader.history)


def announced(state: State, i: int) -> State:
    """With the whole history of leader i among what has been proposed in its epoch."""
    leader = state.servers[i]
    return state.propose(Proposal(i, leader.accepted_epoch, known.zxid, known.value) for known in leader.history)


# -- synchronization --------------------------------------------------------------------------------------------------


def follower_process_newleader(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    follower = state.servers[i]
    if follower.accepted_epoch != message.epoch:
        yield go_back_to_election(state, i, j)
        return
    after = state.flag("stateInconsistent", when=follower.phase != SYNCHRONIZATION)
    after = after.change(i, current_epoch=message.epoch, history=message.history)
    yield after.send(i, j, Message("ACKLD", zxid=last_zxid(message.history)))


def leader_process_ackld(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    leader = state.servers[i]
    acklds = replace_at(leader.acklds, j, Heard())
    history = tuple(known._replace(acks=known.acks | {j}) if known.zxid <= message.zxid else known
                    for known in leader.history)  # fmt: skip
    after = state.change(i, acklds=acklds, history=history)
    if state.is_quorum(heard_from(leader.acklds)):
        after = after.flag("stateInconsistent", when=leader.phase != BROADCAST)
        after = after.send(i, j, Message("COMMITLD", zxid=leader.committed.zxid))
    else:
        after = after.flag("stateInconsistent", when=leader.phase != SYNCHRONIZATION)
        if state.is_quorum(heard_from(acklds)):
            committed = Committed(len(history), leader.last_zxid)
            after = after.change(i, committed=committed, phase=BROADCAST)
            after = after.broadcast(i, acklds, Message("COMMITLD", zxid=leader.last_zxid))
    yield after


def follower_process_commitld(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    history = state.servers[i].history
    index = index_of(history, message.zxid)
    after = state.flag("proposalInconsistent", when=not 0 <= index <= len(history))
    yield after.change(i, committed=Committed(index, message.zxid), phase=BROADCAST)


# -- broadcast --------------------------------------------------------------------------------------------------------


def process_request(state: State, i: int, bounds: Bounds) -> Iterator[State]:
    """LeaderProcessRequest: the leader logs a transaction, with the number of the request as its value."""
    leader, recorder = state.servers[i], state.recorder
    if recorder.transactions < bounds.transactions and leader.state == LEADING and leader.phase == BROADCAST:
        zxid = (leader.current_epoch, current_counter(leader) + 1)
        transaction = Transaction(zxid, recorder.requests, frozenset({i}), leader.current_epoch)
        after = state.change(i, history=(*leader.history, transaction))
        longest = max(len(server.history) for server in after.servers)
        yield after.record(transactions=longest, requests=recorder.requests + 1)


def current_counter(leader: Server) -> int:
    epoch, counter = leader.last_zxid
    return counter if epoch == leader.current_epoch else 0


def broadcast_propose(state: State, i: int) -> Iterator[State]:
    """LeaderBroadcastPROPOSE."""
    leader = state.servers[i]
    if leader.state == LEADING and leader.phase == BROADCAST and leader.sent < current_counter(leader):
        epoch, counter = leader.current_epoch, leader.sent + 1
        known = leader.history[index_of(leader.history, (epoch, counter)) - 1]
        after = state.change(i, sent=counter).propose([Proposal(i, epoch, known.zxid, known.value)])
        yield after.broadcast(i, leader.ackes, Message("PROPOSE", zxid=known.zxid, value=known.value))


def follower_process_propose(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    follower = state.servers[i]
    (epoch, counter), (last_epoch, last_counter) = message.zxid, follower.last_zxid
    first = counter == 1 and last_epoch < epoch
    if first or (counter > 1 and message.zxid == (last_epoch, last_counter + 1)):
        transaction = Transaction(message.zxid, message.value, frozenset(), follower.current_epoch)
        after = state.change(i, history=(*follower.history, transaction))
        yield after.send(i, j, Message("ACK", zxid=message.zxid))
    else:
        known = 0 < index_of(follower.history, message.zxid) <= len(follower.history)
        yield state.flag("proposalInconsistent", when=not known)


def leader_process_ack(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    leader = state.servers[i]
    index = index_of(leader.history, message.zxid)
    exists = 1 <= index <= len(leader.history)
    acknowledged = [place for place, known in enumerate(leader.history, start=1) if j in known.acks]
    in_order = not acknowledged or acknowledged[-1] + 1 == index
    if not (exists and in_order):
        yield from [state.flag("ackInconsistent")] * ((not exists) + (not in_order))
        return
    known = leader.history[index - 1]
    known = known._replace(acks=known.acks | {j})
    after = state.change(i, history=replace_at(leader.history, index - 1, known))
    settled = (leader.committed.index >= len(leader.history)) + (message.zxid <= leader.committed.zxid)
    if settled:
        yield from [after] * settled
    else:
        yield from try_to_commit(after, i, index, known)


def try_to_commit(state: State, i: int, index: int, transaction: Transaction) -> Iterator[State]:
    """LeaderTryToCommit: in order, and once a quorum has it."""
    leader = state.servers[i]
    wanting = (leader.committed.index < index - 1) + (not state.is_quorum(transaction.acks))
    if wanting:
        yield from [state] * wanting
        return
    after = state.flag("commitInconsistent", when=leader.committed.index + 1 != index)
    after = after.change(i, committed=Committed(index, transaction.zxid))
    yield after.broadcast(i, leader.acklds, Message("COMMIT", zxid=transaction.zxid))


def follower_process_commit(state: State, i: int, j: int, message: Message) -> Iterator[State]:
    follower = state.servers[i]
    index = follower.committed.index
    if index >= len(follower.history):
        yield state
    elif follower.history[index].zxid != message.zxid:
        yield state.flag("commitInconsistent")
    else:
        yield state.change(i, committed=Committed(index + 1, message.zxid))


Process = Callable[[State, int, int, Message], Iterator[State]]

PROCESS: dict[tuple[str, str], Process] = {
    (LEADING, "CEPOCH"): leader_process_cepoch,
    (FOLLOWING, "NEWEPOCH"): follower_process_newepoch,
    (LEADING, "ACKEPOCH"): leader_process_ackepoch,
    (FOLLOWING, "NEWLEADER"): follower_process_newleader,
    (LEADING, "ACKLD"): leader_process_ackld,
    (FOLLOWING, "COMMITLD"): follower_process_commitld,
    (FOLLOWING, "PROPOSE"): follower_process_propose,
    (LEADING, "ACK"): leader_process_ack,
    (FOLLOWING, "COMMIT"): follower_process_commit,
}
