"""Functions that NumPy makes of others, on whole arrays: none of them number by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.polynomial as npp
import pytest
from numpy.polynomial.chebyshev import chebvander

import autodiff as ad
from autodiff.trace.whole import protocols
from tests.autodiff.trace.libraries.differences import assert_as_called

_X = np.random.default_rng(5).normal(size=12)
_KNOWN = np.arange(4.0).reshape(2, 2)
_BINS = np.array([-1.0, 0.0, 1.0])


def _block(x: Any) -> Any:
    a = x[:4].reshape(2, 2)
    return np.block([[a, _KNOWN], [np.zeros((1, 2)), x[4:6]]]) @ x[:4] + np.block([a[0], x[2]])[0]


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x.reshape(3, 4) ** 2, [0, 1]),
    "atleast_3d": lambda x: np.atleast_3d(x[:3])[0] * np.atleast_3d(x.reshape(3, 4))[0, 0],
    "block": _block,
    "cross": lambda x: np.linalg.cross(x[:3], x[3:6]) * x[0],
    "cumulative": lambda x: np.cumulative_sum(x) * np.cumulative_prod(x[:3])[2],
    "digitize": lambda x: np.digitize(x, x[:3] * 0.0 + _BINS) * x,
    "digitize down": lambda x: np.digitize(x, (x[:3] * 0.0 + _BINS)[::-1], right=True) * x,
    "dsplit": lambda x: np.dsplit(x.reshape(2, 3, 2), 2)[1] ** 2,
    "dstack": lambda x: np.dstack([x, x * x]) ** 2,
    "ediff1d": lambda x: np.ediff1d(x * x, to_begin=x[0], to_end=[1.0, 2.0]),
    "geomspace": lambda x: np.geomspace(x[0] ** 2, x[2:4] ** 2, 4, endpoint=False)
    * np.geomspace(-1.0 - x[1] ** 2, -9.0, 4)[:, None],
    "insert": lambda x: np.insert(x.reshape(3, 4), [1, 2], x[:3, None], axis=1) ** 2,
    "matrix_norm": lambda x: np.linalg.matrix_norm(x.reshape(3, 4)) * x,
    "matrix_transpose": lambda x: np.matrix_transpose(x.reshape(3, 4)) @ x[:3],
    "polyadd": lambda x: np.polyadd(x[:3], x) * np.polysub(x, x[:5]),
    "polyder": lambda x: np.polyder(x**2, 2),
    "polyval": lambda x: np.polyval(x, x * 0.1) + np.polyval(x[:3], 0.5) * np.polyval([1, 2], x),
    "rollaxis": lambda x: np.rollaxis(x.reshape(2, 2, 3), 2)[1] ** 2,
    "spectrum": lambda x: np.fft.irfft2(np.fft.rfft2(x.reshape(3, 4)) * np.exp(0.3j)) ** 2,
    "unstack": lambda x: np.unstack(x.reshape(3, 4))[1] ** 2,
    "vander": lambda x: np.vander(x, 4, increasing=True) * np.vander(x)[:, 8:] + np.vander(x, 1),
    "vecdot": lambda x: np.linalg.vecdot(x.reshape(3, 4), x[:4]) * x[:3],
    "coefficients": lambda x: npp.chebyshev.chebval(np.linspace(-1.0, 1.0, 5), x)
    * npp.polynomial.polyval(0.5, npp.polynomial.polyder(x, 2)),
    "chebvander": lambda x: chebvander(x, 3) * npp.legendre.legvander(x, 3),
    "hermvander": lambda x: npp.hermite.hermvander(x, 3) * npp.hermite_e.hermevander(x, 3),
    "lagvander": lambda x: npp.laguerre.lagvander(x, 4) * npp.polynomial.polyvander(x, 4),
    "values": lambda x: npp.legendre.legval(x, x[:4]) + npp.laguerre.lagval(x, [1.0, 2.0, 0.5]),
}  # fmt: skip


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_value_and_gradient_are_numpys(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a call of NumPy's has them; no array is taken apart."""
    monkeypatch.delattr(protocols, "_by_elements")
    assert_as_called(lambda x: np.sum(_FUNCTIONS[name](x)), _X)


def test_series_of_known_numbers_stay_numpys() -> None:
    """Only what is traced is ours."""
    graph = ad.trace(lambda x: npp.chebyshev.chebval(0.5, [1.0, 2.0]) * x[0], _X, expand=False)
    assert ad.evaluate(graph, _X) == 2.0 * _X[0]
