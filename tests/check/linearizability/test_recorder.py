"""What real clients call and get, recorded as a history."""

from itertools import count

from consensus_lab.check.linearizability import UNKNOWN, Operation, Recorder


def test_a_history_holds_calls_answers_and_what_is_still_open() -> None:
    recorder = Recorder(count().__next__)
    recorder.called("a", "write", 1)
    recorder.called("b", "read")
    recorder.returned("a")
    recorder.returned("b", 1)
    recorder.called("a", "write", 2)
    assert recorder.history == (
        Operation("a", "write", (1,), 0, 2, None),
        Operation("b", "read", (), 1, 3, 1),
        Operation("a", "write", (2,), 4),
    )


def test_who_calls_again_has_given_up_waiting() -> None:
    recorder = Recorder(count().__next__)
    recorder.called("a", "write", 1)
    recorder.called("a", "read")
    recorder.returned("a", UNKNOWN)
    assert recorder.history == (Operation("a", "write", (1,), 0), Operation("a", "read", (), 1, 2))


def test_a_call_that_was_refused_is_no_part_of_the_history() -> None:
    recorder = Recorder(count().__next__)
    recorder.called("a", "write", 1)
    recorder.withdrawn("a")
    assert recorder.history == ()
