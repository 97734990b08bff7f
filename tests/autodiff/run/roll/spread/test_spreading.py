"""A spread graph has the values of the graph of arrays, and nothing but numbers in its loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import each_loop
from autodiff.run.roll.spread.spreading import spread
from autodiff.run.whole.whole_values import parts_of_arguments, run_whole
from autodiff.trace.trace import trace_loops
from tests.figures.simulations import PROGRAMS, examples


def recorded(function: Callable[..., Any], *args: Any) -> Graph:
    """The trace of a function whose loops stay loops."""
    graph = trace_loops(1500, function, *args)
    assert graph is not None
    return graph


def outputs(graph: Graph, args: Any) -> list[Any]:
    """The values of a graph's outputs."""
    values = run_whole(graph, parts_of_arguments(graph, args))
    return [values[i] for i in graph.outputs]


@pytest.mark.parametrize("name", ["kalman", "hmm", "garch", "orbit", "seir"])
def test_values_stay(name: str) -> None:
    """A spread simulation has its value, to the bit where no sums of arrays are taken."""
    args, _ = examples(name, 50)
    graph = recorded(PROGRAMS[name], *args)
    made = spread(graph)
    (found,), (expected,) = outputs(made, args), outputs(graph, args)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    loops = each_loop(made)
    assert loops
    assert not any(node.shape for group in loops for node in group.loop.body.nodes)


def test_columns_of_a_stream() -> None:
    """Rows that a loop goes over become a list for each of their numbers."""

    def walk(p: Any, xs: Any) -> Any:
        place = p
        for k in range(len(xs)):
            place = 0.9 * place + xs[k]
        return np.sum(place * place)

    args = np.array([0.5, -0.5]), np.arange(60.0).reshape(30, 2)
    graph = recorded(walk, *args)
    made = spread(graph)
    (group,) = each_loop(made)
    assert group.loop.streams == 2
    np.testing.assert_allclose(outputs(made, args), outputs(graph, args), rtol=1e-14)


def test_operations_on_lists_outside_of_loops() -> None:
    """What a function does with long arrays beside its loop are loops, too."""

    def scored(x: Any, ys: Any) -> Any:
        for k in range(len(ys)):
            x = x + 0.01 * np.sin(ys[k] * x)
        return x + np.sum(np.exp(-ys * x)) + ys[3] * ys[-1] + np.sum(ys[1:] * ys[:-1])

    args = 0.4, np.linspace(0.2, 0.9, 40)
    graph = recorded(scored, *args)
    np.testing.assert_allclose(outputs(spread(graph), args), outputs(graph, args), rtol=1e-14)


def test_large_matrices_are_refused() -> None:
    """What would be hundreds of lines in each repetition is not spread."""

    def rotated(A: Any, x: Any) -> Any:
        for _ in range(30):
            x = 0.1 * (A @ x)
        return np.sum(x)

    graph = recorded(rotated, np.eye(20), np.ones(20))
    with pytest.raises(UnsupportedError):
        spread(graph)
