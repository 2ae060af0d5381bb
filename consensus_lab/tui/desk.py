"""The desk: a session, and what somebody at the screen has chosen: a node, an offer, what to hide, how fast to play.

Every key of the screen is a method here, so that all of it can be tried without a screen. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from consensus_lab.kernel import Address
from consensus_lab.sim import (
    Choice,
    Crash,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Fire,
    Heal,
    HealAll,
    Pause,
    Recover,
    Resume,
    Submit,
    Sync,
    World,
)
from consensus_lab.sim.moves import OfEnvelope
from consensus_lab.tui.offers import Offer, offers
from consensus_lab.tui.session import Session

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Steps a second while playing."""


@dataclass(frozen=True)
class Hidden:
    """What the diagram leaves out: nodes by address, and kinds of events by verb or message name."""

    nodes: frozenset[Address] = frozenset()
    kinds: frozenset[str] = frozenset()


@dataclass
class Desk:
    """What the panes show and the keys act on."""

    session: Session
    node: Address = ""
    hidden: Hidden = field(default_factory=Hidden)
    ahead: bool = False  # show the recorded steps that nobody has looked at yet
    playing: bool = False
    speed: float = 2.0
    _chosen: Choice | None = None
    _offers: tuple[World, Choice | None, tuple[Offer, ...]] | None = None

    def __post_init__(self) -> None:
        self.node = self.node or self.nodes[0]

    # -- choosing ----------------------------------------------------------------------------------------------------

    @property
    def nodes(self) -> tuple[Address, ...]:
        """Everyone, in the order of the lanes."""
        return self.session.start.cast.addresses

    @property
    def world(self) -> World:
        return self.session.world

    @property
    def horizon(self) -> int:
        """How many steps the diagram shows."""
        return len(self.session.steps) if self.ahead else self.session.branch.seen

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What may happen next here."""
        suggestion = self.session.suggestion
        kept = self._offers
        if kept is None or kept[0] is not self.world or kept[1] != suggestion:
            self._offers = kept = (self.world, suggestion, offers(self.world, suggestion))
        return kept[2]

    @property
    def chosen(self) -> Offer | None:
        """The offer that Enter takes: what was chosen if it is still there, else what happens next anyway."""
        by_choice = {offer.choice: offer for offer in self.offers}
        wanted = self._chosen if self._chosen in by_choice else self.session.suggestion
        return by_choice.get(wanted) if wanted in by_choice else next(iter(self.offers), None)

    def choose(self, offer: Offer) -> None:
        """Point at an offer."""
        self._chosen = offer.choice
        self.session.notice = ""

    def move(self, by: int) -> None:
        """Point at the offer so many places further down."""
        chosen = self.chosen
        if chosen is not None:
            self.choose(self.offers[(self.offers.index(chosen) + by) % len(self.offers)])

    def choose_node(self, node: Address) -> None:
        self.node = node

    def turn_node(self, by: int) -> None:
        """Choose the next node, or the previous."""
        self.node = self.nodes[(self.nodes.index(self.node) + by) % len(self.nodes)]

    # -- moving ------------------------------------------------------------------------------------------------------

    def forward(self) -> bool:
        self._chosen = None
        return self.session.forward()

    def back(self) -> None:
        self._chosen = None
        self.session.back()

    def go_to(self, cursor: int) -> None:
        """Stand after so many steps; say so when there are not so many."""
        self.session.goto(cursor)
        if self.session.cursor != cursor:
            self.session.notice = f"There is no step {cursor}: this branch has steps 0 to {len(self.session.steps)}."

    def take(self, choice: Choice | None = None) -> bool:
        """Take this choice, or the chosen offer; say why when it is impossible."""
        choice = choice or (self.chosen.choice if self.chosen else None)
        if choice is None:
            return self.session.forward()
        reason = choice.refusal(self.world)
        if reason is not None:
            self.session.notice = f"Cannot {choice}: {reason}."
            return False
        self._chosen = None
        return self.session.take(choice)

    def faster(self, direction: int) -> None:
        """One notch faster (1) or slower (-1)."""
        place = SPEEDS.index(self.speed) + direction
        self.speed = SPEEDS[max(0, min(place, len(SPEEDS) - 1))]

    # -- one key each ------------------------------------------------------------------------------------------------

    def of_message(self, kind: Callable[..., OfEnvelope]) -> bool:
        """Drop, duplicate or delay the chosen message."""
        message = self.chosen.message if self.chosen else None
        if message is None:
            verb = getattr(kind, "verb", "change")
            self.session.notice = f"To {verb} a message, first choose one that is in flight, with ↑ and ↓."
            return False
        return self.take(kind(message.sender, message.to, message.message))

    def drop(self) -> bool:
        return self.of_message(Drop)

    def duplicate(self) -> bool:
        return self.of_message(Duplicate)

    def delay(self) -> bool:
        return self.of_message(Delay)

    def crash(self) -> bool:
        """Crash the chosen node; restart it when it is down."""
        up = self.world.machines[self.node].up
        return self.take(Crash(self.node) if up else Recover(self.node))

    def pause(self) -> bool:
        """Pause the chosen node; resume it when it is paused."""
        paused = self.world.machines[self.node].paused
        return self.take(Resume(self.node) if paused else Pause(self.node))

    def fire(self) -> bool:
        """Fire the chosen timer, or the first one that runs at the chosen node."""
        if self.chosen is not None and isinstance(self.chosen.choice, Fire):
            return self.take()
        timers = self.world.machines[self.node].timers
        if not timers:
            self.session.notice = f"No timer is running at {self.node}."
            return False
        return self.take(Fire(self.node, min(timers, key=lambda armed: armed.since + armed.low).timer))

    def sync(self) -> bool:
        """Let the disk of the chosen node catch up."""
        return self.take(Sync(self.node))

    def submit(self) -> bool:
        """Submit the client's next request."""
        if not self.world.requests:
            self.session.notice = "The client has nothing more to ask."
            return False
        return self.take(Submit(*self.world.requests[0]))

    def link(self) -> tuple[Address, Address] | None:
        """The direction that the chosen message, or the chosen repair, is about."""
        choice = self.chosen.choice if self.chosen else None
        return (choice.sender, choice.to) if isinstance(choice, OfEnvelope | Heal) else None

    def cut(self) -> bool:
        """Cut the direction that the chosen message takes. False when no message is chosen: somebody must say which."""
        link = self.link()
        if link is not None:
            self.take(Cut(*link))
        return link is not None

    def heal(self) -> bool:
        """Mend the direction that the chosen message takes; without one, the link that was cut first."""
        cuts = [cut for cut, _ in self.world.network.cuts]
        link = self.link()
        if link not in cuts:
            link = cuts[0] if cuts else None
        if link is None:
            self.session.notice = "No link is cut."
            return False
        return self.take(Heal(*link))

    def heal_all(self) -> bool:
        return self.take(HealAll())
