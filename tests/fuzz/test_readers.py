"""No bytes make a reader fail otherwise than with its own error, nor take memory that they do not fill.

`make fuzz` does the same for ten minutes, led by coverage.
"""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.readers import READERS

LENGTHS = [-(1 << 31), -2, -1, 0, 1, 4096, 1 << 20, (1 << 31) - 1]
INTS = st.sampled_from(LENGTHS).map(lambda length: length.to_bytes(4, "big", signed=True))


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with some of its bytes replaced, cut off or repeated."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 3))):
        at, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        piece = draw(st.one_of(INTS, st.binary(max_size=8), st.just(b""), st.just(data[at:end] * 2)))
        data = data[:at] + piece + data[draw(st.sampled_from([at, end, min(at + len(piece), len(data))])) :]
    return data


@pytest.mark.parametrize("name", READERS)
def test_damaged_bytes_are_refused_in_order(name: str) -> None:
    reader = READERS[name]

    @settings(max_examples=500)
    @given(damaged(reader.seeds))
    def read(data: bytes) -> None:
        reader.read(data)

    read()


@pytest.mark.parametrize("name", READERS)
def test_a_length_that_is_not_there_takes_no_memory(name: str) -> None:
    """Every four bytes of every seed once say that two thousand million bytes follow."""
    reader = READERS[name]
    tracemalloc.start()
    try:
        for seed in reader.seeds:
            for at in range(len(seed) - 3):
                reader.read(seed[:at] + b"\x7f\xff\xff\xff" + seed[at + 4 :])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20
