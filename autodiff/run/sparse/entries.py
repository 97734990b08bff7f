"""Entries: what a sparse matrix of derivatives holds, as nodes of the graph being extended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Lines, Pattern
from autodiff.run.derive.extension import Extension
from autodiff.run.sparse.branches import rows_of
from autodiff.run.sparse.cheapest_way import Way, crossings, fewest
from autodiff.run.sparse.flow import Flow, flow_of
from autodiff.run.sparse.reach import places_of
from autodiff.run.sparse.stars import coloured

__all__ = ["hessian_entries", "jacobian_entries", "pattern_of", "symmetric"]


def jacobian_entries(
    extension: Extension, inputs: Sequence[int], by: Lines
) -> tuple[Pattern, list[object]]:
    """The pattern of the derivatives of the extended graph's outputs, and its entries."""
    graph = extension.graph
    flow = flow_of(graph, inputs)
    known = {(e.row, e.column): e.value for e in fewest(extension, crossings(flow))}
    return _in_order(known, pattern_of(graph, flow).ordered(by))


def hessian_entries(
    extension: Extension, inputs: Sequence[int], slopes: Sequence[int], by: Lines
) -> tuple[Pattern, list[object]]:
    """The pattern of a Hessian, and its entries; equal ones are one node.

    Args:
        extension: Of a graph that holds the gradient.
        inputs: The inputs.
        slopes: The nodes of the gradient, one per input.
        by: The order of the entries.
    """
    graph = replace(extension.graph, outputs=tuple(slopes))
    flow = flow_of(graph, inputs)
    pattern = symmetric(pattern_of(graph, flow))
    ways = crossings(flow, _ranks(pattern))
    ways.append(Way(coloured(inputs, slopes, pattern)))
    known: dict[tuple[int, int], object] = {}
    for row, column, value in fewest(extension, ways):
        known[row, column] = known[column, row] = value
    return _in_order(known, pattern.ordered(by))


def _ranks(pattern: Pattern) -> list[int]:
    """The lines of a symmetric pattern in order, the fullest first.

    A line that is much fuller than others is computed as a column, which is pushed forward at once.
    """
    fullest = np.argsort(-np.diff(pattern.starts), kind="stable")
    ranks = np.empty(len(fullest), np.intp)
    ranks[fullest] = np.arange(len(fullest))
    return ranks.tolist()


def _in_order(
    known: Mapping[tuple[int, int], object], pattern: Pattern
) -> tuple[Pattern, list[object]]:
    places = zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True)
    return pattern, [known.get(place) for place in places]


def pattern_of(graph: Graph, flow: Flow) -> Pattern:
    """The pattern of the derivatives of a graph's outputs by the flow's inputs."""
    lines = [places_of(bits) for bits in rows_of(graph, flow)]
    return Pattern.of((len(lines), len(flow.inputs)), lines)


def symmetric(half: Pattern) -> Pattern:
    """The pattern with the mirror image of each entry."""
    count = half.shape[0]
    both = np.concatenate([half.rows, half.columns]), np.concatenate([half.columns, half.rows])
    flat = np.unique(both[0].astype(np.int64) * count + both[1])
    rows, columns = np.divmod(flat, max(count, 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))])
    return Pattern((count, count), starts, columns, "rows")
