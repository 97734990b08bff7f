"""Spelled: a shape as a Program, so that what a step needs can be said in words and in algebra."""

from __future__ import annotations

from verify.induction.shapes import Shapes
from verify.program.program import Program, ProgramBuilder

__all__ = ["spelled"]

_OPERATIONS = {"multiply": "{0} * {1}", "divide": "{0} / {1}"}
_CALLS = {"power": "{0} ** {1}", "mod": "{0} % {1}"}
_NOT_SPELLED = frozenset({"where", "condition", "not", "and", "less", "equal"})
_LARGEST = 400  # steps


def spelled(shapes: Shapes, shape: int, inputs: int) -> Program | None:
    """The arithmetic that makes a shape; None for what conditions choose, or is too long.

    >>> shapes = Shapes()
    >>> x = shapes.input(0)
    >>> spelled(shapes, shapes.add(shapes.number(1.0), -x), 1).steps
    (1.0, ('{0} - {1}', (1, 0)))
    """
    builder = ProgramBuilder(inputs)
    places: dict[int, int] = {}
    stack = [shape]
    while stack:
        top = stack[-1]
        if top in places:
            stack.pop()
            continue
        number = shapes.value(top)
        missing = [] if number is not None else _missing(shapes, top, places)
        if missing is None or len(places) > _LARGEST:
            return None
        if missing:
            stack += missing
            continue
        places[top] = (
            builder.literal(number) if number is not None else _place(shapes, top, places, builder)
        )
        stack.pop()
    return builder.program([places[shape]])


def _missing(shapes: Shapes, shape: int, places: dict[int, int]) -> list[int] | None:
    """What has to be spelled before a shape; None if it cannot be spelled."""
    needed = _operands(shapes, shape)
    return None if needed is None else [x for x in needed if x not in places]


def _operands(shapes: Shapes, shape: int) -> list[int] | None:
    operation, *rest = shapes.made[abs(shape)]
    if operation == "add":
        return [abs(x) for x in _terms(shapes, shape)]
    if shape < 0:
        return [-shape]
    if operation in _OPERATIONS:
        return list(rest)
    if operation == "power":
        return [rest[0]]
    if operation == "call":
        return None if rest[0] in _NOT_SPELLED else list(rest[1:])
    return []


def _terms(shapes: Shapes, shape: int) -> list[int]:
    """The two terms of a sum, in the order that people write: x - 1, 1 - x."""
    _, x, y = shapes.made[abs(shape)]
    terms = [x, y] if shape > 0 else [-x, -y]
    return sorted(terms, key=lambda term: (term < 0, shapes.value(term) is not None))


def _place(shapes: Shapes, shape: int, places: dict[int, int], builder: ProgramBuilder) -> int:
    operation, *rest = shapes.made[abs(shape)]
    if operation == "add":
        x, y = _terms(shapes, shape)
        first = places[x] if x > 0 else builder.apply("-{0}", places[-x])
        return builder.apply("{0} + {1}" if y > 0 else "{0} - {1}", first, places[abs(y)])
    if shape < 0:
        return builder.apply("-{0}", places[-shape])
    if operation == "input":
        return int(rest[0])
    if operation == "power":
        return builder.apply("{0} ** {1}", places[rest[0]], builder.literal(float(rest[1])))
    if operation == "call":
        operands = [places[x] for x in rest[1:]]
        holes = ", ".join(f"{{{k}}}" for k in range(len(operands)))
        return builder.apply(_CALLS.get(rest[0], f"{rest[0]}({holes})"), *operands)
    return builder.apply(_OPERATIONS[operation], *(places[x] for x in rest))
