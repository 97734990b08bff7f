"""Which operation made the first number that is not finite, for the error that stops training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.run.interpret import run
from autodiff.run.whole.whole_values import run_whole
from autodiff.table.arrays.array_row import ArrayRow

__all__ = ["first_not_finite"]


def first_not_finite(graph: Graph, parts: Sequence[Any]) -> str:
    """The first operation of a graph that made a number that is not finite out of finite ones.

    Args:
        graph: A graph of scalars or of arrays.
        parts: The numbers of its inputs.

    Returns:
        What to say of it; nothing if there is none.
    """
    values: list[Any] = list(run(graph, parts) if graph.expanded else run_whole(graph, parts))
    for index, primitive, operands in graph.operations():
        arguments = [values[i] for i in operands]
        bad = ~np.isfinite(values[index])
        if not np.any(bad) or not all(np.isfinite(a).all() for a in arguments):
            continue
        origin = graph.origin(index)
        where = f" ({origin.name})" if origin is not None and origin.name else ""
        result = np.asarray(values[index])[bad].flat[0]
        if isinstance(primitive, ArrayRow):
            return f"{primitive.name}{where} is {result}"
        shape = np.shape(values[index])
        met = [float(np.broadcast_to(a, shape)[bad].flat[0]) for a in arguments]
        assert all(map(math.isfinite, met))
        return f"{primitive.name}({', '.join(f'{a:.4g}' for a in met)}){where} is {result}"
    return ""
