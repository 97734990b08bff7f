"""The incomplete gamma and beta functions and Student's: against many digits, by each operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.libraries.special import incomplete
from codegen import compile_gradient

special = pytest.importorskip("scipy.special", reason="SciPy's functions need SciPy")


def _student(df: Any, t: Any) -> Any:
    x = df / (df + t * t)
    tail = mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, x, regularized=True) / 2
    return tail if t < 0 else 1 - tail


TRUE: dict[str, Callable[..., Any]] = {
    "gammainc": lambda a, x: mpmath.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mpmath.gammainc(a, x, mpmath.inf, regularized=True),
    "betainc": lambda a, b, x: mpmath.betainc(a, b, 0, x, regularized=True),
    "betaincc": lambda a, b, x: mpmath.betainc(a, b, x, 1, regularized=True),
    "stdtr": _student,
}
GAMMA = (
    (0.2, 0.01),
    (0.5, 2.49),
    (0.5, 2.51),
    (3.0, 40.0),
    (9.9, 12.0),
    (10.1, 3.0),
    (150.0, 140.0),
)
BETA = ((0.3, 4.0, 0.01), (2.0, 3.0, 0.42), (2.0, 3.0, 0.99), (40.0, 60.0, 0.3), (150.0, 2.5, 0.98))
STUDENT = ((0.7, -3.0), (3.0, 0.01), (3.0, 1.7), (30.0, -12.0), (150.0, 1.2))
AT = {"gammainc": GAMMA, "gammaincc": GAMMA, "betainc": BETA, "betaincc": BETA, "stdtr": STUDENT}


@pytest.mark.parametrize("name", TRUE)
def test_values_and_slopes(name: str) -> None:
    """Value and slope by each operand; with parameters that are known, the same value."""
    function, true = getattr(special, name), TRUE[name]
    df = compile_gradient(lambda *x: function(*x) * 1.0, *AT[name][0], target="native", check=False)
    with mpmath.workdps(80):
        for at in AT[name]:
            value, slopes = df(*at)
            exact = list(map(mpmath.mpf, at))
            assert value == pytest.approx(float(true(*exact)), rel=3e-13)
            for place, slope in enumerate(slopes):
                order = [1 if k == place else 0 for k in range(len(at))]
                expected = float(mpmath.diff(true, tuple(exact), tuple(order)))
                assert slope == pytest.approx(expected, rel=1e-10, abs=1e-12), (at, place)
            known = ad.value_and_grad(lambda x, at=at: function(*at[:-1], x))(at[-1])
            assert known[0] == pytest.approx(value, rel=3e-13)
            assert known[1] == pytest.approx(slopes[-1], rel=1e-10)


@pytest.mark.parametrize("a", [1000.0, 9000.0])
def test_large_known_parameters(a: float) -> None:
    """They take more steps, and have their digits."""
    with mpmath.workdps(50):
        for x in (0.97 * a, a + 1.0, 1.05 * a):
            for name in ("gammainc", "gammaincc"):
                found = getattr(incomplete, name)(a, x)
                assert found == pytest.approx(float(TRUE[name](a, x)), rel=1e-12)


def test_fisher() -> None:
    """Its two probabilities are SciPy's, and add up."""
    below, above = incomplete.fisher(2.0, 3.0, 0.7)
    assert below == pytest.approx(float(special.fdtr(2.0, 3.0, 0.7)), rel=1e-14)
    assert above == pytest.approx(float(special.fdtrc(2.0, 3.0, 0.7)), rel=1e-14)


ENDS: dict[str, list[tuple[tuple[float, ...], float, float]]] = {
    "gammainc": [
        ((0.5, 0.0), 0.0, np.inf), ((1.0, 0.0), 0.0, 1.0), ((3.0, 0.0), 0.0, 0.0),
        ((30.0, 0.0), 0.0, 0.0), ((3.0, np.inf), 1.0, 0.0),
    ],
    "gammaincc": [((1.0, 0.0), 1.0, -1.0), ((3.0, np.inf), 0.0, 0.0)],
    "betainc": [
        ((0.5, 2.5, 0.0), 0.0, np.inf), ((1.0, 2.5, 0.0), 0.0, 2.5), ((2.0, 1.0, 1.0), 1.0, 2.0),
        ((150.0, 100.0, 1.0), 1.0, 0.0),
    ],
    "stdtr": [((3.0, np.inf), 1.0, 0.0), ((1.0, -np.inf), 0.0, 0.0)],
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_ends(name: str) -> None:
    """Values and slopes where the domain ends are the limits, with parameters known and not."""
    function, points = getattr(special, name), ENDS[name]
    graph = ad.trace(lambda *x: function(*x) * 1.0, *points[0][0][:-1], 0.3)
    for at, value, slope in points:
        found, slopes = ad.backpropagate(graph, *at)
        assert found == value
        assert slopes[-1] == pytest.approx(slope, rel=1e-13)
        assert np.isfinite(slopes[:-1]).all()
    *parameters, x = points[0][0]
    known = ad.trace(lambda x: function(*parameters, x), 0.3)
    assert ad.backpropagate(known, x) == (points[0][1], pytest.approx(points[0][2], rel=1e-13))


def test_what_is_not_served() -> None:
    """An unknown parameter that is too large gives nan, slopes too, a known one an error."""
    df = compile_gradient(lambda a, x: special.gammainc(a, x) * 1.0, 2.0, 1.0)
    for at in ((201.0, 190.0), (-1.0, 2.0), (1.0, -2.0)):
        value, slopes = df(*at)
        assert np.isnan([value, *slopes]).all(), at
    with pytest.raises(ad.TraceError, match=r"gammainc with a parameter of 20000 cannot be traced"):
        ad.grad(lambda x: special.gammainc(2e4, x))(2e4)
