"""Inputs that say which function is meant: ``if kind == 1: ...`` with numbers for kinds.

At a place where an equality holds, the pieces beside it are asked what the derivatives are
(``autodiff.run.pieces``), for ``(exp(x) - 1) / x if x != 0 else 1`` has the slope 1/2 at 0.  Where
the function jumps there, those pieces are another function.  So an input that is compared with a
number, and whose function jumps at that number whatever the others are, stays where it is when
pieces are asked: they are those of the others.

Whether it jumps is found by evaluating the graph at the number and at distances from it down to the
next double: a difference that does not become smaller is a jump.  A charge of 1e-15 may be much.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from autodiff.graph.graph import Graph
from autodiff.graph.node_values import node_values
from autodiff.graph.typed_node import Node
from autodiff.table.primitive import REGISTRY

__all__ = ["EQUALITIES", "MOST", "flags"]


class _Same(NamedTuple):
    """Another input, which one is compared with."""

    input: int


_Number: TypeAlias = float | _Same
_Sides: TypeAlias = Callable[[Iterable[bool]], bool]
_Compared: TypeAlias = Mapping[int, Sequence[_Number]]
EQUALITIES = {REGISTRY["eq"], REGISTRY["ne"]}
# What a comparison says of its first operand: whether it is above, whether it may be equal.
_ORDERS = {
    REGISTRY["gt"]: (True, False), REGISTRY["ge"]: (True, True),
    REGISTRY["lt"]: (False, False), REGISTRY["le"]: (False, True),
}  # fmt: skip
MOST = 400_000  # nodes: of larger graphs no input is asked
_FEW = 2_000  # nodes: of larger graphs no input is asked that is compared by one order
_MANY = 32  # inputs that are asked one by one
_TRIALS, _ENOUGH = 6, 2
_STEPS = (1e-2, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15, 1e-20, 1e-30)  # the last ones from 0 alone
_SCREEN = _STEPS[2:5]
_SMALLEST, _LARGE = 1e-4, 0.1  # differences that are none, or no rounding


def flags(
    graph: Graph, inputs: Sequence[int], outputs: Sequence[int], first: bool
) -> Collection[int]:
    """Those of the inputs at whose numbers the outputs jump.

    Args:
        graph: A graph of numbers.
        inputs: The inputs that move: where one alone does, what it is compared with is a place
            on its way.
        outputs: The outputs.
        first: False if the outputs are derivatives, which know: what did not move is one.
    """
    if len(inputs) < 2 or len(graph.nodes) > MOST:
        return ()
    compared, ordered = _compared(graph.nodes, set(inputs))
    if not first:
        return _all_of(compared) - {*(graph.limits.inputs if graph.limits else ())}
    return {*_equal(graph, outputs, compared), *_ordered(graph, outputs, ordered)}


def _equal(graph: Graph, outputs: Sequence[int], compared: _Compared) -> Collection[int]:
    """Those that decide by being equal to a number: the function jumps on each side of it."""
    if not compared or not _jumps(graph, outputs, compared, compared):
        return ()
    if len(compared) > _MANY:
        return _all_of(compared)
    # Of `y == 5 or x == 1` either one decides where the other is elsewhere, and only there.
    jumping = {
        i: numbers
        for i, numbers in compared.items()
        if _jumps(graph, outputs, compared, [i])
        or (len(compared) > 1 and _jumps(graph, outputs, {i: numbers}, [i]))
    }
    return _all_of(jumping)


def _ordered(graph: Graph, outputs: Sequence[int], compared: _Compared) -> Collection[int]:
    """Those that decide by their order, if the function jumps on one side."""
    if not compared or len(graph.nodes) > _FEW or len(compared) > _MANY:
        return ()
    if not _jumps(graph, outputs, compared, compared, any, _SCREEN):
        return ()
    return _all_of(
        {i: n for i, n in compared.items() if _jumps(graph, outputs, compared, [i], any)}
    )


def _all_of(compared: _Compared) -> set[int]:
    """Inputs that are compared, and those that they are compared with."""
    others = {one.input for n in compared.values() for one in n if isinstance(one, _Same)}
    return {*compared, *others}


def _compared(
    nodes: Sequence[Node], inputs: Collection[int]
) -> tuple[dict[int, list[_Number]], dict[int, list[_Number]]]:
    """What inputs are compared with: to be equal, and by one order."""
    found: dict[int, list[_Number]] = {}
    between: dict[tuple[int, _Number], set[tuple[bool, bool]]] = {}
    for node in nodes:
        if node.primitive not in EQUALITIES and node.primitive not in _ORDERS:
            continue
        (x, scale, shift), (y, other, more) = (_line(nodes, i) for i in node.operands)
        turned = x is None
        if turned:
            x, scale, shift, y, other, more = y, other, more, x, scale, shift
        if x is None or x not in inputs:
            continue
        if y is None and scale:
            number: _Number = (more - shift) / scale
        elif y is not None and y in inputs and scale == other and shift == more:
            number = _Same(y)
        else:
            continue
        if node.primitive in EQUALITIES:
            found.setdefault(x, []).append(number)
            continue
        above, equal = _ORDERS[node.primitive]
        asked = between.setdefault((x, number), set())
        asked.add((above ^ turned ^ (scale < 0.0), equal))
    ordered: dict[int, list[_Number]] = {}
    for (x, number), asked in between.items():
        # `kind >= 1` sides with what is above, `kind <= 1` and `kind > 1` with what is below.
        both = {above == equal for above, equal in asked} == {True, False}
        (found if both else ordered).setdefault(x, []).append(number)
    return found, ordered


def _line(nodes: Sequence[Node], index: int) -> tuple[int | None, float, float]:
    """A node as ``scale * input + shift``; ``(None, 0.0, shift)`` for a number.

    What is nothing of the kind is an input of its own: its node.
    """
    scale, shift = 1.0, 0.0
    while True:
        primitive, operands, value = (
            nodes[index].primitive,
            nodes[index].operands,
            nodes[index].value,
        )
        if value is not None:
            return None, 0.0, scale * value + shift
        known = [nodes[i].value for i in operands]
        match getattr(primitive, "name", ""), known:
            case "neg", _:
                scale, index = -scale, operands[0]
            case "sign", _ if not shift and scale:  # zero where its operand is
                index = operands[0]
            case "add" | "sub" as name, [None, float(number)]:
                shift += scale * (number if name == "add" else -number)
                index = operands[0]
            case "add" | "sub" as name, [float(number), None]:
                shift += scale * number
                scale, index = (scale if name == "add" else -scale), operands[1]
            case "mul", [None, float(number)]:
                scale, index = scale * number, operands[0]
            case "mul", [float(number), None]:
                scale, index = scale * number, operands[1]
            case _:
                return index, scale, shift


def _jumps(
    graph: Graph,
    outputs: Sequence[int],
    compared: _Compared,
    moved: Collection[int],
    sides: _Sides = all,
    steps: Sequence[float] = _STEPS,
) -> bool:
    """True if the outputs jump where these inputs leave numbers that they are compared with.

    Args:
        graph: The function.
        outputs: The outputs.
        compared: The numbers.
        moved: The inputs.
        sides: Whether it has to jump on ``all`` sides or on ``any``.
        steps: How far they leave them.
    """
    chance = random.Random(0)
    seen = 0
    for trial in range(_TRIALS):
        sign = (1.0, 1.0, -1.0)[trial % 3]
        point = [sign * chance.uniform(0.2, 2.0) for _ in graph.inputs.nodes]
        for i, numbers in compared.items():
            number = chance.choice(numbers)
            point[i] = point[number.input] if isinstance(number, _Same) else number
        seen += any(_jumps_at(graph.nodes, outputs, point, moved, sides, steps))
        if seen == _ENOUGH:
            return True
    return False


def _jumps_at(
    nodes: Sequence[Node],
    outputs: Sequence[int],
    point: Sequence[float],
    moved: Collection[int],
    which: _Sides,
    steps: Sequence[float],
) -> Iterator[bool]:
    """Per output, whether it jumps on the sides on which it is a number."""
    there = _values(nodes, outputs, point)
    sides = []
    for sign in (1.0, -1.0):
        near = []
        for step in steps:
            beside = list(point)
            for i in moved:
                beside[i] += sign * step * max(1.0, abs(beside[i]))
            if all(beside[i] != point[i] for i in moved):
                near.append(_values(nodes, outputs, beside))
        if near:  # there is nothing beside infinity
            sides.append(near)
    for place, value in enumerate(there if sides else ()):
        gaps = [[abs(values[place] - value) for values in near] for near in sides]
        known = [gap for gap in gaps if all(map(math.isfinite, gap))]
        yield math.isfinite(value) and which(_is_jump(gap, value) for gap in known)


def _is_jump(gaps: Sequence[float], value: float) -> bool:
    """True if differences at smaller and smaller steps stay as large, or grow."""
    first, least, most = gaps[0], min(gaps), max(gaps)
    stays = least > 0.5 * most and least > _SMALLEST * (1.0 + abs(value))
    return stays or (first == least and first > _LARGE * (1.0 + abs(value)))


def _values(nodes: Sequence[Node], outputs: Sequence[int], point: Sequence[float]) -> list[float]:
    values = node_values(nodes, point)
    return [float(values[i]) for i in outputs]
