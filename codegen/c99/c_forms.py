"""Which form of a function C is written from: arrays and loops, or numbers one by one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

from autodiff.errors import TraceError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.agreement import trace_as_called, trace_either_way
from autodiff.run.roll.large import rolled_if_large
from autodiff.run.whole.scalarize import scalarize
from codegen.cost_model import (
    LARGE,
    NOT_SMALL,
    holds_arrays,
    is_shorter_whole,
    prefers_whole,
    with_loops,
)
from codegen.kind import GRADIENT, Kind

__all__ = ["form_in_c", "forms_of"]

Function = Callable[..., object]


def forms_of(
    function: Function | Graph,
    examples: tuple[object, ...],
    kind: Kind,
    profile: str,
    expand: bool | None,
) -> Iterator[Graph]:
    """Graphs of a function, the one to be written first; another where that cannot be written.

    Args:
        function: The function, or its graph.
        examples: What it is traced with.
        kind: What is computed.
        profile: "exact", "fast" or "stable".
        expand: True: scalars alone; False: arrays alone; None: as the cost model says.
    """
    may = not expand and profile != "stable"
    if expand is False and profile == "stable":
        raise UnsupportedError(
            "to_c: profile='stable' rewrites numbers one by one; use expand=True or profile='exact'"
        )
    if isinstance(function, Graph):
        yield from _of_graph(function, may and (expand is False or not kind.sparse), expand)
    else:
        yield from _of_function(function, examples, kind, may, expand)


def form_in_c(function: Function | Graph, examples: tuple[object, ...], profile: str) -> Graph:
    """The graph that C of value and gradient is written from."""
    return next(forms_of(function, examples, GRADIENT, profile, None))


def _of_graph(graph: Graph, whole: bool, expand: bool | None) -> Iterator[Graph]:
    if whole and not graph.expanded and (expand is False or is_shorter_whole(graph, "c")):
        yield graph
    if graph.expanded or expand is not False:
        yield scalarize(graph)


def _of_function(
    function: Function, examples: tuple[object, ...], kind: Kind, may: bool, expand: bool | None
) -> Iterator[Graph]:
    whole = may and (expand is False or not kind.sparse)
    loops = whole
    if loops:
        made = with_loops(function, examples, expand is None, "c")
        if made is not None:
            yield made
    if expand is False:
        yield trace_as_called(function, *examples, expand=False)
        return
    large = whole and holds_arrays(function, examples, LARGE)
    matrix = whole and kind.has_matrix and holds_arrays(function, examples, NOT_SMALL)
    passed_on = partial(kind.passed_on, wrt=None)
    if (large or matrix) and prefers_whole(function, examples, "c", large, passed_on):
        with contextlib.suppress(TraceError):
            yield trace_as_called(function, *examples, expand=False)
    graph = trace_either_way(function, *examples)
    if not may:
        graph = scalarize(graph)
    if loops and graph.expanded:
        rolled = rolled_if_large(function, graph, examples)
        if rolled is not graph:
            yield rolled
    yield graph
