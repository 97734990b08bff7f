"""``try`` around arithmetic: the handler runs where Python raises, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from tests.modules_by_path import module_at

_LIMITS = (0.0, 1.0, 709.782712893384, 710.4758600739439, 171.6243769563027, 1024.0, 0.5, 3.0)
_SPECIAL = [-0.0, -2.0, -2.5, 1e300, math.inf, -math.inf, math.nan] + [
    sign * near
    for limit in _LIMITS
    for near in (limit, math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf))
    for sign in (1.0, -1.0)
]
_OF_ONE = [
    "acos", "acosh", "asin", "atanh", "ceil", "cos", "cosh", "exp", "exp2", "expm1", "floor",
    "gamma", "lgamma", "log", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "trunc",
]  # fmt: skip
_TRIED = """
import math

def tried(x, y):
    try:
        z = {tried}
    except {error}:
        z = -3.0
    return z
"""


def _written(folder: Path, text: str) -> Callable[..., Any]:
    (folder / "tried.py").write_text(text)
    function: Callable[..., Any] = module_at(folder / "tried.py").tried
    return function


def _seen(function: Callable[..., Any], *given: Any) -> Any:
    """The value, or the error."""
    try:
        return function(*given)
    except (ArithmeticError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize("error", ["ValueError", "OverflowError", "ArithmeticError", "Exception"])
@pytest.mark.parametrize("name", _OF_ONE)
def test_functions_of_math_fail_where_they_raise(name: str, error: str, tmp_path: Path) -> None:
    """At the limits themselves, and beside them; what is not handled is left to the trace."""
    if not hasattr(math, name):
        pytest.skip(f"math.{name} is newer than this Python")
    text = _TRIED.format(tried=f"math.{name}(x) + 0.0 * y", error=error)
    tried = _written(tmp_path, text)
    graph = ad.trace(tried, 1.25, 0.0)
    for x in _SPECIAL:
        expected = _seen(tried, x, 0.0)
        if isinstance(expected, float):
            found = ad.evaluate(graph, x, 0.0)
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True), x


@pytest.mark.parametrize("error", ["ZeroDivisionError", "ArithmeticError", "ValueError"])
@pytest.mark.parametrize(
    "operation",
    [
        "x / y", "x // y", "x % y", "x ** y", "math.pow(x, y)", "math.fmod(x, y)",
        "math.remainder(x, y)", "math.log(x, y)", "int(x) * y", "round(x) * y",
        "math.ldexp(x, 900) * y",
    ],
)  # fmt: skip
def test_operators_fail_where_they_raise(operation: str, error: str, tmp_path: Path) -> None:
    """On Python's floats."""
    tried = _written(tmp_path, _TRIED.format(tried=operation, error=error))
    graph = ad.trace(tried, 1.25, 3.0)
    numbers = [0.0, -0.0, 1.0, -1.5, 2.0, -2.0, 1e200, 0.3, -1e-300, math.inf, -math.inf, math.nan]
    for x in numbers:
        for y in numbers:
            expected = _seen(tried, x, y)
            if operation == "x ** y" and -math.inf < x < 0.0 and y % 1.0:
                continue  # complex numbers
            if isinstance(expected, float):
                found = ad.evaluate(graph, x, y)
                assert found == pytest.approx(expected, rel=1e-15, abs=0.0, nan_ok=True), (x, y)


def running_mean(a, xs):
    """A division that may fail in each repetition."""
    total = 0.0
    for x in xs:
        try:
            total += a / x
        except ZeroDivisionError:
            total += 1.0
    return total


def two_handlers(a, xs):
    """Two statements, two handlers, one of which goes on."""
    total = a
    for x in xs:
        try:
            ratio = a / x
            total += math.log(ratio)
        except ZeroDivisionError:
            total += a * a
        except ValueError:
            continue
        total *= 0.5
    return total


def returning(a, xs):
    """Both ways return."""
    try:
        return math.sqrt(a) / xs[0]
    except (ValueError, ZeroDivisionError):
        return -a * a


def with_else_and_finally(a, xs):
    """What follows where nothing failed, and what follows in any case."""
    try:
        if xs[1] > 1.5:
            raise ValueError("too large")
        y = a / xs[0]
    except (ZeroDivisionError, ValueError):
        y = a
    else:
        y = y * y
    finally:
        a = 2.0 * a
    return y * a


def anything(a, xs):
    """Errors of every kind; there may be no such element."""
    try:
        y = a / xs[0]
    except Exception:
        y = 0.5 * a
    try:
        z = xs[7] * a
    except:  # noqa: E722 - people write this
        z = y
    return y * z


def _logarithm(x):
    try:
        return math.log(x)
    except ValueError:
        return -5.0


def in_a_helper(a, xs):
    """The function that handles is called by a generator."""
    return sum(_logarithm(x) for x in xs) * a


def overflowing(a, xs):
    """Large numbers."""
    try:
        y = math.exp(a * 100.0) * xs[0]
    except OverflowError:
        y = xs[1] * a
    return y


_FORMS = [
    running_mean, two_handlers, returning, with_else_and_finally, anything, in_a_helper,
    overflowing,
]  # fmt: skip
_POINTS: list[tuple[float, list[float]]] = [
    (1.5, [2.0, -1.0, 0.5]), (0.5, [0.0, 2.0, 0.3]), (-1.5, [0.0, 2.0, 0.3]),
    (2.0, [0.0, 0.0, 1.0]), (8.0, [1.0, 2.0, 3.0]), (1.0, [-1.0, 1.0, 0.1]),
]  # fmt: skip


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("example", [0, 3])
def test_handlers_run_as_in_python(form: Callable[..., Any], example: int) -> None:
    """Whichever way the example takes, every point gets its own."""
    graph = ad.trace(form, *_POINTS[example])
    for a, xs in _POINTS:
        value, (slope, _) = ad.backpropagate(graph, a, xs)
        assert value == pytest.approx(form(a, xs), rel=1e-14)
        step = 1e-6
        difference = (form(a + step, xs) - form(a - step, xs)) / (2.0 * step)
        assert slope == pytest.approx(difference, rel=1e-6)


def test_they_meet_in_loops() -> None:
    """Sixty divisions that may fail are no paths."""
    xs = [math.sin(k) for k in range(60)]
    for form in (running_mean, two_handlers):
        graph = ad.trace(form, 0.7, xs)
        assert len(graph) < 60 * 40
        assert ad.evaluate(graph, 0.3, xs) == pytest.approx(form(0.3, xs), rel=1e-13)


@pytest.mark.parametrize(
    "xs", [np.array([2.0, 0.5, 1.0]), [np.float64(2.0), np.float64(0.5), np.float64(1.0)]]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numbers_of_numpy_divide_by_zero(xs: Sequence[float]) -> None:
    """They give infinity, and no handler runs."""
    graph = ad.trace(running_mean, 1.0, xs)
    zero = np.array([2.0, 0.0, 1.0])
    assert running_mean(1.0, zero) == math.inf
    assert ad.evaluate(graph, 1.0, zero if isinstance(xs, np.ndarray) else [*zero]) == math.inf


def of_numpy_by_name(a, b):
    """What ``np.sin`` gives divides as NumPy's numbers do."""
    s = np.sin(a)
    try:
        y = b / s
    except ZeroDivisionError:
        y = 3.0
    return y


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_numpy_made_divides_by_zero() -> None:
    """Of two floats."""
    graph = ad.trace(of_numpy_by_name, 1.0, 2.0)
    assert of_numpy_by_name(0.0, 2.0) == ad.evaluate(graph, 0.0, 2.0) == math.inf
