"""The code that a call of a function may run, as far as names and what they hold tell."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice

import numpy as np

from autodiff.table.written import codes_within
from autodiff.trace.functions.seen_objects import is_own, is_plain, may_be_seen, methods_of

__all__ = ["GOING_OVER", "reached", "reached_code"]

# Functions that call another for each element, or compare all, by their names in code.
GOING_OVER = frozenset({"apply_along_axis", "map", "max", "min", "vectorize"})

_DEPTH = 4  # how far functions that call each other are followed
_MANY = 100  # items of a container that are looked at
_ALONE = (float, int, bool, str)  # what holds nothing


def _each(function: Callable[..., object], *arrays: Iterable[object]) -> list[object]:
    """What ``np.vectorize`` does."""
    return list(map(function, *arrays))


def reached_code(function: object) -> Iterator[types.CodeType]:
    """The code of a function, and of those that it calls: by name, of objects, out of tables."""
    for _, one in reached(function):
        if isinstance(one, types.FunctionType):
            yield one.__code__


def reached(function: object) -> Iterator[tuple[str, object]]:
    """What a function finds outside itself, and those that it calls, with the names of it."""
    pending: list[tuple[str, object, int]] = [("", function, 0)]
    seen: set[int] = set()
    while pending:
        name, one, depth = pending.pop()
        one = getattr(one, "function", one)  # what holds static arguments
        if id(one) in seen or depth > _DEPTH:
            continue
        seen.add(id(one))
        yield name, one
        depth += isinstance(one, types.FunctionType)
        pending += [
            (inner or name, value, depth)
            for inner, value in _held_by(name, one)
            if type(value) not in _ALONE
        ]


def _held_by(name: str, one: object) -> Iterator[tuple[str, object]]:
    """What may be called through a value, and the name of it if it is another one."""
    if isinstance(one, types.FunctionType):
        yield from _named_by(one)
    elif isinstance(one, partial):
        yield "", one.func
    elif isinstance(one, np.vectorize):
        yield from (("", one.pyfunc), ("", _each))
    elif hasattr(one, "__wrapped__") and not isinstance(one, type):  # cached, or numba's
        yield "", one.__wrapped__
    elif isinstance(one, types.MethodType):
        yield from (("", one.__func__), ("self", one.__self__))
    elif isinstance(one, (list, tuple)):
        yield from (("", item) for item in (*one[:_MANY], *one[_MANY:][-_MANY:]))
    elif isinstance(one, (dict, set, deque)):
        items = one.values() if isinstance(one, dict) else one
        yield from (("", item) for item in [*islice(items, _MANY)])
    elif isinstance(one, types.SimpleNamespace):
        yield from _attributes(name, one)
    elif is_plain(one):
        yield from (("", function) for _, _, functions in methods_of(one) for function in functions)
    elif may_be_seen(one):
        yield from (("", type(one)), *_attributes(name, one))


def _attributes(name: str, one: object) -> Iterator[tuple[str, object]]:
    """The attributes of an object, each named behind it."""
    return ((f"{name}.{attribute}", value) for attribute, value in [*vars(one).items()])


def _named_by(function: types.FunctionType) -> Iterator[tuple[str, object]]:
    """What a function finds under the names that it uses."""
    scope, within = function.__globals__, codes_within(function.__code__)
    names = dict.fromkeys(name for code in within for name in code.co_names)
    for name in names:
        value = scope.get(name)
        if isinstance(value, types.ModuleType):
            if is_own(types.SimpleNamespace(__module__=value.__name__)):
                yield from ((one, vars(value)[one]) for one in names if one in vars(value))
        elif value is not None:
            yield name, value
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # assigned later, if ever
            continue
    given = function.__defaults__ or ()
    names_given = function.__code__.co_varnames[: function.__code__.co_argcount]
    yield from zip(names_given[len(names_given) - len(given) :], given, strict=True)
