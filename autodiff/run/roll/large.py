"""Large traces made small: where a function's loops make thousands of nodes, they are rolled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import flatten_arguments, outputs_at
from autodiff.run.roll.rolled import roll
from autodiff.run.whole.whole_values import parts_of_arguments, run_whole
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow
from autodiff.trace.trace import trace_repeating

__all__ = ["LARGE", "LARGE_OF_ARRAYS", "rolled_if_large"]

LARGE = 3000  # nodes from which a trace is rolled
LARGE_OF_ARRAYS = 500  # the same, where arrays are nodes
_WORTH = 8  # times that it has to become smaller
_SMALL = 200  # nodes below which no other way is tried
_LARGEST = 200_000  # scalars up to which the other way is tried as well
_SUMMING = frozenset(ARRAY_ROWS[name] for name in ("sum", "contract"))
_CLOSE = 1e-6  # sums in another order, in a simulation that may be chaotic


def rolled_if_large(
    function: Callable[..., object], graph: Graph, examples: Sequence[object]
) -> Graph:
    """The trace of a function, rolled if it is large and consists of repetitions.

    What is large element by element may be small with its arrays whole, or the other way round, so
    both are tried.

    Args:
        function: The function.
        graph: Its trace.
        examples: What it was traced with.
    """
    if len(graph.nodes) < (LARGE if graph.expanded else LARGE_OF_ARRAYS):
        return graph
    if _WORTH * len(graph.inputs.parts) > len(graph.nodes):
        return graph  # a node for each argument is too many already
    best = _rolled(function, graph, examples, graph.expanded)
    if len(best.nodes) < _SMALL or _has_integers(graph, examples):
        return best
    if _computed(graph) > _LARGEST:
        return best
    other = _rolled(function, graph, examples, expand=not graph.expanded)
    return min(best, other, key=lambda one: len(one.nodes))


def _computed(graph: Graph) -> int:
    """How many numbers the operations of a graph compute, about; what moves elements aside."""
    if graph.expanded:
        return len(graph.nodes)
    return sum(
        math.prod(graph.nodes[node.operands[0]].shape) if node.primitive in _SUMMING
        else math.prod(node.shape)
        for node in graph.nodes
        if node.primitive in _SUMMING or not isinstance(node.primitive, ArrayRow)
    )  # fmt: skip


def _rolled(
    function: Callable[..., object], graph: Graph, examples: Sequence[object], expand: bool
) -> Graph:
    try:
        rolled = roll(trace_repeating(function, *examples, expand=expand))
    except ProofgradError:  # it decides on values, or does what whole arrays cannot
        return graph
    if rolled is None or _WORTH * len(rolled.nodes) > len(graph.nodes):
        return graph
    return rolled if _is_same(graph, rolled, examples) else graph


def _is_same(graph: Graph, rolled: Graph, examples: Sequence[object]) -> bool:
    """True if both have one value at the examples: the function did the same each time it ran."""
    if graph.result != rolled.result or graph.parameters != rolled.parameters:
        return False
    expected, found = _outputs(graph, examples), _outputs(rolled, examples)
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))))
    return bool(np.allclose(found, expected, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True))


def _outputs(graph: Graph, examples: Sequence[object]) -> NDArray[np.float64]:
    """All numbers of the result."""
    if graph.expanded:
        return np.array([float(x) for x in outputs_at(graph, flatten_arguments(graph, examples))])
    values = run_whole(graph, parts_of_arguments(graph, examples))
    return np.concatenate([np.ravel(values[i]) for i in graph.outputs])


def _has_integers(graph: Graph, examples: Sequence[object]) -> bool:
    """True if an argument holds arrays of integers, which are indices where arrays are whole."""
    return any(
        np.asarray(part).ndim > 0 and np.asarray(part).dtype.kind in "iub"
        for (name, structure), example in zip(graph.parameters, examples, strict=True)
        for part in tree_of(structure).parts(example, name)
    )
