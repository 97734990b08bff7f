"""What emitted files hold for where switches tie, and which derivatives each function settles."""

from __future__ import annotations

from dataclasses import replace

from autodiff.graph.graph import Graph
from codegen.language.target import Target
from codegen.language.totalled import PYTHON_TOTAL
from codegen.passes import before_emission, run_passes
from codegen.text.function import Function
from codegen.text.module import NUMPY_AT_TIES
from codegen.text.settlers import piece_functions

__all__ = ["at_ties", "functions_at_ties", "settled_halves"]


def at_ties(name: str, whole: Graph, graph: Graph, language: Target) -> tuple[Function, ...]:
    """What a second form calls where switches tie; ``graph`` is ``whole`` after the passes."""
    if graph.limits is None or language not in (PYTHON_TOTAL, NUMPY_AT_TIES):
        return ()
    return functions_at_ties(name, whole, language)


def functions_at_ties(name: str, whole: Graph, language: Target) -> tuple[Function, ...]:
    """What emitted files hold of a graph for where switches tie, which whoever proves one asks."""

    def passes(graph: Graph) -> Graph:
        return run_passes(graph, before_emission("exact", PYTHON_TOTAL.name))

    key = "at ties", name, language.name
    if key not in whole.plans:
        whole.plans[key] = piece_functions(name, whole, language, passes)
    made: tuple[Function, ...] = whole.plans[key]
    return made


def settled_halves(graph: Graph, halves: Graph) -> dict[str, Graph]:
    """What each half settles where switches tie.

    Args:
        graph: The function; if its value is a derivative itself, ``forward`` settles it.
        halves: Value and gradient times a cotangent, before the passes.
    """
    limits = halves.limits
    if limits is None:
        return {}
    behind = replace(limits, outputs=tuple([i for i in limits.outputs if i > 0]))
    return {"forward": graph, "backward": replace(halves, limits=behind)}
