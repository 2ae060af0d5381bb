"""Where a trace that refutes something is kept, and the command that opens it. It refuses to know who refuted what."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from consensus_lab.kernel import Cast
from consensus_lab.kernel.cast import quoted
from consensus_lab.kernel.trace import Header, header_for
from consensus_lab.sim import WorldTrace


@dataclass(frozen=True)
class Filing:
    """Where a refuting trace is kept."""

    folder: Path = Path(".consensus-lab")
    name: str = "refuted"

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.trace"


filing: ContextVar[Filing] = ContextVar("filing", default=Filing())  # noqa: B039 - a frozen value


def keep(trace: WorldTrace, cast: Cast, picker: object, captions: Mapping[int, list[str]]) -> Path:
    """Write a trace where the present filing says, and return that path. Raises OSError when it cannot be written."""
    path = filing.get().path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(trace.text(_header(cast, picker, path.parent), dict(captions)), encoding="utf-8")
    return path


def _header(cast: Cast, picker: object, folder: Path) -> Header:
    """A class of a file beside the folder is named by that file alone, so that the two may move together."""
    header = header_for(cast, "", picker)
    beside = quoted(str(folder.absolute().parent) + os.sep)
    return replace(header, cast=tuple((name, text.removeprefix(beside)) for name, text in header.cast))


def command(path: Path, step: int) -> str:
    """What to type to see that step of a trace on the screen."""
    near = os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)
    return f"consensus-lab play {shlex.quote(near)} --step {step}"
