"""A function called with plain numbers, where its trace solves to more digits than SciPy does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import Floats
from autodiff.trace.branching.both_sides import Joins
from autodiff.trace.filled import Filled
from autodiff.trace.libraries.libraries import as_traced

__all__ = ["near", "with_own_digits"]


def near(graph: Graph) -> str:
    """How near a call comes to a trace that solves by itself, as reports say it; else ""."""
    within = _within(graph)
    return f"within {within:g} of its largest number, because SciPy solves there" if within else ""


def _within(graph: Graph) -> float:
    """What SciPy's value may be off by, of the largest number; 0.0 if nothing is solved."""
    return float(getattr(graph.origins, "solves", 0.0))


_Given = TypeVar("_Given", bound=Sequence[float | Floats] | None)


def with_own_digits(
    given: _Given, function: Callable[..., object], graph: Graph,
    call: Callable[[Callable[..., object]], _Given],
) -> _Given:  # fmt: skip
    """What a function gives for numbers, by our solvers if SciPy's come near to that.

    Args:
        given: What it gives for numbers: arrays or floats, or None.
        function: The function.
        graph: Its trace.
        call: Calls a function at these numbers.
    """
    within = _within(graph)
    if given is None or not within:
        return given
    if isinstance(function, Filled):
        own = as_traced(function.function, joins=Joins())
        ours = call(Filled(own, function.arguments, function.static))
    else:
        ours = call(as_traced(function, joins=Joins()))
    if ours is None or len(ours) != len(given):
        return given
    for one, two in zip(given, ours, strict=True):
        if np.shape(one) != np.shape(two):
            return given
        if not np.all(np.abs(np.subtract(one, two)) <= within * np.max(np.abs(one), initial=0.0)):
            return given
    return ours
