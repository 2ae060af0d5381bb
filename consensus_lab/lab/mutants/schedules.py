"""Wrong answers to any adversary exercise: schedules that end too soon, cannot be played, or break the rules."""

from __future__ import annotations

from consensus_lab.lab.schedules import Adversary, Game


class DoesNothing(Adversary):
    def schedule(self, game: Game) -> str:
        return "# let us see"


class StopsBeforeTheEnd(Adversary):
    def schedule(self, game: Game) -> str:
        return "\n".join(game.shortest[:-1])


class DeliversWhatWasNeverSent(Adversary):
    def schedule(self, game: Game) -> str:
        first, second = game.exploration.cast.addresses[:2]
        return f"deliver {first} -> {second} Nothing"


class CrashesMoreThanIsAllowed(Adversary):
    def schedule(self, game: Game) -> str:
        return "\n".join(f"crash {node}" for node in game.exploration.cast.addresses)


WRONG = (DoesNothing, StopsBeforeTheEnd, DeliversWhatWasNeverSent, CrashesMoreThanIsAllowed)
