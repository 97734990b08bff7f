"""What is compiled of a graph: of numbers, of arrays that are whole, or of loops over numbers."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.graph.reading.parse import Packed, unpacked
from codegen.call.derivative import Derivative
from codegen.call.lists.list_derivative import ListDerivative
from codegen.call.whole.array_derivative import ArrayDerivative

__all__ = ["derivative_of", "kind_of_derivative"]


def kind_of_derivative(graph: Graph, target: str) -> type[Derivative]:
    """The class of what is compiled of a graph for a target."""
    if graph.expanded:
        return Derivative
    return ListDerivative if target == "python" else ArrayDerivative


def derivative_of(packed: Packed, options: tuple[object, ...]) -> Derivative:
    """What was compiled, from what was kept of it."""
    graph = unpacked(*packed)
    make = kind_of_derivative(graph, str(options[3]))
    return make(graph, *options)  # type: ignore[arg-type]  # as they were kept
