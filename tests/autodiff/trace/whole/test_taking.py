"""Elements by their places: along an axis, around an array, by strides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided, sliding_window_view

import autodiff as ad
from autodiff.errors import TraceError
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_as_called

_X = np.random.default_rng(4).normal(size=(3, 4, 2))
_ORDER = np.array([[[1], [0]], [[3], [3]], [[2], [0]]])
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "along": lambda x: np.sum(np.take_along_axis(x, _ORDER, 1) ** 2),
    "along sorted": lambda x: np.sum(
        np.take_along_axis(x, np.argpartition(x[:, :, :1], 2, axis=1)[:, :2], 1) ** 3
    ),
    "one row for all": lambda x: np.sum(np.take_along_axis(x[:1], _ORDER, 1) ** 2),
    "padded with means": lambda x: np.sum(
        np.pad(x[0], ((1, 2), (0, 1)), mode="mean", stat_length=((1, 3), (2, 1))) ** 3
    ),
    "padded with extremes": lambda x: np.sum(
        np.pad(np.pad(x[0], (1, 2), mode="maximum"), 1, mode="median") ** 3
    ),
    "padded with ramps": lambda x: np.sum(
        np.pad(x[0], ((1, 2), (3, 1)), mode="linear_ramp", end_values=(2.0, 3.0)) ** 3
    ),
    "padded with two constants": lambda x: np.prod(
        np.pad(x[0], ((1, 2), (0, 1)), constant_values=((1.5, 1.0), (2.0, -1.0)))
    ),
    "taken round": lambda x: (
        np.sum(np.take(x, [5, -4, 2], axis=1, mode="wrap") ** 2)
        + np.sum(np.take(x[0, 0], [9, -9], mode="clip") ** 3)
    ),
    "reflected": lambda x: np.sum(np.pad(x[0], 1, mode="reflect") ** 2),
    "windows": lambda x: np.sum(sliding_window_view(x, (2, 3), axis=(2, 1))[:, ::2] ** 3),
    "windows along all axes": lambda x: np.sum(sliding_window_view(x[0], (2, 2)) ** 2),
    "strided": lambda x: np.sum(as_strided(x[0, :, 0].copy(), (2, 3), (8, 8)) ** 2),
    "strides": lambda x: np.sum(as_strided(x[0, 0] * 1.0, (3, 2), (0, x.ravel().strides[0])) ** 3),
}


def _largest_at(x: Any, places: Any) -> Any:
    """The largest of the numbers that go to each place, over what is there."""
    held = np.full((4, 2), -0.5)
    np.maximum.at(held, places, x[:, 0])
    low = np.full(4, np.inf)
    np.minimum.at(low, np.array([1, -1, 1]), x[:, 2, 1])
    return np.sum(held**2) + low[1] * low[3]


def test_extremes_at_places() -> None:
    """Places that are arguments, or known, also counted from the end; some are never named."""
    for places in (np.array([2, 0, 2]), np.array([-1, 1, -1])):
        assert_as_called(lambda x, at=places: _largest_at(x, at), _X)
        graph = ad.trace(_largest_at, _X, places, expand=False)
        assert ad.evaluate(graph, _X, places) == _largest_at(_X, places)
    with pytest.raises(TraceError, match=r"at most 1000000 here"):
        ad.trace(
            lambda x: np.maximum.at(np.zeros(2000), np.zeros(2000, int), x), np.ones(2000),
            expand=False,
        )  # fmt: skip


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_as_numpy_takes_them(name: str) -> None:
    """Value and gradient are NumPy's."""
    assert_as_called(_FUNCTIONS[name], _X)


def _eliminated(A: Any, b: Any) -> Any:
    """A solution squared, by elimination as textbooks write it."""
    A, b = A.copy(), b.copy()
    for k in range(3):
        p = k + np.argmax(np.abs(A[k:, k]))
        A[[k, p]] = A[[p, k]]
        b[[k, p]] = b[[p, k]]
        for i in range(k + 1, 3):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(3)
    for i in (2, 1, 0):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x @ x


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_rows_exchanged_by_lists(target: str) -> None:
    """Whichever row is the largest, also another one than in the example."""
    A, b = np.array([[0.1, 2.0, 0.5], [1.3, 1.1, 2.0], [0.7, 3.2, 3.0]]), np.arange(1.0, 4.0)
    df = compile_gradient(_eliminated, A, b, target=target)
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        value, (_, by_b) = df(A[order], b)
        inverse = np.linalg.inv(A[order])
        x = inverse @ b
        assert value == pytest.approx(x @ x, rel=1e-12)
        assert by_b == pytest.approx(2.0 * inverse.T @ x, rel=1e-12)


def test_lists_of_places() -> None:
    """Columns, a view of what changes, the same place twice, and what is broadcast."""

    def changed(A: Any) -> Any:
        A = A.copy()
        p = np.argmax(A[:, 0])
        A[:, [0, p]] = A[:, [p, 0]]
        A[[1, p]] = A[:2]
        A[[p, p]] = np.array([[5.0], [7.0]]) * A[0]
        A[[0, p]] += 1.0
        return np.sum(A[[p, 0]] ** 3) + A[1, 0]

    graph = ad.trace(changed, np.array([[0.5, 2.0], [1.5, 1.0]]), expand=False)
    for A in (np.array([[0.5, 2.0], [1.5, 1.0]]), np.array([[2.5, 2.0], [1.5, 1.0]])):
        assert ad.evaluate(graph, A) == changed(A)


def test_windows_are_one_operation() -> None:
    """However many there are."""
    x = np.ones((4, 3, 20, 20))
    graph = ad.trace(lambda x: np.sum(sliding_window_view(x, (3, 3), (2, 3))), x, expand=False)
    assert len(graph.nodes) < 8


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: np.sum(np.pad(x[0], 2, "reflect", reflect_type="odd")), "reflect_type='even'"),
        (lambda x: np.sum(as_strided(x.ravel(), (4, 24), (8, 8))), "leaves an array of shape"),
        (lambda x: np.sum(as_strided(x.ravel(), (2,), (-8,))), "leaves an array of shape"),
        (lambda x: np.sum(as_strided(x.ravel(), (2,), (4,))), "8 bytes apart"),
        (lambda x: x.transpose(2, 1, 0).strides[0] * x[0, 0, 0], "take a copy"),
    ],
)
def test_what_is_refused(function: Callable[[Any], Any], said: str) -> None:
    """What lies outside, and what is no copy of elements."""
    with pytest.raises(TraceError, match=said):
        ad.trace(function, _X, expand=False)
