"""Derivatives of whole arrays on the pieces that meet at a tie: ``one_sided.py`` over arrays.

Each element of a switch that ties takes the side that a direction leads to, all of them at once, so
that it takes a few sweeps over arrays however large they are.  Elementwise rows are followed along
a direction as germs are, linear rows move what moves, and other rows to first order.  What loops
repeat, and places of numbers that tie in an order, are left to the scalars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.graph.typed_node import Node
from autodiff.numbers.settle import directions
from autodiff.run.germ import Germ, apply
from autodiff.run.one_sided import CLOSE, DECIDING, FINITE, asked, followed, reached, settled_number
from autodiff.run.whole.whole_values import run_whole
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Shape, Use, shape_of
from autodiff.table.arrays.choosing import max_over, min_over
from autodiff.table.arrays.euclidean import norm_over
from autodiff.table.arrays.reshaping import broadcast_to, expand_dims, sum_over
from autodiff.table.float import Float
from autodiff.table.primitive import Primitive, Quantity
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["array_sides", "has_array_sides", "settled_arrays"]


def has_array_sides(graph: Graph) -> bool:
    """True if derivatives of a graph of arrays can be settled as arrays."""
    rows = (row for _, row, _ in graph.operations())
    return not loops_of(graph) and not any(isinstance(x, ArrayRow) and x.integer for x in rows)


def settled_arrays(
    derivative: Graph, moving: Sequence[int], derived: Sequence[int], parts: Sequence[object]
) -> list[Any] | None:
    """All outputs at these arguments, settled; None where this cannot tell.

    Args:
        derivative: Derivatives of a function, and what comes with them.
        moving: The inputs by which it is differentiated.
        derived: The outputs that are derivatives.
        parts: The scalars and arrays of the arguments.
    """
    if not has_array_sides(derivative):
        return None
    sides: Graph | None = derivative.plans.get("array sides")
    if sides is None:
        made = array_sides(derivative, moving, derived)
        sides = derivative.plans["array sides"] = rebuild(made, live=live_nodes(made))
    with np.errstate(all="ignore"):
        values = run_whole(sides, parts)
    *outputs, lost = [values[i] for i in sides.outputs]
    return None if lost > 0.0 else outputs


def array_sides(derivative: Graph, moving: Sequence[int], derived: Sequence[int]) -> Graph:
    """``derivative``, settled, with one output more: above 0 where this cannot tell.

    It is 0.5 where all that it leaves has no finite derivative as it is, so that no number may be
    another than the true one unnoticed.
    """
    builder = Builder.extending(derivative)
    pieces = _ArrayPieces(derivative, builder, moving)
    wanted = set(derived)
    found = {i: pieces.bases[i] for i in derivative.outputs if i in wanted}
    largest: Quantity = Float(0.0)
    lost: Quantity = 0.0  # how many numbers may stay that are not settled
    endless: Quantity = 0.0  # how many derivatives are not finite on some piece
    told: dict[int, Quantity] = {}
    for index, bases in found.items():
        shape = derivative.nodes[index].shape
        if 0 in shape:
            continue
        for base in bases:
            size = abs(base)
            finite = size < _INFINITE
            largest = ops.maximum(
                largest, max_over(ops.where(finite, size, 0.0), range(len(shape)))
            )
            told[index] = ops.logical_and(told[index], finite) if index in told else finite
        wild = ops.logical_not(told[index])
        endless = endless + _count(wild)
        if len(bases) > 1:
            own = abs(ArrayTracer(builder, index)) < _INFINITE
            lost = lost + _count(ops.logical_and(wild, own))
    for doubt in pieces.doubtful:
        lost = lost + _count(doubt != doubt)
    noise = 1e-13 * largest
    outputs = []
    for index in derivative.outputs:
        settled = ArrayTracer(builder, index)
        if index in told and len(found[index]) > 1:
            middle = settled_number(settled, found[index], noise)
            settled = ops.where(told[index], middle, settled)
        outputs.append(_index(builder, settled))
    lost = lost + ops.where(endless > 0.0, 0.5, 0.0)
    outputs.append(_index(builder, lost))
    return replace(derivative, nodes=tuple(builder.nodes), outputs=tuple(outputs), limits=None)


def _count(condition: Quantity) -> Quantity:
    """How often a condition holds."""
    number = ops.where(condition, 1.0, 0.0)
    found: Quantity = sum_over(number, range(len(shape_of(number))))
    return found


def _index(builder: Builder, x: Any) -> int:
    return x.index if isinstance(x, ArrayTracer) else builder.literal(float(x))


_INFINITE = Float(float("inf"))
_CALM = frozenset({"max", "min", "norm", "concatenate", "stack", "assign"})


class _ArrayPieces:
    """Every node of a graph of arrays on the pieces that some steps lead into.

    Args:
        graph: The graph.
        builder: What records behind it.
        moving: The inputs that move.

    Attributes:
        bases: Per node its value on each piece, or one value if all have the same.
        doubtful: Arrays that decide nothing where they are nan.
    """

    def __init__(self, graph: Graph, builder: Builder, moving: Sequence[int]) -> None:
        self._graph, self._builder = graph, builder
        self._moves = reached(graph, set(moving))
        self._followed = followed(graph, self._moves)
        self._unsure = bytearray(len(graph.nodes))
        self.bases: list[list[Quantity]] = [
            [ArrayTracer(builder, i)] for i in range(len(graph.nodes))
        ]
        for index, value in graph.constants.items():
            self.bases[index] = [Float(value)]
        self._rests: dict[int, list[Quantity | None]] = {}
        self._count = self._begin(moving)
        self.doubtful: list[Quantity] = []
        for index, node in enumerate(graph.nodes[graph.inputs.count :], graph.inputs.count):
            if node.primitive is not None and self._moves[index]:
                self._add(index, node, node.primitive)

    def _begin(self, moving: Sequence[int]) -> int:
        """Let inputs move along each direction; how many these are."""
        shapes = [self._graph.nodes[i].shape for i in moving]
        sizes = [int(np.prod(shape)) for shape in shapes]
        total = sum(sizes)
        steps = directions(total, range(total))[2:]
        start = 0
        for index, shape, size in zip(moving, shapes, sizes, strict=True):
            own = [np.array(step[start : start + size]).reshape(shape) for step in steps]
            self._rests[index] = [self._array(one, shape) for one in own]
            start += size
        return len(steps)

    def _array(self, x: Quantity, shape: Shape) -> ArrayTracer:
        """What was computed, as an array of a shape that records."""
        if isinstance(x, ArrayTracer):
            return x if x.shape == shape else broadcast_to(x, shape)
        numbers = np.broadcast_to(np.asarray(x, dtype=np.float64), shape)
        return ArrayTracer(self._builder, self._builder.literal(
            ArrayConstant(numbers) if shape else float(numbers)
        ))  # fmt: skip

    def _add(self, index: int, node: Node, primitive: Primitive) -> None:
        operands = node.operands
        decides = primitive in DECIDING or bool(asked(self._graph, primitive, operands))
        calm = primitive in FINITE or (isinstance(primitive, ArrayRow) and _is_calm(primitive))
        self._unsure[index] = not calm or any(self._unsure[i] for i in operands)
        pieces = range(self._count)
        if self._followed[index] or decides:
            germs = [self._moved(node, [self._germ(i, k) for i in operands]) for k in pieces]
            self.bases[index] = _once([germ.base for germ in germs])
            if self._followed[index]:
                self._rests[index] = [germ.rest for germ in germs]
            if decides and self._unsure[index]:
                self.doubtful += [_sum(self._germ(i, k)) for i in operands for k in pieces]
        elif any(len(self.bases[i]) > 1 for i in operands):
            self.bases[index] = _once(
                [self._moved(node, [Germ(self._base(i, k), None) for i in operands]).base
                 for k in pieces]
            )  # fmt: skip

    def _base(self, index: int, piece: int) -> Any:
        bases = self.bases[index]
        return bases[piece if len(bases) > 1 else 0]

    def _germ(self, index: int, piece: int) -> Germ:
        rests = self._rests.get(index)
        return Germ(self._base(index, piece), None if rests is None else rests[piece])

    # --- rows of arrays ---

    def _moved(self, node: Node, germs: Sequence[Germ]) -> Germ:
        """The germ of a node."""
        row = node.primitive
        assert row is not None
        if not isinstance(row, ArrayRow):
            return apply(row, tuple(germs), CLOSE)
        shapes = tuple(self._graph.nodes[i].shape for i in node.operands)
        params = node.named
        pairs = list(zip(germs, shapes, strict=True))
        bases = tuple(self._array(germ.base, shape) for germ, shape in pairs)
        out = row(*bases, **params)
        rests = [None if germ.rest is None else self._array(germ.rest, own) for germ, own in pairs]
        if all(own is None for own in rests):
            return Germ(out, None)
        if row.name in ("max", "min", "norm"):
            return Germ(out, _of_extreme(row.name, bases[0], rests[0], out, params["axes"]))
        rest: Any = None
        for position, own in enumerate(rests):
            if own is not None and row.rule(position) is not None:
                part = row.push(own, Use(position, bases, out, params, shapes, node.shape))
                rest = part if rest is None else rest + part
        if row.name == "contract" and all(own is not None for own in rests):
            rest = rest + row(*rests, **params)
        return Germ(out, rest)


def _once(bases: list[Any]) -> list[Any]:
    """One of them, if they are all the same node."""
    first = bases[0]
    known = isinstance(first, ArrayTracer)
    same = known and all(isinstance(x, ArrayTracer) and x.index == first.index for x in bases)
    return bases[:1] if same else bases


def _sum(germ: Germ) -> Quantity:
    return germ.base if germ.rest is None else germ.base + germ.rest


def _is_calm(row: ArrayRow) -> bool:
    """True if finite numbers make finite ones."""
    return row.pushes is None or row.name in _CALM


def _of_extreme(name: str, base: object, rest: object, out: object, axes: Sequence[int]) -> Any:
    """How an extreme moves: as the one of the largest that moves most; a norm of zeros: as one."""
    shape = shape_of(base)
    spread = broadcast_to(expand_dims(out, axes, len(shape)), shape)
    if name == "norm":
        direction = base / ops.where(spread == 0.0, 1.0, spread)
        return ops.where(out == 0.0, norm_over(rest, axes), sum_over(direction * rest, axes))
    if name == "max":
        return max_over(ops.where(ops.eq(base, spread), rest, -np.inf), axes)
    return min_over(ops.where(ops.eq(base, spread), rest, np.inf), axes)
