"""Wrong sparse matrices: one mistake each, of the kinds that sparse code is prone to."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Builder
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Sparse

__all__ = ["MISTAKES", "wrong"]

Mistake = Callable[[ad.Graph, Pattern, random.Random], ad.Graph | None]


def _with(graph: ad.Graph, outputs: list[int]) -> ad.Graph | None:
    """The graph with other outputs; None if they are the same values."""
    return None if outputs == list(graph.outputs) else replace(graph, outputs=tuple(outputs))


def _dropped(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """An entry that is not kept."""
    place = draw.randrange(pattern.count)
    keep = np.arange(pattern.count) != place
    rows, columns = pattern.rows[keep], pattern.columns[keep]
    lines = [columns[rows == row] for row in range(pattern.shape[0])]
    fewer = Pattern.of(pattern.shape, lines)
    outputs = tuple(x for k, x in enumerate(graph.outputs) if k != place)
    return replace(graph, outputs=outputs, result=Sparse.of(fewer))


def _swapped(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """Two entries in each other's place: a wrong colour, recovered into the wrong column."""
    outputs = list(graph.outputs)
    row = draw.randrange(pattern.shape[0])
    own = [k for k in range(pattern.count) if pattern.rows[k] == row]
    if len(own) < 2:
        return None
    one, other = draw.sample(own, 2)
    outputs[one], outputs[other] = outputs[other], outputs[one]
    return _with(graph, outputs)


def _merged(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """The sum of two entries in place of one: two columns of one colour that meet in a row."""
    one, other = draw.sample(range(pattern.count), 2) if pattern.count > 1 else (0, 0)
    return _changed(graph, one, lambda b, x: b.add(ad.REGISTRY["add"], (x, graph.outputs[other])))


def _negated(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """An entry of the wrong sign."""
    place = draw.randrange(pattern.count)
    return _changed(graph, place, lambda b, x: b.add(ad.REGISTRY["neg"], (x,)))


def _scaled(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """Twice an entry, as a diagonal gets that is counted twice."""
    place = draw.randrange(pattern.count)
    return _changed(graph, place, lambda b, x: b.add(ad.REGISTRY["add"], (x, x)))


def _copied(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """A wrong entry and its mirror image, equal to each other: still symmetric."""
    at = {place: k for k, place in enumerate(zip(pattern.rows, pattern.columns, strict=True))}
    one, other = draw.randrange(pattern.count), draw.randrange(pattern.count)
    outputs = list(graph.outputs)
    row, column = pattern.rows[one], pattern.columns[one]
    for place in ((row, column), (column, row)):
        if place in at:
            outputs[at[place]] = graph.outputs[other]
    return _with(graph, outputs)


def _transposed(graph: ad.Graph, pattern: Pattern, draw: random.Random) -> ad.Graph | None:
    """A block whose values come column by column."""
    size = draw.randint(2, 4)
    start = draw.randrange(max(pattern.count - size, 1))
    outputs = list(graph.outputs)
    outputs[start : start + size] = outputs[start : start + size][::-1]
    return _with(graph, outputs)


def _changed(graph: ad.Graph, place: int, change: Callable[[Builder, int], int]) -> ad.Graph | None:
    builder = Builder.extending(graph)
    outputs = list(graph.outputs)
    outputs[place] = change(builder, outputs[place])
    return builder.graph(
        graph.name, graph.parameters, outputs, graph.result, graph.origins, graph.limits
    )


MISTAKES: tuple[Mistake, ...] = (
    _dropped, _swapped, _merged, _negated, _scaled, _copied, _transposed,
)  # fmt: skip


def wrong(graph: ad.Graph, seed: int) -> tuple[str, ad.Graph] | None:
    """A sparse matrix with one mistake, and which; None if this one cannot be made here."""
    draw = random.Random(seed)
    assert isinstance(graph.result, Sparse)
    pattern = graph.result.pattern
    if not pattern.count:
        return None
    mistake = MISTAKES[seed % len(MISTAKES)]
    found = mistake(graph, pattern, draw)
    return None if found is None else (mistake.__name__.strip("_"), found)
