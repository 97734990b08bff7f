"""Few wholes: the whole numbers that a number made of conditions and ints can be."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TypeAlias

from autodiff.table.primitive import REGISTRY
from verify.program.program import ProgramBuilder

__all__ = ["few_wholes"]

_MOST = 64
_WHERE = REGISTRY["where"].sympy
_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    REGISTRY["add"].sympy: operator.add,
    REGISTRY["sub"].sympy: operator.sub,
    REGISTRY["mul"].sympy: operator.mul,
}
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    REGISTRY[name].sympy: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")
}
_Wholes: TypeAlias = frozenset[int] | None


def few_wholes(builder: ProgramBuilder, place: int) -> _Wholes:
    """All that the number at a place can be; None if that is not known, or much.

    >>> builder = ProgramBuilder(1)
    >>> c = builder.apply(REGISTRY["lt"].sympy, 0, builder.literal(2.5))
    >>> some = builder.apply(_WHERE, c, builder.literal(1.0), builder.literal(4.0))
    >>> sorted(few_wholes(builder, some))
    [1, 4]
    """
    known: dict[int, _Wholes] = {}
    todo = [place]
    while todo:
        at = todo[-1]
        step = () if at < builder.inputs else builder.steps[at - builder.inputs]
        if type(step) is not tuple:
            known[at] = _literal(step)
        elif not step or (step[0] not in _OPERATIONS and step[0] != _WHERE):
            known[at] = None
        else:
            asked = step[1][1:] if step[0] == _WHERE else step[1]
            if left := [i for i in asked if i not in known]:
                todo += left
                continue
            known[at] = _made(builder, step[0], step[1], known)
        todo.pop()
    return known[place]


def _literal(number: float) -> _Wholes:
    return frozenset({int(number)}) if number - number == 0.0 and number == int(number) else None


def _made(
    builder: ProgramBuilder, text: str, operands: tuple[int, ...], known: dict[int, _Wholes]
) -> _Wholes:
    """What a step makes of what its operands can be."""
    if text == _WHERE:
        condition, *sides = operands
        parts = [
            _where(builder, condition, holds, side, known[side])
            for holds, side in zip((True, False), sides, strict=True)
        ]
    else:
        parts = [known[i] for i in operands]
    if parts[0] is None or parts[1] is None:
        return None
    if text == _WHERE:
        made = parts[0] | parts[1]
    else:
        made = frozenset(_OPERATIONS[text](x, y) for x in parts[0] for y in parts[1])
    return made if len(made) <= _MOST else None


def _where(
    builder: ProgramBuilder, condition: int, holds: bool, side: int, wholes: _Wholes
) -> _Wholes:
    """What of it a number can be on a side of a condition that compares it with a literal."""
    step = builder.steps[condition - builder.inputs] if condition >= builder.inputs else 0.0
    if wholes is None or type(step) is not tuple or step[0] not in _COMPARED:
        return wholes
    compare, (left, right) = _COMPARED[step[0]], step[1]
    if left == side and (bound := builder.value(right)) is not None:
        return frozenset(x for x in wholes if compare(x, bound) is holds)
    if right == side and (bound := builder.value(left)) is not None:
        return frozenset(x for x in wholes if compare(bound, x) is holds)
    return wholes
