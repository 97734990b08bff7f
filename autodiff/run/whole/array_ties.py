"""Where elements of a graph of arrays tie: a graph of its own that counts them.

The gradient of a graph of arrays takes each switch by its row's convention.  Where switches meet at
a tie, or a slope is infinite, that may be wrong (``run/pieces.py``), and the graph of scalars
settles it; so what calls such a gradient asks first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.loops.ending import only_asks_for_the_end, switch_of
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes, each_loop, loops_of, result_of
from autodiff.graph.structure import SCALAR
from autodiff.run.derive.array_extension import ArrayExtension
from autodiff.run.whole.array_sides import has_array_sides
from autodiff.run.whole.same_nearby import apart_at_ties
from autodiff.run.whole.scalarize import MOST_SCALARS, scalars_of
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, shape_of
from autodiff.table.arrays.reshaping import sum_over
from autodiff.table.primitive import REGISTRY, Primitive, Quantity
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.switching.singular import SINGULAR
from autodiff.trace.switching.ties import JUMPS, SWITCHES

__all__ = ["every_row", "has_infinite_slopes", "has_switches", "tied_graph", "watched_graph"]

# Each of their conventions is the middle of both sides: a sum of these is the middle of its sides.
_MIDDLES = frozenset(REGISTRY[name] for name in ("abs", "maximum", "minimum"))
_CHOOSING = frozenset({"max", "min", "argmax", "argsort", "searchsorted", "running_place"})


def has_switches(graph: Graph) -> bool:
    """True if something in it depends on which number is larger."""
    return any(
        row in SWITCHES or (isinstance(row, ArrayRow) and row.name in _CHOOSING)
        for row in every_row(graph)
    )


def has_infinite_slopes(graph: Graph) -> bool:
    """True if a slope in it may be infinite where its operands are finite."""
    return any(row in SINGULAR or row.name == "norm" for row in every_row(graph))


def every_row(graph: Graph) -> Iterator[Primitive]:
    """The rows of its operations, those that its loops repeat among them."""
    for _, row, _ in graph.operations():
        yield row
    for group in each_loop(graph):
        yield from every_row(group.loop.body)


def tied_graph(
    graph: Graph, twice: bool = False, moving: Iterable[int] | None = None
) -> Graph | None:
    """How many elements tie, as a graph of the same arguments; None if no convention may be wrong.

    One is wrong only beside a switch whose convention is one of its sides, or where it is used
    twice: half of a half is no middle.

    Args:
        graph: The function.
        twice: True for second derivatives.
        moving: Inputs that it is differentiated by; None for all.  Others only choose.
    """
    may_be_wrong = SWITCHES.keys() if twice else SWITCHES.keys() - _MIDDLES
    if may_be_wrong.isdisjoint(every_row(graph)):
        return None
    extension = ArrayExtension(graph)
    inputs = set(graph.inputs.nodes if moving is None else moving)
    total = _ties(extension, inputs, graph.outputs)
    if total is None:
        return None
    return extension.builder.graph(f"{graph.name}_ties", graph.parameters, [total.index], SCALAR)


def _ties(
    extension: ArrayExtension, moving: set[int], outputs: Iterable[int]
) -> ArrayTracer | None:
    """How many elements tie in a graph being extended; None if nothing can.

    Args:
        extension: The graph.
        moving: Inputs that it is differentiated by, or that may be others in another repetition.
        outputs: Its outputs that are differentiated.
    """
    graph, found = extension.graph, []
    moves, matters = _moving(graph, moving), _mattering(graph, outputs)
    ends = only_asks_for_the_end(graph)
    for index, row, operands in graph.operations():
        asks = len(operands) == 2 and operands[0] == operands[1]  # x != x: for nan
        if asks or index in ends or row not in SWITCHES or not any(moves[i] for i in operands):
            continue  # a comparison moves nothing, and is a switch where its operands move
        if not (matters[index] or row in JUMPS):  # its slope is no part of a derivative
            continue
        for x, y in SWITCHES[row](operands):
            other = 0.0 if y is None else extension.operands[y]
            apart = None
            if row.predicate and y is not None:
                apart = apart_at_ties(graph, extension.operands, x, y)
            tie = 1.0 if apart is None else apart
            found.append(ops.where(ops.eq(extension.operands[x], other), tie, 0.0))
    for group in each_loop(graph):
        given = [bool(moves[i]) for i in group.operands]
        counting = _counting(group, given, _needed(group, matters))
        if counting is not None:
            node = counting.add(extension.builder, group.operands, counting.results - 1)
            found.append(ArrayTracer(extension.builder, node))
    total: Quantity | None = None
    for ties in found:
        number = sum_over(ties, range(len(shape_of(ties))))
        total = number if total is None else total + number
    return total if isinstance(total, ArrayTracer) else None


def _counting(group: LoopNodes, given: Sequence[bool], needed: set[int]) -> Loop | None:
    """A loop that also stacks how many elements tie in each repetition; None if none can.

    Args:
        group: The loop.
        given: Which operands move.
        needed: The results on which derivatives depend.
    """
    loop = group.loop
    inside = ArrayExtension(loop.body)
    moves = _moving_inside(loop, given)
    outputs, _ = _mattering_inside(loop, needed)
    total = _ties(inside, {i for i in range(len(given)) if moves[i]}, outputs)
    if total is None:
        return None
    condition = switch_of(loop)
    if condition is not None:  # what does nothing has no ties
        total = ops.where(inside.operands[condition], total, 0.0)
    outputs = [inside.operands[i] for i in loop.body.outputs]
    return loop._replace(body=inside.body([*outputs, total]))


def _moving(graph: Graph, inputs: Iterable[int]) -> bytearray:
    """Which nodes a small change of inputs may change.

    What chooses between numbers does so at a tie of its own.
    """
    loops, moves = loops_of(graph), bytearray(len(graph.nodes))
    inside: dict[int, bytearray] = {}
    for index in inputs:
        moves[index] = 1
    for index, row, operands in graph.operations():
        group = loops.get(index)
        if group is None:
            partials = row.partials
            if isinstance(row, ArrayRow) and row.variadic:
                partials *= len(operands)
            moves[index] = any(
                moves[i] and rule is not None for i, rule in zip(operands, partials, strict=False)
            )
            continue
        if group.first not in inside:
            given = [bool(moves[i]) for i in operands]
            inside[group.first] = _moving_inside(group.loop, given)
        result = group.loop.body.outputs[result_of(graph.nodes[index])]
        moves[index] = inside[group.first][result]
    return moves


def _mattering(graph: Graph, outputs: Iterable[int]) -> bytearray:
    """Which nodes these outputs depend on by way of derivatives."""
    loops, matters = loops_of(graph), bytearray(len(graph.nodes))
    for index in outputs:
        matters[index] = 1
    for index in range(len(graph.nodes) - 1, graph.inputs.count - 1, -1):
        node = graph.nodes[index]
        group = loops.get(index)
        if group is not None and index == group.first:
            _, inside = _mattering_inside(group.loop, _needed(group, matters))
            for operand, does in zip(group.operands, inside, strict=False):
                matters[operand] |= does
        if group is not None or not matters[index] or node.primitive is None:
            continue
        partials = node.primitive.partials
        if isinstance(node.primitive, ArrayRow) and node.primitive.variadic:
            partials *= len(node.operands)
        for operand, rule in zip(node.operands, partials, strict=False):
            matters[operand] |= rule is not None
    return matters


def _needed(group: LoopNodes, matters: Sequence[int]) -> set[int]:
    """The results of a loop that matter."""
    return {result for result, node in group.members.items() if matters[node]}


def _mattering_inside(loop: Loop, needed: set[int]) -> tuple[list[int], bytearray]:
    """The outputs of a loop's body on which these results depend by way of derivatives, and nodes.

    What is carried to ask for the end alone is none of them.
    """
    while True:
        outputs = [loop.body.outputs[k] for k in sorted(needed)]
        matters = _mattering(loop.body, outputs)
        more = {k for k in range(loop.carries) if matters[k]}
        if more <= needed:
            return outputs, matters
        needed |= more


def _moving_inside(loop: Loop, given: Sequence[bool]) -> bytearray:
    """The same of the body of a loop, in all repetitions."""
    moving = {i for i, moves in enumerate(given) if moves}
    while True:
        moves = _moving(loop.body, moving)
        more = {k for k in range(loop.carries) if moves[loop.body.outputs[k]]}
        if more <= moving:
            return moves
        moving |= more


def watched_graph(
    derivative: Graph,
    graph: Graph,
    derived: Sequence[int],
    twice: bool = False,
    moving: Iterable[int] | None = None,
) -> Graph | None:
    """Derivatives with one result more, above 0 where they are to be settled.

    Args:
        derivative: Derivatives of ``graph``, and what comes with them.
        graph: The function.
        derived: The outputs that are derivatives.
        twice: True if some are second ones.
        moving: Inputs that it is differentiated by; None for all.

    Returns:
        None if no convention may be wrong, or nothing settles it: it has loops, or orders, and is
        too long to be written in scalars.
    """
    ties, slopes = tied_graph(graph, twice, moving), has_infinite_slopes(graph)
    if ties is None and not slopes:
        return None
    if scalars_of(graph) > MOST_SCALARS and not has_array_sides(derivative):
        return None
    builder = Builder.extending(derivative)
    total: Any = ops.add(0.0, 0.0)
    if ties is not None:
        total = total + ArrayTracer(builder, _placed(builder, ties))
    for index in derived if slopes else ():
        bar = ArrayTracer(builder, index)
        nothing = sum_over(bar * 0.0, range(len(bar.shape)))  # nan if one number is not finite
        total = total + ops.where(ops.eq(nothing, 0.0), 0.0, 1.0)
    outputs = [*derivative.outputs, total.index]
    return builder.graph(derivative.name, derivative.parameters, outputs, derivative.result)


def _placed(builder: Builder, graph: Graph) -> int:
    """The one output of a graph, of the same arguments, among the nodes of a builder."""
    places = list(graph.inputs.nodes)
    for node in graph.nodes[graph.inputs.count :]:
        if node.primitive is None:
            number = node.value if node.array is None else node.array
            places.append(builder.literal(number))  # type: ignore[arg-type]  # a constant has one
            continue
        operands = tuple([places[i] for i in node.operands])
        places.append(builder.add(node.primitive, operands, node.params, node.shape))
    return places[graph.outputs[0]]
