"""The digest of the tree, against transactions that real servers logged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.digest import node_digest, replaced
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.txns import LoggedTxn, decode_txn, encode_txn
from tests.zookeeper.real_servers import LOG, TXNS


@pytest.fixture
def replayed() -> tuple[Database, list[LoggedTxn]]:
    return Database(), [decode_txn(txn) for txn in TXNS]


def recomputed(tree: DataTree) -> int:
    """The digest, from every node anew."""
    total = 0
    for path, node in tree.walk():
        total = replaced(total, 0, node_digest(path, node))
    return total


def test_an_empty_tree_has_the_digest_that_every_server_starts_with() -> None:
    assert DataTree().digest == 0x51C6D660


def test_the_log_holds_the_transactions_one_after_the_other() -> None:
    assert all(txn in LOG for txn in TXNS)


def test_after_every_logged_transaction_the_tree_has_the_digest_that_was_logged(
    replayed: tuple[Database, list[LoggedTxn]],
) -> None:
    database, txns = replayed
    for header, txn, digest in txns:
        database.replay(header, txn, digest)
        if digest is not None:
            assert database.tree.digest == digest.tree_digest
        assert database.tree.digest == recomputed(database.tree)
    assert database.mismatches == 0


def test_a_failed_request_is_logged_as_an_error_without_a_digest(
    replayed: tuple[Database, list[LoggedTxn]],
) -> None:
    database, txns = replayed
    (failed,) = (logged for logged in txns if logged.digest is None)
    applied = database.replay(*failed)
    assert applied.error == Code.NONODE
    assert database.tree.last_processed_zxid == failed.header.zxid


def test_what_was_decoded_is_encoded_to_the_same_bytes(replayed: tuple[Database, list[LoggedTxn]]) -> None:
    for data, (header, txn, digest) in zip(TXNS, replayed[1], strict=True):
        again = encode_txn(
            header.client_id,
            header.cxid,
            header.zxid,
            header.time,
            header.type,
            txn,
            None if digest is None else digest.tree_digest,
        )
        assert again == data


def test_a_tree_that_is_not_what_its_leader_had_is_counted_and_nothing_else(
    replayed: tuple[Database, list[LoggedTxn]],
) -> None:
    database, txns = replayed
    database.tree.set_data("/", b"something else", 1, 1, 1)
    for logged in txns:
        database.replay(*logged)
    assert database.mismatches == sum(digest is not None for _, _, digest in txns)


def test_no_digest_is_compared_before_the_zxid_from_which_a_fuzzy_snapshot_is_whole(
    replayed: tuple[Database, list[LoggedTxn]],
) -> None:
    database, txns = replayed
    database.tree.set_data("/", b"something else", 1, 1, 1)
    database.digest_from_zxid = txns[-1].header.zxid + 1
    for logged in txns:
        database.replay(*logged)
    assert database.mismatches == 0


def test_nodes_below_zookeeper_are_left_out() -> None:
    tree = DataTree()
    before = tree.digest
    tree.create("/zookeeper/quota/a", b"x", None, 0, -1, 5, 5)
    assert tree.digest == before


@given(st.binary(max_size=40))
def test_the_digest_of_a_node_that_goes_is_taken_away_again(data: bytes) -> None:
    tree = DataTree()
    tree.create("/a", b"", None, 0, -1, 5, 5)
    before = tree.digest
    tree.create("/a/b", data, None, 0, 0, 6, 6)  # a parent's cversion that is not new changes nothing of it
    tree.delete("/a/b", 4)
    assert tree.digest == before


def test_a_tree_without_digests_keeps_none() -> None:
    tree = DataTree(digests=False)
    tree.create("/a", b"", None, 0, -1, 5, 5)
    assert tree.digest == 0
