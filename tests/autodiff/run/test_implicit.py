"""Solutions of equations have the derivatives of the implicit function theorem."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient


def cubic(p: Any) -> Any:
    """The largest root of x^3 - p x - 1."""
    return ad.root(lambda x, q: x**3 - q * x - 1.0, 1.5, p)


def cosine(p: Any) -> Any:
    """Where x is the cosine of p x."""
    return ad.fixed_point(lambda x: np.cos(p * x), 0.5)


def crossing(p: Any) -> Any:
    """A number of the point where two curves meet."""
    x = ad.root(
        lambda x: np.array([x[0] ** 2 + x[1] - p - 1.0, x[1] ** 2 - x[0] * p]), np.array([1.0, 1.0])
    )
    return x[0] + 2.0 * x[1]


def slope_of_cubic(p: float) -> float:
    """dx/dp = x / (3 x^2 - p)."""
    x = cubic(p)
    return float(x / (3.0 * x * x - p))


def slope_of_cosine(p: float) -> float:
    """dx/dp = -x sin(p x) / (1 + p sin(p x))."""
    x = cosine(p)
    sine = math.sin(p * x)
    return float(-x * sine / (1.0 + p * sine))


def slope_of_crossing(p: float) -> float:
    """-J^-1 df/dp."""
    found = ad.root(
        lambda x: np.array([x[0] ** 2 + x[1] - p - 1.0, x[1] ** 2 - x[0] * p]), np.array([1.0, 1.0])
    )
    jacobian = np.array([[2.0 * found[0], 1.0], [-p, 2.0 * found[1]]])
    moved = -np.linalg.solve(jacobian, np.array([-1.0, -found[0]]))
    return float(moved[0] + 2.0 * moved[1])


CASES = [(cubic, slope_of_cubic), (cosine, slope_of_cosine), (crossing, slope_of_crossing)]
IDS = [f.__name__ for f, _ in CASES]


@pytest.mark.parametrize(("function", "slope"), CASES, ids=IDS)
def test_derivative_is_the_implicit_one(function: Any, slope: Any) -> None:
    """The first derivative is the theorem's, the second that of its formula."""
    assert ad.grad(function)(1.2) == pytest.approx(slope(1.2), rel=1e-12)
    second = (slope(1.2 + 1e-5) - slope(1.2 - 1e-5)) / 2e-5
    assert ad.grad(ad.grad(function))(1.2) == pytest.approx(second, rel=1e-6)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
@pytest.mark.parametrize(("function", "slope"), CASES, ids=IDS)
def test_targets(function: Any, slope: Any, target: str) -> None:
    """Every target compiles it to a short loop with the same derivative."""
    df = compile_gradient(function, 1.2, target=target, check=False)
    value, gradient = df(1.1)
    assert value == pytest.approx(float(function(1.1)), rel=1e-13)
    assert gradient == pytest.approx(slope(1.1), rel=1e-11)
    assert len(df.source.splitlines()) < 500


def test_check_reads_the_text() -> None:
    """The check at compile finds nothing wrong."""
    assert str(compile_gradient(cubic, 1.2).verdict) in ("CERTIFIED", "CERTIFIED-NUMERIC")


def test_values() -> None:
    """On Values the solution is one, whose derivative flows back."""
    p = ad.Value(1.2)
    x = cubic(p)
    x.backward()
    assert p.grad == pytest.approx(slope_of_cubic(1.2), rel=1e-12)


def test_a_step_of_newton_carries_the_derivative() -> None:
    """Proven over symbols: of a step at a root, by p and by where it begins."""
    sympy = pytest.importorskip("sympy")
    x, p = sympy.symbols("x p")
    f = sympy.Function("f")(x, p)
    step = x - f / f.diff(x)
    fx, fp, fxx, fxp = sympy.symbols("fx fp fxx fxp", nonzero=True)
    known = [(f.diff(x, 2), fxx), (f.diff(x, p), fxp), (f.diff(x), fx), (f.diff(p), fp), (f, 0)]
    assert sympy.simplify(step.diff(p).subs(known) + fp / fx) == 0
    assert sympy.simplify(step.diff(x).subs(known)) == 0


def test_what_does_not_converge_is_an_error_at_the_call() -> None:
    """An equation without a root names the line and the number of steps."""

    def nowhere(p: Any) -> Any:
        return ad.root(lambda x: x * x + p, 1.0, most=20)

    with pytest.raises(ad.TraceError, match="this root goes on after 20 repetitions"):
        nowhere(1.0)
    df = compile_gradient(nowhere, -4.0, check=False)
    assert df(-4.0)[0] == pytest.approx(2.0)
    with pytest.raises(ad.TraceError, match="this root goes on after 20"):
        df(1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 1.0), "expected a function"),
        ((lambda x: x, "a"), "expected a number or a vector"),
        ((lambda x: x, np.eye(2)), "expected a number or a vector"),
        ((lambda x: x[:1], np.ones(2)), "as many numbers as there are unknowns"),
    ],
)
def test_wrong_arguments(arguments: tuple[Any, ...], message: str) -> None:
    """What is no equation in x is refused."""
    with pytest.raises(ad.ArgumentError, match=message):
        ad.root(*arguments)
