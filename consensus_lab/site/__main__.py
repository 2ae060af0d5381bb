"""``python -m consensus_lab.site OUTDIR``: build the course site into a folder outside the repository."""

from __future__ import annotations

import sys
from pathlib import Path

from consensus_lab.lab.loading import BadInput
from consensus_lab.site.build import build

USAGE = "usage: python -m consensus_lab.site OUTDIR"


def main(arguments: list[str]) -> int:
    """Build; the exit code is 0, or 2 after a sentence that says what is wrong."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        build(Path(arguments[0]))
    except (BadInput, OSError) as error:
        print(f"The site was not built: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
