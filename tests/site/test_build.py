"""The site is made of the laboratory as it is now, stands on its own, and says in a sentence what it cannot make."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from consensus_lab import cli as command_line
from consensus_lab.lab.catalogue import scenario_files
from consensus_lab.site.build import MARK, SOURCES, build
from consensus_lab.site.errors import BuildFailed
from consensus_lab.site.pages import expand
from tests.conftest import REPO

LOADS = dict.fromkeys(("script", "img", "iframe", "source", "embed"), "src") | {"object": "data", "use": "href"}
ELSEWHERE = re.compile(r"^\s*(\w+:)?//")


class Loads(HTMLParser):
    """Every URL that a page makes a browser load, as against links that a reader may follow."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        url = values.get("href" if tag == "link" else LOADS.get(tag, ""))
        if url:
            self.urls.append(url)


def test_no_page_loads_anything_from_elsewhere(site):
    loads = {(page.name, url) for page in site.rglob("*.html") for url in Loads(page.read_text("utf-8")).urls}
    assert any(url.endswith("player/player.js") for _, url in loads)
    assert {(page, url) for page, url in loads if ELSEWHERE.match(url)} == set()


def test_no_stylesheet_loads_anything_from_elsewhere(site):
    urls = [(sheet.name, url) for sheet in site.rglob("*.css") for url in css_urls(sheet.read_text("utf-8"))]
    assert [(sheet, url) for sheet, url in urls if ELSEWHERE.match(url)] == []


def css_urls(text: str) -> list[str]:
    return re.findall(r"""url\(\s*["']?([^"')]+)""", text) + re.findall(r"""@import\s*["']([^"']+)""", text)


@pytest.mark.parametrize(("protocol", "least"), [("two-phase-commit", 14), ("election", 17), ("zab", 22)])
def test_every_scenario_is_a_figure_of_its_protocols_page_with_the_command_that_opens_it(site, protocol, least):
    page = (site / f"{protocol}.html").read_text("utf-8")
    names = [name for name in scenario_files() if name.startswith(f"{protocol}/")]
    assert len(names) >= least
    assert [name for name in names if f'id="story-{name.partition("/")[2]}"' not in page] == []
    assert [name for name in names if f"<code>consensus-lab play {name}</code>" not in page] == []


def test_every_command_on_a_page_is_one_that_the_command_line_has():
    pages = "\n".join(page.read_text("utf-8") for page in SOURCES.rglob("*.md"))
    lines = re.findall(r"^(?:\| `)?consensus-lab ([^`#\n]+)", pages, re.MULTILINE)
    shown = [line.split() for line in lines if line != "history 1"]  # so a file of a history begins
    assert len(shown) >= 6
    for arguments in shown:
        understand(command_line.main, arguments)


def understand(command: click.Command, arguments: list[str]) -> None:
    """Parse as the command line does, without doing anything. Raises click's error for what it does not know."""
    while isinstance(command, click.Group):
        name, *arguments = arguments
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"there is no command {name}"
    command.make_context("consensus-lab", arguments)


def test_no_page_is_empty_and_none_keeps_a_marker(site):
    pages = {page.name: page.read_text("utf-8") for page in site.glob("*.html")}
    assert {"index.html", "two-phase-commit.html"} <= set(pages)
    assert [name for name, text in pages.items() if "<!-- trace:" in text or "<h1" not in text] == []


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ("trace: two-phase-commit/comits", "there is no scenario 'two-phase-commit/comits'.*two-phase-commit/commits"),
        ("trace: two-phase-commit/commits key", "no node of two-phase-commit/commits has a field 'key'"),
        ("trace: a b c", "the marker 'trace' cannot take 'a b c'"),
        ("film: two-phase-commit/commits", "a marker is one of trace, .*; not 'film'"),
        ("costs: four-phase-commit", "there is no protocol 'four-phase-commit'"),
        ("states: two-phase-commit Chairman", "nobody plays Chairman in two-phase-commit; there are .*Coordinator"),
        ("source: two-phase-commit coordinator.Coordinator.shout", "there is no coordinator.Coordinator.shout"),
        ("source: two-phase-commit chairman.Chairman", "there is no chairman.Chairman"),
    ],
)
def test_a_marker_that_cannot_be_made_fails_the_build_naming_page_and_line(marker, sentence):
    with pytest.raises(BuildFailed, match=f"^page.md, line 3: .*{sentence}"):
        expand(f"# A page\n\n<!-- {marker} -->\n", "page.md")


def test_a_warning_of_mkdocs_fails_the_build(tmp_path):
    sources = tmp_path / "sources"
    shutil.copytree(SOURCES, sources)
    (sources / "pages" / "index.md").write_text("# A page\n\n[A link](to-nowhere.md)\n", "utf-8")
    (sources / "pages" / "two-phase-commit.md").write_text("# Another\n", "utf-8")
    with pytest.raises(BuildFailed, match=r"to-nowhere\.md"):
        build(tmp_path / "out", sources)


def test_a_build_writes_nothing_among_its_sources(site):
    known = {".md", ".yml", ".js", ".css", ".svg", ".txt"}  # histories are text
    assert {path.suffix for path in SOURCES.rglob("*") if path.is_file()} <= known
    assert "<!-- trace: two-phase-commit/commits" in (SOURCES / "pages" / "two-phase-commit.md").read_text("utf-8")


def test_only_a_folder_that_a_build_has_filled_is_emptied_again(tmp_path):
    precious = tmp_path / "thesis.txt"
    precious.write_text("three years", "utf-8")
    with pytest.raises(BuildFailed, match="holds something that no build has put there"):
        build(tmp_path)
    assert precious.read_text("utf-8") == "three years"


def test_a_build_leaves_its_mark(site):
    assert (site / MARK).is_file()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "consensus_lab.site", *arguments]
    return subprocess.run(line, cwd=REPO, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "usage: python -m consensus_lab.site OUTDIR"),
        (("--fast",), "usage: python -m consensus_lab.site OUTDIR"),
        ((str(REPO / "site" / "out"),), "is inside the repository"),
        ((str(REPO / "README.md"),), "is inside the repository"),
        ((sys.executable,), "is a file; name a folder"),
    ],
)
def test_the_command_refuses_with_a_sentence_and_exit_code_2(arguments, sentence):
    done = command(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_without_its_sources_the_command_says_where_they_are(tmp_path):
    with pytest.raises(BuildFailed, match="built from a checkout of the repository"):
        build(tmp_path / "out", Path("nowhere"))
