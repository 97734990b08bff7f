"""What Values have recorded, as a graph; and derivatives at ties, which graphs settle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.errors import TraceError, UnsupportedError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.structure import SCALAR, Array, Structure
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.typed_node import Shape, params_of
from autodiff.run.interpret import backpropagate
from autodiff.run.values.remembered import Recorded, RowCall
from autodiff.run.whole.array_ties import tied_graph
from autodiff.run.whole.scalarize import scalarize, scalars_of
from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.reshaping import sum_over
from autodiff.table.primitive import Primitive
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.switching.singular import SINGULAR
from autodiff.trace.switching.squares import SQRT, root_of
from autodiff.trace.switching.ties import SWITCHES

__all__ = ["graph_of", "settled_at_ties"]

_MOST_SETTLED = 20_000  # scalar operations: what is settled is written out, one by one


def graph_of(
    nodes: Sequence[Recorded], values: Sequence[float | Floats], names: Sequence[str], name: str
) -> Graph:
    """The graph of what Values have recorded, its inputs the Values that it began with.

    Args:
        nodes: Tuples that begin with an operation (None for an input) and the places of its
            operands, in topological order; the last one is the output.
        values: The numbers of each node, behind them those of literals.
        names: What each node is called; only inputs are asked.
        name: The graph's name.

    Raises:
        TraceError: if an operation is the program's own, or a custom row of arrays.
    """
    inputs = [i for i, node in enumerate(nodes) if node[0] is None]
    parameters = list(
        zip(_distinct([names[i] for i in inputs]), map(_structure, [values[i] for i in inputs]),
            strict=True)
    )  # fmt: skip
    expanded = not any(np.shape(value) for value in values)
    builder = Builder(Inputs(parameters, expanded))
    place = {node: position for position, node in enumerate(inputs)}
    for i, (operation, operands, *_) in enumerate(nodes):
        if operation is not None:
            for j in operands:
                if j not in place:  # a literal, which stands before what asks for it first
                    place[j] = builder.literal(_constant(values[j]))
            at = tuple([place[j] for j in operands])
            place[i] = _added(builder, operation, at, np.shape(values[i]))
    out = place[len(nodes) - 1]
    return builder.graph(name, parameters, [out], _structure(values[len(nodes) - 1]))


def _added(builder: Builder, operation: Any, operands: tuple[int, ...], shape: Shape) -> int:
    if isinstance(operation, RowCall):
        params = params_of(operation.row, operation.params)
        return builder.add(operation.row, operands, params, shape)
    if isinstance(operation, Primitive):
        row = root_of(builder, operands[0]) if operation is SQRT else operation
        return builder.add(row, operands, (), shape)
    raise TraceError(
        f"{operation.name or 'an operation'} was defined by assigning _backward, which no graph "
        "holds; register it with autodiff.custom"
    )


def _structure(value: float | Floats) -> Structure:
    shape = np.shape(value)
    return Array(shape) if shape else SCALAR


def _constant(value: float | Floats) -> float | ArrayConstant:
    return ArrayConstant(value) if np.shape(value) else float(value)


def _distinct(labels: Sequence[str]) -> list[str]:
    """A parameter's name for each label."""
    taken: dict[str, None] = {}
    for position, label in enumerate(labels):
        name = "".join(c if c.isalnum() and c.isascii() else "_" for c in label).strip("_")
        name = name if name.isidentifier() else f"x{position}"
        free, count = name, 0
        while free in taken:
            count += 1
            free = f"{name}_{count}"
        taken[free] = None
    return list(taken)


def settled_at_ties(
    nodes: Sequence[Recorded],
    values: Sequence[float | Floats],
    seed: object,
    cotangents: Sequence[object],
) -> dict[int, object]:
    """The cotangents of the inputs where switches tie that meet; empty where none do.

    Above 20 000 scalar operations the rows' conventions stay.

    Args:
        nodes: As for ``graph_of``.
        values: As for ``graph_of``.
        seed: The cotangent of the output.
        cotangents: What the conventions gave, one per value.
    """
    ties = any(node[0] in SWITCHES and _ties(node, values) for node in nodes)
    infinite = any(map(_may_be_infinite, nodes)) and not all(map(_is_finite, cotangents))
    if not ties and not infinite:
        return {}
    try:
        graph = _weighed(graph_of(nodes, values, [""] * len(nodes), "values"), seed)
        if scalars_of(graph) > _MOST_SETTLED or not (infinite or tied_graph(graph)):
            return {}
        inputs = [i for i, node in enumerate(nodes) if node[0] is None]
        _, bars = backpropagate(scalarize(graph), *[values[i] for i in inputs])
    except (TraceError, UnsupportedError):
        return {}
    return dict(zip(inputs, bars if len(inputs) != 1 else [bars], strict=True))


def _ties(node: Recorded, values: Sequence[float | Floats]) -> bool:
    pairs = SWITCHES[node[0]](node[1])
    return any(np.any(values[x] == (0.0 if y is None else values[y])) for x, y in pairs)


def _may_be_infinite(node: tuple[object, ...]) -> bool:
    return node[0] in SINGULAR or (isinstance(node[0], RowCall) and node[0].name == "norm")


def _is_finite(cotangent: Any) -> bool:
    return cotangent is None or bool(np.isfinite(cotangent).all())


def _weighed(graph: Graph, seed: Any) -> Graph:
    """A graph of one number whose gradient is the pullback of ``seed``."""
    builder, out = Builder.extending(graph), graph.outputs[0]
    result = ArrayTracer(builder, out)
    if np.shape(seed):
        letters = "abcdefghijklmnopqrstuvwxyz"[: np.ndim(seed)]
        result = contract(f"{letters},{letters}->", result, result.known(seed))
    elif not math.isclose(seed, 1.0, rel_tol=0.0):
        result = result * float(seed)
    if np.shape(result):
        result = sum_over(result, range(len(result.shape)))
    return builder.graph(graph.name, graph.parameters, [result.index], SCALAR)
