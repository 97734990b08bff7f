"""NumPy's functions on whole arrays: value as NumPy's, gradient as the scalars'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import autodiff as ad
from autodiff.errors import TraceError, UnsupportedError
from autodiff.run.whole.scalarize import scalarize
from codegen import compile_gradient
from tests.autodiff.trace.whole.linear_functions import LINEAR_FUNCTIONS, WITHOUT_SCALARS

_DRAW = np.random.default_rng(0)
_X, _Y, _V, _W = (_DRAW.uniform(0.3, 1.7, size=s) for s in ((3, 4), (3, 4), (4,), (4, 2)))
_PLACES = np.array([0.0, 0.4, 0.7, 1.0])
_INDEX, _MASK = np.array([2, 0, 2]), _X > 1.0
_C = _DRAW.normal(size=(3, 4))


def _filled(x: Any) -> Any:
    y = np.zeros((3, 5))
    for i in range(3):
        y[i, 0] = x[i, 0] ** 2
        y[i, 1:] = x[i] * 2.0
    y[:, 2] += x[:, 1]
    y[1][3] = x[0, 0] * y[0, 0]
    return y


def _views(x: Any) -> Any:
    y = x.copy()
    part = y[1:]
    part *= 2.0
    turned = y.T
    turned[0] = x[:, 1]
    row = part[0]
    row[1:3] = np.sin(x[0, 1:3])
    return y * part[1, 2]


def _masked(x: Any) -> Any:
    y = np.exp(x)
    y[_MASK] = 3.0 * x[_MASK]
    y[_INDEX[:2], 1] = x[0, :2]
    return y


def _unpacked(x: Any) -> Any:
    a, b, c = x
    return a * b - c


def _put_along(x: Any) -> Any:
    y = np.sin(x)
    np.put_along_axis(y, np.array([[1, 2], [-4, 1], [0, 3]]), x[:, :1], axis=1)
    return y * x


def _put_along_largest(x: Any) -> Any:
    y = np.cos(x)
    np.put_along_axis(y, np.argmax(x, axis=0, keepdims=True), x[1], axis=0)
    return y * x


def _stored_in_out(x: Any) -> Any:
    y, sums, gram = np.sin(x), x * 0.0, x[:, :3] * 0.0
    np.dot(x, x.T, gram)
    np.cumsum(x, axis=0, out=sums)
    sums[0].cumsum(out=sums[1])
    np.add.accumulate(sums, 1, out=y)
    np.concatenate([x[:1], y[1:]], out=sums)
    np.compress([1, 1, 0, 1], x, axis=1, out=y[:, 1:])
    return y * sums + gram[:, :1]


def _added_at(x: Any) -> Any:
    y = np.zeros(4)
    np.add.at(y, np.array([0, 2, 0]), x[:, 1])
    return y * x[0]


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "arithmetic": lambda x: (x + 2.0) * _C / (1.0 + x**2) - x[0] ** _V - (-x) + _V // 0.4,
    "ufuncs": lambda x: np.exp(-np.square(x)) * np.tanh(x) + np.arctan2(x, _Y) + np.hypot(x, 1.0),
    "choices": lambda x: np.where(x > 1, np.log(x), x**3) + np.maximum(x, _Y) + np.clip(x, 0.5, 1),
    "whole conditions": lambda x: x * (x > 1.0).astype(int) + np.where(x.astype(bool), x, _Y),
    "choose": lambda x: (
        np.choose((x > 1.0).astype(np.int8), [x**2, _Y]) * np.choose(x > _Y, [x, 2.0])
        + np.choose(np.array([0, 7, 1, 0]), [x, x**3], mode="clip")
    ),
    "sums": lambda x: x.sum(axis=0) + np.mean(x, axis=-2) * np.var(x) + np.std(x, axis=0, ddof=1),
    "sum of a list": lambda x: sum(x) + sum([x[0], x[1]]),
    "kept": lambda x: x - np.sum(x, axis=1, keepdims=True) / np.max(x, axis=1, keepdims=True),
    "where in sum": lambda x: np.sum(x, axis=0, where=_MASK, initial=3.0) + np.max(x, initial=0.1),
    "prod": lambda x: np.prod(x, axis=1) + np.cumprod(x[0])[:3] + np.prod(x),
    "extremes": lambda x: np.min(x, axis=0) + x.max() + np.ptp(x, axis=0),
    "running": lambda x: np.cumsum(x, axis=1) + np.cumsum(x).reshape(3, 4) + np.diff(x, axis=0)[:1],
    "running product": lambda x: np.cumprod(x, axis=1) + np.logaddexp.accumulate(x, axis=0),
    "shifted": lambda x: np.fft.fftshift(x) * np.fft.ifftshift(x, axes=1),
    "places of its shape": lambda x: x.T[np.tril_indices_from(x, -1)] @ np.ones(3) + x,
    "cummax": lambda x: np.maximum.accumulate(np.sin(9.0 * x), axis=1),
    "cummin": lambda x: np.minimum.accumulate(np.sin(9.0 * x), axis=0),
    "matmul": lambda x: (x @ _W) @ (_W.T @ x.T) + (_V @ x.T) @ x @ _V,
    "dot": lambda x: np.dot(x, x.T) + np.inner(x, _C) + np.outer(x[:, 0], _V[:3]) + np.vdot(x, _C),
    "einsum": lambda x: np.einsum("ij,kj,j->ik", x, _C, _V) + np.einsum("ij->i", x),
    "einsum diagonal": lambda x: np.einsum("ii->i", x @ x.T) * np.einsum("ii", x @ x.T),
    "batched": lambda x: np.matmul(x[:, None], x[:, :, None]) + np.einsum("...j,...j->...", x, x),
    "tensordot": lambda x: np.tensordot(x, _C, axes=([0, 1], [0, 1])) * np.kron(x[0], _V),
    "cross": lambda x: np.cross(x.T, _C.T),
    "convolve": lambda x: np.convolve(x[0], _V[:3]) + np.convolve(_DRAW_6, x[1, :3], "same"),
    "correlate": lambda x: np.correlate(_DRAW_6, x[0], "full") + np.convolve(x[0], _V, "valid"),
    "correlate the shorter": lambda x: np.correlate(x[0], _DRAW_7, "same"),
    "trace": lambda x: np.trace(x @ x.T) + np.diag(x @ x.T) + x.diagonal(),
    "diag": lambda x: np.diag(x[0]) @ _W,
    "triangles": lambda x: np.tril(x @ x.T) + np.triu(x @ x.T, 1) * 2.0,
    "slices": lambda x: x[::-1, 1:3] * x[:, -2:] + x[..., 0:1] + x[1, None, ::2],
    "indices": lambda x: x[_INDEX] + x[:, _INDEX][0, 0] + x[_INDEX, _INDEX][:, None],
    "mask": lambda x: x[_MASK] * _C[_MASK] + x[x[:, 0].shape[0] - 1][0],
    "take": lambda x: np.take(x, _INDEX, axis=1) + np.take_along_axis(x, _INDEX[:, None], 1),
    "shapes": lambda x: np.ravel(x.T) * x.reshape(-1) + np.squeeze(x[:1]).repeat(3),
    "axes": lambda x: np.transpose(np.stack([x, x * 2], axis=1), (2, 0, 1)).swapaxes(0, 2),
    "moved": lambda x: np.moveaxis(np.expand_dims(x, 1), 0, -1) * 1.5,
    "joined": lambda x: np.concatenate([x, _C[:1] * x[0]]) @ np.hstack([_W, _W]),
    "stacked": lambda x: np.vstack([x[0], _V]) + np.column_stack([x[0, :2], x[1, :2]])[:, :1],
    "parts": lambda x: np.split(x, 2, axis=1)[1] + np.array_split(x, 3)[2][:, :2],
    "rolled": lambda x: np.roll(x, 1, axis=0) + np.flip(x, 1) + np.roll(x, 3) + np.rot90(x, 2),
    "tiled": lambda x: np.tile(x, (2, 1)) + np.repeat(x, 2, axis=0) + np.pad(x, ((1, 2), (0, 0))),
    "broadcast": lambda x: np.broadcast_to(x[0], (3, 4)) + np.outer(x[:, 0], np.ones(4)),
    "arrays": lambda x: np.array([[x[0, 0], 1.0], [x[1].sum(), x[2, 1]]]) @ x[:2],
    "constructors": lambda x: np.eye(3) @ x + np.zeros_like(x) + np.full(4, x[0, 0]) + np.ones(4),
    "sorted": lambda x: np.sort(x, axis=0) * np.sort(x.ravel()).reshape(3, 4) + np.sort(x[:1], 0),
    "orders": lambda x: x[np.argsort(x[:, 0])] + np.median(x, axis=1, keepdims=True),
    "quantiles": lambda x: np.percentile(x, 30) + np.quantile(x, [0.1, 0.5], axis=0),
    "interp": lambda x: np.interp(x, np.linspace(0.0, 2.0, 7), _DRAW_7),
    "interp of values": lambda x: np.interp(np.linspace(-0.2, 1.3, 9), _PLACES, x[0]),
    "trapezoid": lambda x: getattr(np, "trapezoid", getattr(np, "trapz", None))(x, dx=0.3),
    "kept norms": lambda x: np.linalg.norm(x[0], keepdims=True) * np.linalg.norm(x, keepdims=True),
    "norms": lambda x: np.linalg.norm(x) + np.linalg.norm(x, axis=1) * np.linalg.norm(x, 1, axis=1),
    "averages": lambda x: np.average(x, axis=1, weights=_V) + np.cov(x)[0],
    "gradient": lambda x: np.gradient(x[0], 0.5) + np.nan_to_num(x / x)[0],
    "tests": lambda x: 1.0 * np.any(x > 1.6) + 1.0 * np.all(x > 0.0) + 1.0 * (x > 1.0) + np.sign(x),
    "special": lambda x: special.gammaln(x) + special.erf(x) * special.logsumexp(x, axis=0),
    "softmax": lambda x: special.softmax(x, axis=1) + np.logaddexp.reduce(x, axis=0),
    "iteration": lambda x: np.array([np.sum(row) * row[0] for row in x]) + len(x),
    "unpacked": _unpacked,
    "filled": _filled,
    "views": _views,
    "masked": _masked,
    "added at": _added_at,
    "put along": _put_along,
    "put along largest": _put_along_largest,
    "out": _stored_in_out,
    "polynomials": lambda x: np.polyval(x[0], 1.3) + np.polyval(_V, x),
    "outer ufunc": lambda x: np.add.outer(x[0], _V) + np.multiply.outer(x[:, 0], x[0])[:1].T,
    "mean of a mask": lambda x: np.mean(x, where=_MASK) + np.nanmean(x),
    "along an axis": lambda x: np.apply_along_axis(lambda v: v / np.sum(v**2), 1, x)
    + np.apply_along_axis(np.sum, 0, x),
    "vectorized": lambda x: np.vectorize(lambda a, b: a * b + np.sin(a))(x, _V),
    "lists": lambda x: np.sum([x[0], x[1] * 2.0])
    + np.max([row[0] for row in x])
    + np.mean(list(x)),
    "differences": lambda x: np.diff(x, axis=1, prepend=0.0, append=x[:, :1])[:, :4],
    "meshgrid": lambda x: np.meshgrid(x[0], x[:, 1])[0] * np.meshgrid(x[0], x[:, 1])[1],
}  # fmt: skip
_DRAW_6, _DRAW_7 = _DRAW.normal(size=6), _DRAW.normal(size=7)
_FUNCTIONS |= LINEAR_FUNCTIONS


def _loss(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def loss(x: Any) -> Any:
        made = function(x)
        return np.sum(np.sin(1.3 * made)) if np.shape(made) else np.sin(1.3 * made)

    return loss


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_the_value_is_numpys(name: str) -> None:
    """A trace with whole arrays computes what the function does on arrays."""
    function = _FUNCTIONS[name]
    graph = ad.trace(function, _X, expand=False)
    ad.check(graph)
    found, expected = ad.evaluate(graph, _X), function(_X.copy())
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_the_gradient_is_that_of_differences(name: str) -> None:
    """The gradient agrees with central differences of NumPy's own values."""
    loss = _loss(_FUNCTIONS[name])
    _, slope = ad.backpropagate(ad.trace(loss, _X, expand=False), _X)
    step, expected = 1e-6, np.zeros_like(_X)
    for place in np.ndindex(*_X.shape):
        one, other = _X.copy(), _X.copy()
        one[place] += step
        other[place] -= step
        expected[place] = (loss(one) - loss(other)) / (2 * step)
    np.testing.assert_allclose(slope, expected, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_the_gradient_is_that_of_the_scalars(name: str) -> None:
    """Gradient, and Hessian times a vector, agree with those of the scalarized graph."""
    graph = ad.trace(_loss(_FUNCTIONS[name]), _X, expand=False)
    if name in WITHOUT_SCALARS:
        with pytest.raises(UnsupportedError, match="element by element"):
            scalarize(graph)
        return
    scalars = scalarize(graph)
    ad.check(scalars)
    one, two = ad.backpropagate(graph, _X), ad.backpropagate(scalars, _X)
    np.testing.assert_allclose(one[0], two[0], rtol=1e-12)
    np.testing.assert_allclose(one[1], two[1], rtol=1e-10, atol=1e-12)
    hvp = ad.hvp(graph)
    ad.check(hvp)
    np.testing.assert_allclose(
        ad.evaluate(hvp, _X, _C), ad.evaluate(ad.hvp(scalars), _X, _C), rtol=1e-9, atol=1e-11
    )
    twice = ad.jvp(ad.gradient(graph))
    np.testing.assert_allclose(
        ad.evaluate(twice, _X, _C)[1], ad.evaluate(hvp, _X, _C), rtol=1e-12, atol=1e-13
    )


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_forward_and_reverse_agree(name: str) -> None:
    """<g, J t> is the same through vjp and jvp."""
    graph = ad.trace(_FUNCTIONS[name], _X, expand=False)
    value, tangent = ad.evaluate(ad.jvp(graph), _X, _C)
    g = np.cos(np.arange(np.size(value))).reshape(np.shape(value))
    _, cotangent = ad.evaluate(ad.vjp(graph), _X, g if np.shape(value) else float(g))
    np.testing.assert_allclose(np.sum(g * tangent), np.sum(_C * cotangent), rtol=1e-9, atol=1e-12)


def test_signs_of_eigenvectors_are_said() -> None:
    """Where LAPACK's signs differ from those of the trace, the error says that it is they."""
    x = np.random.default_rng(0).standard_normal((3, 3))
    signed = lambda x: np.sum(np.linalg.eigh(x, "U")[1] * np.arange(9.0).reshape(3, 3))  # noqa: E731

    def unsigned(x):
        w, v = np.linalg.eigh(x, "U")
        return np.sum(v @ np.diag(np.exp(w)) @ v.T)

    for refuses in (lambda: ad.grad(signed)(x), lambda: compile_gradient(signed, x, expand=False)):
        with pytest.raises(ad.TraceError, match=r"LAPACK's choice.* UPLO=\"L\""):
            refuses()
    assert ad.value_and_grad(unsigned)(x)[0] == pytest.approx(unsigned(x))


def test_running_products_are_recorded_in_few_steps() -> None:
    """A running product of a thousand numbers takes as many steps as that has binary digits."""
    graph = ad.trace(lambda x: np.sum(np.cumprod(x)), np.ones(1000), expand=False)
    assert len(graph.nodes) < 60


def test_a_shape_is_not_assigned_to() -> None:
    """``x.shape = ...`` of whole arrays says what to write; numbers one by one have it."""

    def reshaped(x: Any) -> Any:
        y = x.copy()
        y.shape = (-1,)
        return y @ np.arange(4.0)

    with pytest.raises(TraceError, match=r"x\.shape = \(-1,\) .* x = x\.reshape"):
        ad.trace(reshaped, np.ones((2, 2)), expand=False)
    assert ad.grad(reshaped)(np.ones((2, 2))).tolist() == [[0.0, 1.0], [2.0, 3.0]]


def test_where_elements_go_is_known() -> None:
    """What splits or deletes at a traced place says so, and does not call itself for ever."""
    for move in (lambda x: np.split(x, [x[0]]), lambda x: np.delete(x, x)):
        with pytest.raises(TraceError, match="cannot depend on a traced value"):
            ad.trace(move, np.array([0.5, 1.5, 2.5]), expand=False)
