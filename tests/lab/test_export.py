"""A performance as JSON, and its geometry: every message leaves where it was sent and ends where it arrived."""

from dataclasses import dataclass

from consensus_lab.kernel import Cast, Context, Process, Start, upon
from consensus_lab.lab.export import export
from consensus_lab.lab.scenario import Scenario
from consensus_lab.lab.spacetime import SpaceTime
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.two_phase_commit.messages import Begin, Yes


@dataclass
class Eager(Process):
    """It speaks as soon as it is switched on."""

    heard: tuple[str, ...] = ()

    @upon(Start)
    def greet(self, start: Start, ctx: Context) -> None:
        ctx.send({"a": "b", "b": "a"}[ctx.me], Yes(f"from {ctx.me}"))

    @upon(Yes)
    def listen(self, yes: Yes, ctx: Context) -> None:
        self.heard += (yes.tx,)

    @upon(Begin)
    def speak(self, begin: Begin, ctx: Context) -> None:
        ctx.send("b", Yes(begin.tx))


CAST = Cast("two-phase-commit", {"a": Eager(), "b": Eager()}, (("a", Begin("T1")),))


def story(stage: Stage) -> None:
    for choice in ("submit a Begin", "deliver a -> b Yes('from a')", "drop b -> a Yes"):
        stage.take(choice)


def test_what_is_sent_upon_start_leaves_before_the_first_row():
    performance = Scenario("A story", CAST, story).perform()
    assert performance.failure is None
    diagram = SpaceTime(CAST.addresses, performance.start)
    for step in performance.trace:
        diagram.add(step)
    drawn = [(arrow.sender, arrow.to, arrow.sent, arrow.ended, arrow.lost) for arrow in diagram.arrows]
    assert drawn == [("a", "b", -1, 1, False), ("b", "a", -1, 2, True), ("a", "b", 0, None, False)]


def test_the_export_has_what_is_sent_upon_start_apart_and_every_message_once():
    told = export(Scenario("A story", CAST, story).perform())
    assert [(arrow["from"], arrow["to"]) for arrow in told["sent"]] == [("a", "b"), ("b", "a")]
    assert [len(frame["sent"]) for frame in told["frames"]] == [1, 0, 0]
    first, second = (arrow["id"] for arrow in told["sent"])
    assert [(frame["arrived"], frame["lost"]) for frame in told["frames"]] == [([], []), ([first], []), ([], [second])]
