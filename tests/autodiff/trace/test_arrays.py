from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad

RNG = np.random.default_rng(5)
V, W, M = RNG.normal(size=4), RNG.normal(size=4), RNG.normal(size=(4, 3))


def _at(x: Any, entries: dict[Any, Any]) -> Any:
    out = np.zeros_like(x)
    for key, value in entries.items():
        out[key] = value
    return out


def _rows(row: Any) -> Any:
    return np.tile(row, (4, 1))


def _assigned(x: Any) -> Any:
    y = x.copy()
    y[0] = 2.0
    return y.sum()


# Function of an array, its gradient as a formula in plain NumPy.
CASES: dict[str, tuple[Callable[..., Any], Callable[[Any], Any], np.ndarray]] = {
    "index": (lambda x: x[1] * x[-1], lambda x: np.array([0, x[3], 0, x[1]]), V),
    "slice": (lambda x: np.sum(x[1:] * x[:-1]),
              lambda x: np.array([x[1], x[0] + x[2], x[1] + x[3], x[2]]), V),
    "step": (lambda x: np.sum(x[::2] ** 2), lambda x: np.array([2 * x[0], 0, 2 * x[2], 0]), V),
    "reverse": (lambda x: x[::-1] @ W, lambda x: W[::-1], V),
    "fancy index": (lambda x: np.sum(x[[0, 0, 2]] * x[[1, 2, 3]]),
                    lambda x: np.array([x[1] + x[2], x[0], x[0] + x[3], x[2]]), V),
    "matrix index": (lambda x: x[1, 2] * x[0, 0],
                     lambda x: _at(x, {(1, 2): x[0, 0], (0, 0): x[1, 2]}), M),
    "row and column": (lambda x: x[1] @ x[2] + np.sum(x[:, 0]),
                       lambda x: _at(x, {1: x[2], 2: x[1]}) + np.array([[1, 0, 0]] * 4), M),
    "iteration": (lambda x: sum(v * v for v in x), lambda x: 2 * x, V),
    "len": (lambda x: np.sum(x) / len(x), lambda x: np.full(4, 0.25), V),
    "sum": (np.sum, np.ones_like, M),
    "sum method": (lambda x: x.sum(), np.ones_like, M),
    "sum axis": (lambda x: np.sum(x, axis=0) @ np.arange(3.0), lambda x: _rows(np.arange(3.0)), M),
    "sum keepdims": (lambda x: np.sum(x * np.sum(x, axis=1, keepdims=True)),
                     lambda x: 2 * np.sum(x, axis=1, keepdims=True) * np.ones((1, 3)), M),
    "mean": (np.mean, lambda x: np.full_like(x, 1 / 12), M),
    "prod": (np.prod, lambda x: np.prod(x) / x, V),
    "var": (np.var, lambda x: 2 * (x - x.mean()) / 4, V),
    "std": (np.std, lambda x: (x - x.mean()) / (4 * x.std()), V),
    "cumsum": (lambda x: np.cumsum(x) @ W, lambda x: np.cumsum(W[::-1])[::-1], V),
    "diff": (lambda x: np.sum(np.diff(x) ** 2),
             lambda x: np.convolve(np.diff(x), [-2.0, 2.0]), V),
    "max": (np.max, lambda x: (x == x.max()) * 1.0, V),
    "min method": (lambda x: x.min(), lambda x: (x == x.min()) * 1.0, V),
    "max axis": (lambda x: np.sum(np.max(x, axis=1)),
                 lambda x: (x == x.max(axis=1, keepdims=True)) * 1.0, M),
    "dot": (lambda x: np.dot(x, W), lambda x: W, V),
    "constant @": (lambda x: W @ x, lambda x: W, V),
    "@ constant": (lambda x: x @ W, lambda x: W, V),
    "quadratic form": (lambda x: x @ np.outer(W, V) @ x,
                       lambda x: (np.outer(W, V) + np.outer(V, W)) @ x, V),
    "matrix @ vector": (lambda x: np.sum((x @ np.arange(3.0)) ** 2),
                        lambda x: 2 * np.outer(x @ np.arange(3.0), np.arange(3.0)), M),
    "transpose": (lambda x: np.sum((x.T @ x) * np.eye(3)), lambda x: 2 * x, M),
    "norm": (np.linalg.norm, lambda x: x / np.linalg.norm(x), V),
    "norm axis": (lambda x: np.sum(np.linalg.norm(x, axis=1)),
                  lambda x: x / np.linalg.norm(x, axis=1, keepdims=True), M),
    "where": (lambda x: np.sum(np.where(x > 0.0, x * x, 3.0 * x)),
              lambda x: np.where(x > 0.0, 2 * x, 3.0), V),
    "where, plain mask": (lambda x: np.sum(np.where(W > 0.0, x, 0.0)),
                          lambda x: (W > 0.0) * 1.0, V),
    "select": (lambda x: np.sum(np.select([x > 0.5, x > 0.0], [x * x, x], -x)),
               lambda x: np.select([x > 0.5, x > 0.0], [2 * x, np.ones(4)], -1.0), V),
    "clip": (lambda x: np.sum(np.clip(x, -0.5, 0.5) ** 2),
             lambda x: 2 * np.clip(x, -0.5, 0.5) * (np.abs(x) <= 0.5), V),
    "clip method": (lambda x: x.clip(0.0, None).sum(), lambda x: (x >= 0.0) * 1.0, V),
    "maximum": (lambda x: np.sum(np.maximum(x, W)), lambda x: (x > W) * 1.0, V),
    "nan_to_num": (lambda x: np.sum(np.nan_to_num(x) ** 2), lambda x: 2 * x, V),
    "einsum": (lambda x: np.einsum("ij,ij->", x, x), lambda x: 2 * x, M),
    "einsum trace": (lambda x: np.einsum("ij,kj->", x, M), lambda x: _rows(M.sum(axis=0)), M),
    "stack": (lambda x: np.sum(np.stack([x, x * x]) @ W), lambda x: W * (1 + 2 * x), V),
    "stack scalars": (lambda x: np.stack([x[0] * x[1], x[2]]) @ np.array([2.0, 3.0]),
                      lambda x: np.array([2 * x[1], 2 * x[0], 3.0, 0.0]), V),
    "concatenate": (lambda x: np.concatenate([x, [1.0], x[:1]]) @ np.arange(6.0),
                    lambda x: np.array([5.0, 1.0, 2.0, 3.0]), V),
    "np.array of values": (lambda x: np.array([x[0], 2.0, x[1] * x[1]]) @ np.ones(3),
                           lambda x: np.array([1.0, 2 * x[1], 0, 0]), V),
    "outer": (lambda x: np.trace(np.outer(x, x)), lambda x: 2 * x, V),
    "cross": (lambda x: np.cross(x[:3], x[1:]) @ np.array([1.0, 0.0, 0.0]),
              lambda x: np.array([0.0, x[3], -2 * x[2], x[1]]), V),
    "reshape": (lambda x: x.reshape(2, 2)[1] @ np.array([1.0, 2.0]),
                lambda x: np.array([0.0, 0.0, 1.0, 2.0]), V),
    "flatten, tile": (lambda x: np.tile(x.flatten(), 2) @ np.ones(24), lambda x: 2 + 0 * x, M),
    "roll": (lambda x: np.roll(x, 1) @ W, lambda x: np.roll(W, -1), V),
    "broadcast": (lambda x: np.sum(x[:, None] * W[None, :]), lambda x: np.full(4, W.sum()), V),
    "broadcast rows": (lambda x: np.sum(x * np.arange(3.0)), lambda x: _rows(np.arange(3.0)), M),
    "scalar left": (lambda x: np.sum(np.float64(2.0) * x), lambda x: np.full(4, 2.0), V),
    "array left": (lambda x: np.sum(W / (x * x)), lambda x: -2 * W / x**3, V),
    "scalar from array": (lambda x: W[0] * x[0] ** 3, lambda x: np.array(
        [3 * W[0] * x[0] ** 2, 0, 0, 0]), V),
    "power": (lambda x: np.sum(np.power(2.0, x)), lambda x: np.log(2.0) * 2.0**x, V),
    "list argument to ufunc": (lambda x: np.sum(np.exp([x[0], x[1]])),
                               lambda x: np.array([np.exp(x[0]), np.exp(x[1]), 0, 0]), V),
    "copy and assign": (_assigned, lambda x: np.array([0.0, 1.0, 1.0, 1.0]), V),
    "polyval": (lambda x: np.sum(np.polyval([1.0, 2.0, 3.0], x)), lambda x: 2 * x + 2, V),
    "logsumexp": (np.logaddexp.reduce, lambda x: np.exp(x) / np.exp(x).sum(), V),
    "hypot reduce": (np.hypot.reduce, lambda x: x / np.linalg.norm(x), V),
    "add.outer": (lambda x: np.sum(np.add.outer(x, W) ** 2),
                  lambda x: 2 * np.add.outer(x, W).sum(axis=1), V),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_numpy_on_arrays_of_placeholders(name: str) -> None:
    """NumPy's indexing and functions on an argument give NumPy's value and the right gradient."""
    function, gradient, at = CASES[name]
    value, found = ad.backpropagate(ad.trace(function, at), at)
    np.testing.assert_allclose(value, function(at), rtol=1e-13)
    assert found.shape == at.shape
    np.testing.assert_allclose(found, gradient(at), rtol=1e-12, atol=1e-14)


UFUNCS = [
    (np.sin, np.cos, 0.3), (np.exp, np.exp, 0.3), (np.log, lambda x: 1 / x, 0.3),
    (np.sqrt, lambda x: 0.5 / np.sqrt(x), 0.3), (np.tanh, lambda x: 1 / np.cosh(x) ** 2, 0.3),
    (np.arctan, lambda x: 1 / (1 + x * x), 0.3), (np.square, lambda x: 2 * x, 0.3),
    (np.cbrt, lambda x: np.cbrt(x) / (3 * x), 0.3), (np.log1p, lambda x: 1 / (1 + x), 0.3),
    (np.negative, lambda x: -np.ones_like(x), 0.3), (np.positive, np.ones_like, 0.3),
    (np.reciprocal, lambda x: -1 / x**2, 0.3), (np.fabs, np.sign, -0.3),
    (np.absolute, np.sign, -0.3),
    (np.deg2rad, lambda x: np.full_like(x, np.pi / 180), 30.0),
    (np.rad2deg, lambda x: np.full_like(x, 180 / np.pi), 0.3),
    (np.exp2, lambda x: np.log(2) * np.exp2(x), 0.3), (np.sinc, None, 0.3),
    (np.floor, np.zeros_like, 0.3), (np.rint, np.zeros_like, 0.3), (np.sign, np.zeros_like, 0.3),
]  # fmt: skip


@pytest.mark.parametrize(("ufunc", "slope", "at"), UFUNCS, ids=lambda u: getattr(u, "__name__", ""))
def test_ufuncs_on_scalars_and_arrays(ufunc: Any, slope: Any, at: float) -> None:
    """A ufunc acts on a placeholder and on an array of them as on numbers."""
    graph = ad.trace(ufunc, at)
    value, gradient = ad.backpropagate(graph, at)
    assert value == pytest.approx(float(ufunc(at)), rel=1e-15)
    if slope is not None:
        assert gradient == pytest.approx(float(slope(np.float64(at))), rel=1e-14)
    points = at * np.array([[1.0, 0.9], [0.8, 0.7]])
    _, gradients = ad.backpropagate(ad.trace(lambda x: np.sum(ufunc(x)), points), points)
    assert gradients.shape == points.shape
    assert gradients[0, 0] == gradient


BINARY = [np.add, np.subtract, np.multiply, np.divide, np.power, np.arctan2, np.hypot,
          np.maximum, np.minimum, np.logaddexp, np.mod, np.fmod]  # fmt: skip


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda u: u.__name__)
@pytest.mark.parametrize(
    "other",
    [np.float64(2.0), np.array([0.5, 2.0]), 2, 2.0],
    ids=["float64", "array", "int", "float"],
)
def test_binary_ufuncs_in_both_orders(ufunc: Any, other: Any) -> None:
    """With a number or an array on either side, a ufunc gives NumPy's values, shape and slopes."""
    at, step = 1.3, 1e-6
    for function in (lambda x: np.sum(ufunc(x, other)), lambda x: np.sum(ufunc(other, x))):
        value, gradient = ad.backpropagate(ad.trace(function, at), at)
        assert value == pytest.approx(float(function(at)), rel=1e-14)
        slope = (function(at + step) - function(at - step)) / (2 * step)
        assert gradient == pytest.approx(float(slope), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**", "%", "<", "<=", "==", "!=", "@"])
def test_operators_with_arrays_in_both_orders(operator: str) -> None:
    """Every operator works between arrays of numbers and arrays of placeholders, either side."""
    numbers = np.array([1.5, 2.0, 0.5])
    for text in (f"x {operator} numbers", f"numbers {operator} x"):
        function = eval(f"lambda x, numbers=numbers: np.sum(1.0 * ({text}))", {"np": np,
                        "numbers": numbers})  # fmt: skip
        at = np.array([2.0, 2.0, 2.0])
        assert ad.evaluate(ad.trace(function, at, numbers), at, numbers) == function(at)


def test_results_of_any_shape() -> None:
    """A function may return an array; evaluate gives it back as a float array."""
    graph = ad.trace(lambda x: (x[:, None] * x, {"a": [x[0]]}), np.ones(3))
    product, rest = ad.evaluate(graph, np.arange(3.0))
    np.testing.assert_array_equal(product, np.outer(np.arange(3.0), np.arange(3.0)))
    assert product.dtype == np.float64
    assert rest == {"a": [0.0]}


def test_array_of_no_dimension_and_empty_array() -> None:
    """Arrays of shape () and (0,) are arguments like any other."""
    assert ad.backpropagate(ad.trace(lambda x: x * x, np.array(3.0)), np.array(3.0))[0] == 9.0
    value, gradient = ad.backpropagate(ad.trace(lambda x: np.sum(x) + 1.0, np.ones(0)), np.ones(0))
    assert value == 1.0
    assert gradient.shape == (0,)


@pytest.mark.parametrize("number", [3.0, 3, np.float64(3.0), np.float32(3.0), np.int64(3)])
def test_numbers_serve_as_arrays_of_no_dimension(number: Any) -> None:
    """What NumPy makes of such an array, ``x - 0.1 * x``, is a number."""
    graph = ad.trace(lambda x: x * x, np.array(1.0))
    assert ad.backpropagate(graph, number) == (9.0, np.array(6.0))


def test_lists_and_integer_arrays_serve_as_arrays() -> None:
    """Where the example was an array, a list or an integer array of its shape will do."""
    graph = ad.trace(lambda x: np.sum(x * x), np.ones(2))
    for value in ([1.0, 2.0], (1, 2), np.array([1, 2]), np.float32([1.0, 2.0])):
        assert ad.evaluate(graph, value) == 5.0


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize(
    "read",
    [
        lambda m: m.ravel("K"),
        lambda m: m.flatten(order="A"),
        lambda m: m.reshape(12, order="A"),
        lambda m: np.ravel(m, order="K"),
        lambda m: m.T.ravel("k"),
    ],
)
def test_the_order_of_memory_is_refused(read: Any, expand: bool) -> None:
    """The caller's next array may lie otherwise, and the function would be another one."""
    with pytest.raises(ad.TraceError, match="as they lie in memory"):
        ad.trace(lambda m: np.sum(read(m) * np.arange(12.0)), M, expand=expand)


def test_orders_that_do_not_hang_on_memory_are_traced() -> None:
    """Rows first, columns first, and whatever is said of a vector."""
    for read in (lambda m: m.ravel("c"), lambda m: m.ravel(order="F"), lambda m: m[0].ravel("K")):
        for expand in (True, False):
            graph = ad.trace(read, M, expand=expand)
            np.testing.assert_array_equal(ad.evaluate(graph, M), read(M))
            np.testing.assert_array_equal(ad.evaluate(graph, np.asfortranarray(M)), read(M))


@pytest.mark.parametrize("axis", [1, -2, (0, 3)])
@pytest.mark.parametrize("name", ["sum", "max", "mean", "prod", "median", "std", "any"])
def test_no_such_axis(name: str, axis: Any) -> None:
    """What NumPy refuses is refused, at the user's line, whatever form the trace has."""
    x = np.ones(3)
    for expand in (True, False):
        with pytest.raises((ad.TraceError, np.exceptions.AxisError), match="out of bounds"):
            ad.trace(lambda x: getattr(np, name)(x, axis=axis), x, expand=expand)


def test_too_many_to_trace_one_by_one() -> None:
    """More elements than memory has placeholders for are refused before they are made."""
    with pytest.raises(ad.TraceError, match=r"\(4000, 4000\).*Keep arrays whole"):
        ad.trace(lambda x: np.sum(x[:, None] * x), np.ones(4000))
