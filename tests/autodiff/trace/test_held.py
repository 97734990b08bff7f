"""Arrays that a function makes of plain numbers hold what is traced, as NumPy's would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.branching.growth import growing_while
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes

A = np.array([[1.0, 2.0], [3.0, 4.0]])
Y = np.array([0.99, 0.01, 0.0])
AT = np.array([0.3, 1.2])


def of_a_list(p: Any) -> Any:
    """Stores into what np.array made of numbers."""
    y = np.array([0.99, 0.01, 0.0])
    y[1] = p[0]
    y -= p[1] * y
    return y @ y


def of_a_copy(p: Any) -> Any:
    """Stores into a copy of an array from outside."""
    a = A.copy()
    a[0, 1] = p[0]
    a[1] *= p[1]
    return a[0, 1] * a[1, 0] + a[1] @ a[0]


def of_ranges(p: Any) -> Any:
    """Stores into np.linspace and np.arange."""
    x = np.linspace(0, 1, 5)
    x *= p[0]
    w = np.arange(5) / 4
    w[2:] += p[1]
    return x @ w


def of_arithmetic(p: Any) -> Any:
    """Stores into what arithmetic made of arrays from outside."""
    g = 2 * Y
    g[1] += p[0]
    h = np.where(Y > 0.5, 1.0, 0.0)
    h[0] = p[1]
    k = np.maximum(Y, 0.5)
    k[k > 0.6] = p[1]
    return g @ h + np.sum(k)


def of_linear_algebra(p: Any) -> Any:
    """Stores into products, triangles and inverses."""
    m = np.outer(Y, Y)
    m[0, 0] = p[0]
    low = np.tril(A)
    low[0] += p
    inverse = np.linalg.inv(A)
    inverse[0, 0] = p[0]
    return np.sum(m @ m) + np.sum(low**2) + np.sum(inverse**2)


def of_joining(p: Any) -> Any:
    """Stores into joined, repeated and tiled arrays."""
    both = np.concatenate([Y, A[0]])
    both[1:3] = p
    both = np.append(both, 1.0)
    both[-1] = p[0]
    grid = np.repeat(Y, 2).reshape(2, 3)
    grid[0, 1] = p[0]
    tiled = np.tile(Y, (2, 1))
    tiled[1] *= p[1]
    return np.sum(both**2) + np.sum(grid * tiled)


def of_functions_that_store(p: Any) -> Any:
    """Stores by NumPy's functions."""
    zeros, put, copied, placed = np.zeros((3, 3)), Y.copy(), Y.copy(), Y.copy()
    np.fill_diagonal(zeros[1:, 1:], p[1])
    np.put(put, [0, 1], p)
    np.copyto(copied[:2], p)
    np.place(placed, placed > 0.5, p[:1])
    return np.sum(zeros**2) + put @ put + copied @ copied + placed @ placed


def of_places(p: Any) -> Any:
    """Stores by places, flat ones, out= and at."""
    m = np.diag(Y) + 0
    m[np.diag_indices(3)] *= p[0]
    m.flat[1] = p[1]
    column = A[:, 0].copy()
    column += p
    np.multiply(column, p, out=column)
    np.add.at(column, [0, 0], p)
    return np.sum(m**2) + column @ column + sum(m.flat)


_HOLD = [of_a_list, of_a_copy, of_ranges, of_arithmetic, of_linear_algebra]
_HOLD += [of_joining, of_functions_that_store, of_places]


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize("function", _HOLD)
def test_arrays_hold_what_is_traced(function: Callable[..., Any], target: str) -> None:
    """Value and gradient are the function's, and arrays from outside stay as they are."""
    before = A.copy(), Y.copy()
    value, gradient = compile_gradient(function, AT, target=target)(AT)
    assert np.array_equal(A, before[0])
    assert np.array_equal(Y, before[1])
    assert float(value) == pytest.approx(float(function(AT)), rel=1e-13)
    assert np.allclose(gradient, slopes(function, AT), rtol=1e-7, atol=1e-8)


def itself(p: Any) -> Any:
    """Stores into the array itself."""
    Y[0] = p[0]
    return Y @ Y


def the_same_memory(p: Any) -> Any:
    """Stores into what np.asarray gives of it."""
    y = np.asarray(Y)
    y[0] = p[0]
    return y @ y


def a_slice(p: Any) -> Any:
    """Stores into a slice."""
    v = Y[1:]
    v[0] = p[0]
    return v @ v


def another_shape(p: Any) -> Any:
    """Stores into another shape of it."""
    v = np.reshape(Y, (3, 1))
    v[0, 0] = p[0]
    return np.sum(v)


@pytest.mark.parametrize("function", [itself, the_same_memory, a_slice, another_shape])
def test_arrays_from_outside_are_not_stored_into(function: Callable[..., Any]) -> None:
    """A store into the caller's own array, or into a view of it, is refused by line."""
    with pytest.raises(ad.TraceError, match=r"test_held\.py:\d+: cannot store a traced value"):
        ad.trace(function, AT, expand=False)


def test_what_libraries_need_stays_plain() -> None:
    """A function that stores nothing traced gives its plain arrays to whatever needs numbers."""

    def of_a_table(p: Any) -> Any:
        knots = np.linspace(0.0, 1.0, 4)
        table = np.polynomial.polynomial.polyfit(knots, knots**2, 2)
        return p[0] * table[2] + p[1]

    value, gradient = ad.backpropagate(ad.trace(of_a_table, AT, expand=False), AT)
    assert value == pytest.approx(1.5)
    assert gradient == pytest.approx([1.0, 1.0])


def test_a_trace_that_is_given_up_is_not_tried_again() -> None:
    """Its size is no fault of its arrays: a second trace would go on where the first one ended."""
    calls = []

    def long(x: Any) -> Any:
        calls.append(1)
        for _ in range(9000):
            x = np.sin(x)
        return np.sum(x)

    with growing_while(lambda graph: False), pytest.raises(ad.TraceError, match="given up"):
        ad.trace(long, np.ones(3), expand=False)
    assert len(calls) == 1
