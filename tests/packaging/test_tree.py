"""What a visitor finds in the repository: few names at the top, short files, short functions, exact versions."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.conftest import REPO, needs

AT_THE_TOP = {
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
    *("consensus_lab", "lessons", "tests", "site"),
    *("pyproject.toml", "constraints.txt", "Makefile", ".ci", ".gitignore", ".gitattributes"),
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 50


@cache
def files() -> tuple[Path, ...]:
    """Every file of the next commit, relative to the repository."""
    command = [needs("git"), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    return tuple(Path(name) for name in listed.stdout.split("\0") if name and (REPO / name).is_file())


def sources() -> Iterator[tuple[Path, str]]:
    return ((path, (REPO / path).read_text("utf-8")) for path in files() if path.suffix == ".py")


def length(function: ast.AST) -> int:
    return function.end_lineno - function.lineno + 1


def test_the_top_level_holds_only_the_names_that_a_reader_or_a_tool_needs():
    assert {path.parts[0] for path in files()} <= AT_THE_TOP


def test_no_file_is_too_long_to_read_in_one_sitting():
    lines = {str(path): text.count("\n") for path, text in sources()}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen():
    functions = {
        f"{path}:{node.lineno} {node.name}": length(node)
        for path, text in sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in functions.items() if count > LONGEST_FUNCTION} == {}


def test_every_pinned_version_is_exact_and_names_no_place_to_download_from():
    pins = [line for line in (REPO / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ; [^@/]+)?", pin)] == []


def test_the_build_backend_is_pinned_to_the_version_that_the_tests_build_with():
    backend = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    pins = (REPO / "constraints.txt").read_text("utf-8").splitlines()
    assert [pin for pin in pins if pin.startswith("hatchling==")] == backend
