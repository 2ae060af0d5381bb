"""Frames out of a stream, however it was cut, and the lengths that end a connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.zookeeper.framing import FrameError, Frames, framed
from consensus_lab.zookeeper.jute import MAX_BUFFER


@given(st.lists(st.binary(max_size=30), max_size=8), st.lists(st.integers(1, 40), min_size=1))
def test_however_a_stream_is_cut_the_same_frames_come_out(payloads: list[bytes], cuts: list[int]) -> None:
    stream, frames, seen = b"".join(map(framed, payloads)), Frames(), []
    while stream:
        cut = cuts[len(seen) % len(cuts)]
        seen += frames.feed(stream[:cut])
        stream = stream[cut:]
    assert seen == payloads
    assert frames.rest == b""


@pytest.mark.parametrize("length", [-1, MAX_BUFFER + 1, 2**31 - 1])
def test_a_length_is_judged_before_the_frame_is_awaited(length: int) -> None:
    payloads = Frames().feed(framed(b"good") + length.to_bytes(4, "big", signed=True))
    assert next(payloads) == b"good"
    with pytest.raises(FrameError, match=f"a frame of {length} bytes"):
        next(payloads)


def test_the_longest_frame_is_awaited() -> None:
    frames = Frames()
    assert list(frames.feed(MAX_BUFFER.to_bytes(4, "big"))) == []
    assert list(frames.feed(bytes(MAX_BUFFER))) == [bytes(MAX_BUFFER)]
    assert list(frames.feed(framed(b""))) == [b""]
