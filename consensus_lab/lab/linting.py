"""What to lint: a protocol, a file of somebody's classes, or one of them; read, tried out, and tried out elsewhere.

Reading runs nothing. The trial runs the classes here, and again in two interpreters of their own whose sets are in
different orders.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from consensus_lab.check.lint import Finding, Line, Source, differences, lint_source, told, try_out
from consensus_lab.kernel import Cast
from consensus_lab.kernel.cast import SHIPPED
from consensus_lab.kernel.trace import write_parameters
from consensus_lab.lab.catalogue import protocols
from consensus_lab.lab.checking import cast_of, part_of
from consensus_lab.lab.lessons import PACKAGE
from consensus_lab.lab.loading import BadInput, line_of, load_module

PATIENCE = 60.0  # seconds for a trial elsewhere
HASH_SEEDS = ("1", "2")
ELSEWHERE = "consensus_lab.lab.trial_main"

Parameters = tuple[tuple[str, str], ...]


def lint(target: str, parameters: Parameters = ()) -> list[Finding]:
    """Everything wrong with a protocol, with FILE.py, or with FILE.py:CLASS. Raises BadInput when there is no such."""
    findings = list(read_only(target))
    for each in playable(target):
        findings += try_out(cast_of(each, parameters)).findings
        findings += differences(*(trial_elsewhere(each, parameters, seed) for seed in HASH_SEEDS))
    return told(findings)


def read_only(target: str) -> list[Finding]:
    """What the text alone shows, without running any of it. Raises BadInput for what cannot be read."""
    if target in protocols():
        return told(finding for path in files_of(cast_of(target)) for finding in lint_file(path))
    path, _, name = target.rpartition(":") if ".py:" in target else (target, "", "")
    return lint_file(Path(path), *filter(None, [name]))


def lint_file(path: Path, *classes: str) -> list[Finding]:
    """What is wrong with these classes of a file, or with all of it. Raises BadInput for a file that is no Python."""
    try:
        source = Source(str(path), path.read_text(encoding="utf-8"))
        missing = [name for name in classes if name not in source.classes]
        if missing:
            raise BadInput(f"{path} has no class {missing[0]}; it has {', '.join(source.classes) or 'none'}")
        return lint_source(source, *classes)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None
    except SyntaxError as error:
        raise BadInput(f"{path}{line_of(error, path)}: SyntaxError: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text: {error}") from None


def near(file: str) -> str:
    """A file as it is best named from here."""
    return os.path.relpath(file) if Path(file).resolve().is_relative_to(Path.cwd()) else file


def files_of(cast: Cast) -> list[Path]:
    """The files in which the classes of a cast are written, without the kernel."""
    kinds = {kind for process in cast.processes.values() for kind in type(process).__mro__}
    written = {inspect.getsourcefile(kind) for kind in kinds if kind.__module__.startswith(f"{SHIPPED}protocols.")}
    return sorted(Path(file) for file in written if file)


def playable(target: str) -> Iterator[str]:
    """The target, or for a file each class of it that plays in a protocol."""
    if target in protocols() or ".py:" in target:
        yield target
        return
    module = load_module(Path(target))
    for name, kind in vars(module).items():
        if isinstance(kind, type) and kind.__module__ == module.__name__ and _plays(kind):
            yield f"{target}:{name}"


def _plays(kind: type) -> bool:
    try:
        part_of(kind)
    except BadInput:
        return False
    return True


def trial_elsewhere(target: str, parameters: Parameters, hash_seed: str) -> list[Line]:
    """The trial in an interpreter of its own; as far as it came in time."""
    words = [sys.executable, "-m", ELSEWHERE, target, write_parameters(parameters)]
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    surroundings = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            words,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return []
    return list(_lines(done.stdout.decode("utf-8", "replace").splitlines()))


def _lines(said: Iterable[str]) -> Iterator[Line]:
    """What the other interpreter said; what a student's class printed in between is skipped."""
    for line in said:
        if line.startswith('{"file":'):
            yield Line(**json.loads(line))
