"""Value and gradient of a graph of arrays by the interpreter, settled where switches tie.

At such a point the pieces that meet settle the gradient.  Where they cannot tell, as where a slope
is infinite, it is that of the scalars, whose interpreter settles it; a graph of too many scalars
keeps the conventions of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt, select_arguments
from autodiff.run.whole.array_flags import moving_inputs
from autodiff.run.whole.array_sides import settled_arrays
from autodiff.run.whole.array_ties import watched_graph
from autodiff.run.whole.scalarize import scalarize
from autodiff.run.whole.whole_values import parts_of_arguments, result_of, run_whole, whole_result

__all__ = ["backpropagated_arrays"]


def backpropagated_arrays(
    graph: Graph,
    both: Graph,
    args: Sequence[object],
    wrt: Wrt,
    of_scalars: Callable[..., object],
) -> object:
    """Value and gradient at ``args``, which are numbers.

    Args:
        graph: A graph of arrays that returns one float.
        both: Its value and gradient.
        args: One value per parameter.
        wrt: The arguments to differentiate.
        of_scalars: The same of a graph of scalars.
    """
    parts = parts_of_arguments(graph, args)
    moving = moving_inputs(graph, graph.inputs.of(select_arguments(graph, wrt)[0]))
    watched = _watched(graph, both, moving)
    if watched is None:
        return whole_result(both, parts)
    values = run_whole(watched, parts)
    plain = replace(watched, outputs=watched.outputs[:-1])
    if not values[watched.outputs[-1]] > 0.0:
        return result_of(plain, values)
    settled = settled_arrays(both, moving, both.outputs[1:], parts)
    if settled is not None:
        for index, value in zip(plain.outputs, settled, strict=True):
            values[index] = value
        return result_of(plain, values)
    scalars = _scalars(graph)
    if scalars is None:
        return result_of(plain, values)
    return of_scalars(scalars, *args, wrt=wrt)


def _watched(graph: Graph, both: Graph, moving: Sequence[int]) -> Graph | None:
    """Value and gradient, and whether they are to be settled; None if they never are."""
    key = "watched", id(both), *moving
    if key not in graph.plans:
        graph.plans[key] = watched_graph(both, graph, both.outputs[1:], False, moving)
    watched: Graph | None = graph.plans[key]
    return watched


def _scalars(graph: Graph) -> Graph | None:
    """The graph in scalars, kept; None where they cannot be written."""
    if "scalars" not in graph.plans:
        try:
            graph.plans["scalars"] = scalarize(graph)
        except UnsupportedError:
            graph.plans["scalars"] = None
    scalars: Graph | None = graph.plans["scalars"]
    return scalars
