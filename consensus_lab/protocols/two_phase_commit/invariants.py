"""What two-phase commit promises: atomic commitment, AC1 to AC4, and nothing about waiting. It may block."""

from consensus_lab.protocols.commitment import INVARIANTS

__all__ = ["INVARIANTS"]
