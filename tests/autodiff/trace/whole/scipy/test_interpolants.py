"""SciPy's interpolators at traced places, made inside or outside, and through traced values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import interpolate

from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes

X = np.linspace(0.0, 3.0, 8)
AT = np.array([0.2, 1.1, 2.7])
SPLINE = interpolate.CubicSpline(X, np.sin(X))
GRID = interpolate.RegularGridInterpolator((X, X), np.outer(np.sin(X), np.cos(X)))
MADE: dict[str, Callable[[Any], Any]] = {
    "akima": interpolate.Akima1DInterpolator(X, np.sin(X)),
    "line": interpolate.interp1d(X, np.sin(X), fill_value="extrapolate"),
    "cubic": interpolate.interp1d(X, np.cos(X), kind="cubic"),
    "smooth": interpolate.UnivariateSpline(X, np.sin(5.0 * X), s=0.5),
    "vectors": interpolate.CubicSpline(X, np.stack([np.sin(X), np.cos(X)], axis=1)),
}


def _outside(x: Any) -> Any:
    slope = SPLINE.derivative()
    made = sum(np.sum(one(x) ** 2) for one in MADE.values())
    return made + np.sum(SPLINE(x, 2) * slope(x)) + SPLINE.integrate(x[0], x[1])


def _inside(x: Any) -> Any:
    natural = interpolate.CubicSpline(X, np.sin(X), bc_type="natural")
    return np.sum(natural(x) * interpolate.PchipInterpolator(X, np.cos(X))(x)) + natural(x[0], 1)


def _on_grid(x: Any) -> Any:
    points = np.stack([x, x[::-1]], axis=1)
    return np.sum(GRID(points) ** 2) + GRID((x[0], x[1]))


def _through(y: Any) -> Any:
    pchip, b = interpolate.PchipInterpolator(X, y), interpolate.BSpline(np.arange(12.0), y, 3)
    grid = interpolate.RegularGridInterpolator((X[:4], X[:2]), np.reshape(y, (4, 2)))
    return np.sum(pchip(AT) ** 2) + np.sum(b(AT + 4.0) ** 2) + grid([[0.5, 0.3]])[0] ** 2


def _rows(y: Any) -> Any:
    """Through vectors: slopes, integrals, ends that are given, nothing outside."""
    rows = np.reshape(y, (4, 2))
    free = interpolate.CubicSpline(X[:4], rows)
    bound = interpolate.CubicSpline(X[:4], rows[:, 0], bc_type=((1, 0.5), (2, 0.0)))
    cut = interpolate.CubicSpline(X[:4], rows, extrapolate=False)
    made = np.sum(free(AT[:2], 1) * free.derivative()(AT[1:] * 0.4)) + np.sum(bound(AT) ** 2)
    twice = free.antiderivative(2)(AT[0])[1]
    return made + free.integrate(0.1, 0.9)[1] * twice + np.nansum(cut(AT) ** 2)


@pytest.mark.parametrize("target", ["python", "native"])
@pytest.mark.parametrize(
    ("function", "point"),
    [
        (_outside, AT),
        (_inside, AT),
        (_on_grid, AT),
        (_through, np.sin(5.0 * np.arange(8.0))),
        (_rows, np.sin(5.0 * np.arange(8.0))),
    ],
)
def test_interpolators(function: Callable[[Any], Any], point: Any, target: str) -> None:
    """Value and gradient are those of SciPy's."""
    value, gradient = compile_gradient(function, point, target=target)(point)
    assert value == pytest.approx(float(np.ravel(function(point))[0]), rel=1e-10)
    assert gradient == pytest.approx(slopes(lambda x: np.ravel(function(x))[0], point), rel=1e-6)


def test_beyond_the_knots() -> None:
    """What SciPy refuses is nan; what it fills in is that."""
    refused = interpolate.interp1d(X, X)
    filled = interpolate.interp1d(X, X, bounds_error=False, fill_value=(-1.0, 7.0))
    assert np.isnan(compile_gradient(lambda x: refused(x) * 1.0, 1.0)(4.0)[0])
    df = compile_gradient(lambda x: filled(x) * 1.0, 1.0)
    assert (df(-2.0)[0], df(4.0)[0], df(2.0)[1]) == pytest.approx((-1.0, 7.0, 1.0))
