"""Which loops go in lanes: none in which a lane picks from what stands in lanes itself."""

from __future__ import annotations

import numpy as np
import pytest

from codegen import compile_gradient

_W = np.linspace(-1.0, 1.0, 15).reshape(3, 5)
_X = np.sin(np.arange(27.0)).reshape(9, 3)
_PLACES = np.arange(9) * 3 % 5


def _picked(w: np.ndarray, x: np.ndarray, places: np.ndarray) -> object:
    scores = x @ w - 1.0
    return np.sum(np.take_along_axis(scores, places[:, None], axis=1) ** 2)


def test_rows_pick_from_what_is_computed_beside_them() -> None:
    """The picked numbers are those of their own places, in as many rows as there are lanes."""
    df = compile_gradient(_picked, _W, _X, _PLACES, wrt=0, target="native", expand=False)
    value, gradient = df(_W, _X, _PLACES)
    assert float(value) == pytest.approx(float(_picked(_W, _X, _PLACES)), rel=1e-13)  # type: ignore[arg-type]
    assert float(np.sum(gradient * _W)) == pytest.approx(
        float(
            2.0 * np.sum((_X @ _W - 1.0)[np.arange(9), _PLACES] * (_X @ _W)[np.arange(9), _PLACES])
        ),
        rel=1e-12,
    )


def _picked_alone(x: np.ndarray, places: np.ndarray) -> object:
    first = np.tanh(x[:, :1])
    return np.sum(first**2) + np.sum(np.take_along_axis(first, places[:, None] * 0, axis=1) ** 3)


def test_rows_of_one_number_are_found_by_an_index() -> None:
    """A number that an index finds is in memory, though each row holds no other."""
    df = compile_gradient(_picked_alone, _X, _PLACES, wrt=0, target="native", expand=False)
    value, gradient = df(_X, _PLACES)
    first = np.tanh(_X[:, 0])
    assert float(value) == pytest.approx(float(np.sum(first**2 + first**3)), rel=1e-13)
    slope = (2.0 * first + 3.0 * first**2) * (1.0 - first**2)
    assert gradient[:, 0] == pytest.approx(slope, rel=1e-12)
