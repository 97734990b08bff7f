"""Lists of traced values are the arrays that they stand for, in NumPy's functions."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy

import autodiff as ad
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import assert_differences_agree

X = np.array([0.7, 1.3, 0.4])
GRID = np.linspace(0.0, 3.0, 7)
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "diag": lambda x: np.diag([x[0], 2.0 * x[1]]).sum() + np.trace(np.diag((x[2], x[0]))),
    "solve": lambda x: np.linalg.solve([[2.0 + x[0], x[1]], [0.3, 1.0]], [x[2], 1.0])[0],
    "det": lambda x: np.linalg.det([[x[0], 1.0], [x[1], x[2]]]),
    "norm": lambda x: np.linalg.norm([x[0], x[1] * x[2]]),
    "clip": lambda x: np.sum(np.clip([x[0] ** 2, x[1], 3.0], 0.5, 1.2)),
    "roll": lambda x: np.roll([x[0], x[1] ** 2, 1.0], 1) @ np.arange(3.0),
    "interp": lambda x: np.interp(1.2, [0.0, 1.0, 2.0], [x[0], x[1], x[2] ** 2]),
    "tile": lambda x: np.sum(np.tile([x[0], x[1] * x[0]], 2) * np.arange(4.0)),
    "outer": lambda x: np.sum(np.outer([x[0], x[1]], [x[2], 1.0])),
    "joined": lambda x: np.concatenate([[x[0] * x[1]], x[1:], (1.0, x[2])]) @ np.arange(5.0),
    "stacked": lambda x: np.sum(np.stack([[x[0], x[1] ** 2], x[1:]], axis=1)[0] ** 2),
    "in columns": lambda x: np.sum(np.column_stack(([1.0, x[0]], x[:2], [[x[2]], [0.0]])) ** 2),
    "on a grid": lambda x: np.sum(np.meshgrid([x[0], x[1] * x[2]], x[1:])[0] ** 2),
    "in blocks": lambda x: np.block([[x[0], x[1]], [x[2], 1.0]])[1] @ np.array([3.0, 1.0]),
    "through scipy": lambda x: scipy.special.logsumexp(x) + scipy.stats.norm.logpdf(x[0]),
    "a table made inside": lambda x: np.sum(_in_table(np.linspace(0.0, 2.0, 5), x) * x),
}


def _in_table(table: Any, x: Any) -> Any:
    """The entry below each x, as a table of the function's own has it."""
    return np.diff(table**2)[np.clip(np.searchsorted(table, x) - 1, 0, 3)]


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_lists_of_traced_values(name: str, target: str) -> None:
    """Value and gradient are the function's own, on each target."""
    df = compile_gradient(FUNCTIONS[name], X, target=target)
    value, gradient = df(X)
    assert value == pytest.approx(FUNCTIONS[name](X), rel=1e-13)
    assert_differences_agree(FUNCTIONS[name], X, gradient)


def test_of_scalars() -> None:
    """Linear algebra of what a function of numbers puts into matrices is traced, too."""

    def root(a: Any, b: Any) -> Any:
        return np.linalg.solve(np.array([[a, b], [b, 2.0]]), np.array([1.0, a]))[0]

    value, (by_a, by_b) = compile_gradient(root, 3.0, 0.5)(3.0, 0.5)
    assert value == pytest.approx(root(3.0, 0.5), rel=1e-14)
    # (2 - a b) / (2 a - b^2)
    assert by_a == pytest.approx((-0.5 * 5.75 - 0.5 * 2.0) / 5.75**2, rel=1e-13)
    assert by_b == pytest.approx((-3.0 * 5.75 + 0.5 * 1.0) / 5.75**2, rel=1e-13)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_sums_into_bins(target: str) -> None:
    """np.bincount adds traced weights, or ones, into bins; traced integers need minlength=."""
    bins = np.array([0, 2, 0])
    f = lambda x, b: np.bincount(b, weights=x**2, minlength=4) @ np.arange(1.0, 5.0)  # noqa: E731
    value, gradient = compile_gradient(f, X, bins, target=target, wrt=0)(X, bins)
    assert value == pytest.approx(f(X, bins), rel=1e-14)
    np.testing.assert_allclose(gradient, 2.0 * X * np.array([1.0, 3.0, 1.0]), rtol=1e-14)
    g = lambda x, b: np.sum(x**2) / np.bincount(b, minlength=4)[0]  # noqa: E731  # counts
    value, gradient = compile_gradient(g, X, bins, target=target, wrt=0)(X, bins)
    assert value == pytest.approx(g(X, bins), rel=1e-14)
    np.testing.assert_allclose(gradient, X, rtol=1e-14)
    with pytest.raises(ad.TraceError, match=r"np\.bincount of traced bins"):
        ad.trace(lambda x: np.bincount(x)[0] * 1.0, X)
    with pytest.raises(ad.TraceError, match=r"bins of shape \(2,\).* weights of shape \(3,\)"):
        ad.trace(lambda x: np.bincount(np.array([0, 1]), x)[0], X)


def test_what_scalars_cannot_do_names_a_target() -> None:
    """Where whole arrays would do, the error of target python names a target that has them."""
    f = lambda x: np.linalg.eigvalsh(np.outer(x, x) + np.eye(3))[0]  # noqa: E731
    with pytest.raises(ad.ProofgradError, match="Use target='numpy'"):
        compile_gradient(f, X)


OF_ONE_NUMBER: dict[str, Callable[[Any], Any]] = {
    "ravel": lambda r: np.hstack([np.ravel(r), 1.0])[0],
    "atleast": lambda r: np.atleast_1d(r)[0] + np.atleast_2d(r)[0, 0] + np.atleast_3d(r)[0, 0, 0],
    "reshape": lambda r: np.reshape(r, -1)[0] + r.reshape(1, 1)[0, 0],
    "expand_dims": lambda r: np.expand_dims(r, 0)[0] * np.squeeze(r),
    "append": lambda r: np.sum(np.append(np.ones(2), r) * np.append(r, [2.0, 3.0])),
    "concatenate": lambda r: np.sum(np.concatenate([np.atleast_1d(r), np.zeros(2), [r]])),
    "repeat": lambda r: np.sum(np.repeat(r, 3)) + np.sum(np.tile(r, 2)),
    "outer": lambda r: np.outer(r, r)[0, 0] + np.sum(np.kron(r, np.eye(2))),
    "sort": lambda r: np.sort(np.atleast_1d(r))[0] + np.sum(np.cumsum(r)),
    "round": lambda r: r.round(1) * r,
}


@pytest.mark.parametrize("expand", [None, False])
@pytest.mark.parametrize("name", OF_ONE_NUMBER)
def test_functions_of_arrays_take_numbers(name: str, expand: bool | None) -> None:
    """A traced number is an array of one where NumPy makes it one."""
    function = OF_ONE_NUMBER[name]
    value, slope = compile_gradient(function, 0.73, target="numpy", expand=expand)(0.73)
    assert value == pytest.approx(float(function(np.float64(0.73))), rel=1e-14)
    assert_differences_agree(lambda r: function(np.float64(r)), 0.73, slope)


def test_whole_numbers_stay_whole() -> None:
    """What is made of indices by arithmetic may index; what is made of floats may not."""
    f = lambda x: np.sum(GRID[np.minimum(np.argsort(x) * 2 + 1, 6)] * x)  # noqa: E731
    value, gradient = compile_gradient(f, X, target="numpy", expand=False)(X)
    assert value == pytest.approx(f(X), rel=1e-15)
    np.testing.assert_allclose(gradient, GRID[np.minimum(np.argsort(X) * 2 + 1, 6)])
    with pytest.raises(ad.TraceError, match="index or mask"):
        ad.trace(lambda x: np.sum(GRID[np.argsort(x) * 0.5]), X, expand=False)


def test_looking_for_functions_imports_no_library_of_numpys() -> None:
    """NumPy imports some of its libraries late; listing its names does not ask for them."""
    script = (
        "import sys, autodiff; from autodiff.trace.libraries import libraries, lists\n"
        "print([m for m in ('numpy.f2py', 'numpy.testing', 'unittest') if m in sys.modules])\n"
        "print('trace' in lists.ARRAYS, 'det' in lists.LINEAR_ALGEBRA)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "True True"]


_OF_LISTS: dict[str, Callable[[Any, Any], Any]] = {
    "ufuncs": lambda x, w: (
        np.sum(np.exp([x, 1.0]) + np.logaddexp([x, 2.0], 0.5))
        + np.sum(np.sqrt((x, w[0])) * np.heaviside([x, -1.0], 0.5) + np.float_power([x, w[1]], 2))
    ),
    "their methods": lambda x, w: (
        np.sum(np.multiply.outer([x, w[0]], w))
        + np.add.reduce([x, w[0]]) * np.sum(np.maximum.accumulate([x, w[0], 0.4]))
    ),
    "joined": lambda x, w: (
        np.sum(np.concatenate([[x], w, [w[0], 1.0]]) ** 2)
        + np.sum(np.concatenate([[x], [w[1]]]) * np.stack([[x, 1.0], [w[0], x]], axis=1)[0])
    ),
    "blocks": lambda x, w: np.sum(np.block([[w[None] * x, w[None]], [w[None], w[None] ** 2]])),
    "made": lambda x, w: np.sum(np.full(2, [x, w[0]]) ** 2) + np.sum(np.pad([x, w[0]], 1) ** 3),
    "still ufuncs": lambda x, w: (
        functools.reduce(np.add, [w, x, 1.0]).sum()
        * {np.sin: 2.0}[np.sin]
        * isinstance(np.exp, np.ufunc)
        * np.exp.nin
    ),
}


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("name", _OF_LISTS)
def test_lists_of_traced_values_are_arrays(name: str, expand: bool) -> None:
    """A list among the arguments is the array that NumPy would make of it, in both forms."""
    function = _OF_LISTS[name]
    df = compile_gradient(function, 0.3, np.array([0.8, 0.5]), target="numpy", expand=expand)
    x, w = 0.35, np.array([0.7, 0.6])
    value, (x_bar, w_bar) = df(x, w)
    assert value == pytest.approx(function(x, w), rel=1e-14)
    for step, slope in (
        (np.array([1e-6, 0.0, 0.0]), x_bar),
        (np.array([0.0, 1e-6, 0.0]), w_bar[0]),
    ):
        ends = [function(x + s * step[0], w + s * step[1:]) for s in (1, -1)]
        assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)
