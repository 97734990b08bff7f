"""Solutions of Riccati's equations: SciPy's numbers, and slopes by every matrix."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient

linalg = pytest.importorskip("scipy.linalg", reason="SciPy's equations need SciPy")


@pytest.mark.parametrize("name", ["solve_discrete_are", "solve_continuous_are"])
def test_riccati(name: str) -> None:
    """An unstable system of three states; moved by each matrix, the residual stays zero."""
    source = np.random.default_rng(1)
    a, b = source.normal(size=(3, 3)), source.normal(size=(3, 2))
    given = (a, b, np.eye(3), 0.5 * np.eye(2))
    function = getattr(linalg, name)

    def size(*matrices: np.ndarray) -> float:
        found = function(*matrices)
        return np.sum(found * found)

    value, slopes = compile_gradient(size, *given, target="numpy")(*given)
    assert value == pytest.approx(size(*given), rel=1e-12)
    for place, slope in enumerate(slopes):
        step = source.normal(size=np.shape(given[place]))
        step = step + step.T if place > 1 else step
        ends = [
            size(*(one + h * step if k == place else one for k, one in enumerate(given)))
            for h in (1e-5, -1e-5)
        ]
        assert np.sum(slope * step) == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6)


def test_what_more_there_is_is_refused() -> None:
    """A descriptor matrix, by name."""
    with pytest.raises(ad.TraceError, match=r"solve_discrete_are\(e=.*cannot be traced"):
        ad.trace(
            lambda a: linalg.solve_discrete_are(a, np.eye(2), np.eye(2), np.eye(2), e=np.eye(2)),
            np.eye(2),
            expand=False,
        )
