"""Passes keep the meaning of a graph: Graph -> Graph, valid before and after, none in place.

Common subexpressions need no pass: the Builder interns equal nodes.

Every pass here is licensed *exact*: the outputs keep every bit, for every input, NaN payloads
aside.  Passes that change rounding need a licence of their own and do not run by default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autodiff.graph import Graph
from codegen.passes.dce import dce
from codegen.passes.simplify import simplify

__all__ = ["BEFORE_EMISSION", "PIPELINE", "dce", "run_passes", "simplify"]

Pass = Callable[[Graph], Graph]
PIPELINE: tuple[Pass, ...] = (simplify, dce)
# What emitters run: they write live nodes only, so nodes need not be dropped first.
BEFORE_EMISSION: tuple[Pass, ...] = (simplify,)


def run_passes(
    graph: Graph,
    passes: Sequence[Pass] = PIPELINE,
    after_each: Callable[[Pass, Graph], None] | None = None,
) -> Graph:
    """Run the passes; ``after_each(pass, graph)`` may print or check in between."""
    for one in passes:
        graph = one(graph)
        if after_each is not None:
            after_each(one, graph)
    return graph
