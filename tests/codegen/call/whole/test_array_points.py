"""Many points of whole arrays: what a call for each gives, side by side or summed."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from autodiff.errors import ArgumentError, UnsupportedError
from codegen import compile_function, compile_gradient, compile_hessian, compile_hvp
from verify import Verdict

_DRAW = np.random.default_rng(7)
A = _DRAW.normal(size=(40, 4))
_WS, _SS = _DRAW.normal(size=(9, 4)), _DRAW.normal(size=9)
_TARGETS = pytest.mark.parametrize("target", ["numpy", "native"])


def loss(w: Any, s: Any) -> Any:
    """A loss of an array and a number over closed-over data."""
    return np.sum(np.tanh(A @ w * s) ** 2) + s * s


def _compiled(compiler: Any, target: str, **options: Any) -> Any:
    return compiler(loss, _WS[0], 0.5, target=target, expand=False, **options)


@_TARGETS
def test_every_argument_has_points(target: str) -> None:
    """Values and gradients of every point, as calls one by one give them, to the bit."""
    one, many = _compiled(compile_gradient, target), _compiled(compile_gradient, target, batch=True)
    values, (w_bars, s_bars) = many(_WS, _SS)
    assert (values.shape, w_bars.shape, s_bars.shape) == ((9,), (9, 4), (9,))
    for k in range(9):
        value, (w_bar, s_bar) = one(_WS[k], float(_SS[k]))
        assert (values[k], s_bars[k]) == (value, s_bar)
        np.testing.assert_array_equal(w_bars[k], w_bar)
    assert many.verdict is Verdict.CERTIFIED


@_TARGETS
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_sums_over_points(target: str, reduce: str) -> None:
    """One value, and one derivative by what all points share."""
    many = _compiled(compile_gradient, target, batch=(False, True), reduce=reduce)
    one = _compiled(compile_gradient, target)
    value, (w_bar, s_bars) = many(_WS[0], _SS)
    found = [one(_WS[0], float(s)) for s in _SS]
    scale = 9.0 if reduce == "mean" else 1.0
    assert value == pytest.approx(sum(v for v, _ in found) / scale, rel=1e-13)
    np.testing.assert_allclose(w_bar, sum(g[0] for _, g in found) / scale, rtol=1e-12)
    np.testing.assert_allclose(s_bars, [g[1] / scale for _, g in found], rtol=1e-13)
    scalars = compile_gradient(
        loss, _WS[0], 0.5, target=target, expand=True, batch=(False, True), reduce=reduce
    )
    wanted, (w_wanted, s_wanted) = scalars(_WS[0], _SS)
    assert value == pytest.approx(wanted, rel=1e-12)
    np.testing.assert_allclose(w_bar, w_wanted, rtol=1e-11)
    np.testing.assert_allclose(s_bars, s_wanted, rtol=1e-11)


@_TARGETS
def test_halves_out_and_pickles(target: str) -> None:
    """forward and backward, the caller's arrays, and a pickle give the same numbers."""
    many = _compiled(compile_gradient, target, batch=True)
    values, (w_bars, s_bars) = many(_WS, _SS)
    held, residuals = many.forward(_WS, _SS)
    np.testing.assert_allclose(held, values, rtol=1e-13)
    back = many.backward(residuals, np.arange(9.0))
    np.testing.assert_allclose(back[0], w_bars * np.arange(9.0)[:, None], rtol=1e-11, atol=1e-13)
    out = np.empty((9, 4)), np.empty(9)
    assert many(_WS, _SS, out=out)[1] is out
    np.testing.assert_array_equal(out[0], w_bars)
    again = pickle.loads(pickle.dumps(many))
    np.testing.assert_array_equal(again(_WS, _SS)[1][1], s_bars)
    w = _WS.copy()
    many(w, _SS, out=(w, np.empty(9)))
    np.testing.assert_array_equal(w, w_bars)


def test_bind() -> None:
    """Machine code bound to arrays of points refills them."""
    many = _compiled(compile_gradient, "native", batch=True)
    w, s, out = _WS.copy(), _SS.copy(), (np.empty((9, 4)), np.empty(9))
    call = many.bind(w, s, out=out)
    s[:] = 0.25
    np.testing.assert_array_equal(call(), many(w, s)[0])
    np.testing.assert_array_equal(out[0], many(w, s)[1][0])


@_TARGETS
def test_other_kinds(target: str) -> None:
    """Functions, Hessians and products at every point."""
    function = _compiled(compile_function, target, batch=True)
    np.testing.assert_allclose(
        function(_WS, _SS), [loss(w, s) for w, s in zip(_WS, _SS, strict=True)], rtol=1e-13
    )
    one = _compiled(compile_hessian, target, wrt=0)
    many = _compiled(compile_hessian, target, wrt=0, batch=True)
    found = many(_WS, _SS)
    assert found.shape == (9, 4, 4)
    np.testing.assert_array_equal(found[3], one(_WS[3], float(_SS[3])))
    product = _compiled(compile_hvp, target, wrt=0, batch=True)
    np.testing.assert_allclose(
        product(_WS, _SS, _WS), np.einsum("kij,kj->ki", found, _WS), rtol=1e-10
    )


@_TARGETS
def test_sparse_matrices_of_many_points(target: str) -> None:
    """One structure, and the values of every point, as calls one by one give them."""

    def chain(x: Any) -> Any:
        return np.sum(np.exp(x[1:] * x[:-1]))

    xs = _DRAW.normal(size=(5, 30))
    how: Any = {"target": target, "expand": False, "sparse": True}
    one, many = (compile_hessian(chain, xs[0], batch=batch, **how) for batch in (None, True))
    rows, columns, values = many(xs)
    for x, found in zip(xs, values, strict=True):
        wanted = one(x).tocoo()
        assert (rows.tolist(), columns.tolist()) == (wanted.row.tolist(), wanted.col.tolist())
        np.testing.assert_array_equal(found, wanted.data)
    again = pickle.loads(pickle.dumps(many))
    np.testing.assert_array_equal(again(xs)[2], values)


@_TARGETS
def test_what_does_not_fit(target: str) -> None:
    """Different numbers of points, another shape, threads: an error each."""
    many = _compiled(compile_gradient, target, batch=True)
    with pytest.raises(ArgumentError, match="points"):
        many(_WS, _SS[:4])
    with pytest.raises(ArgumentError):
        many(_WS[:, :3], _SS)
    empty = many(np.empty((0, 4)), np.empty(0))
    assert empty[0].shape == (0,)
    if target == "native":
        with pytest.raises(UnsupportedError, match="threads"):
            _compiled(compile_gradient, target, batch=True, threads=2)


def masked(x: Any, y: Any) -> Any:
    """Elements that values choose, changed in place: no trace of numbers alone records that."""
    z = np.where(x > y, x * y, x - y)
    z[x > 1.0] *= 2.0
    return np.sum(z**2) + np.sum(x[y > 0.5])


def smallest(matrix: Any) -> Any:
    """By a routine that cannot be written out in numbers."""
    return np.linalg.eigvalsh(matrix + matrix.T)[0]


@pytest.mark.parametrize(("function", "shapes"), [(masked, [(3,), (3,)]), (smallest, [(3, 3)])])
@_TARGETS
def test_what_only_whole_arrays_record_has_points_too(
    target: str, function: Any, shapes: list[tuple[int, ...]]
) -> None:
    """A batch is had by whichever form can be had, and is what calls one by one give."""
    points = [np.random.default_rng(3).uniform(0.1, 1.5, (5, *shape)) for shape in shapes]
    examples = [p[0] for p in points]
    values, bars = compile_gradient(function, *examples, target=target, batch=True)(*points)
    one = compile_gradient(function, *examples, target=target)
    for k in range(5):
        value, bar = one(*(p[k] for p in points))
        np.testing.assert_allclose(values[k], value, rtol=1e-13)
        for many, single in zip(
            *((b if len(points) > 1 else [b]) for b in (bars, bar)), strict=True
        ):
            np.testing.assert_allclose(many[k], single, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_masks_that_values_decide_are_expanded(target: str) -> None:
    """``expand=True`` writes out in numbers what whole arrays record."""
    x, y = np.array([0.5, 1.2, 0.3]), np.array([0.7, 0.6, 0.2])
    whole = compile_gradient(masked, x, y, target="numpy", expand=False)
    value, bars = compile_gradient(masked, x, y, target=target, expand=True)(y, x)
    expected, wanted = whole(y, x)
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(bars, wanted, rtol=1e-13)
