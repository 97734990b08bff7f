"""Where elements of a graph of arrays tie: a graph of its own that counts them.

The gradient of a graph of arrays takes each switch by its row's convention.  Where switches meet at
a tie, or a slope is infinite, that may be wrong (``run/pieces.py``), and the graph of scalars
settles it; so what calls such a gradient asks first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR
from autodiff.run.derive.array_extension import ArrayExtension
from autodiff.run.whole.scalarize import MOST_SCALARS, scalars_of
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, shape_of
from autodiff.table.arrays.reshaping import sum_over
from autodiff.table.primitive import REGISTRY
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.singular import SINGULAR
from autodiff.trace.ties import SWITCHES

__all__ = ["has_infinite_slopes", "has_switches", "tied_graph", "watched_graph"]

# Each of their conventions is the middle of both sides: a sum of these is the middle of its sides.
_MIDDLES = frozenset(REGISTRY[name] for name in ("abs", "maximum", "minimum"))
_CHOOSING = frozenset({"max", "min", "argmax", "argsort", "searchsorted", "running_place"})


def has_switches(graph: Graph) -> bool:
    """True if something in it depends on which number is larger."""
    return any(
        row in SWITCHES or (isinstance(row, ArrayRow) and row.name in _CHOOSING)
        for _, row, _ in graph.operations()
    )


def has_infinite_slopes(graph: Graph) -> bool:
    """True if a slope in it may be infinite where its operands are finite."""
    return any(row in SINGULAR or row.name == "norm" for _, row, _ in graph.operations())


def tied_graph(graph: Graph) -> Graph | None:
    """How many elements tie, as a graph of the same arguments; None if no convention may be wrong.

    One is wrong only beside a switch whose convention is one of its sides.
    """
    found = _switches(graph)
    if all(graph.nodes[i].primitive in _MIDDLES for i in found):
        return None
    extension = ArrayExtension(graph)
    total: Any = 0.0
    for index in found:
        primitive, operands = graph.nodes[index].primitive, graph.nodes[index].operands
        assert primitive is not None
        for x, y in SWITCHES[primitive](operands):
            other = 0.0 if y is None else extension.operands[y]
            ties = ops.where(ops.eq(extension.operands[x], other), 1.0, 0.0)
            total = total + sum_over(ties, range(len(shape_of(ties))))
    return extension.builder.graph(f"{graph.name}_ties", graph.parameters, [total.index], SCALAR)


def watched_graph(derivative: Graph, graph: Graph, derived: Sequence[int]) -> Graph | None:
    """Derivatives with one result more, above 0 where they are to be settled.

    Args:
        derivative: Derivatives of ``graph``, and what comes with them.
        graph: The function.
        derived: The outputs that are derivatives.

    Returns:
        None if no convention may be wrong, or too many scalars would settle it.
    """
    ties, slopes = tied_graph(graph), has_infinite_slopes(graph)
    if (ties is None and not slopes) or scalars_of(graph) > MOST_SCALARS:
        return None
    builder, total = Builder.extending(derivative), ops.add(0.0, 0.0)
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


def _switches(graph: Graph) -> list[int]:
    moves = bytearray(len(graph.nodes))
    for index in graph.inputs.nodes:
        moves[index] = 1
    found = []
    for index, row, operands in graph.operations():
        moves[index] = any(moves[i] for i in operands)
        asks = len(operands) == 2 and operands[0] == operands[1]  # x != x: for nan
        if moves[index] and row in SWITCHES and not asks:
            found.append(index)
    return found
