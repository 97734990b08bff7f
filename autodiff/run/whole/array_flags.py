"""Inputs of a graph of arrays that say which function is meant: those of its scalars."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loop_of
from autodiff.run.whole.array_ties import every_row
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.arrays.region_rows import RegionRow
from autodiff.trace.switching.flags import EQUALITIES, MOST, flags

__all__ = ["moving_inputs"]


def moving_inputs(graph: Graph, inputs: Sequence[int]) -> list[int]:
    """Those of the inputs that move where pieces of the function are asked (``flags.py``).

    Of a graph that stands for more than 400 000 scalar operations all move.
    """
    key = "moving", *inputs
    if key not in graph.plans:
        plain = EQUALITIES.isdisjoint(every_row(graph)) or not _compares(graph, inputs)
        steady = set() if plain else _steady(graph, inputs)
        graph.plans[key] = [i for i in inputs if i not in steady]
    found: list[int] = graph.plans[key]
    return found


def _compares(graph: Graph, inputs: Sequence[int]) -> bool:
    """False if equalities are known from the repetition, or from data, alone."""
    moving = [i in inputs for i in range(len(graph.inputs.parts))]
    pending, seen = [(graph, moving)], {id(graph)}
    while pending:
        one, depends = pending.pop()
        for primitive, operands, _, _ in (nodes := one.nodes)[len(depends) :]:
            given = [depends[i] for i in operands]
            if primitive in EQUALITIES and any(given):
                return True
            if isinstance(primitive, RegionRow):
                loop = loop_of(nodes[len(depends)])
                if id(loop.body) not in seen:
                    seen.add(id(loop.body))
                    pending.append((loop.body, [True] * loop.carries + given[loop.carries :]))
            depends.append(any(given))
    return False


def _steady(graph: Graph, inputs: Sequence[int]) -> set[int]:
    try:
        scalars = scalarize(graph, MOST)
    except ProofgradError:  # too many, or places that depend on numbers
        return set()
    own = {i: graph.inputs.parts[i].floats for i in inputs}
    every = [scalar for floats in own.values() for scalar in floats]
    found = flags(scalars, every, scalars.outputs, first=True)
    return {i for i, floats in own.items() if any(scalar in found for scalar in floats)}
