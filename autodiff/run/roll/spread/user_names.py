"""Where the numbers of a spread graph come from: as the arrays that they are elements of."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from autodiff.graph.graph import Builder, Graph
from autodiff.origins.origin import Label, Origins, moved
from autodiff.run.roll.spread.cells import Lists, Spread, at
from autodiff.trace.placeholder import Tracer

__all__ = ["spread_origins"]


def spread_origins(
    graph: Graph, values: Sequence[Spread | None], builder: Builder, names: Sequence[str]
) -> Origins | None:
    """Where the numbers come from: as the arrays, whose names have their places behind them."""
    if graph.origins is None:
        return None
    refs = [_single(value) for value in values]
    made = moved(graph.origins, refs)
    if made is None:
        return None
    labels = _labels(graph.origins.labels, values, len(names))
    if not labels:
        return made
    kept = made.stored(len(builder.nodes))
    for index, label in labels.items():
        kept.labels.setdefault(index, label)
    return kept


def _single(value: Spread | None) -> int | None:
    """The node that is all of a value."""
    if value is None:
        return None
    if isinstance(value, Lists):
        return at(value.cells, ()) if not value.cells.shape else None
    one = at(value, ()) if not value.shape else None
    return one.index if isinstance(one, Tracer) else None


_EVENTS = itertools.count(1)  # numbers of one array have a name in common


def _labels(
    labels: Mapping[int, Label], values: Sequence[Spread | None], inputs: int
) -> dict[int, Label]:
    found: dict[int, Label] = {}
    first = next(_EVENTS) << 32  # of this graph; those of others are others
    for index, label in labels.items():
        value = values[index] if index < len(values) else None
        if value is None or isinstance(value, Lists) or not value.shape:
            continue
        for cell in np.ndindex(*value.shape):
            one = value[cell]
            if isinstance(one, Tracer) and one.index >= inputs:
                found.setdefault(
                    one.index, label._replace(path=(*label.path, *cell), event=first + label.event)
                )
    return found
