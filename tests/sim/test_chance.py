"""Chance without a dice: a draw depends on its seed and its purpose only, and is the same on every machine."""

from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.sim.chance import Chance

seeds = st.integers(-(2**70), 2**70)
purposes = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 2**64)), min_size=1, max_size=4)


@given(seeds, purposes)
def test_a_draw_is_the_same_whenever_it_is_made(seed: int, purpose: list[str | int]):
    assert Chance(seed).unit(*purpose) == Chance(seed).unit(*purpose)
    assert 0 <= Chance(seed).unit(*purpose) < 1


def test_draws_are_pinned():
    # A change here changes every seeded trace that anybody has saved.
    purposes = ((0, "a", 0), (7, "latency", 1), (7, "é", 2))
    drawn = [round(Chance(seed).unit(word, number), 9) for seed, word, number in purposes]
    assert drawn == [0.397377026, 0.728027377, 0.359015415]


def test_purposes_differ_by_each_word_and_their_order():
    chance = Chance(1)
    drawn = [chance.unit("a", 1), chance.unit("a", 2), chance.unit("b", 1), chance.unit(1, "a"), Chance(2).unit("a", 1)]
    assert len(set(drawn)) == len(drawn)


def test_a_coin_shows_heads_as_often_as_it_should():
    chance = Chance(3)
    assert not any(chance.happens(0.0, "coin", n) for n in range(100))
    assert all(chance.happens(1.0, "coin", n) for n in range(100))
    assert 250 < sum(chance.happens(0.3, "coin", n) for n in range(1000)) < 350


@given(seeds, st.integers(1, 100), purposes)
def test_a_number_below_a_count_is_below_it(seed: int, count: int, purpose: list[str | int]):
    assert 0 <= Chance(seed).below(count, *purpose) < count
