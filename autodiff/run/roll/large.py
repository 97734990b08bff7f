"""Large traces made small: where a function's loops make thousands of nodes, they are rolled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autodiff.errors import TraceError
from autodiff.graph.graph import Graph
from autodiff.run.interpret import flatten_arguments, outputs_at
from autodiff.run.roll.rolled import roll
from autodiff.run.whole.whole_values import parts_of_arguments, run_whole
from autodiff.trace.trace import trace_repeating

__all__ = ["LARGE", "rolled_if_large"]

LARGE = 3000  # nodes from which a trace is rolled
_CLOSE = 1e-6  # sums in another order, in a simulation that may be chaotic
_WORTH = 8  # times that it has to become smaller


def rolled_if_large(
    function: Callable[..., object], graph: Graph, examples: Sequence[object]
) -> Graph:
    """The trace of a function, rolled if it is large and consists of repetitions.

    Args:
        function: The function.
        graph: Its trace.
        examples: What it was traced with.
    """
    if not graph.expanded or len(graph.nodes) < LARGE:
        return graph
    try:
        every = trace_repeating(function, *examples)
    except TraceError:  # it decides on values
        return graph
    rolled = roll(every)
    if rolled is None or _WORTH * len(rolled.nodes) > len(graph.nodes):
        return graph
    return rolled if _is_same(graph, rolled, examples) else graph


def _is_same(graph: Graph, rolled: Graph, examples: Sequence[object]) -> bool:
    """True if both have one value at the examples: the function did the same each time it ran."""
    expected = outputs_at(graph, flatten_arguments(graph, examples))
    values = run_whole(rolled, parts_of_arguments(rolled, examples))
    found = np.concatenate([np.ravel(values[i]) for i in rolled.outputs])
    numbers = np.array([float(x) for x in expected])
    scale = max(1.0, float(np.max(np.abs(numbers), initial=0.0, where=np.isfinite(numbers))))
    return bool(np.allclose(found, numbers, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True))
