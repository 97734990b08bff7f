"""Places that a mask chooses are an index, and nothing that has a length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TraceError
from tests.autodiff.trace.libraries.differences import assert_as_called

_X = np.random.default_rng(3).normal(size=(5, 4))


def _changed(x: Any) -> Any:
    y = x * x
    y[np.where(x > 0.2)] *= 3.0
    y[np.flatnonzero(x[:, 0] > 0.0)] += 0.5
    return np.sum(y * x)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "how many": lambda x: len(np.where(x > 0.0)[0]) * x[0, 0],
    "where": lambda x: np.sum(x[np.where(x > 0.1)] ** 3),
    "nonzero": lambda x: np.sum(np.exp(x[np.nonzero(x < 0.3)[0], np.nonzero(x < 0.3)[1]])),
    "method": lambda x: np.mean(x[:, 1][(x[:, 0] > 0.0).nonzero()]),
    "flat": lambda x: np.max(x.ravel()[np.flatnonzero(x < 0.5)]),
    "argwhere": lambda x: np.sum(x[np.argwhere(x[:, 0] < 0.3)[:, 0]] ** 2),
    "argwhere of a vector": lambda x: np.max(x[:, 0][np.argwhere(x[:, 1] < 0.5).ravel()]),
    "argwhere, turned": lambda x: np.sum(x[tuple(np.argwhere(x > 0.1).T)] ** 3),
    "rows": lambda x: np.sum(x[np.where(x[:, 0] < 0.3)[0], 1:] ** 2),
    "count": lambda x: np.sum(x) / np.where(x > 0.0)[0].size,
    "changed": _changed,
}


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_places_are_an_index(name: str) -> None:
    """Value and gradient are those of the places that NumPy finds."""
    assert_as_called(_FUNCTIONS[name], _X)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: np.sum(x[np.where(x[:, 0] > 0.0)[0] + 1]), "as np.where.mask. gives them"),
        (lambda x: np.sum(x[np.where(x > 0.0)[1]]), "as np.where.mask. gives them"),
        (lambda x: np.sum(x[0][np.where(x[:, 0] > 0.0)]), "does not fit"),
    ],
)
def test_what_places_are_not(function: Callable[[Any], Any], said: str) -> None:
    """Changed places, one axis of several, their number: each is refused."""
    with pytest.raises(TraceError, match=said):
        ad.trace(function, _X, expand=False)
