"""The four-letter words, held against those of Apache's server, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus_lab.serve.environment import VERSION
from consensus_lab.serve.java_text import decimal, hexadecimal, socket_address
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import CreateRequest, GetDataRequest
from tests.serve.apache import apache
from tests.serve.serving import serving
from tests.serve.wire import OPEN, Wire, four_letters

COMPARED = ("conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "isro", "ruok", "srvr", "srst", "stat", "wchs")
VARYING = (  # what no two servers agree on, and what stands for it
    (r"Zookeeper version: .*", "Zookeeper version: V"),
    (r"(?<=ort=)\d+", "PORT"),
    (r"(?<=Size=)\d+|(?<=size: )\d+", "SIZE"),
    (r"(?<=Dir=).*", "DIR"),
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"0x1[0-9a-f]{14}\b", "SESSION"),
    (r"^Con.* Sets .*", "Connections Sets"),  # what falls into one bucket is a matter of the second
    (r"^\d+ expire at .*", "N expire at DATE:"),
    (r"(?<=est=)\d+|(?<=lat=)\d+|(?<=lresp=)\d+", "TIME"),
    (r"(?<=max: )[\d./]+", "LATENCY"),
    (r"(?<==)[^=\n]*(?=\n)", "VALUE"),
)


def masked(text: str) -> list[str]:
    """The lines of an answer, without what varies; the order of connections and sessions is nobody's promise."""
    for pattern, mask in VARYING:
        text = re.sub(pattern, mask, text, flags=re.MULTILINE)
    return sorted(set(text.splitlines(keepends=True)))


def watch(port: int) -> Iterator[Wire]:
    """A client with an ephemeral and a watch on it."""
    with Wire(port) as client:
        client.connect()
        client.call(OpCode.create, CreateRequest("/e", b"x", OPEN, 1))
        client.call(OpCode.get_data, GetDataRequest("/e", True))
        yield client


def answers(port: int) -> dict[str, list[str]]:
    for _ in watch(port):
        four_letters(port, "srst")  # whoever waited for the server asked it, too
        return {word: masked(four_letters(port, word)) for word in COMPARED}
    raise AssertionError


def test_every_word_is_answered_line_by_line_as_by_apache(tmp_path: Path) -> None:
    with serving(tmp_path / "ours") as server:
        ours = answers(server.port)
    (tmp_path / "theirs").mkdir()
    with apache(tmp_path / "theirs") as server:
        assert answers(server.port) == ours


def test_mntr_knows_every_name_that_apache_does(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    with apache(tmp_path / "theirs") as server:
        theirs = {line.partition("\t")[0] for line in four_letters(server.port, "mntr").splitlines()}
    with serving(tmp_path / "ours") as server:
        ours = {line.partition("\t")[0] for line in four_letters(server.port, "mntr").splitlines()}
    assert not theirs - ours


def test_watches_are_listed_by_session_and_by_path(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for _ in watch(server.port):
            assert re.fullmatch(r"0x1[0-9a-f]{14}\n\t/e\n\n", four_letters(server.port, "wchc"))
            assert re.fullmatch(r"/e\n\t0x1[0-9a-f]{14}\n\n", four_letters(server.port, "wchp"))


def test_numbers_tell_what_happened(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for _ in watch(server.port):
            told = four_letters(server.port, "srvr")
            assert "Received: 4\n" in told  # a session, two requests, this word
            assert "Sent: 3\n" in told
            assert "Connections: 2\n" in told
            assert "Zxid: 0x2\nMode: standalone\nNode count: 6\n" in told
            four_letters(server.port, "srst")
            assert "Received: 1\nSent: 1\n" in four_letters(server.port, "srvr")


def test_a_word_that_is_not_in_the_whitelist_is_refused_but_srvr(tmp_path: Path) -> None:
    with serving(tmp_path, "4lw.commands.whitelist=ruok, isro") as server:
        assert four_letters(server.port, "ruok") == "imok"
        assert four_letters(server.port, "isro") == "rw"
        assert four_letters(server.port, "mntr") == "mntr is not executed because it is not in the whitelist.\n"
        assert four_letters(server.port, "srvr").startswith(f"Zookeeper version: {VERSION}\n")


def test_a_trace_mask_is_kept(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert four_letters(server.port, "gtmk") == "306"
        assert four_letters(server.port, "stmk", (258).to_bytes(8, "big")) == "258"
        assert four_letters(server.port, "gtmk") == "258"


def test_every_128th_transaction_leaves_its_digest(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.connect()
        for number in range(260):
            client.send(OpCode.create, CreateRequest(f"/{number}", b"", OPEN, 0))
        for _ in range(260):
            client.reply()
        assert re.fullmatch(r"80: \d+\n100: \d+\n", four_letters(server.port, "hash"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.0, "0.0"), (3.75, "3.75"), (1e-4, "1.0E-4"), (1.25e9, "1.25E9"), (1e6, "1000000.0")],
)
def test_a_number_is_written_as_in_java(value: float, text: str) -> None:
    assert decimal(value) == text


def test_addresses_and_long_numbers_are_written_as_in_java() -> None:
    assert hexadecimal(-1) == "ffffffffffffffff"
    assert socket_address("127.0.0.1", 5) == "/127.0.0.1:5"
    assert socket_address("::1", 5) == "/[0:0:0:0:0:0:0:1]:5"
