"""Paths of a function that end in an exception: a call that takes one raises it.

Code gives nan there, on every target; only then is the point looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.run.interpret import flatten_arguments, run
from autodiff.run.whole.whole_values import numeric_parts, run_whole
from autodiff.tracebacks import shortening

__all__ = ["raising", "refusal"]


def raising(
    entry: Callable[..., object], graph: Graph, placed: Callable[..., Sequence[object]]
) -> Callable[..., object]:
    """``entry``, and what the function raises where it raises.

    Args:
        entry: The call of what is compiled.
        graph: The function.
        placed: Arguments, some of them by name, in their order.
    """
    if graph.origins is None or not graph.origins.refusals:
        return entry

    @shortening
    def called(*args: object, **options: object) -> object:
        found = entry(*args, **options)
        value = found[0] if isinstance(found, tuple) else found
        if _has_nan(value):
            named = {name: x for name, x in options.items() if name != "out"}
            error = refusal(graph, placed(args, named))
            if error is not None:
                raise error
        return found

    return called


def _has_nan(value: object) -> bool:
    """True for a number that is none, or an array with one."""
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, np.ndarray) and bool(np.isnan(value).any())


def refusal(graph: Graph, args: Sequence[object]) -> Exception | None:
    """What the function raises at ``args``, if it does."""
    if graph.origins is None or not graph.origins.refusals:
        return None
    if graph.expanded:
        values: Sequence[object] = run(graph, flatten_arguments(graph, args))
    else:
        values = run_whole(graph, numeric_parts(graph, args))
    for way, error in graph.origins.refusals:
        if all(bool(values[i]) is holds for i, holds in way):
            return error
    return None
