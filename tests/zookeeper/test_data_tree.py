"""What a transaction does to the tree: the Stat, the three versions, and who owns what."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, READ_ACL_UNSAFE
from consensus_lab.zookeeper.data_node import STAT, DataNode
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.ephemeral_type import CONTAINER_OWNER, EphemeralType, ttl_of, ttl_owner, type_of
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.jute import decode, encode
from consensus_lab.zookeeper.records import Stat, StatPersisted

SESSION = 0x0100000000000001


@pytest.fixture
def tree() -> DataTree:
    return DataTree(extended=True)


def create(tree: DataTree, path: str, zxid: int = 1, owner: int = 0, data: bytes | None = b"") -> DataNode:
    return tree.create(path, data, OPEN_ACL_UNSAFE, owner, -1, zxid, 1000 + zxid)


def stat(tree: DataTree, path: str) -> Stat:
    return decode(Stat, tree.nodes[path].encoded_stat())


def test_a_stat_is_sixty_eight_bytes_as_the_codec_writes_them(tree: DataTree) -> None:
    create(tree, "/a", 3)
    encoded = tree.nodes["/a"].encoded_stat()
    assert len(encoded) == STAT.size == 68
    assert encode(decode(Stat, encoded)) == encoded


def test_the_initial_tree_has_the_root_and_three_nodes_of_the_server(tree: DataTree) -> None:
    assert [path for path, _ in tree.walk()] == ["", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]
    assert tree.nodes["/"] is tree.nodes[""]
    assert stat(tree, "/") == Stat(0, 0, 0, 0, 0, -1, 0, 0, 0, 1, 0)
    assert stat(tree, "/zookeeper").cversion == -2
    config = tree.nodes["/zookeeper/config"]
    assert (config.acl, tree.acls[config.acl], config.aversion) == (1, READ_ACL_UNSAFE, -1)


def test_a_new_node_has_one_zxid_three_times_and_one_time_twice(tree: DataTree) -> None:
    create(tree, "/a", 7, data=b"xyz")
    assert stat(tree, "/a") == Stat(7, 7, 1007, 1007, 0, 0, 0, 0, 3, 0, 7)


def test_stored_cversion_counts_creations_only_and_clients_see_creations_and_deletions(tree: DataTree) -> None:
    create(tree, "/a", 1)
    create(tree, "/a/b", 2)
    create(tree, "/a/c", 3)
    tree.delete("/a/b", 4)
    assert tree.nodes["/a"].cversion == 2
    assert stat(tree, "/a").cversion == 3
    assert stat(tree, "/a").num_children == 1


def test_pzxid_is_set_by_creating_and_deleting_children_and_by_nothing_else(tree: DataTree) -> None:
    create(tree, "/a", 1)
    create(tree, "/a/b", 2)
    assert tree.nodes["/a"].pzxid == 2
    tree.set_data("/a", b"x", 1, 3, 1003)
    tree.set_data("/a/b", b"x", 1, 4, 1004)
    tree.set_acl("/a", READ_ACL_UNSAFE, 1)
    assert tree.nodes["/a"].pzxid == 2
    tree.delete("/a/b", 5)
    assert tree.nodes["/a"].pzxid == 5


def test_set_data_changes_mzxid_mtime_and_version_and_nothing_else(tree: DataTree) -> None:
    create(tree, "/a", 1, data=b"old")
    tree.set_data("/a", b"newer", 1, 2, 2000)
    assert stat(tree, "/a") == Stat(1, 2, 1001, 2000, 1, 0, 0, 0, 5, 0, 1)


def test_set_acl_changes_aversion_and_nothing_else(tree: DataTree) -> None:
    create(tree, "/a", 1)
    tree.set_acl("/a", READ_ACL_UNSAFE, 1)
    assert stat(tree, "/a") == Stat(1, 1, 1001, 1001, 0, 0, 1, 0, 0, 0, 1)


def test_null_data_is_kept_as_null_and_has_length_zero(tree: DataTree) -> None:
    node = create(tree, "/a", 1, data=None)
    assert node.encoded_reply()[:4] == b"\xff\xff\xff\xff"
    assert stat(tree, "/a").data_length == 0


def test_a_reply_is_kept_until_the_node_changes(tree: DataTree) -> None:
    node = create(tree, "/a", 1, data=b"one")
    assert node.encoded_reply() is node.encoded_reply()
    assert node.encoded_reply() == b"\0\0\0\3one" + node.encoded_stat()
    tree.set_data("/a", b"two", 1, 2, 2)
    assert node.encoded_reply()[4:7] == b"two"
    create(tree, "/a/b", 3)
    assert node.encoded_reply() == b"\0\0\0\3two" + node.encoded_stat()


def test_clients_see_no_owner_of_containers_and_ttl_nodes(tree: DataTree) -> None:
    create(tree, "/container", 1, CONTAINER_OWNER)
    create(tree, "/ttl", 2, ttl_owner(5000))
    create(tree, "/ephemeral", 3, SESSION)
    assert [stat(tree, path).ephemeral_owner for path in ("/container", "/ttl", "/ephemeral")] == [0, 0, SESSION]
    assert (list(tree.containers), list(tree.ttls), tree.ephemerals) == (
        ["/container"],
        ["/ttl"],
        {SESSION: {"/ephemeral": None}},
    )
    for path in ("/container", "/ttl", "/ephemeral"):
        tree.delete(path, 4)
    assert (tree.containers, tree.ttls, tree.ephemerals[SESSION]) == ({}, {}, {})


def test_an_owner_says_what_ends_a_node() -> None:
    assert type_of(0, extended=True) is EphemeralType.VOID
    assert type_of(SESSION, extended=True) is EphemeralType.NORMAL
    assert type_of(CONTAINER_OWNER, extended=True) is EphemeralType.CONTAINER
    assert type_of(ttl_owner(1), extended=True) is EphemeralType.TTL
    assert type_of(ttl_owner(1), extended=False) is EphemeralType.NORMAL
    assert ttl_owner(1) == 0xFF00000000000001 - 2**64
    assert ttl_of(ttl_owner(2**40 - 1)) == 2**40 - 1
    with pytest.raises(ValueError, match="Invalid ephemeralOwner"):
        type_of(ttl_owner(1) | 1 << 41, extended=True)


@pytest.mark.parametrize("ttl", [0, -1, 2**40])
def test_a_ttl_has_forty_bits_and_is_not_zero(ttl: int) -> None:
    with pytest.raises(ValueError, match="ttl must be positive"):
        ttl_owner(ttl)


def test_closing_a_session_deletes_its_ephemerals_and_bumps_their_parents_pzxid(tree: DataTree) -> None:
    create(tree, "/a", 1)
    create(tree, "/a/named", 2, SESSION)
    create(tree, "/found", 3, SESSION)
    tree.close_session(SESSION, ["/a/named", "/gone"], 9)
    assert "/a/named" not in tree.nodes
    assert "/found" not in tree.nodes
    assert tree.nodes["/a"].pzxid == 9
    assert SESSION not in tree.ephemerals


# -- replay: what was applied may be applied again ---------------------------------------------------------------------


def test_create_of_an_existing_node_sets_its_acl_and_raises_its_parents_cversion(tree: DataTree) -> None:
    create(tree, "/a", 1)
    tree.create("/a/b", b"first", OPEN_ACL_UNSAFE, 0, 1, 2, 2)
    with pytest.raises(KeeperError) as refusal:
        tree.create("/a/b", b"second", READ_ACL_UNSAFE, 0, 5, 3, 3)
    assert refusal.value.code is Code.NODEEXISTS
    node, parent = tree.nodes["/a/b"], tree.nodes["/a"]
    assert (node.data, tree.acls[node.acl]) == (b"first", READ_ACL_UNSAFE)
    assert (parent.cversion, parent.pzxid) == (5, 3)


def test_create_raises_cversion_and_pzxid_only_if_the_transaction_knows_a_greater_one(tree: DataTree) -> None:
    create(tree, "/a", 1)
    tree.create("/a/b", b"", None, 0, 8, 2, 2)
    tree.create("/a/c", b"", None, 0, 4, 3, 3)
    assert (tree.nodes["/a"].cversion, tree.nodes["/a"].pzxid) == (8, 2)


def test_delete_of_a_missing_node_bumps_its_parents_pzxid_and_goes_on(tree: DataTree) -> None:
    create(tree, "/a", 1)
    with pytest.raises(KeeperError) as refusal:
        tree.delete("/a/b", 7)
    assert refusal.value.code is Code.NONODE
    assert tree.nodes["/a"].pzxid == 7


def test_delete_sets_pzxid_only_to_a_greater_zxid(tree: DataTree) -> None:
    create(tree, "/a", 1)
    create(tree, "/a/b", 9)
    tree.delete("/a/b", 5)
    assert tree.nodes["/a"].pzxid == 9


def test_set_data_and_set_acl_take_the_version_from_the_transaction(tree: DataTree) -> None:
    create(tree, "/a", 1)
    tree.set_data("/a", b"", 41, 2, 2)
    tree.set_acl("/a", READ_ACL_UNSAFE, 17)
    assert (tree.nodes["/a"].version, tree.nodes["/a"].aversion) == (41, 17)


@pytest.mark.parametrize("change", ["create", "delete", "set_data", "set_acl"])
def test_a_change_below_a_missing_node_is_no_node(tree: DataTree, change: str) -> None:
    changes = {
        "create": lambda: tree.create("/no/b", b"", None, 0, 1, 1, 1),
        "delete": lambda: tree.delete("/no/b", 1),
        "set_data": lambda: tree.set_data("/no", b"", 1, 1, 1),
        "set_acl": lambda: tree.set_acl("/no", None, 1),
    }
    with pytest.raises(KeeperError) as refusal:
        changes[change]()
    assert refusal.value.code is Code.NONODE


# -- snapshots ---------------------------------------------------------------------------------------------------------


def test_a_tree_restored_node_by_node_is_the_same_tree(tree: DataTree) -> None:
    create(tree, "/a", 1, data=b"x")
    create(tree, "/a/b", 2, SESSION, data=None)
    create(tree, "/c", 3, CONTAINER_OWNER)
    tree.set_acl("/a", READ_ACL_UNSAFE, 1)
    twin = DataTree(extended=True)
    twin.clear()
    for number, acl in tree.acls.lists.items():
        twin.acls.restore(number, acl)
    for path, node in tree.walk():
        twin.restore(path, DataNode.restored(node.data, node.acl, node.persisted()))
    twin.restored()
    assert [(path, node.encoded_reply()) for path, node in twin.walk()] == [
        (path, node.encoded_reply()) for path, node in tree.walk()
    ]
    assert (twin.digest, twin.data_size, twin.acls.lists) == (tree.digest, tree.data_size, tree.acls.lists)
    assert (twin.ephemerals, twin.containers) == (tree.ephemerals, tree.containers)


def test_a_node_of_a_snapshot_needs_its_parent_first(tree: DataTree) -> None:
    with pytest.raises(KeyError):
        tree.restore("/no/b", DataNode.restored(b"", -1, StatPersisted(1, 1, 1, 1, 0, 0, 0, 0, 1)))


def test_a_walk_goes_parents_first_and_survives_changes_on_its_way(tree: DataTree) -> None:
    for path in ("/a", "/a/b", "/a/b/c", "/d"):
        create(tree, path)
    walk = tree.walk("/a")
    assert next(walk)[0] == "/a"
    create(tree, "/a/e")
    tree.delete("/a/b/c", 9)
    assert [path for path, _ in walk] == ["/a/b"]


# -- counts ------------------------------------------------------------------------------------------------------------


def test_the_number_of_all_children_leaves_out_both_names_of_the_root(tree: DataTree) -> None:
    create(tree, "/a")
    create(tree, "/a/b")
    create(tree, "/ab")
    assert tree.node_count == 8
    assert tree.descendants("/") == 6
    assert tree.descendants("/a") == 1


def test_the_data_size_is_that_of_paths_and_data(tree: DataTree) -> None:
    before = tree.data_size
    assert before == len("/" + "/zookeeper" + "/zookeeper/quota" + "/zookeeper/config")
    create(tree, "/a", data=b"xyz")
    tree.set_data("/a", b"z", 1, 2, 2)
    assert tree.data_size == before + 3
    tree.delete("/a", 3)
    assert tree.data_size == before


def test_a_version_wraps_as_java_wraps_it(tree: DataTree) -> None:
    create(tree, "/a").version = 2**31 - 1
    tree.nodes["/a"].cversion = 2**31 - 1
    assert stat(tree, "/a").version == 2**31 - 1
    assert stat(tree, "/a").cversion == -2
