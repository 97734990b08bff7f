"""Exceptions that a branch raises, in loops that are recorded once."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest

import codegen
from autodiff.errors import TraceError
from autodiff.trace.branching.source.raising import Refusals


class LateError(ValueError):
    """An error of a program."""


def grown(x: Any, y: Any) -> Any:
    """A number that must not grow too large, nor shrink."""
    for k in range(60):
        if y > 0.2:
            x = x + 0.1 * np.sin(x) * y
            if x > 4.5:
                raise LateError(f"too large in step {k}")
        else:
            x = x + 0.1
        if not x > -5.0:
            raise AssertionError
    return x * y


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_what_a_repetition_raises_is_raised_by_calls(target: str) -> None:
    """Its loop stays a loop, and a call at which one repetition would raise does."""
    df = codegen.compile_gradient(grown, 0.7, 0.5, target=target)
    assert df.source.count("\n") < 150
    value, (by_x, _) = df(0.8, 0.6)
    step = 1e-6
    assert value == pytest.approx(grown(0.8, 0.6), rel=1e-12)
    slope = (grown(0.8 + step, 0.6) - grown(0.8 - step, 0.6)) / (2.0 * step)
    assert by_x == pytest.approx(slope, rel=1e-6)
    with pytest.raises(AssertionError):
        df(-100.0, 0.6)
    with pytest.raises(LateError, match="too large"):
        df(40.0, 0.6)


def test_what_is_no_loop_raises_along_a_path() -> None:
    """The exception is that of the path which is taken."""

    def root(x: Any) -> Any:
        if x < 0.0:
            raise LateError("below zero")
        return x**0.5

    df = codegen.compile_gradient(root, 2.0)
    assert df(4.0) == (2.0, 0.25)
    with pytest.raises(LateError, match="below zero"):
        df(-1.0)


def test_what_is_raised_may_show_the_value() -> None:
    """It is the function's own exception still; at an example that raises it shows numbers."""

    def root(x: Any) -> Any:
        if x < 0.0:
            raise LateError(f"below zero: {x}")
        return x**0.5

    df = codegen.compile_gradient(root, 2.0)
    assert df(4.0) == (2.0, 0.25)
    with pytest.raises(LateError, match="below zero"):
        df(-1.0)
    with pytest.raises(LateError, match=r"below zero: -2\.5"):
        codegen.compile_gradient(root, -2.5)


@pytest.mark.parametrize("make", [lambda x: sum({x, x * x, 1.0}), lambda x: {x: 2.0}[x] * x])
def test_traced_values_are_no_keys(make: Any) -> None:
    """Whether two are equal depends on the point."""
    with pytest.raises(TraceError, match="cannot hash a traced value"):
        codegen.compile_gradient(make, 0.7, target="numpy")


def test_an_assertion_is_such_a_branch() -> None:
    """It is written as what raises where it does not hold."""
    tree = Refusals().visit(ast.parse("assert x > 0.0, f'{x}'"))
    assert ast.unparse(ast.fix_missing_locations(tree)) == (
        "__refuse__(not x > 0.0, lambda: AssertionError(f'{x}'))"
    )
