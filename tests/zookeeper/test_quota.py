"""Quotas: the text that holds them, and usage kept for the deepest prefix."""

import pytest

from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.quota import StatsTrack, exceeds, limit_path, stat_path


@pytest.fixture
def tree() -> DataTree:
    tree = DataTree()
    for path in ("/a", "/a/b", "/other"):
        add(tree, path, b"12345")
    return tree


def add(tree: DataTree, path: str, data: bytes = b"") -> None:
    tree.create(path, data, None, 0, -1, 1, 1)


def limit(tree: DataTree, path: str, limits: bytes = b"count=-1,bytes=-1") -> None:
    at = "/zookeeper/quota"
    for name in path.split("/")[1:]:
        at = f"{at}/{name}"
        if at not in tree.nodes:
            add(tree, at)
    add(tree, limit_path(path), limits)
    add(tree, stat_path(path), b"count=0,bytes=0")


def usage(tree: DataTree, path: str) -> bytes | None:
    return tree.nodes[stat_path(path)].data


def test_creating_the_stats_node_counts_what_is_there_the_node_itself_included(tree: DataTree) -> None:
    limit(tree, "/a")
    assert usage(tree, "/a") == b"count=2,bytes=10"


def test_usage_follows_creation_writing_and_deletion(tree: DataTree) -> None:
    limit(tree, "/a")
    add(tree, "/a/c", b"xy")
    assert usage(tree, "/a") == b"count=3,bytes=12"
    tree.set_data("/a/c", b"", 1, 2, 2)
    assert usage(tree, "/a") == b"count=3,bytes=10"
    tree.delete("/a/b", 3)
    assert usage(tree, "/a") == b"count=2,bytes=5"
    add(tree, "/ab", b"beside")
    assert usage(tree, "/a") == b"count=2,bytes=5"


def test_stats_are_kept_for_the_deepest_prefix_with_limits_only(tree: DataTree) -> None:
    limit(tree, "/a")
    limit(tree, "/a/b")
    add(tree, "/a/b/c", b"xy")
    assert usage(tree, "/a/b") == b"count=2,bytes=7"
    assert usage(tree, "/a") == b"count=2,bytes=10"


def test_usage_changes_without_a_version_or_zxid_of_its_node(tree: DataTree) -> None:
    limit(tree, "/a")
    before = tree.nodes[stat_path("/a")].persisted()
    add(tree, "/a/c")
    assert tree.nodes[stat_path("/a")].persisted() == before


def test_without_its_limits_a_subtree_is_counted_no_more(tree: DataTree) -> None:
    limit(tree, "/a")
    tree.delete(limit_path("/a"), 5)
    add(tree, "/a/c")
    assert usage(tree, "/a") == b"count=2,bytes=10"


def test_a_restored_tree_knows_its_quotas_and_counts_them_anew(tree: DataTree) -> None:
    limit(tree, "/a")
    tree.nodes[stat_path("/a")].data = b"count=0,bytes=0"
    tree.quotas.remove("/a")
    tree.restored()
    assert usage(tree, "/a") == b"count=2,bytes=10"
    assert list(tree.quotas) == ["/a"]


def test_the_text_has_an_equals_sign_before_the_first_semicolon_as_apache_writes_it() -> None:
    text = b"count=5,bytes=-1=;byteHardLimit=200;countHardLimit=7"
    track = StatsTrack(text)
    assert (track["count"], track["bytes"], track["byteHardLimit"], track["countHardLimit"]) == (5, -1, 200, 7)
    assert track.encode() == text
    assert StatsTrack(b"").encode() == b"count=-1,bytes=-1"


@pytest.mark.parametrize("text", [b"nonsense", b"count=many", b"\xff=\xff", b"count=" + b"9" * 5000, b"=;,=", None])
def test_what_a_client_wrote_there_that_is_no_quota_counts_as_not_said(tree: DataTree, text: bytes | None) -> None:
    limit(tree, "/a", text or b"")
    tree.set_data(stat_path("/a"), text, 1, 5, 5)
    add(tree, "/a/c", b"xy")
    assert StatsTrack(usage(tree, "/a"))["count"] == 0
    assert not exceeds(StatsTrack(text), StatsTrack(text), 5, 5)


@pytest.mark.parametrize(
    ("limits", "more_bytes", "more_nodes", "broken"),
    [
        (b"count=1,bytes=1", 100, 100, False),
        (b"count=-1,bytes=-1=;countHardLimit=3", 0, 1, False),
        (b"count=-1,bytes=-1=;countHardLimit=3", 0, 2, True),
        (b"count=-1,bytes=-1=;byteHardLimit=12", 2, 1, False),
        (b"count=-1,bytes=-1=;byteHardLimit=12", 3, 1, True),
        (b"count=-1,bytes=-1=;byteHardLimit=5", 0, 0, False),
    ],
)
def test_only_hard_limits_refuse(limits: bytes, more_bytes: int, more_nodes: int, broken: bool) -> None:
    assert exceeds(StatsTrack(limits), StatsTrack(b"count=2,bytes=10"), more_bytes, more_nodes) is broken
