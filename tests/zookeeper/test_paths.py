"""What a node may be called."""

import pytest

from consensus_lab.zookeeper.paths import ancestors, is_valid, split


@pytest.mark.parametrize("path", ["/", "/a", "/a/b", "/a b", "/...", "/.a", "/a.", "/a/..b", "/é/中", "/a\u00a0"])
def test_a_path_is_absolute_and_its_parts_are_not_empty(path: str) -> None:
    assert is_valid(path)


@pytest.mark.parametrize(
    "path",
    ["", "a", "a/b", "/a/", "//", "//a", "/a//b", "/.", "/..", "/a/.", "/a/..", "/./a", "/../a", "/a/./b", "/a\n"],
)
def test_empty_and_relative_parts_are_refused(path: str) -> None:
    assert not is_valid(path)


@pytest.mark.parametrize(
    "character",
    ["\0", "\x01", "\x1f", "\x7f", "\x9f", "\ud800", "\uf8ff", "\ufff0", "\uffff", "\U00010000", "\U0001f600"],
)
def test_what_java_refuses_is_refused_and_so_is_whatever_it_writes_as_surrogates(character: str) -> None:
    assert not is_valid(f"/a{character}")


def test_a_path_splits_into_its_parent_and_its_name() -> None:
    assert split("/a/b") == ("/a", "b")
    assert split("/a") == ("", "a")


def test_the_ancestors_end_with_the_root() -> None:
    assert list(ancestors("/a/b/c")) == ["/a/b", "/a", "/"]
    assert list(ancestors("/")) == []
