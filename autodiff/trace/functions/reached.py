"""The code that a call of a function may run, as far as names and what they hold tell."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from autodiff.table.written import codes_within
from autodiff.trace.functions.seen_objects import is_own, is_plain, may_be_seen, methods_of

__all__ = ["GOING_OVER", "reached_code"]

# Functions that call another for each element, or compare all, by their names in code.
GOING_OVER = frozenset({"apply_along_axis", "map", "max", "min", "vectorize"})

_DEPTH = 4  # how far functions that call each other are followed
_MANY = 100  # items of a container that are looked at


def _each(function: Callable[..., object], *arrays: Iterable[object]) -> list[object]:
    """What ``np.vectorize`` does."""
    return list(map(function, *arrays))


def reached_code(function: object) -> Iterator[types.CodeType]:
    """The code of a function, and of those that it calls: by name, of objects, out of tables."""
    pending: list[tuple[object, int]] = [(function, 0)]
    seen: set[int] = set()
    while pending:
        one, depth = pending.pop()
        one = getattr(one, "function", one)  # what holds static arguments
        if id(one) in seen or depth > _DEPTH:
            continue
        seen.add(id(one))
        if isinstance(one, types.FunctionType):
            yield one.__code__
            depth += 1
        pending += [(inner, depth) for inner in _held_by(one)]


def _held_by(one: object) -> Iterator[object]:
    """What may be called through a value."""
    if isinstance(one, types.FunctionType):
        yield from _named_by(one)
    elif isinstance(one, partial):
        yield one.func
    elif isinstance(one, np.vectorize):
        yield from (one.pyfunc, _each)
    elif hasattr(one, "__wrapped__") and not isinstance(one, type):  # cached, or numba's
        yield one.__wrapped__
    elif isinstance(one, types.MethodType):
        yield from (one.__func__, one.__self__)
    elif isinstance(one, dict):
        yield from [*one.values()][:_MANY]
    elif isinstance(one, (list, tuple)):
        yield from one[:_MANY]
    elif isinstance(one, types.SimpleNamespace):
        yield from vars(one).values()
    elif is_plain(one):
        yield from (function for _, _, functions in methods_of(one) for function in functions)
    elif may_be_seen(one):
        yield from (type(one), *vars(one).values())


def _named_by(function: types.FunctionType) -> Iterator[object]:
    """What a function finds under the names that it uses."""
    scope, within = function.__globals__, codes_within(function.__code__)
    names = dict.fromkeys(name for code in within for name in code.co_names)
    for name in names:
        value = scope.get(name)
        if isinstance(value, types.ModuleType):
            if is_own(types.SimpleNamespace(__module__=value.__name__)):
                yield from (vars(value)[one] for one in names if one in vars(value))
        elif value is not None:
            yield value
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # assigned later, if ever
            continue
    yield from function.__defaults__ or ()
