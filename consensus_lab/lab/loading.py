"""Loads what a user wrote: a Python file by its path, a class in it by name. Every failure is a sentence."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from consensus_lab.kernel.bad_input import BadInput as BadInput
from consensus_lab.kernel.cast import SHIPPED, unquoted

MOST_DIGITS = 18  # a number of more is a slip, and Python reads none of more than some thousands


class BadCast(BadInput):
    """Words that cast no protocol: an unknown parameter, or a value it does not take."""


class Afresh(SourceFileLoader):
    """Compiles the file as it is now: a cache goes by second and size, and a file is often saved twice in a second."""

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def load_module(path: Path) -> ModuleType:
    """Run a Python file as a module of its own. Raises BadInput when it is missing or does not run."""
    if not os.path.isfile(path):  # of os.path, for a name may be too long to ask for
        raise BadInput(f"there is no file {path}")
    name = f"consensus_lab_user_{path.stem}_{abs(hash(path.resolve()))}"
    spec = importlib.util.spec_from_file_location(name, path, loader=Afresh(name, str(path)))
    if spec is None or spec.loader is None:
        raise BadInput(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BadInput(f"{path}{line_of(error, path)}: {type(error).__name__}: {error}") from error
    return module


def line_of(error: BaseException, path: Path) -> str:
    """``, line 7``: where in this file it went wrong; empty when that was not in this file."""
    if isinstance(error, SyntaxError) and error.lineno and error.filename == str(path):
        return f", line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    return f", line {lines[-1]}" if lines else ""


def whole_number(what: str, text: str) -> int:
    """Read a whole number, in the digits 0 to 9. Raises BadInput, naming `what` it was to be."""
    if not re.fullmatch(r"[0-9]+", text):
        raise BadInput(f"{what} must be a whole number, not {text[:40]!r}")
    if len(text) > MOST_DIGITS:
        raise BadInput(f"{what} must be a whole number of at most {MOST_DIGITS} digits, not one of {len(text)}")
    return int(text)


def load_class(reference: str) -> type:
    """The class that ``path/to/file.py:Class`` names, or ``package.module:Class`` for one that is shipped.

    Raises BadInput when there is none.
    """
    place, _, name = unquoted(reference).rpartition(":")
    found = getattr(_module_of(place), name, None)
    if isinstance(found, type):
        return found
    raise BadInput(f"a class is named FILE.py:CLASS, and {reference!r} names none")


def _module_of(place: str) -> ModuleType | None:
    if place.endswith(".py"):
        return load_module(Path(place))
    shipped = place.startswith(SHIPPED) and importlib.util.find_spec(place)
    return importlib.import_module(place) if shipped else None
