"""Masks and orders of traced values: what is computed from the chosen elements, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TraceError
from codegen import compile_gradient

_X = np.random.default_rng(0).normal(size=(6, 3))
_DATA, _FLAGS = np.random.default_rng(1).normal(size=6), np.arange(6) % 3 > 0
_LONG, _ONE = np.linspace(-1.0, 1.0, int(np.sum(_X > 0.0))), np.full(1, 0.3)


def _assigned(x: Any) -> Any:
    y = x * 1.0
    low = y < 0.0
    y[low] = -2.0 * y[low]
    y[low] *= 1.5
    y[x[:, 1] > 0.3] = np.array([1.0, x[0, 0], 3.0])
    return np.sum(y * x)


def _put(x: Any) -> Any:
    y = x.copy()
    np.putmask(y, x > 0.5, 0.5)
    np.copyto(y, x * x, where=x < -0.5)
    return np.sum(y**2) + np.sum(np.extract(x > 0.0, x) ** 3)


def _pairs(x: Any) -> Any:
    d = x[:, None, :] - x[None, :, :]
    r = np.sqrt(np.sum(d * d, axis=-1) + 1e-9)
    near = (r < 1.5) & ~np.eye(6, dtype=bool)
    return np.sum(1.0 / r[near] ** 6 - r[near])


def _censored(x: Any) -> Any:
    order = np.argsort(-x[:, 0])
    return -np.sum((x[:, 1][order] - np.log(np.cumsum(np.exp(x[order, 1]))))[_FLAGS[order]])


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda x: np.sum(np.sqrt(x[x > 0.0])) + x[x > 0.1].sum(),
    "mean": lambda x: np.mean(x[x > 0.1] ** 2) + np.std(x[x < 0.2]) * x[x > 0.0].var(ddof=1),
    "extremes": lambda x: np.max(np.exp(x[x < 0.5])) + x[x > 0.0].min() * np.prod(x[x > 0.4]),
    "rows": lambda x: np.sum(np.tanh(x[x[:, 0] > 0.0] @ _X.T)) + np.sum(x[x[:, 1] > 0.0, 2] ** 2),
    "sums of rows": lambda x: np.sum(x[x[:, 0] > 0.0].sum(axis=0) ** 2)
    + np.mean(x[x[:, 0] > 0.0].max(axis=1)),
    "data": lambda x: np.sum(_DATA[x[:, 0] > 0.0] * x[x[:, 0] > 0.0, 1]),
    "order of data": lambda x: np.sum(_DATA[np.argsort(x[:, 0])] * x[:, 1] ** 2),
    "dot": lambda x: np.dot(x[x > 0.0], x[x > 0.0]) * np.linalg.norm(x[x < 0.0]),
    "counted": lambda x: np.sum(x) / np.count_nonzero(x > 0.0) + x[x > 0.0].size * x[0, 0],
    "length": lambda x: np.sum(x[x > 0.0]) / len(x[x > 0.0]) + x[x > 0.2].shape[0] * x[0, 0],
    "flat": lambda x: np.sum(x[x > 0.0].flatten() * x[x > 0.0].copy().ravel().T.astype(float))
    + np.ptp(np.copy(x[x < 0.4])) * np.shape(x[x > 0.3])[0],
    "running": lambda x: np.sum(np.cumsum(x[x > 0.0]) ** 2) + np.sum(x[(x > 0.0) & (x < 1.0)]),
    "several": lambda x: np.sum(x[np.arange(6), np.argmax(x, axis=1)] ** 2)
    + np.sum(np.take_along_axis(x, np.argsort(x, axis=1), 1)[:, 0]),
    "chosen": lambda x: np.sum(np.where(x[x > 0.0] > 1.0, 2.0, x[x > 0.0] ** 2))
    + np.sum(np.clip(x[x > 0.0], 0.2, 0.9)),
    "in order": lambda x: np.sum(np.sort(x[x > 0.0])[:2] ** 3) + np.sort(x[x > -0.5])[-2] ** 2
    + np.sum(np.sort(x[x < 0.0])[::-1][:2]),
    "middle": lambda x: np.median(x[:, 0][x[:, 0] < 0.3]),
    "shares": lambda x: np.ptp(np.percentile(x[:, 0][x[:, 0] > -9.0], [25, 75])),
    "first and last": lambda x: x[x > 0.0][0] * x[x > 0.0][-1] + np.sum(x[x[:, 0] > 0.0][-1] ** 2),
    "beside each other": lambda x: np.sum(x[x > 0.0][:-1] * x[x > 0.0][1:])
    + np.sum(np.diff(x[x < 0.0], n=2) ** 2) + np.sum(x[x > 0.0] * x[x > 0.0][::-1]),
    "between": lambda x: np.sum(x[x > 0.0][1:3] ** 3) + np.sum(x[x < 0.0][-2:] ** 2)
    + np.sum(np.diff(x[x[:, 1] > -9.0], axis=0) ** 2) + np.sum(x[x < 0.0][1:40]),
    "as long as data": lambda x: np.sum((x[x > 0.0] - _LONG) ** 2) + _LONG @ np.exp(x[x > 0.0])
    + x[x > 0.0] @ _LONG + np.sum(np.abs(x[x[:, 0] > -9.0] - x[::-1])) + np.sum(x[x < 0.0] * _ONE),
    "assigned": _assigned,
    "put": _put,
    "pairs": _pairs,
    "censored": _censored,
}  # fmt: skip


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_value_and_gradient_are_numpys(name: str) -> None:
    """The value is that of NumPy's own selection, the gradient that of its differences."""
    function = _FUNCTIONS[name]
    df = compile_gradient(function, _X, target="numpy", expand=False)
    value, slope = df(_X)
    assert value == pytest.approx(function(_X), rel=1e-12)
    expected, step = np.zeros_like(_X), 1e-6
    for place in np.ndindex(*_X.shape):
        ends = [_X.copy(), _X.copy()]
        ends[0][place] += step
        ends[1][place] -= step
        expected[place] = (function(ends[0]) - function(ends[1])) / (2 * step)
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-6)
    assert df.check.verdict.name.startswith("CERTIFIED")


def test_what_is_left_out_does_not_leak() -> None:
    """An infinite slope of an element that the mask leaves out is no part of the gradient."""
    x = np.array([0.0, 4.0, -1.0])
    df = compile_gradient(lambda x: np.sum(np.sqrt(x[x > 0.0])), x, target="numpy", expand=False)
    assert df(x)[0] == 2.0
    np.testing.assert_array_equal(df(x)[1], [0.0, 0.25, 0.0])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x[x > 0.0].sort(), r"\.sort of it"),
        (lambda x: x[x[:, 0] > 0.0].flatten(), r"\.flatten of rows"),
        (lambda x: x[x > 0.0].__setitem__(0, 1.0), "an assignment to part of it"),
        (lambda x: [1.0] * x[x > 0.0].__len__(), r"len\(\) of it"),
        (lambda x: np.sort(x[x[:, 0] > 0.0])[0, 0], "np.sort of rows of it"),
        (lambda x: x[x > 0.0][::2], "the index slice"),
        (lambda x: np.sum(x[x > 0.0] * x[x > 1.0]), "parts that two masks choose"),
        (lambda x: np.sum(x[x > 0.0] + np.ones(40)), r"with an array of shape \(40,\)"),
        (lambda x: np.sum(x[:, x[0] > 0.0]), "a mask of traced values comes first"),
        (lambda x: np.sum(x[x[0] > 0.0]), r"mask of shape \(3,\) does not fit"),
    ],
)
def test_what_needs_the_length_is_refused(function: Callable[[Any], Any], message: str) -> None:
    """What the length decides is named, with the way out."""
    with pytest.raises(TraceError, match=message):
        ad.trace(function, _X, expand=False)


def test_what_comes_further_says_why() -> None:
    """The refusal of whole arrays, which know the selection, not that of numbers, which do not."""
    with pytest.raises(TraceError, match=r"np\.sort of rows of it"):
        compile_gradient(lambda x: np.sort(x[x[:, 0] > 0.0])[0, 0], _X)


def test_indices_out_of_bounds_are_told_when_called() -> None:
    """Several index arrays are held to their axes; negative ones count from the end."""
    rows, columns = np.array([0, 5]), np.array([2, -1])
    df = compile_gradient(
        lambda x, i, j: np.sum(x[i, j] ** 2), _X, rows, columns, target="numpy", wrt=0, expand=False
    )
    assert df(_X, rows, columns)[0] == pytest.approx(_X[0, 2] ** 2 + _X[5, 2] ** 2)
    with pytest.raises(ad.ArgumentError, match="out of bounds for an axis of size 3"):
        df(_X, rows, np.array([2, 3]))


def test_what_is_not_there_is_no_number() -> None:
    """Where a call chooses fewer than the example did: nan for what NumPy would raise for."""
    x = np.array([1.0, 2.0, 3.0, -1.0])
    third = compile_gradient(lambda x: x[x > 0.0][2], x, target="numpy", expand=False)
    middle = compile_gradient(lambda x: np.median(x[x > 0.0]), x, target="numpy", expand=False)
    few, none = np.array([1.0, 2.0, -3.0, -1.0]), -np.ones(4)
    assert third(x)[0] == 3.0
    assert np.isnan(third(few)[0])
    assert middle(few)[0] == 1.5
    np.testing.assert_array_equal(middle(few)[1], [0.5, 0.5, 0.0, 0.0])
    assert np.isnan(middle(none)[0])


def test_whole_numbers_hold_no_traced_value() -> None:
    """What writes under a mask says what it cannot write into."""
    x = np.array([0.5, 1.5])
    for write in (np.putmask, np.place):
        with pytest.raises(TraceError, match=r"in an array of shape \(2,\) and dtype int64; store"):
            ad.trace(lambda x, write=write: write(np.zeros(2, int), x > 1.0, x), x, expand=False)
