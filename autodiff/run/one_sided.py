"""Derivatives of the pieces that meet at a tie, at the point itself: the short way to settle them.

On the piece that a direction leads into, each switch has a side, and all else is continuous: the
derivatives of the piece tend to those that the same steps give at the point, once each decision is
taken as it is along the direction.  Only what decides has to be followed along a direction
(``germ``); everything else is computed once, as it was.

That fails where something is infinite or undefined at the point (a norm at 0, a root of 0).  The
graph says so, and the derivatives are then followed themselves (``pieces.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import Array
from autodiff.numbers.settle import directions
from autodiff.run.germ import AMONG_INFINITIES, Germ, apply, doubted
from autodiff.table import ops
from autodiff.table.float import Float
from autodiff.table.primitive import REGISTRY, Primitive, Quantity
from autodiff.trace.placeholder import Tracer

__all__ = [
    "CLOSE",
    "DECIDING",
    "FINITE",
    "asked",
    "followed",
    "reached",
    "settled_number",
    "sides_graph",
    "switches_of",
    "unsure",
]

_LOGICAL = {REGISTRY[n] for n in ("logical_and", "logical_or", "logical_not")}
# What takes a value of its own on each side.
DECIDING = {
    REGISTRY[n]
    for n in ("lt", "le", "gt", "ge", "eq", "ne", "sign", "floor", "ceil", "trunc", "rint",
              "mod", "fmod")
}  # fmt: skip
# Of finite numbers these make finite ones, and so they do along a direction.
FINITE = DECIDING - {REGISTRY["mod"], REGISTRY["fmod"]} | _LOGICAL | {
    REGISTRY[n]
    for n in ("add", "sub", "mul", "neg", "square", "where", "abs", "maximum", "minimum",
              "at_least", "at_most", "clip", "relu", "leaky_relu", "elu", "exp", "expm1", "exp2",
              "sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh", "sigmoid", "softplus", "erf",
              "erfc", "gelu", "silu", "gaussian", "logaddexp")
}  # fmt: skip


def sides_graph(graph: Graph) -> Graph:
    """``(point, table) -> derivatives, lost`` where switches of ``graph`` tie.

    ``table`` and the result are flat: the derivatives that ``graph.limits`` names, as the table has
    them, and as they are settled.  ``lost`` is true where this cannot tell.
    """
    limits = graph.limits
    assert limits is not None
    count, size = graph.inputs.count, len(limits.outputs)
    builder = Builder(count + size)
    table = [Tracer(builder, count + k) for k in range(size)]
    steps = directions(count, list(limits.inputs))[2:]
    pieces = _Pieces(graph, builder, steps)
    found = [pieces.bases[graph.outputs[position]] for position in limits.outputs]
    sided = {k for k, bases in enumerate(found) if len(bases) > 1}
    known = [found[k] if k in sided else [table[k]] for k in range(size)]
    largest = _largest([x for numbers in known for x in numbers])
    outputs: list[object] = list(table)
    for k in sided:
        outputs[k] = settled_number(table[k], found[k], 1e-13 * largest)
    lost = ops.logical_not(largest < Float(float("inf")))
    for difference in pieces.doubtful:
        lost = ops.logical_or(lost, difference != difference)
    parameters = (("point", Array((count,))), ("table", Array((size,))))
    indices = [builder.literal(float(x)) if not isinstance(x, Tracer) else x.index
               for x in (*outputs, lost)]  # fmt: skip
    return builder.graph(f"{graph.name}_sides", parameters, indices, Array((size + 1,)))


class _Pieces:
    """Every node of a graph on the pieces that some steps lead into.

    Args:
        graph: The graph.
        builder: What records; its first inputs are those of the graph.
        steps: The steps.

    Attributes:
        bases: Per node its value on each piece, or one value if all have the same.
        doubtful: Numbers that decide nothing where they are nan.
    """

    def __init__(self, graph: Graph, builder: Builder, steps: Sequence[Sequence[float]]) -> None:
        assert graph.limits is not None
        moving = set(graph.limits.inputs)
        self._graph, self._count = graph, len(steps)
        self._forms = {**CLOSE, **switches_of(graph)}
        self._moves = reached(graph, moving)
        self._followed = followed(graph, self._moves)
        self._unsure = unsure(graph, self._moves)
        inputs = range(graph.inputs.count)
        self.bases: list[list[object]] = [[Tracer(builder, i)] for i in inputs]
        self._rests: dict[int, list[object]] = {
            i: [Float(step[i]) for step in steps] for i in inputs if i in moving
        }
        self.doubtful: list[object] = []
        for index, node in enumerate(graph.nodes[graph.inputs.count :], graph.inputs.count):
            if node.primitive is None:
                self.bases.append([Float(node.value or 0.0)])
            else:
                self._add(index, node.primitive, node.operands)

    def _add(self, index: int, primitive: Primitive, operands: Sequence[int]) -> None:
        decides = self._decides(primitive, operands)
        if self._moves[index] and (self._followed[index] or decides):
            germs = [self._moved(index, primitive, operands, k) for k in range(self._count)]
            self.bases.append([germ.base for germ in germs])
            if self._followed[index]:
                self._rests[index] = [germ.rest for germ in germs]
            if self._unsure[index] and decides:
                self.doubtful += [sum(map(_total, self._of(operands, k)), Float(0.0))
                                  for k in range(self._count)]  # fmt: skip
            return
        several = any(len(self.bases[i]) > 1 for i in operands)
        pieces = range(self._count if several else 1)
        self.bases.append([primitive(*[self._base(i, k) for i in operands]) for k in pieces])

    def _moved(
        self, index: int, primitive: Primitive, operands: Sequence[int], piece: int
    ) -> Germ:  # fmt: skip
        germs = self._of(operands, piece)
        result = apply(primitive, tuple(germs), self._forms)
        if not self._unsure[index] or self._decides(primitive, operands):  # see ``doubtful``
            return result
        return doubted(primitive, germs, result)

    def _of(self, operands: Sequence[int], piece: int) -> list[Germ]:
        return [self._germ(i, piece) for i in operands]

    def _decides(self, primitive: Primitive, operands: Sequence[int]) -> bool:
        return primitive in DECIDING or bool(asked(self._graph, primitive, operands))

    def _base(self, index: int, piece: int) -> Any:
        bases = self.bases[index]
        return bases[piece if len(bases) > 1 else 0]

    def _germ(self, index: int, piece: int) -> Germ:
        rests = self._rests.get(index)
        return Germ(self._base(index, piece), None if rests is None else rests[piece])


def _total(germ: Germ) -> Quantity:
    return germ.base if germ.rest is None else germ.base + germ.rest


def reached(graph: Graph, inputs: set[int]) -> bytearray:
    """1 for each node that moves with the inputs."""
    moves = bytearray(len(graph.nodes))
    for index in inputs:
        moves[index] = 1
    for index, _, operands in graph.operations():
        if any(moves[i] for i in operands):
            moves[index] = 1
    return moves


def switches_of(graph: Graph) -> Mapping[str, Callable[..., Germ]]:
    """Other forms of switches, where what they compare may be infinite at finite points."""
    return AMONG_INFINITIES if any(map(math.isinf, graph.constants.values())) else {}


def unsure(graph: Graph, moves: Sequence[int]) -> bytearray:
    """1 for each node that moves, and may be infinite or nan at a finite point or beside it."""
    found = bytearray(len(graph.nodes))
    for index, primitive, operands in graph.operations():
        if moves[index] and (primitive not in FINITE or any(found[i] for i in operands)):
            found[index] = 1
    return found


def asked(graph: Graph, primitive: Primitive, operands: Sequence[int]) -> list[int]:
    """Those of the operands that are numbers, and are asked whether they are true."""
    if primitive in _LOGICAL:
        conditions = operands
    elif primitive.name == "where":
        conditions = operands[:1]
    else:
        return []
    asked = [(i, graph.nodes[i].primitive) for i in conditions]
    return [i for i, row in asked if row is None or not row.predicate]


def followed(graph: Graph, moves: Sequence[int]) -> bytearray:
    """1 for each node on which a decision depends: it is followed along the directions."""
    found = bytearray(len(graph.nodes))
    for index in range(len(graph.nodes) - 1, graph.inputs.count - 1, -1):
        primitive, operands = graph.nodes[index][:2]
        if primitive is None or not moves[index]:
            continue
        if found[index] or primitive in DECIDING:
            wanted: Sequence[int] = operands
        else:
            wanted = asked(graph, primitive, operands)
        for operand in wanted:
            found[operand] = moves[operand]
    return found


# --- quotients where nothing is 0 / 0 ----------------------------------------------------------


def _div(x: Germ, y: Germ) -> Germ:
    base = ops.div(x.base, y.base)
    moved = Float(0.0) if x.rest is None else x.rest
    if y.rest is None:
        return Germ(base, ops.div(moved, y.base))
    return Germ(base, ops.div(moved - base * y.rest, y.base + y.rest))


def _pow_literal(x: Germ, n: Germ) -> Germ:
    power: Any = n.base
    slope = power * ops.pow(x.base, float(power) - 1.0)
    rest = ops.where(x.base == 0.0, ops.pow(x.rest, float(power)), slope * x.rest)
    return Germ(ops.pow(x.base, float(power)), rest)


CLOSE: Mapping[str, Callable[..., Germ]] = {
    "div": _div,
    "reciprocal": lambda x: _div(Germ(Float(1.0), None), x),
    "pow_literal": _pow_literal,
}


# --- settle, as numbers/settle.py does ------------------------------------------------------


def _largest(numbers: Sequence[Any]) -> Any:
    """The largest size of the numbers; nan if one is."""
    result: object = None
    for number in numbers:
        result = abs(number) if result is None else ops.maximum(result, abs(number))
    return result


def settled_number(table: Any, pieces: Sequence[Any], noise: object) -> Any:
    """The derivative of the table if it lies between those of the pieces, else their middle."""
    low = high = pieces[0]
    for piece in pieces[1:]:
        low, high = ops.where(piece < low, piece, low), ops.where(piece > high, piece, high)
    slack = noise + 1e-10 * ops.where(-low > high, -low, high)
    middle, wide = 0.5 * (low + high), high - low
    between = abs(table - middle) <= 0.5 * wide + slack
    told = ops.logical_or(wide <= slack, abs(table) < Float(float("inf")))
    return ops.where(ops.logical_or(between, ops.logical_not(told)), table, middle)
