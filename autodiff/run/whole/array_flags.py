"""Inputs of a graph of arrays that say which function is meant: those of its scalars."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import each_loop
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.switching.flags import EQUALITIES, MOST, flags

__all__ = ["moving_inputs"]


def moving_inputs(graph: Graph, inputs: Sequence[int]) -> list[int]:
    """Those of the inputs that move where pieces of the function are asked (``flags.py``).

    Of a graph that stands for more than 20 000 scalar operations all move.
    """
    if not _has_equalities(graph):
        return list(inputs)
    try:
        scalars = scalarize(graph, MOST)
    except ProofgradError:  # too many, or places that depend on numbers
        return list(inputs)
    parts = graph.inputs.parts
    every = [scalar for i in inputs for scalar in parts[i].floats]
    steady = flags(scalars, every, scalars.outputs, first=True)
    return [i for i in inputs if not any(scalar in steady for scalar in parts[i].floats)]


def _has_equalities(graph: Graph) -> bool:
    if any(row in EQUALITIES for _, row, _ in graph.operations()):
        return True
    return any(_has_equalities(group.loop.body) for group in each_loop(graph))
