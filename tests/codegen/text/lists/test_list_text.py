"""Loops on target "python": plain loops over floats and lists, equal to the unrolled function."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.figures.simulations import PROGRAMS, examples

Function = Callable[..., Any]


def decayed(x: Any, rates: Any) -> Any:
    """A number that decays at rates, and how much there was."""
    total = 0.0
    for k in range(len(rates)):
        x = x - 0.1 * rates[k] * x
        total = total + x * x
    return total


def grid(p: Any, xs: Any) -> Any:
    """Rows inside a loop over rows."""
    state = p[0]
    for k in range(len(xs)):
        for j in range(3):
            state = state + 0.01 * np.sin(p[1] * xs[k, j] + state)
    return state


def nested(p: Any) -> Any:
    """A long loop inside a long loop."""
    total = p[0]
    for _ in range(70):
        inner = p[1]
        for _ in range(80):
            inner = inner + 0.01 * np.cos(inner * total)
        total = total + 0.1 * np.sin(inner)
    return total


def clipped(x: Any, ys: Any) -> Any:
    """A branch in every repetition."""
    for k in range(len(ys)):
        if x > ys[k]:  # noqa: SIM108  # a statement
            x = x - 0.1 * np.sin(x)
        else:
            x = x + 0.2 * ys[k] * ys[k]
    return x * x


def found(x: Any, ys: Any) -> Any:
    """A loop that ends where it has gone far enough."""
    for k in range(len(ys)):
        x = x + 0.05 * np.exp(-x) * ys[k]
        if x > 1.5:
            break
    return x * x


def halved(x: Any) -> Any:
    """A loop whose derivative matters on one side of a choice before it."""
    state = max(x[0], 0.79)
    while state > 0.38:
        state = state * 0.5
    return state * x[1]


_YS = np.linspace(0.1, 1.3, 200)
_CASES: list[tuple[Function, tuple[Any, ...]]] = [
    (decayed, (1.5, np.linspace(0.1, 1.0, 400))),
    (grid, (np.array([0.3, 1.2]), np.linspace(0.0, 2.0, 300).reshape(100, 3))),
    (nested, (np.array([0.4, 0.7]),)),
    (clipped, (0.8, _YS)),
    (found, (0.3, _YS)),
    (halved, (np.array([1.7, 0.2]),)),
]


@pytest.mark.parametrize(("function", "args"), _CASES, ids=[f.__name__ for f, _ in _CASES])
def test_loops_stay_loops(function: Function, args: tuple[Any, ...]) -> None:
    """A loop is a ``for`` statement, whose value and gradient are those of the unrolled trace."""
    df = compile_gradient(function, *args)
    assert "    for i in range(" in df.source
    assert "reversed(range(" in df.source
    assert len(df.source.splitlines()) < 200
    value, gradient = df(*args)
    expected = ad.value_and_grad(function, wrt=tuple(range(len(args))))(*args)
    assert value == pytest.approx(expected[0], rel=1e-12)
    parts = gradient if len(args) > 1 else (gradient,)
    for x, y in zip(parts, expected[1], strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("function", "args"), _CASES[:3], ids=[f.__name__ for f, _ in _CASES[:3]])
def test_check_certifies(function: Function, args: tuple[Any, ...]) -> None:
    """The check at compile reads loops and lists, to a stated chance of an error."""
    check = compile_gradient(function, *args).check
    assert check is not None
    assert str(check.verdict) == "CERTIFIED"


def test_halves_are_proportional() -> None:
    """``backward`` of the residuals of ``forward`` gives the gradient times the cotangent."""
    args = 1.5, np.linspace(0.1, 1.0, 400)
    df = compile_gradient(decayed, *args)
    value, residuals = df.forward(*args)
    assert value == df(*args)[0]
    for x, y in zip(df.backward(residuals, 2.0), df(*args)[1], strict=True):
        np.testing.assert_allclose(x, 2.0 * y, rtol=1e-15)


def test_file_stands_alone(tmp_path: Path) -> None:
    """A saved file imports ``math`` alone, and gives the numbers of the call."""
    args = np.array([0.3, 0.3, 0.9]), np.linspace(-1.0, 1.0, 150)
    df = compile_gradient(PROGRAMS["garch"], *args, wrt=0)
    df.save(tmp_path / "made.py")
    tree = ast.parse(df.source)
    imported = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    assert {ast.unparse(n) for n in imported} == {"import math", "from math import log"}
    call = f"import made; print(made.value_and_gradient({args[0].tolist()}, {args[1].tolist()}))"
    made = subprocess.run(
        [sys.executable, "-c", call], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    value, gradient = ast.literal_eval(made.stdout)
    assert value == df(*args)[0]
    assert gradient == df(*args)[1].tolist()


@pytest.mark.parametrize("name", ["kalman", "hmm", "garch", "orbit", "seir"])
def test_text_does_not_grow(name: str) -> None:
    """The text of a simulation has at most 300 lines, whatever the number of its steps."""
    lengths = []
    for steps in (100, 1000):
        args, count = examples(name, steps)
        wrt = 0 if count == 1 else tuple(range(count))
        df = compile_gradient(PROGRAMS[name], *args, wrt=wrt, check=False)
        lengths.append(len(df.source.splitlines()))
    assert max(lengths) <= 300
    assert abs(lengths[1] - lengths[0]) <= 2  # a longer number may break a line


def test_what_raises_in_python_has_ieee_results() -> None:
    """Infinities and nans of a loop are those of IEEE 754, in short texts and in long ones."""

    def powers(x: Any) -> Any:
        total = 0.0
        for k in range(400):
            total = total + 1.0 / (x - 0.25) + 0.0 * k
        return total

    df = compile_gradient(powers, 1.0)
    value, slope = df(0.25)
    assert value == np.inf
    assert slope == -np.inf


def test_derivatives_at_ties_are_settled() -> None:
    """Where switches tie in a loop, derivatives are those of the numbers one by one."""

    def bent(x: Any) -> Any:
        total = 0.0
        for _ in range(400):
            total = total + np.abs(x) + np.maximum(x, 0.0)
        return total

    df = compile_gradient(bent, 1.0)
    straight = compile_gradient(bent, 1.0, expand=True)
    for x in (-2.0, 0.0, 3.0):
        assert df(x) == straight(x)
