"""Arguments of a call by a function's signature: names to places, and the defaults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence

from autodiff.errors import ArgumentError
from autodiff.table.declared import signature_of

__all__ = ["defaults_of", "placed_arguments"]


def _parameters(function: Callable[..., object]) -> list[inspect.Parameter]:
    try:
        found = signature_of(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions have no signature
        return []
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [p for p in found if p.kind in kinds]


def defaults_of(function: Callable[..., object]) -> dict[str, object]:
    """The default of each argument that has one."""
    return {p.name: p.default for p in _parameters(function) if p.default is not p.empty}


def placed_arguments(
    function: Callable[..., object], args: Sequence[object], named: Mapping[str, object]
) -> tuple[object, ...]:
    """All arguments of a call by position, up to the last that is given.

    Raises:
        ArgumentError: if a name is none of the function's, comes twice, or one before it lacks.
    """
    parameters = _parameters(function)
    names = [p.name for p in parameters]
    if wrong := [name for name in named if name not in names[len(args) :]]:
        problem = "comes twice" if wrong[0] in names else "is none of its arguments"
        raise ArgumentError(
            f"{getattr(function, '__name__', 'f')}: {wrong[0]!r} {problem}; expected each of "
            f"({', '.join(names)}) once, by position or by name"
        )
    found = list(args)
    last = max((names.index(name) + 1 for name in named), default=0)
    for p in parameters[len(args) : last]:
        value = named.get(p.name, p.default)
        if value is p.empty:
            raise ArgumentError(
                f"{getattr(function, '__name__', 'f')}: found no argument {p.name}; expected each "
                f"of ({', '.join(names)})"
            )
        found.append(value)
    return tuple(found)
