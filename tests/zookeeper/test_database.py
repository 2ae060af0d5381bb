"""Transactions applied, once and again: what the log makes of a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.ephemeral_type import CONTAINER_OWNER, ttl_owner
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import JuteError, decode, encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    CheckVersionTxn,
    CreateContainerTxn,
    CreateTTLTxn,
    CreateTxn,
    CreateTxnV0,
    DeleteTxn,
    ErrorTxn,
    MultiTxn,
    SetDataTxn,
    Stat,
    TxnHeader,
)
from consensus_lab.zookeeper.txns import decode_txn, encode_part, encode_txn
from tests.zookeeper.real_servers import TXNS

SESSION = 0x01000032990F0000


def header(type: int, zxid: int = 5) -> TxnHeader:
    return TxnHeader(SESSION, 1, zxid, 1000, type)


def whole(database: Database) -> list[tuple[str, bytes]]:
    return [(path, node.encoded_reply()) for path, node in database.tree.walk()]


def test_sessions_come_and_go_with_their_transactions() -> None:
    database = Database()
    sessions = []
    for txn in TXNS:
        database.replay(*decode_txn(txn))
        sessions.append(dict(database.sessions))
    assert sessions[:-1] == [{SESSION: 20000}] * (len(TXNS) - 1)
    assert sessions[-1] == {}
    assert "/g/e" not in database.tree.nodes


@given(st.integers(0, len(TXNS)), st.integers(0, len(TXNS)))
def test_a_log_replayed_from_anywhere_before_gives_the_same_tree(start: int, end: int) -> None:
    once, again = Database(), Database()
    for txn in TXNS:
        once.replay(*decode_txn(txn))
    for txn in TXNS[:end] + TXNS[min(start, end) :]:
        again.replay(*decode_txn(txn))
    assert whole(again) == whole(once)
    assert again.tree.digest == once.tree.digest


def test_the_last_processed_zxid_never_goes_back() -> None:
    database = Database()
    for zxid in (9, 5):
        database.replay(header(OpCode.error, zxid), ErrorTxn(Code.NONODE))
    assert database.tree.last_processed_zxid == 9


def test_containers_and_ttl_nodes_have_owners_of_their_own() -> None:
    database = Database()
    database.replay(header(OpCode.create_container), CreateContainerTxn("/c", b"", OPEN_ACL_UNSAFE, 1))
    database.replay(header(OpCode.create_ttl), CreateTTLTxn("/t", b"", OPEN_ACL_UNSAFE, 2, 5000))
    assert database.tree.nodes["/c"].ephemeral_owner == CONTAINER_OWNER
    assert database.tree.nodes["/t"].ephemeral_owner == ttl_owner(5000)


def test_a_multi_applies_its_parts_in_order_under_one_zxid() -> None:
    database = Database()
    parts = [
        encode_part(OpCode.create, CreateTxn("/a", b"1", OPEN_ACL_UNSAFE, False, 1)),
        encode_part(OpCode.set_data, SetDataTxn("/a", b"22", 1)),
        encode_part(OpCode.check, CheckVersionTxn("/a", 1)),
        encode_part(OpCode.create2, CreateTxn("/a/b", b"", OPEN_ACL_UNSAFE, True, 1)),
        encode_part(OpCode.delete, DeleteTxn("/a/b")),
    ]
    applied = database.replay(header(OpCode.multi, 8), MultiTxn(tuple(parts)))
    assert [part.type for part in applied.parts] == [1, 5, 13, 15, 2]
    assert applied.error == 0
    assert (database.tree.nodes["/a"].data, database.tree.nodes["/a"].mzxid) == (b"22", 8)
    assert decode(Stat, applied.parts[1].body).version == 1


def test_a_multi_of_which_one_part_failed_changes_nothing_though_the_parts_before_it_are_logged() -> None:
    database = Database()
    parts = (
        encode_part(OpCode.create, CreateTxn("/a", b"1", OPEN_ACL_UNSAFE, False, 1)),
        encode_part(OpCode.error, ErrorTxn(Code.NONODE)),
        encode_part(OpCode.error, ErrorTxn(Code.RUNTIMEINCONSISTENCY)),
    )
    applied = database.replay(header(OpCode.multi, 8), MultiTxn(parts))
    assert [(part.type, part.error) for part in applied.parts] == [
        (OpCode.error, Code.OK),
        (OpCode.error, Code.NONODE),
        (OpCode.error, Code.RUNTIMEINCONSISTENCY),
    ]
    assert applied.error == Code.NONODE
    assert database.tree.node_count == Database().tree.node_count


def test_a_create_of_a_server_older_than_3_4_has_no_parent_cversion() -> None:
    data = encode(header(OpCode.create)) + encode(CreateTxnV0("/a", b"", OPEN_ACL_UNSAFE, False))
    assert decode_txn(data).txn == CreateTxn("/a", b"", OPEN_ACL_UNSAFE, False, -1)


def test_a_close_session_of_a_server_older_than_3_6_names_no_paths() -> None:
    database = Database()
    for txn in TXNS[:3]:
        database.replay(*decode_txn(txn))
    logged = decode_txn(encode_txn(SESSION, 5, 9, 1000, OpCode.close_session, None, None))
    assert logged.txn is None
    database.replay(*logged)
    assert "/g/e" not in database.tree.nodes


@pytest.mark.parametrize("type", [OpCode.check, OpCode.get_data, 99])
def test_no_transaction_is_of_a_type_that_changes_nothing(type: int) -> None:
    with pytest.raises(JuteError, match=f"Unsupported Txn with type={int(type)}"):
        decode_txn(encode(header(type)) + bytes(100))
