"""How much memory this process holds, as far as the system tells. It refuses to know what for."""

from __future__ import annotations

import sys
from pathlib import Path

MEGABYTE = 1_000_000
_STATUS = Path("/proc/self/statm")


def held() -> int:
    """Bytes: those held now where Linux says so, else the most there ever were; 0 where nobody can tell."""
    try:
        import resource
    except ImportError:  # not a Unix
        return 0
    try:
        return int(_STATUS.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:  # not Linux
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
