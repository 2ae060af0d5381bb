"""Code on a page, read from the source at build: a page cannot show code that is not there any more."""

from __future__ import annotations

import importlib
import inspect
from functools import reduce
from textwrap import dedent
from typing import Any

from consensus_lab.lab.catalogue import protocol
from consensus_lab.site.errors import BuildFailed


def excerpt(name: str, path: str) -> str:
    """The source of ``coordinator.Coordinator.conclude`` of a protocol, as a fenced block titled by its file."""
    package = protocol(name).__name__
    module, _, rest = path.partition(".")
    try:
        found: Any = reduce(getattr, rest.split("."), importlib.import_module(f"{package}.{module}"))
    except (ImportError, AttributeError) as error:
        raise BuildFailed(f"there is no {path} in {package}: {error}") from None
    code = dedent(inspect.getsource(found)).rstrip()
    return f'```python title="{package.replace(".", "/")}/{module}.py"\n{code}\n```'
