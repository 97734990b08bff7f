"""Does a function do on plain arrays what its trace with whole arrays says? (as ``agreement.py``)

Sums may be taken in another order, so the numbers may differ by what rounding does; how much that
is here is found by running the graph again with every value off by some units in the last place.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import Floats, numbers_of
from autodiff.graph.tree.tree import leaves_of, tree_of
from autodiff.run.solvers.own_digits import with_own_digits
from autodiff.run.swallowed import swallowed
from autodiff.run.whole.whole_values import parts_of_arguments, run_whole

__all__ = ["SQUARED", "moved_by_rounding", "whole_compared"]

_RELATIVE = 1e-9
SQUARED = 1e-146  # below, the squares in a length of NumPy's lose digits or vanish
_RUNS, _ULPS, _MARGIN = 4, 16.0, 64.0


def whole_compared(function: Callable[..., object], graph: Graph, args: Sequence[object]) -> str:
    """How a call of ``function`` parts from its trace; "" if it does not, or gives no numbers."""
    given = _called(function, graph, args)
    given = with_own_digits(given, function, graph, lambda own: _called(own, graph, args))
    if given is None:
        return ""
    parts = parts_of_arguments(graph, args)
    traced = _outputs(graph, parts, None)
    if len(given) != len(traced):
        return f"called with plain arrays it gives {len(given)} parts, its trace {len(traced)}"
    allowed: list[Floats] | None = None
    for place, (x, y) in enumerate(zip(given, traced, strict=True)):
        if x.shape != y.shape:
            return f"called with plain arrays it gives shape {x.shape}, its trace {y.shape}"
        if np.any(np.isfinite(x) & ~np.isfinite(y)) and (
            handled := swallowed(lambda: _called(function, graph, args))
        ):
            return f"called with plain arrays it gives {x!r}, its trace {y!r}; {handled}"
        both = np.isfinite(x) & np.isfinite(y) & (np.fmax(np.abs(x), np.abs(y)) >= SQUARED)
        wrong = np.isfinite(x) & np.isnan(y)
        if wrong.any():
            wrong = wrong & _always_nan(graph, parts, place)
        if not wrong.any() and not np.all(np.abs(x - y)[both] <= _RELATIVE * np.abs(y)[both]):
            allowed = allowed or moved_by_rounding(graph, parts, traced)
            wrong = both & (np.abs(x - y) > allowed[place] + _RELATIVE * np.abs(y))
        if wrong.any():
            at = tuple(int(i[0]) for i in np.nonzero(wrong)) if x.shape else ()
            shown = f"at {list(at)} " if at else ""
            return f"called with plain arrays it gives {shown}{x[at]!r}, its trace {y[at]!r}"
    return ""


def _called(
    function: Callable[..., object], graph: Graph, args: Sequence[object]
) -> list[Floats] | None:
    """The parts of what ``function`` returns; None if it returns no such thing."""
    try:
        with np.errstate(all="ignore"):
            result = function(*copy.deepcopy(list(args)))  # it may write into them
    except Exception:  # whatever the user's code objects to: there is nothing to compare
        return None
    try:
        found = tree_of(graph.result).numbers(result)
    except ArgumentError:
        try:
            found = [np.array(leaves_of(numbers_of(result)))]  # of another structure
        except ArgumentError:  # a complex number, say
            return None
    return [np.asarray(part, dtype=np.float64) for part in found]


def _outputs(
    graph: Graph, parts: Sequence[object], noise: np.random.Generator | None
) -> list[Floats]:
    values = run_whole(graph, parts, noise, _ULPS)
    return [values[i] for i in graph.outputs]


def _always_nan(graph: Graph, parts: Sequence[object], place: int) -> NDArray[np.bool_]:
    """Where an output is nan however its operations are rounded."""
    noise, found = np.random.default_rng(0), np.array(True)
    for _ in range(_RUNS):
        try:
            found = found & np.isnan(_outputs(graph, parts, noise)[place])
        except ArgumentError:  # a matrix that has an inverse just so
            return np.array(False)
    return found


def moved_by_rounding(
    graph: Graph, parts: Sequence[object], exact: Sequence[Floats]
) -> list[Floats]:
    """How far rounding may move each output: what it does to disturbed runs."""
    noise = np.random.default_rng(0)
    spread = [np.zeros_like(x) for x in exact]
    for _ in range(_RUNS):
        try:
            disturbed = _outputs(graph, parts, noise)
        except ArgumentError:  # a matrix that has an inverse just so
            return [np.full_like(x, np.inf) for x in exact]
        for place, y in enumerate(disturbed):
            moved = np.abs(y - exact[place])
            spread[place] = np.fmax(spread[place], np.where(np.isnan(moved), np.inf, moved))
    return [_MARGIN * s for s in spread]
