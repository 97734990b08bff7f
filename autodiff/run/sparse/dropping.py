"""Dropping: a graph of derivatives without some entries of its sparse matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Sparse, Structure, Tuple, leaf_parts, size
from autodiff.table.arrays.indexing import gather
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["without_entries", "without_entries_of_arrays"]


def without_entries(graph: Graph, dropped: Sequence[bool]) -> Graph:
    """The graph without entries of its sparse matrices; its other numbers stay.

    Args:
        graph: Of derivatives: one quantity, or a tuple of several.
        dropped: Per number of the result, whether it goes if it is such an entry.
    """
    parts = graph.result.items if isinstance(graph.result, Tuple) else (graph.result,)
    kept: list[int] = []
    results: list[Structure] = []
    for part, places in _placed(parts):
        if isinstance(part, Sparse):
            keeps = ~np.asarray(dropped[places.start : places.stop], np.bool_)
            kept += np.asarray(places, np.intp)[keeps].tolist()
            results.append(Sparse.of(_kept(part.pattern, keeps)))
        else:
            kept += places
            results.append(part)
    result = Tuple(tuple(results)) if isinstance(graph.result, Tuple) else results[0]
    outputs = tuple(graph.outputs[k] for k in kept)
    limits = graph.limits
    if limits is not None:
        moved = {k: place for place, k in enumerate(kept)}
        derived = tuple(moved[k] for k in limits.outputs if k in moved)
        limits = replace(limits, outputs=derived)
    return replace(graph, outputs=outputs, result=result, limits=limits)


def without_entries_of_arrays(graph: Graph, dropped: Sequence[bool]) -> Graph:
    """The same for a graph of arrays, where the entries of a matrix are one array."""
    builder, outputs = Builder.extending(graph), list(graph.outputs)
    patterns: list[Sparse] = []
    parts = [structure for _, structure in leaf_parts("", graph.result)]
    for k, (part, places) in enumerate(_placed(parts)):
        keeps = ~np.asarray(dropped[places.start : places.stop], np.bool_)
        if not isinstance(part, Sparse):
            continue
        patterns.append(Sparse.of(_kept(part.pattern, keeps)))
        if not keeps.all():
            kept = ArrayTracer(builder, builder.literal(ArrayConstant(np.flatnonzero(keeps))))
            outputs[k] = gather(ArrayTracer(builder, outputs[k]), kept).index
    left = iter(patterns)
    items = graph.result.items if isinstance(graph.result, Tuple) else (graph.result,)
    results = [next(left) if isinstance(item, Sparse) else item for item in items]
    result = Tuple(tuple(results)) if isinstance(graph.result, Tuple) else results[0]
    return replace(graph, nodes=tuple(builder.nodes), outputs=tuple(outputs), result=result)


def _placed(parts: Sequence[Structure]) -> Iterator[tuple[Structure, range]]:
    """Each part, and the places of its numbers among all."""
    start = 0
    for part in parts:
        yield part, range(start, start + size(part))
        start += size(part)


def _kept(pattern: Pattern, keeps: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Pattern:
    """The pattern's entries that are kept."""
    before = np.concatenate([[0], np.cumsum(keeps)])
    return Pattern(pattern.shape, before[pattern.starts], pattern.indices[keeps], pattern.by)
