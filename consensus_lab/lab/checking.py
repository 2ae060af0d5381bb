"""What to check: the cast that a scenario, a protocol, or somebody's own class stands for.

It searches nothing, and knows protocols only by what their casts take.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

from consensus_lab.kernel import Cast
from consensus_lab.lab.catalogue import make_cast, protocol, protocols
from consensus_lab.lab.loading import BadInput, load_class
from consensus_lab.lab.scenario import load_scenario

Parameters = Iterable[tuple[str, str]]


def cast_of(target: str, parameters: Parameters = ()) -> Cast:
    """The cast of a protocol by its name, of ``FILE.py:CLASS`` in its protocol, or of a scenario.

    Raises BadInput with a sentence when there is no such thing, or when the parameters do not fit.
    """
    given = tuple(parameters)
    if target in protocols():
        return make_cast(target, given)
    if ".py:" in target:
        name, role = part_of(load_class(target))
        return make_cast(name, (*given, (role, target)))
    if given:
        raise BadInput(
            f"a scenario has a cast of its own; parameters are for {', '.join(protocols())} or FILE.py:CLASS"
        )
    try:
        return load_scenario(target).cast
    except BadInput as error:
        raise BadInput(f"{error}; protocols are {', '.join(protocols())}") from None


def part_of(kind: type) -> tuple[str, str]:
    """The protocol that a class plays in, and the parameter of its cast that takes it. Raises BadInput for none."""
    for name in protocols():
        for role, reference in roles(name):
            if issubclass(kind, reference):
                return name, role
    known = ", ".join(reference.__name__ for name in protocols() for _, reference in roles(name))
    raise BadInput(f"{kind.__name__} plays in no protocol: it must be a subclass of one of {known}")


def roles(name: str) -> Iterator[tuple[str, type]]:
    """The parameters of a protocol's cast that take a class, and the reference class that each stands in for."""
    for role, hint in typing.get_type_hints(protocol(name).cast).items():
        for choice in typing.get_args(hint):
            if typing.get_origin(choice) is type:
                yield role, typing.get_args(choice)[0]
