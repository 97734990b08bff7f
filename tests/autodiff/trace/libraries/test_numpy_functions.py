"""NumPy as people write it: constructors, reductions, scalars' attributes, and what is refused."""

from __future__ import annotations

import copy
import functools
import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import optimize, spatial
from scipy import stats as st

import autodiff as ad
from codegen import compile_gradient

S = 0.7
V = np.array([0.3, 0.7, 1.2])
W = np.array([1.0, 0.5, 0.1])
M = np.array([[0.3, 0.7], [1.2, 0.4]])


def filled(n: int) -> Callable[[Any], Any]:
    """A function that fills ``np.zeros(n)`` element by element."""

    def fill(x):
        out = np.zeros(n)
        for i in range(n):
            out[i] = x * float(i)
            out[i] += 1.0
        return np.sum(out * out)

    return fill


def helped(x):
    """Fills an array and hands it to a function that makes more."""
    return np.sum(doubled(np.array([x, 0.0, x])))


def doubled(array):
    """Called by ``helped``."""
    return np.concatenate([array, np.ones_like(array)]) * 2.0


def _sorted_in_place(x):
    copied = x.copy()
    copied.sort()
    return copied


def _clipped(x: Any) -> Any:
    np.clip(x, 0.5, 1.0, out=x)
    y = x / np.array([1.0, 0.0, 1.0])
    np.nan_to_num(y, copy=False, posinf=2.0)
    return np.sum(x.clip(0.6, None, out=x) ** 2) + x[0] + np.sum(y)


IDIOMS: dict[str, tuple[Any, ...]] = {
    # constructors
    "array of mixed": (lambda x: np.sum(np.exp(np.array([x, 0.0]))), S),
    "array of a list": (lambda x: np.sum(np.sin(np.array([x * i for i in range(3)]))), S),
    "matrix": (lambda x, y: np.sum(np.array([[x, y], [y, x]]) @ np.array([x, y])), S, 0.3),
    "asarray": (lambda x: np.sum(np.asarray([x, 1.0]) * 2), S),
    "array of an array": (lambda x: np.sum(np.array(x) ** 2), V),
    "zeros filled": (filled(3), S),
    "full": (lambda x: np.sum(np.full(3, x) ** 2), S),
    "eye": (lambda x: np.sum(np.eye(3) * x), S),
    "zeros as numbers": (lambda x: x * np.linalg.det(np.eye(2)) + np.zeros(2)[0], S),
    "helpers": (helped, S),
    "linspace": (lambda x: np.sum(np.linspace(0.0, x, 4) ** 2), S),
    "vectorize": (lambda x: np.sum(np.vectorize(lambda a: a * a)(x)), V),
    "partial": (functools.partial(lambda n, x: np.sum(np.zeros(n) + x), 3), S),
    # scalars and their attributes
    "dtype": (lambda x: np.sum(x) if x.dtype == np.float64 else 0.0 * x[0], V),
    "dtype of a scalar": (lambda x: x if x.dtype == float else 2.0 * x, S),
    "item": (lambda x: (x * x).sum().item() * x[0].item(), V),
    "real": (lambda x: x.real * x + x.imag, S),
    "conjugate": (lambda x: x.conjugate() * x, S),
    "shape": (lambda x: x * (1 if x.shape == () else 2) * x.ndim + x, S),
    "astype": (lambda x: np.sum(x.astype(float)) * x[0].astype(np.float64), V),
    "copy": (lambda x: copy.deepcopy(x)[0] * copy.copy(x[1]) * x.copy()[2], V),
    "squeeze": (lambda x: np.squeeze(x[:1]) * 2.0, V),
    "tensordot": (lambda x: np.tensordot(x, x, 1), V),
    "ellipsis": (lambda x: x[..., 0] * x[0], V),
    "divmod": (lambda x: divmod(x, 0.2)[1] + x // 0.2 + 2.0 // x, S),
    "type": (lambda x: x[0] * (np.result_type(x, 1) is np.dtype(np.common_type(x))), V),
    "a large integer": (lambda x: x * 10**20, S),
    # reductions
    "std": (lambda x: np.std(x) + np.std(x, ddof=1) + np.var(x), V),
    "std of one": (lambda x: np.std(x[:1]) + np.var(x[:1]) + x[0], V),
    "std of a scalar": (lambda x: np.std(x) + x, S),
    "mean over nothing": (lambda x: np.sum(np.mean(x, axis=())), M),
    "mean where": (lambda x: np.mean(x, where=np.array([True, False, True])), V),
    "sum where": (lambda x: np.sum(x * x, where=np.array([True, False, True])), V),
    "cov": (lambda x, y: np.cov(x, y)[0, 1] + np.corrcoef(x, y)[0, 1], V, W),
    "vdot": (lambda x: np.vdot(x, x) + np.inner(x, x), V),
    "norms": (lambda x: sum(np.linalg.norm(x, p) for p in (1, 2, 3, np.inf, -np.inf)), V),
    "nan reductions": (lambda x: np.nansum(x) + np.nanmean(x) + np.nanmax(x) + np.nanmin(x), V),
    "any": (lambda x: np.where(np.any(x > 0.5), x[0], x[1]) + np.where(np.all(x > 0), x[1], 0), V),
    "accumulate": (lambda x: np.sum(np.add.accumulate(x) ** 2), V),
    # elementwise
    "isclose": (lambda x: np.sum(np.where(np.isclose(x, 0.3), x, 2 * x)), V),
    "isfinite": (lambda x: np.sum(np.where(np.isfinite(x) & ~np.isinf(x), x, 0.0)), V),
    "fmax": (lambda x: np.sum(np.fmax(x, 0.5) + np.fmin(x, 0.5)), V),
    "copysign": (lambda x: np.sum(np.copysign(x, -1.0)), V),
    "round": (lambda x: np.sum(np.round(x, 1) * x), V),
    "ufunc out": (lambda x: np.sum(np.multiply(x, 2.0, out=np.empty(3))), V),
    "ufunc where": (
        lambda x: np.sum(np.multiply(x, 2.0, where=np.array([True, False, True]), out=np.zeros(3))),
        V,
    ),
    "sum from a number": (
        lambda x: np.sum(x * x, where=np.array([True, False]), initial=5.0) + np.sum(x, initial=2),
        M,
    ),
    "product from a number": (lambda x: np.prod(x, initial=5.0), M),
    "in place": (lambda x: _clipped(x * 1.0), V),
    "clip method": (lambda x: np.sum(x.clip(0.5, 1.0)), V),
    "interp": (lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]), S),
    "piecewise": (
        lambda x: np.sum(np.piecewise(x, [x < 0.5, x >= 0.5], [lambda t: t * t, lambda t: t])),
        V,
    ),
    # shapes
    "stacks": (lambda x: np.sum(np.vstack(x) ** 2) + np.sum(np.hstack(x) ** 2), V),
    "stack scalars": (lambda x: np.sum(np.hstack([x, 1.0, x]) ** 2), S),
    "gradient": (lambda x: np.sum(np.gradient(x) ** 2), V),
    "gradient of axes": (lambda x: np.sum(np.gradient(x, 0.5)[1] ** 2), M),
    "gradient of an axis": (lambda x: np.sum(np.gradient(x, axis=1) ** 2), M),
    "gradient of second order": (lambda x: np.sum(np.gradient(x, 0.1, edge_order=2) ** 2), V),
    "gradient at places": (
        lambda x: np.sum(np.gradient(x, np.array([0.0, 1.0, 3.0]), edge_order=2) ** 2),
        V,
    ),
    "gradient at traced places": (lambda x, y: np.sum(np.gradient(x, y) ** 2), V, W),
    "r_": (lambda x: np.sum(np.r_[x, 1.0, x[:2], 0:3] ** 2), V),
    "c_": (lambda x: np.sum(np.c_[x, W] @ np.c_[W, x].T), V),
    # in order
    "sort": (lambda x: np.sort(x) @ np.arange(3.0), W),
    "sort along": (lambda x: np.sum(np.sort(x, axis=0) * M), M),
    "sort in place": (lambda x: _sorted_in_place(x) @ V, W),
    "median": (lambda x: np.median(x) * np.sum(np.median(x[:2], keepdims=True)), V),
    "quantiles": (lambda x: np.sum(np.quantile(x, [0.1, 0.8]) ** 2) + np.percentile(x, 30), V),
    "partition": (lambda x: np.partition(x, 0)[0] ** 2, V),
    "roll": (lambda x: np.sum(np.roll(x, 1) * x) + np.sum(np.flip(x) * x), V),
    "pad": (lambda x: np.sum(np.pad(x, 1) ** 2) + np.sum(np.kron(x, x)), V),
    "cross": (lambda x: np.sum(np.cross(x, x[::-1]) ** 2), V),
    "along an axis": (lambda x: np.sum(np.apply_along_axis(lambda r: r * r, 0, x)), M),
    "average": (lambda x, y: np.average(x, weights=y), V, W),
    "nanstd": (lambda x: np.nanstd(x) + np.nanvar(x, ddof=1) + np.sum(np.nancumsum(x)), V),
    "fromiter": (lambda x: np.sum(np.fromiter((v * v for v in x), float)), V),
    "isscalar": (lambda x: x if np.isscalar(x) else 2.0 * x, S),
    "angle": (lambda x: np.angle(x) * x + np.angle(-x, deg=True) * x, S),
    "divmod of arrays": (lambda x: np.sum(np.divmod(x, 0.25)[1] * x), V),
    "linspace of none": (lambda x: np.sum(np.linspace(x, 2.0, 0)) + x, S),
    "astype of NumPy": (lambda x: np.sum(getattr(np, "astype", np.asarray)(x, float) ** 2), V),
    "poly1d": (np.poly1d([1.0, 2.0, 3.0]), S),
}


@pytest.mark.parametrize("name", IDIOMS)
def test_it_is_recorded(name: str) -> None:
    """The compiled function gives what the function gives, and its gradient the slope."""
    function, *examples = IDIOMS[name]
    df = compile_gradient(function, *examples)
    value, gradient = df(*examples)
    assert math.isclose(value, float(function(*map(_as_numpy, examples))), rel_tol=1e-12)
    gradients = gradient if len(examples) > 1 else (gradient,)
    for place, slope in enumerate(gradients):
        assert np.shape(slope) == np.shape(examples[place])
        for index in np.ndindex(np.shape(slope)):
            difference = _difference(function, examples, place, index)
            assert np.asarray(slope)[index] == pytest.approx(difference, rel=1e-5, abs=1e-7)


def _as_numpy(x: Any) -> Any:
    return np.float64(x) if isinstance(x, float) else x


def _difference(function: Any, examples: list[Any], place: int, index: Any) -> float:
    """Central difference along one element: enough to see that the right thing was recorded."""
    values = []
    for step in (1e-6, -1e-6):
        moved = [np.array(x, dtype=float) for x in examples]
        moved[place][index] += step
        plain = [x[()] for x in moved]
        values.append(float(function(*plain)))
    return (values[0] - values[1]) / 2e-6


class Base:
    """Fills an array in a method that nobody calls by its name."""

    def filled(self, x):
        out = np.zeros(3)
        for i in range(3):
            out[i] = x * i + self.weight
        return out


class Model(Base):
    """Methods of every kind, found in every way."""

    def __init__(self):
        self.weight, self.calls = 2.0, 0

    def forward(self, x):
        self.calls += 1
        return np.sum(getattr(self, "fil" + "led")(x) ** 2)

    def loss(self, x):
        return eval("self.forward(x)")

    @staticmethod
    def alone(x):
        out = np.zeros(2)
        out[0] = x
        return np.sum(out * out)

    @property
    def scaled(self):
        import numpy  # as a user may

        out = numpy.zeros(1)
        out[0] = self.weight
        return out[0]

    def both(self, x):
        return self.alone(x) + self.scaled * x

    def __call__(self, x):
        return self.loss(x)


class Slotted:
    """An object that cannot be seen through stays what it is."""

    __slots__ = ("weight",)

    def __init__(self):
        self.weight = 2.0

    def loss(self, x):
        return self.weight * x


def test_methods_are_found_however_they_are_called() -> None:
    """A method's own methods fill arrays, whether called by name, by text, or as an object."""
    model = Model()
    for f, slope in (
        (model.loss, 27.0),
        (lambda x: 1.0 * model.loss(x), 27.0),
        (model, 27.0),
        (lambda x: model(x) + model.both(x), 32.0),
        (Slotted().loss, 2.0),
    ):
        assert ad.grad(f)(1.5) == slope
        assert compile_gradient(f, 1.5)(1.5)[1] == slope
    assert type(model) is Model
    assert model.calls > 0
    assert vars(model).keys() == {"weight", "calls"}


def test_imports_inside_a_function() -> None:
    """A function that imports NumPy itself finds what any other does."""

    def f(x):
        import numpy as own  # as a user may
        from numpy import zeros

        out, other = own.zeros(2), zeros(1)
        out[1], other[0] = x * x, x
        return own.sum(out) + other[0]

    assert ad.grad(f)(3.0) == 7.0
    assert f(3.0) == 12.0


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "np.argsort": (lambda x: x[np.argsort(x)][0], V, "np.maximum"),
    "np.unique": (lambda x: np.unique(x)[0], V, "np.maximum"),
    "np.linalg.eig": (lambda x: np.linalg.eig(x)[0][0], M, "np.linalg.eigh"),
    "np.linalg.matrix_rank": (lambda x: np.linalg.matrix_rank(x) * x[0, 0], M, "outside"),
    "np.histogram2d": (lambda x: np.histogram2d(x, x)[0][0, 0], V, "np.bincount"),
    "np.geomspace": (lambda x: np.sum(np.geomspace(1.0, x, 3)), S, "np.where"),
    "np.insert": (lambda x: np.sum(np.insert(V, 1, x)), S, "autodiff.custom"),
    "np.savetxt": (lambda x: np.savetxt(os.devnull, x) or x[0], V, "outside, on what the function"),
    "np.nditer": (lambda x: sum(np.nditer(x)), V, "a.flat"),
    "np.polyfit": (lambda x: np.polyfit(V, x, 1)[0], W, "np.where"),
    "round": (lambda x: round(x, 1), S, "np.round"),
    "st.iqr": (lambda x: st.iqr(x), V, "autodiff.custom"),  # noqa: PLW0108
    "optimize.minimize": (
        lambda x: optimize.minimize(lambda t: (t - x) ** 2, 0.0).x[0],
        S,
        "ad.root",
    ),
    "spatial.ConvexHull": (lambda x: spatial.ConvexHull(x).area, S, "autodiff.custom"),
    "math.nextafter": (lambda x: math.nextafter(x, 2.0) * 1.0, S, "np.where"),
    "math.frexp": (lambda x: math.frexp(x)[0] * 1.0, S, "np.where"),
    "math.gcd": (lambda x: math.gcd(x, 2), S, "Close over"),
    "x.argmax": (lambda x: x[x.argmax()], V, "np.argmax"),
    "a variable": (lambda x, f=np.geomspace: np.sum(f(1.0, x, 3)), S, "np.geomspace"),
    "np.argmax": (lambda x: x[np.argmax(x)], V, "close over the indices"),
    "np.searchsorted": (lambda x: np.searchsorted([0.0, 1.0], x)[0] * x[0], V, "indices"),
    "np.fft.fft": (lambda x: np.sum(np.abs(np.fft.fft(x))), V, "real and imaginary"),
    "np.linalg.solve": (lambda x: np.sum(np.linalg.solve(x, [1.0, 2.0])), M, "expand=False"),
    "np.linalg.det": (np.linalg.det, M, "expand=False"),
    "np.linalg.norm": (lambda x: np.linalg.norm(x, 1), M, "Frobenius"),
    "np.sum": (lambda x: np.sum(np.array([x, 1.0], dtype=int)), S, "Leave dtype out"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_how_to_write_it(name: str) -> None:
    """The message has the user's line, the function's name and a way out."""
    function, example, way_out = REFUSED[name]
    with pytest.raises(ad.TraceError) as raised:
        ad.trace(function, example)
    assert way_out in str(raised.value)
    if name.startswith(("np.", "st.", "optimize.", "spatial")) and name != "np.sum":
        assert name in str(raised.value)
    if "lambda" in getattr(function, "__name__", ""):
        assert "test_numpy_functions.py:" in str(raised.value)


def test_the_original_function_is_left_alone() -> None:
    """Tracing works on a copy: globals, closures and counters of the function stay as they are."""
    seen = []

    def f(x):
        out = np.zeros(2)
        seen.append(type(out))
        out[0] = x
        return out[0]

    ad.trace(f, 1.0)
    f(1.0)
    assert seen[1] is np.ndarray
    assert f.__globals__["np"] is np


def test_methods_are_copied() -> None:
    """A bound method that fills an array is traced like a function."""

    class Model:
        def loss(self, x):
            out = np.zeros(2)
            out[1] = x * x
            return np.sum(out)

    assert ad.grad(Model().loss)(3.0) == 6.0


def test_whether_arrays_are_equal() -> None:
    """Comparisons of whole arrays are conditions, of branches and of assertions."""

    def f(x):
        assert np.allclose(x, (x * 3.0) / 3.0)
        if np.allclose(x, 1.0):
            return np.sum(x)
        return np.where(np.array_equal(x, [2.0, 3.0]), x[0], np.sum(x**2))

    for target, expand in (("python", True), ("native", True), ("numpy", False)):
        df = compile_gradient(f, np.array([1.5, 2.0]), target=target, expand=expand)
        for at in ([1.5, 2.0], [1.0, 1.0], [2.0, 3.0]):
            assert df(np.array(at))[0] == float(f(np.array(at)))
        assert list(df(np.array([1.0, 1.0]))[1]) == [1.0, 1.0]


def test_float64_keeps_what_is_traced() -> None:
    """``np.float64`` converts numbers, arrays and elements, and stays NumPy's in all else."""

    def f(x, w):
        total = np.float64(0.0)
        for v in w:
            total += np.float64(v) * v
        filled = np.zeros(2, dtype=np.float64)
        filled[0] = np.float64(x)
        assert isinstance(np.float64("1.5"), np.float64)
        assert w.dtype == np.float64
        assert not isinstance(3.0, np.float64)
        return total + np.sum(np.float64(w)) * np.double(3) + np.sum(filled) * x

    w = np.array([1.0, 2.0])
    for target in ("python", "numpy", "native"):
        value, (x_bar, w_bar) = compile_gradient(f, 1.5, w, target=target)(1.5, w)
        assert (value, x_bar, w_bar.tolist()) == (f(1.5, w), 3.0, [5.0, 7.0])


@pytest.mark.parametrize("expand", [True, False])
def test_vectorize_with_a_signature_is_refused(expand: bool) -> None:
    """It gives rows to its function, which must not get elements instead."""
    rows = np.vectorize(np.sum, signature="(n)->()")
    with pytest.raises(ad.TraceError, match=r"vectorize with signature cannot .* for row in x"):
        ad.trace(lambda x: np.sum(rows(x) ** 2), np.ones((2, 3)), expand=expand)
