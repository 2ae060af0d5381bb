"""Frames: whatever way a stream is cut, the same frames come out of it, and nobody can make us wait for a lie."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.net import framing
from consensus_lab.net.errors import FrameError, UnencodableError
from consensus_lab.net.framing import LENGTH, Frames, framed


@given(st.lists(st.binary(max_size=20)), st.lists(st.integers(1, 30)))
def test_a_stream_may_be_cut_anywhere(contents: list[bytes], sizes: list[int]):
    stream, frames, found = b"".join(map(framed, contents)), Frames(), []
    for size in [*sizes, len(stream)]:
        piece, stream = stream[:size], stream[size:]
        found += frames.feed(piece)
    assert found == contents


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_a_refusal_and_no_more_is_kept_than_one_frame(stream: bytes):
    frames = Frames(longest=10)
    with suppress(FrameError):
        for position in range(len(stream)):
            assert all(len(content) <= 10 for content in frames.feed(stream[position : position + 1]))
            assert len(frames._buffer) <= LENGTH.size + 10


def test_a_frame_that_is_too_long_is_refused_by_its_length_alone():
    with pytest.raises(FrameError, match="a frame says it has 4,294,967,295 bytes; at most 16,777,216 are allowed"):
        list(Frames().feed(b"\xff\xff\xff\xff"))


def test_what_stands_before_a_lie_has_still_arrived():
    found: list[bytes] = []
    with pytest.raises(FrameError):
        found.extend(Frames(longest=10).feed(framed(b"true") + b"\xff" * 4))
    assert found == [b"true"]


def test_a_message_that_no_frame_can_hold_is_not_sent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(framing, "LONGEST", 3)
    with pytest.raises(UnencodableError, match="a message of 4 bytes does not fit"):
        framed(b"long")
