"""Places that depend on numbers are written element by element: the same places, nans included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.whole.scalarize import scalarize
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes

_TABLE = np.random.default_rng(0).normal(size=(4, 3))
_STAIRS = np.array([-1.0, 0.0, 1.0])
_WEIGHTS = np.arange(6.0)


def _rows_in_order(x: Any) -> Any:
    rows = x.reshape(2, 3)
    return np.take_along_axis(rows, np.argsort(rows, axis=1), 1)[1] @ x[:3]


_CHOOSING: dict[str, Callable[[Any], Any]] = {
    "largest": lambda x: 2.0 * x[np.argmax(x)],
    "row of the smallest": lambda x: _TABLE[np.argmin(x[:4])] @ x[:3],
    "rows by columns": lambda x: _TABLE[np.argmax(x.reshape(3, 2), axis=0), :].sum() * x[0],
    "both indices": lambda x: _TABLE[np.argmax(x[:4]), np.argmin(x[:3])] * x[0],
    "beside the largest": lambda x: x[np.argmax(x) - 1],
    "sorted": lambda x: np.sort(x) @ _WEIGHTS,
    "partition": lambda x: np.partition(x, 2)[2],
    "order": lambda x: x[np.argsort(-x)] @ _WEIGHTS,
    "largest three": lambda x: x[np.argsort(x)[::-1][:3]].sum(),
    "order along an axis": _rows_in_order,
    "largest so far": lambda x: np.sum(np.maximum.accumulate(x) * _WEIGHTS),
    "stairs": lambda x: np.searchsorted(_STAIRS, x) @ x,
    "stairs from the right": lambda x: np.searchsorted(_STAIRS, x, side="right") @ x,
}


@pytest.mark.parametrize("name", _CHOOSING)
def test_places_are_numpys(name: str) -> None:
    """With ties and with nans, arrays and scalars give what NumPy gives."""
    function, draw = _CHOOSING[name], np.random.default_rng(1)
    graph = ad.trace(function, np.zeros(6), expand=False)
    scalars = scalarize(graph)
    for trial in range(60):
        x = draw.integers(-2, 3, 6).astype(float) if trial % 2 else draw.normal(size=6)
        if trial % 5 == 0:
            x[draw.integers(6)] = np.nan
        expected = float(function(x))
        assert ad.evaluate(graph, x) == pytest.approx(expected, nan_ok=True)
        assert ad.evaluate(scalars, x) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("name", _CHOOSING)
def test_the_python_target_has_them(name: str) -> None:
    """Compiled to Python alone, value and gradient are the function's."""
    x = np.array([0.3, -1.2, 0.9, 2.1, -0.4, 1.4])
    value, gradient = compile_gradient(_CHOOSING[name], x, target="python")(x)
    assert value == pytest.approx(float(_CHOOSING[name](x)))
    assert np.allclose(gradient, slopes(_CHOOSING[name], x), rtol=1e-7, atol=1e-9)


def test_a_place_out_of_bounds_is_nobody() -> None:
    """What is read beyond the end is nan, never a neighbour's number."""
    graph = scalarize(ad.trace(lambda x: x[np.argmax(x) + 1], np.zeros(3), expand=False))
    assert np.isnan(ad.evaluate(graph, np.array([1.0, 2.0, 3.0])))
    assert ad.evaluate(graph, np.array([1.0, 4.0, 3.0])) == 3.0
