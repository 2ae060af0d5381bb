"""What there is to play: protocols by name, in the order of the course, and their scenarios.

A protocol is a package with `messages`, `cast(**parameters)` and `INVARIANTS`; a scenario is a file in `scenarios/`.
Nothing is registered by hand beyond the ladder's order.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from consensus_lab.kernel import Cast, Process
from consensus_lab.kernel.cast import YES_OR_NO
from consensus_lab.kernel.notation import Vocabulary, vocabulary
from consensus_lab.lab.loading import BadCast, BadInput, load_class, whole_number

LADDER = ("two-phase-commit", "three-phase-commit", "paxos", "multi-paxos", "election", "zab")
SCENARIOS = Path(__file__).parent / "scenarios"


@cache
def protocols() -> tuple[str, ...]:
    """The names of the protocols that are here, in the order of the course."""
    return tuple(name for name in LADDER if importlib.util.find_spec(_package(name)))


def _package(protocol: str) -> str:
    return f"consensus_lab.protocols.{protocol.replace('-', '_')}"


def protocol(name: str) -> ModuleType:
    """The package of a protocol. Raises BadInput for a name that is none."""
    if name not in protocols():
        raise BadInput(f"there is no protocol {name!r}; {_suggest(name, protocols())}")
    return importlib.import_module(_package(name))


def words_of(name: str) -> Vocabulary:
    """The messages of a protocol by name."""
    return vocabulary(protocol(name).messages)


# -- casts as text ----------------------------------------------------------------------------------------------------


def make_cast(name: str, parameters: Iterable[tuple[str, str]]) -> Cast:
    """Cast a protocol from words such as ``participants=3``. Raises BadCast for a parameter that does not fit."""
    make = protocol(name).cast
    known = inspect.signature(make).parameters
    values: dict[str, Any] = {}
    for word, text in parameters:
        if word not in known:
            raise BadCast(f"the cast of {name} takes {', '.join(known)}; not {word!r}")
        if word in values:
            raise BadCast(f"the cast says {word} twice")
        try:
            values[word] = _value(word, text, known[word].default)
        except BadInput as error:
            raise BadCast(str(error)) from error
    try:
        cast: Cast = make(**values)
    except (ValueError, TypeError) as error:  # TypeError: a class of the user's own that takes other fields
        raise BadCast(f"the cast of {name}: {error}") from None
    return cast


def _value(word: str, text: str, default: Any) -> Any:
    """Text as the kind of value that the parameter has by default; None stands for a class of the user's own."""
    if default is None:
        return _load(text)
    if isinstance(default, tuple):
        return tuple(text.split("+")) if text else ()
    if isinstance(default, bool):
        if text not in YES_OR_NO:
            raise BadCast(f"{word} must be yes or no, not {text!r}")
        return text == "yes"
    return whole_number(word, text) if isinstance(default, int) else text


def _load(reference: str) -> type:
    found = load_class(reference)
    if not issubclass(found, Process):
        raise BadCast(f"{reference} is no process: its class must inherit from one of the protocol's roles")
    return found


COUNTED = ("servers", "participants")
"""The parameters that say how many nodes a protocol is about, in those casts that have one."""


def with_nodes(cast: Cast, count: int) -> Cast:
    """The same cast with so many servers or participants. Raises BadCast when it counts neither, or not so far."""
    make = protocol(cast.protocol).cast
    word = next((word for word in COUNTED if word in inspect.signature(make).parameters), None)
    if word is None:
        raise BadCast(f"the cast of {cast.protocol} counts neither {' nor '.join(COUNTED)}")
    try:
        resized: Cast = make(**{**cast.parameters, word: count})
    except ValueError as error:
        raise BadCast(f"the cast of {cast.protocol}: {error}") from None
    return replace(resized, invariants=cast.invariants)


def refuse_unrepeatable(cast: Cast) -> None:
    """Raise BadInput when nobody could cast again from the words of this cast: in a trace, or as another process."""
    for word, value in cast.parameters.items():
        if isinstance(value, type) and value.__qualname__ != value.__name__:
            raise BadInput(
                f"{word} is {value.__qualname__}, a class that is not at the top level of its file: nobody could find "
                "it again there. Define it outside of any function or class"
            )


# -- scenarios --------------------------------------------------------------------------------------------------------


@cache
def scenario_files() -> Mapping[str, Path]:
    """Every scenario that is shipped, by name, in the order of the course."""
    files = {}
    for name in protocols():
        folder = SCENARIOS / name.replace("-", "_")
        for path in sorted(folder.glob("[0-9]*.*")):
            if path.suffix in (".txt", ".py"):
                files[f"{name}/{scenario_name(path)}"] = path
    return files


def scenario_name(path: Path) -> str:
    """``03_vote_times_out.txt`` is called vote-times-out."""
    return re.sub(r"^\d+_", "", path.stem).replace("_", "-")


def scenario_path(name: str) -> Path:
    """The file of a scenario given by its name or by its path. Raises BadInput when there is neither."""
    path = Path(name)
    if path.suffix in (".txt", ".py", ".trace") and os.path.isfile(path):  # Path.is_file raises for a name too long
        return path
    if name in scenario_files():
        return scenario_files()[name]
    if name and os.path.exists(path):
        raise BadInput(f"{name} is no scenario; one is a file that ends in .txt or .py")
    raise BadInput(f"there is no scenario {name!r}, nor a file of that name; {_suggest(name, scenario_files())}")


def _suggest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}"
