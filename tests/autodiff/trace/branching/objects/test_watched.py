"""What a condition chose among lists, arrays and rows is the one chosen, when it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.placeholder import CountError
from codegen import compile_gradient

EXAMPLE = np.array([0.3, -1.2, 0.8])
AWAY = np.array([7.5, 6.0, -9.0]), np.array([-1.0, 9.0, 6.0]), np.array([2.0, 6.0, -3.0])


def filled(x: Any) -> Any:
    """Two arrays, one of which a conditional expression gives each time."""
    low, high = np.zeros(3), np.zeros(3)
    for one in x:
        chosen = high if one > 5.0 else low
        chosen[0] += one
    return low[0] * high[0] + x[1]


def filled_by_a_statement(x: Any) -> Any:
    """The same by a statement, in whose sides something else happens."""
    low, high = np.zeros(3), np.zeros(3)
    for one in x:
        if one > 5.0:
            chosen = high
            high[1] = one
        else:
            chosen = low
        chosen[0] += one
    return low[0] * high[0] + high[1] + x[1]


def either(holds: Any, x: Any, y: Any) -> Any:
    """One of two."""
    if holds:
        return x
    return y


def given_by_a_function(x: Any) -> Any:
    """What a function gives is one of its arguments."""
    one, other = x.copy(), 2.0 * x
    either(x[0] > 5.0, one, other)[0] = 9.0
    return np.sum(one * other)


def read_after_another_changed(x: Any) -> Any:
    """What was chosen is read after it may have changed by its own name."""
    one, other = x.copy(), 2.0 * x
    chosen = one if x[0] > 5.0 else other
    one[0] = 9.0
    return np.sum(chosen * x)


def a_row(x: Any) -> Any:
    """A row is the matrix."""
    table = np.outer(x, x)
    row = table[0] if x[0] > 5.0 else table[1]
    row *= 2.0
    return np.sum(table * table[0])


def by_name(x: Any) -> Any:
    """A text chooses."""
    bins = {"low": np.zeros(1), "high": np.ones(1)}
    for one in x:
        bins["high" if one > 5.0 else "low"][0] += one
    return bins["low"][0] * bins["high"][0]


def the_largest(x: Any) -> Any:
    """The best of some arrays by a key."""
    rows = [np.array([one, 1.0]) for one in x]
    best = max(rows, key=lambda row: row[0])
    rows[0][1] = 5.0 * x[1]
    return best[0] * best[1]


def in_order(x: Any) -> Any:
    """The first of some lists by a key."""
    rows = [[one, 1.0] for one in x]
    sorted(rows, key=lambda row: row[0])[0][1] = x[1]
    return sum(one * weight * (k + 1) for k, (one, weight) in enumerate(rows))


def in_repetitions(x: Any) -> Any:
    """A loop begins with an array that another variable holds."""
    y = x[:2].copy()
    kept = y
    for k in range(3):
        y = y if x[k] > 5.0 else y + x[k]
        y[0] = 0.5 * y[0]
    return np.sum(y) * kept[0]


class Pair:
    """Two arrays."""

    def __init__(self, one: Any, other: Any) -> None:
        self.one, self.other = one, other


def handed_on(x: Any) -> Any:
    """What an object holds is changed on one side, and is held by another name from there."""
    pair = Pair(x * 1.0, x * x)
    if x[0] > 5.0:
        pair.one[0] = 3.0
        pair.one, pair.other = 2.0 * x, pair.one
    return np.sum(pair.one * x) + pair.other[0] * pair.other[1]


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize(
    "function",
    [
        filled,
        filled_by_a_statement,
        given_by_a_function,
        read_after_another_changed,
        a_row,
        by_name,
        the_largest,
        in_order,
        in_repetitions,
        handed_on,
    ],
)
def test_what_is_written_is_what_was_chosen(function: Callable[[Any], Any], expand: bool) -> None:
    """By numbers and by whole arrays, away from the example, where other sides are taken."""
    graph = ad.trace(function, EXAMPLE, expand=expand)
    for point in (EXAMPLE, *AWAY):
        assert ad.evaluate(graph, point) == pytest.approx(float(function(point)), rel=1e-14)


def test_a_row_at_a_traced_place_is_none_to_write_into() -> None:
    """Which row it is is no branch, so there are no paths."""

    def appended(x: Any) -> Any:
        bins: list[list[Any]] = [[], []]
        for one in x:
            if one > 5.0:
                bins[int(one > 7.0)].append(one)
        return sum(bins[0]) * 3.0 + sum(bins[1]) + x[0]

    def changed(x: Any) -> Any:
        rows = [np.zeros(2), np.zeros(2)]
        for one in x:
            if one > 5.0:
                rows[int(one > 7.0)][0] += one
        return rows[0][0] + 2.0 * rows[1][0] + x[0]

    for function in (appended, changed):
        with pytest.raises(CountError, match="cannot count or index with a traced value"):
            compile_gradient(function, EXAMPLE)


def test_a_row_at_a_place_that_a_branch_chose_is_found_along_paths() -> None:
    """There the place is a number."""

    def placed(x: Any) -> Any:
        rows = [[one, 1.0] for one in x]
        place = 0
        for k in range(3):
            if x[k] > 5.0:
                place = k
        row = rows[place]
        rows[0][0] = 5.0
        return row[0] * row[1]

    graph = ad.trace(placed, EXAMPLE)
    for point in (EXAMPLE, *AWAY):
        assert ad.evaluate(graph, point) == placed(point)


def test_what_nobody_reads_again_may_be_written_in_one_trace() -> None:
    """More branches than there are paths."""

    def carried(x: Any) -> Any:
        y = x[:4].copy()
        for k in range(40):
            y = y if x[k] > 0.0 else y + x[k]
            y[0] = 0.5 * y[0]
        return np.sum(y)

    x = np.cos(np.arange(40.0))
    value, _ = compile_gradient(carried, x)(-x)
    assert value == pytest.approx(carried(-x), rel=1e-14)
