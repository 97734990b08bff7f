"""Cases: numbers that conditions chose among a few, as a tree of these conditions.

``i = 0`` and ``if x > 1: i = 1`` leave a number that is 1 where ``x > 1`` holds, and 0 elsewhere.
What is computed of it alone is as plain in each case: ``i + 1`` is 2 or 1, and ``K[i]`` an item.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from autodiff.table.primitive import REGISTRY
from verify.program.program import ProgramBuilder

__all__ = ["Cases", "combined", "leaves", "wholes"]

Cases: TypeAlias = Any  # a number, or a condition's place and the cases where it holds and not

_MOST = 64  # cases of a number
_WHERE = REGISTRY["where"].sympy
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    REGISTRY[name].sympy: getattr(operator, name)
    for name in ("add", "sub", "mul", "lt", "le", "gt", "ge", "eq", "ne")
}


def combined(function: Callable[[Any, Any], Any], x: Cases, y: Cases) -> Cases:
    """What a function makes of two numbers, case by case."""
    if type(x) is tuple:
        condition = x[0]
        sides = ((x[1], _given(y, condition, True)), (x[2], _given(y, condition, False)))
        return _node(condition, *(combined(function, a, b) for a, b in sides))
    if type(y) is tuple:
        return _node(y[0], combined(function, x, y[1]), combined(function, x, y[2]))
    return function(x, y)


def leaves(cases: Cases) -> Iterator[Any]:
    """The numbers."""
    if type(cases) is tuple:
        yield from leaves(cases[1])
        yield from leaves(cases[2])
    else:
        yield cases


def wholes(builder: ProgramBuilder, place: int) -> Cases:
    """The whole numbers that the number at a place can be; None if that is not known, or much.

    >>> builder = ProgramBuilder(1)
    >>> c = builder.apply(REGISTRY["lt"].sympy, 0, builder.literal(2.5))
    >>> some = builder.apply(_WHERE, c, builder.literal(1.0), builder.literal(4.0))
    >>> wholes(builder, some) == (c, 1, 4)
    True
    """
    known: dict[int, Cases] = {}
    todo = [place]
    while todo:
        step = _step(builder, todo[-1])
        if type(step) is tuple and (step[0] in _OPERATIONS or step[0] == _WHERE):
            if left := [i for i in step[1] if i not in known]:
                todo += left
                continue
            made = _made(todo[-1], step, known)
            known[todo[-1]] = made if made is None or _is_small(made) else None
        else:
            known[todo[-1]] = _literal(step)
        todo.pop()
    return known[place]


def _step(builder: ProgramBuilder, place: int) -> object:
    return builder.steps[place - builder.inputs] if place >= builder.inputs else None


def _literal(step: object) -> Cases:
    return int(step) if isinstance(step, float) and step == step // 1 else None


def _is_small(cases: Cases) -> bool:
    return sum(1 for _ in leaves(cases)) <= _MOST


def _made(place: int, step: tuple[str, tuple[int, ...]], known: dict[int, Cases]) -> Cases:
    """What a step makes of what its operands can be; a comparison of anything is a condition."""
    text, operands = step
    found = [known[i] for i in operands]
    if text == _WHERE:
        condition = (operands[0], True, False) if found[0] is None else found[0]
        return None if None in found[1:] else _chosen(condition, found[1], found[2])
    if None in found:
        compares = text not in [REGISTRY[name].sympy for name in ("add", "sub", "mul")]
        return (place, True, False) if compares else None
    return combined(_OPERATIONS[text], found[0], found[1])


def _chosen(condition: Cases, x: Cases, y: Cases) -> Cases:
    if type(condition) is not tuple:
        return x if condition else y
    at, *sides = condition
    return _node(
        at,
        *(
            _chosen(side, _given(x, at, holds), _given(y, at, holds))
            for side, holds in zip(sides, (True, False), strict=True)
        ),
    )


def _given(cases: Cases, condition: int, holds: bool) -> Cases:
    """What is left where a condition holds, or not."""
    if type(cases) is not tuple:
        return cases
    if cases[0] == condition:
        return _given(cases[1] if holds else cases[2], condition, holds)
    return _node(cases[0], *(_given(side, condition, holds) for side in cases[1:]))


def _node(condition: int, x: Cases, y: Cases) -> Cases:
    return x if repr(x) == repr(y) else (condition, x, y)  # 0.0 is not -0.0
