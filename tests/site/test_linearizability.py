"""A history on a page is judged at build: drawn with what has no order, or with the order that explains it."""

import pytest

from consensus_lab.lab.loading import BadInput
from consensus_lab.site.linearizability import history_figure


def test_what_is_linearizable_is_drawn_whole_with_an_order():
    figure = history_figure("histories/either.txt")
    assert "<strong>Linearizable.</strong>" in figure
    assert figure.count("<rect") == 4
    assert "the register: read() -&gt; 0, write(1), read() -&gt; 1, read() -&gt; 1" in figure
    assert "consensus-lab linearizable either.txt" in figure


@pytest.mark.parametrize("name", ["histories/stale.txt", "histories/lock.txt", "multi-paxos/lease-and-clocks"])
def test_what_is_not_is_drawn_as_its_window(name: str):
    figure = history_figure(name)
    assert "<strong>Not linearizable.</strong>" in figure
    assert "┆" in figure
    assert 'class="since' in figure


def test_a_history_that_there_is_not_is_refused():
    with pytest.raises(BadInput, match="there is no scenario 'histories/none"):
        history_figure("histories/none.txt")
