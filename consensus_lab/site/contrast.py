"""The table of a contrast: its script is played on every protocol while the site is built."""

from __future__ import annotations

from consensus_lab.lab.contrast import load_contrast, rows
from consensus_lab.lab.contrast.result import HEADINGS
from consensus_lab.site.errors import BuildFailed


def contrast_table(name: str) -> str:
    """Title, script and table. Raises BuildFailed when an undisturbed decision contradicts its textbook."""
    script = load_contrast(name)
    results = list(rows(script))
    for result in results:
        if not result.costs_as_promised:
            raise BuildFailed(f"{result.player.name} costs {result.cost}, and its formula says {result.player.formula}")
    beats = "\n".join(beat for _, beat in script.beats)
    lines = [_line(HEADINGS), "|---" * len(HEADINGS) + "|", *(_line(result.row) for result in results)]
    return f"### {script.title}\n\n{script.summary}\n\n```text\n{beats}\n```\n\n" + "\n".join(lines)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
