"""What the text of a process must not do, each with what to do instead.

Names are resolved as `source` does; nothing is run. A clever disguise is not found here: `trial` may find what it does.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from consensus_lab.check.lint.finding import Finding, told
from consensus_lab.check.lint.messages import lying_messages
from consensus_lab.check.lint.place import Place, named
from consensus_lab.check.lint.source import Source, assignments, functions_of, local_names, without_annotations

CLOCK = "Time arrives as messages: set a timer with ctx.set_timer(timer, low, high) and write a rule for it."
DICE = "Chance arrives as messages: give a timer a range, ctx.set_timer(timer, low, high), and the world draws from it."
THREADS = "A rule runs alone and to its end: send a message, or set a timer, and go on in the rule for it."
NETWORK = "Messages are the only way out: ctx.send(to, message), ctx.reply(message) or ctx.broadcast(peers, message)."
FILES = "The journal is the only disk: ctx.force(record), and restore(self, record) to read it back after a crash."
BY_RUN = "It differs from run to run: compare and sort by values, as sorted(...) does, and keep addresses, not objects."

FORBIDDEN = {
    "time": ("reads a clock", CLOCK),
    "datetime.datetime.now": ("reads a clock", CLOCK),
    "datetime.datetime.utcnow": ("reads a clock", CLOCK),
    "datetime.datetime.today": ("reads a clock", CLOCK),
    "datetime.date.today": ("reads a clock", CLOCK),
    **dict.fromkeys(("random", "secrets", "uuid", "os.urandom", "numpy.random"), ("throws dice", DICE)),
    **dict.fromkeys(
        ("threading", "_thread", "multiprocessing", "concurrent", "asyncio", "subprocess", "queue", "sched", "signal"),
        ("runs something beside the rule", THREADS),
    ),
    **dict.fromkeys(
        ("socket", "ssl", "select", "selectors", "socketserver", "http", "urllib.request"),
        ("opens a way out of its own", NETWORK),
    ),
    **dict.fromkeys(
        ("open", "input", "io.open", "os", "pathlib", "shutil", "tempfile", "shelve", "sqlite3"),
        ("goes to files or the system", FILES),
    ),
    **dict.fromkeys(("hash", "id"), ("asks for an identity", BY_RUN)),
}
"""By the beginning of a full name: what it is, and what to do instead."""

HARMLESS = ("time.struct_time", "os.path.join")

MUTATORS = frozenset((
    "add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft", "insert",
    "intersection_update", "pop", "popitem", "popleft", "remove", "reverse", "setdefault", "sort",
    "symmetric_difference_update", "update",
))  # fmt: skip
SHARED = "Every node shares it, and no crash forgets it: make it a field of the class, with a default."
FACTS = (
    "A message is a fact that several nodes hold: build a new one, as dataclasses.replace(message, field=value) does."
)


def lint_source(source: Source, *classes: str) -> list[Finding]:
    """What is wrong with these classes, or with all of the module. Raises SyntaxError for text that is no Python."""
    reached = source.reachable(*(classes or source.classes))
    return told(
        finding for code in reached.values() for rule in RULES for finding in rule(Place(source, code, reached))
    )


def forbidden_names(place: Place) -> Iterator[Finding]:
    """Clocks, dice, threads, sockets, files, identities."""
    for function in functions_of(place.code):
        yield from _forbidden(place, function, local_names(function))
    if isinstance(place.code, ast.ClassDef):
        outside = [node for node in place.code.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        for statement in outside:
            yield from _forbidden(place, statement, frozenset())


def _forbidden(place: Place, code: ast.AST, local: frozenset[str]) -> Iterator[Finding]:
    inner = {id(node.value) for node in ast.walk(code) if isinstance(node, ast.Attribute)}
    for node in without_annotations(code):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in inner:
            meaning = place.source.meaning(node, local)
            begun = next((name for name in FORBIDDEN if meaning == name or meaning.startswith(f"{name}.")), None)
            if begun and meaning not in HARMLESS:
                what, remedy = FORBIDDEN[begun]
                yield place.found(node, f"{what}: {meaning}", remedy)


def reads_now(place: Place) -> Iterator[Finding]:
    """``ctx.now``."""
    for function in functions_of(place.code):
        contexts = context_names(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and node.attr == "now" and named(node.value) in contexts:
                yield place.found(node, "reads ctx.now, which differs from run to run and from search to search", CLOCK)


def changes_what_is_shared(place: Place) -> Iterator[Finding]:
    """Variables of the module, and attributes of a class that are no fields."""
    for function in functions_of(place.code):
        local = local_names(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield place.found(node, f"changes a variable of the module: {', '.join(node.names)}", SHARED)
            for changed in changed_by(node):
                name = named(changed)
                if name in place.source.variables and name not in local:
                    yield place.found(node, f"changes a variable of the module: {name}", SHARED)
                elif (attribute := _of_class(place, changed)) is not None:
                    yield place.found(node, f"changes what belongs to the class, not to the node: {attribute}", SHARED)


def _of_class(place: Place, changed: ast.expr) -> str | None:
    """``self.seen`` that is an unannotated container of the class; or ``Class.seen`` and ``type(self).seen``."""
    if not isinstance(changed, ast.Attribute):
        return None
    owner = changed.value
    if named(owner) == "self" and isinstance(place.code, ast.ClassDef):
        plain = [node for node in place.code.body if isinstance(node, ast.Assign)]
        shared = {name for name, value in assignments(list(plain)) if place.is_mutable(value)}
        return f"self.{changed.attr}" if changed.attr in shared else None
    typed = isinstance(owner, ast.Call) and named(owner.func) == "type"
    by_name = isinstance(place.source.defined.get(named(owner)), ast.ClassDef)
    classed = isinstance(owner, ast.Attribute) and owner.attr == "__class__"
    return ast.unparse(changed) if typed or by_name or classed else None


def changed_by(node: ast.AST) -> Iterator[ast.expr]:
    """What this node changes in place: what is before ``.append(``, before ``[...] =``, and a class's attribute."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        yield node.func.value
    for target in targets_of(node):
        if isinstance(target, ast.Subscript):
            yield target.value
        elif isinstance(target, ast.Attribute) and named(target.value) != "self":
            yield target


def targets_of(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign | ast.Delete):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign) else []


def changes_a_message(place: Place) -> Iterator[Finding]:
    """What a rule received, or any frozen thing forced open."""
    for function in functions_of(place.code) if isinstance(place.code, ast.ClassDef) else ():
        received = message_name(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "object.__setattr__":
                yield place.found(node, "forces a frozen value open with object.__setattr__", FACTS)
            if any(received and _root(changed) == received for changed in changed_by(node)):
                yield place.found(node, f"changes the message that it received: {received}", FACTS)


def message_name(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a rule calls its message: the parameter between self and the context; empty if it is no rule."""
    arguments = [argument.arg for argument in function.args.args]
    is_rule = len(arguments) == 3 and arguments[2] in context_names(function)
    return arguments[1] if is_rule else ""


def context_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The parameters that are the context: by their annotation, or by the usual name."""
    arguments = function.args.args
    return frozenset(
        a.arg for a in arguments if a.arg == "ctx" or (a.annotation and "Context" in ast.unparse(a.annotation))
    )


def _root(node: ast.AST) -> str:
    """The name at the beginning of ``yes.votes[0]``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return named(node)


Rule = Callable[[Place], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    forbidden_names,
    reads_now,
    changes_what_is_shared,
    changes_a_message,
    lying_messages,
)
