"""Checking: every world that can be reached, rather than some. It knows worlds and claims, and no protocol."""

from consensus_lab.check.reachable import Explored, reachable

__all__ = ["Explored", "reachable"]
