"""The checker: searches every schedule of a cast, and says why a claim falls. It refuses to know any protocol."""

from consensus_lab.check.bounds import Bound, Budget
from consensus_lab.check.explore import Exploration, explore
from consensus_lab.check.freeze import Unfreezable
from consensus_lab.check.reachable import Explored, reachable
from consensus_lab.check.verdict import Falsified, NotProved, Refusal, Ruling, Verdict

__all__ = [
    "Bound",
    "Budget",
    "Exploration",
    "Explored",
    "Falsified",
    "NotProved",
    "Refusal",
    "Ruling",
    "Unfreezable",
    "Verdict",
    "explore",
    "reachable",
]
