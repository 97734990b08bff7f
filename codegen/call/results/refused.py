"""Paths of a function that end in an exception: a call that takes one raises it.

Code gives nan there, on every target; only then is the point looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.run.interpret import flatten_arguments, run

__all__ = ["raising"]


def raising(
    entry: Callable[..., Any], graph: Graph, placed: Callable[..., Sequence[object]]
) -> Callable[..., Any]:
    """``entry``, and what the function raises where it raises.

    Args:
        entry: The call of what is compiled.
        graph: The function.
        placed: Arguments, some of them by name, in their order.
    """
    if graph.origins is None or not graph.origins.refusals or not graph.expanded:
        return entry

    def called(*args: object, **options: object) -> Any:
        found = entry(*args, **options)
        value = found[0] if isinstance(found, tuple) else found
        if isinstance(value, float) and math.isnan(value):
            named = {name: x for name, x in options.items() if name != "out"}
            error = _refusal(graph, placed(args, named))
            if error is not None:
                raise error
        return found

    return called


def _refusal(graph: Graph, args: Sequence[object]) -> Exception | None:
    """What the function raises at ``args``, if it does."""
    values = run(graph, flatten_arguments(graph, args))
    assert graph.origins is not None
    for way, error in graph.origins.refusals:
        if all(bool(values[i]) is holds for i, holds in way):
            return error
    return None
