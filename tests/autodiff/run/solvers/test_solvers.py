"""Solvers of SciPy's inside functions: the derivative is that of the solution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, optimize
from scipy.integrate import odeint

import autodiff as ad
from autodiff.run.interpret import run
from autodiff.run.solvers import of_integrals
from autodiff.run.whole.array_ties import tied_graph
from autodiff.trace.switching.ties import ties as tied
from codegen import compile_gradient
from tests.autodiff.trace.libraries.differences import slopes


def _cubic(x: Any, a: Any) -> Any:
    return x**3 + x - a


def _system(x: Any, a: Any) -> Any:
    return [x[0] ** 3 + x[0] - a, x[1] - x[0] * a]


_ROOTS: dict[str, Callable[[Any], Any]] = {
    "brentq": lambda a: optimize.brentq(_cubic, 0.0, 5.0, args=(a,)),
    "bisect": lambda a: optimize.bisect(lambda x: _cubic(x, a), 0.0, 5.0, xtol=1e-13),
    "newton": lambda a: optimize.newton(_cubic, 1.0, args=(a,)),
    "root_scalar": lambda a: optimize.root_scalar(_cubic, args=(a,), bracket=[0.0, 5.0]).root,
    "fixed_point": lambda a: optimize.fixed_point(lambda x: a / (x * x + 1.0), 1.0, xtol=1e-13),
    "fsolve": lambda a: optimize.fsolve(_system, [1.0, 1.0], args=(a,))[0],
    "root": lambda a: optimize.root(_system, [1.0, 1.0], args=(a,)).x[1],
}


@pytest.mark.parametrize("name", sorted(_ROOTS))
def test_the_slope_of_a_root(name: str) -> None:
    """It is that of the implicit function theorem: 1/(3x² + 1), and of x a for the second."""
    is_vector = name in ("fsolve", "root")
    compiled = compile_gradient(_ROOTS[name], 2.5)
    value, slope = compiled(2.5)
    assert is_vector or compiled.check is not None
    x = float(_ROOTS["brentq"](2.5))
    of_x = 1.0 / (3.0 * x * x + 1.0)
    expected = (x * 2.5, x + 2.5 * of_x) if name == "root" else (x, of_x)
    assert (value, slope) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["brentq", "fsolve"])
def test_a_root_that_is_met_exactly_is_no_tie(name: str) -> None:
    """Which half of a bracket it is in, and steps that change nothing, decide no slope.

    Else nearly every call would be settled again, in the interpreter.
    """
    whole = ad.trace(_ROOTS[name], 2.0, expand=False)  # x = 1, in a bracket and at the start
    ties = tied_graph(whole)
    assert ties is None or ad.evaluate(ties, 2.0) == 0.0
    scalars = ad.gradient(ad.trace(_ROOTS[name], 2.0, expand=True))
    values = run(scalars, [2.0])
    assert scalars.limits is None or not tied(scalars.limits.places, values)


def test_a_bracket_without_a_root_raises() -> None:
    """Where the signs at the ends are the same for other arguments, there is no number."""
    df = compile_gradient(_ROOTS["brentq"], 2.5)
    with pytest.raises(ad.TraceError, match="same sign at both ends"):
        df(1e6)


def _spring(y: Any, t: Any, k: Any, damping: Any) -> Any:
    return [y[1], -k * y[0] - damping * y[1]]


_TIMES = np.linspace(0.0, 2.0, 5)


def _by_odeint(p: Any) -> Any:
    path = odeint(_spring, [1.0, 0.0], _TIMES, args=(p[0], p[1]))
    return path[-1, 0] + path[2, 1]


def _by_solve_ivp(p: Any) -> Any:
    def slope(t: Any, y: Any) -> Any:
        return _spring(y, t, *p)

    found = integrate.solve_ivp(
        slope, (0.0, 2.0), [1.0, 0.0], t_eval=[1.0, 2.0], rtol=1e-9, atol=1e-9
    )
    return found.y[0, -1] + found.y[1, 0]


def _exact(k: float, damping: float) -> Any:
    """Place at 2 and speed at 1 of the damped spring, in closed form."""
    rate, turn = 0.5 * damping, np.sqrt(k - 0.25 * damping * damping)

    def place(t: float) -> Any:
        return np.exp(-rate * t) * (np.cos(turn * t) + rate / turn * np.sin(turn * t))

    speed = -np.exp(-rate) * (turn + rate * rate / turn) * np.sin(turn)
    return place(2.0) + speed


@pytest.mark.parametrize(
    ("function", "target"),
    [(_by_odeint, "numpy"), (_by_odeint, "python"), (_by_solve_ivp, "native")],
)
def test_the_slope_of_a_motion(function: Callable[..., Any], target: str) -> None:
    """A damped spring has it in closed form; SciPy's own tolerance has no part in it."""
    p = np.array([3.0, 0.4])
    compiled = compile_gradient(function, p, target=target)
    value, slope = compiled(p)
    assert target == "python" or compiled.check is not None
    expected = [ad.grad(_exact, wrt=i)(*p) for i in (0, 1)]
    assert value == pytest.approx(float(_exact(*p)), rel=1e-11)
    assert slope == pytest.approx(expected, rel=1e-10)
    assert value == pytest.approx(float(function(p)), rel=1e-6)


def test_too_long_steps_give_nan() -> None:
    """Where the recorded steps are too long there is no number, instead of a wrong one."""

    def last(k: Any) -> Any:
        return odeint(_spring, [1.0, 0.0], [0.0, 1.0], args=(k, 0.1))[-1, 0]

    df = compile_gradient(last, 3.0)
    assert math.isnan(df(1e5)[0])
    assert df(4.0)[0] == pytest.approx(float(last(4.0)), rel=1e-6)


def test_what_has_no_slope_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stiff equations, integrals with a pole, and what asks for more than the solution."""
    monkeypatch.setattr(of_integrals, "_MOST", 16)  # parts

    def pole(k: Any) -> Any:
        return integrate.quad(lambda x: 1.0 / np.sqrt(k * x), 0.0, 1.0)[0]

    def stiff(k: Any) -> Any:
        return odeint(lambda y, t: -k * y, 1.0, [0.0, 1.0])[-1, 0]

    def more(k: Any) -> Any:
        return optimize.brentq(_cubic, 0.0, 5.0, args=(k,), full_output=True)[0]

    for function, at, says in (
        (pole, 1.0, "parts"), (stiff, 1e5, "more than"), (more, 2.0, "full_output"),
    ):  # fmt: skip
        with pytest.raises(ad.TraceError, match=says):
            compile_gradient(function, at)


def test_few_digits_are_those_of_the_solution() -> None:
    """``solve_ivp`` without a tolerance has the solution's value and slope, which SciPy is near."""

    def rough(k: Any) -> Any:
        return integrate.solve_ivp(lambda t, y: -k * y, (0.0, 1.0), [1.0]).y[0, -1]

    value, slope = compile_gradient(rough, 0.7)(0.7)
    assert (value, slope) == pytest.approx((math.exp(-0.7), -math.exp(-0.7)), rel=1e-11)
    assert float(rough(0.7)) == pytest.approx(value, rel=1e-3)


def _integrals(p: Any) -> Any:
    """Between numbers, between traced values, to infinity on either side, with arguments."""
    whole = integrate.quad(lambda x: math.exp(-p[0] * x * x), -np.inf, np.inf)[0]
    half = integrate.quad(lambda x, k: np.exp(-k * x), p[1], np.inf, args=(p[0],))[0]
    left = integrate.quad(lambda x: math.exp(p[0] * x), -math.inf, p[1])[0]
    inside = integrate.quad(np.sin, 0.0, p[1])[0] * integrate.fixed_quad(np.cos, 0.0, p[1], n=9)[0]
    return whole + half + left + inside


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_integrals(target: str) -> None:
    """Value and slope are the integral's."""
    a, b = 0.8, 0.4
    value, slopes = compile_gradient(_integrals, np.array([a, b]), target=target)(np.array([a, b]))
    ends = math.exp(-a * b) / a, math.exp(a * b) / a
    inside = (1.0 - math.cos(b)) * math.sin(b)
    assert value == pytest.approx(math.sqrt(math.pi / a) + sum(ends) + inside, rel=1e-12)
    by_a = -0.5 * math.sqrt(math.pi / a) / a - ends[0] * (b + 1 / a) + ends[1] * (b - 1 / a)
    by_b = a * (ends[1] - ends[0]) + math.sin(b) ** 2 + (1.0 - math.cos(b)) * math.cos(b)
    assert slopes == pytest.approx([by_a, by_b], rel=1e-10)


def test_an_integral_that_needs_more_parts_is_nan() -> None:
    """Where the recorded parts are too wide there is no number, instead of a wrong one."""
    df = compile_gradient(lambda k: integrate.quad(lambda x: np.cos(k * x), 0.0, 1.0)[0], 2.0)
    assert df(3.0)[0] == pytest.approx(math.sin(3.0) / 3.0, rel=1e-12)
    assert math.isnan(df(500.0)[0])


def test_an_integral_of_integrals() -> None:
    """Between limits that move: SciPy's value, and the slopes that differences show."""

    def inside(p: Any) -> Any:
        return integrate.dblquad(
            lambda v, u: u * np.sin(v * p[0]), 0.0, p[1], lambda u: u * p[2], lambda u: 1.0 + u
        )[0]

    at = np.array([0.5, 0.8, 0.3])
    value, gradient = compile_gradient(inside, at)(at)
    assert float(value) == pytest.approx(inside(at), rel=1e-12)
    np.testing.assert_allclose(gradient, slopes(inside, at), rtol=1e-8)
    with pytest.raises(ad.TraceError, match="finite limits"):
        ad.trace(lambda k: integrate.dblquad(lambda v, u: k * u, 0.0, np.inf, 0.0, 1.0)[0], 1.0)
