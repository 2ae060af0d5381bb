"""How a rule that raised is told: which rule, on what, with what, and on which line of whoever wrote the rule.

It refuses to know where the rule ran: in a world, in a search or on a real host it is told alike.
"""

from __future__ import annotations

import traceback

from consensus_lab.kernel.process import Process


def describe_failure(process: Process, rule: str, happening: str, error: BaseException) -> str:
    """``rule vote raised ValueError on VoteRequest(T1): oh (mine.py, line 7)``."""
    return f"rule {rule} raised {type(error).__name__} on {happening}: {error}{where_raised(process, rule, error)}"


def where_raised(process: Process, rule: str, error: BaseException) -> str:
    """`` (mine.py, line 7)``: the last line in the rule's own file, though the library may have raised further down."""
    code = getattr(getattr(type(process), rule, None), "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code is not None and frame.filename == code.co_filename] or frames
    return "".join(f" ({frame.filename}, line {frame.lineno})" for frame in own[-1:])
