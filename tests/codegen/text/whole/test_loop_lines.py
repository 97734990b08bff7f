"""Loops in the text of arrays: Python's floats where they do, and IEEE 754 where they raise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.graph.loops.loop_nodes import each_loop
from codegen.text.whole.early_end import early_end


def text(function: Any, *examples: Any) -> Any:
    """The gradient of a function of whole arrays."""
    return codegen.compile_gradient(function, *examples, target="numpy", expand=False)


def falling(start: Any, x: Any) -> Any:
    """Divides by a carry that may become zero, and takes its logarithm and exponential."""

    def step(c: Any, y: Any) -> Any:
        return c - y, 1.0 / c + 0.0 * np.log(c) + np.exp(c)

    last, stacked = ad.scan(step, start, x)
    return last + np.sum(stacked)


def test_scalars_are_floats_and_kept_in_lists() -> None:
    """A loop of scalars reads lists of floats, calls ``math``, and keeps its carries in lists."""
    source = text(falling, 5.0, np.full(4, 0.5)).source
    for written in ("import math\n", "math.exp(c", "floats(", "c_kept = [0.0] * 4"):
        assert written in source


def test_how_a_loop_ends_is_found_once() -> None:
    """It is asked for three times a loop; loops of one body differ by what else they are."""
    graph = ad.trace(falling, 5.0, np.full(4, 0.5), expand=False)
    (group, *_) = each_loop(graph)
    assert early_end(group.loop) is early_end(group.loop)
    assert early_end(group.loop._replace(length=3)).loop.length == 3


def test_arrays_are_kept_in_arrays() -> None:
    """A loop that carries arrays computes with NumPy."""

    def f(x: Any) -> Any:
        last, _ = ad.scan(lambda c, y: (np.sin(c) * y, None), x, np.ones(4))
        return np.sum(last)

    source = text(f, np.ones(3)).source
    assert "c_kept = np.empty((4, 3))" in source
    assert "floats(" not in source


@pytest.mark.parametrize("start", [5.0, 1.0, 0.0, -2.0, 800.0, math.inf, math.nan])
def test_what_raises_is_computed_again(start: float) -> None:
    """A zero divided by, the logarithm of zero, an overflow: the numbers are the interpreter's."""
    x = np.full(4, 0.5)
    df = text(falling, 5.0, x)
    graph = ad.trace(falling, 5.0, x, expand=False)
    value, bars = df(start, x)
    assert np.array_equal(value, ad.evaluate(graph, start, x), equal_nan=True)
    expected = ad.evaluate(ad.gradient(graph), start, x)
    for found, right in zip(bars, expected, strict=True):
        assert np.allclose(found, right, rtol=1e-13, equal_nan=True)
    value, residuals = df.forward(start, x)
    for found, right in zip(df.backward(residuals, 1.0), expected, strict=True):
        assert np.allclose(found, right, rtol=1e-13, equal_nan=True)


def test_a_saved_file_runs_alone(tmp_path: Any) -> None:
    """The file has what its loops call."""
    df = text(falling, 5.0, np.full(4, 0.5))
    path = tmp_path / "falling.py"
    df.save(path)
    space: dict[str, Any] = {"__file__": str(path)}
    exec(compile(path.read_text(), str(path), "exec"), space)
    value, _ = space["value_and_gradient"](5.0, np.full(4, 0.5))
    assert value == pytest.approx(df(5.0, np.full(4, 0.5))[0], rel=1e-15)


def test_truth_values_are_numbers_before_the_loop() -> None:
    """What a loop reads element by element is made once, in front of it."""
    x = np.linspace(-0.9, 1.2, 15)

    def bounded(x: Any) -> Any:
        pay = 0.5
        for i in range(15):
            alive, s = True, x[i] + 0.1
            for _ in range(3):
                s = 1.1 * s
                if s > 1.0:
                    alive = False
            if alive:
                pay = pay + s * pay
        return pay

    df = text(bounded, x)
    value, slope = df(x)
    assert "floats((np.where(" in df.source
    expected = ad.backpropagate(ad.trace(bounded, x), x)
    assert value == pytest.approx(expected[0], rel=1e-14)
    assert slope == pytest.approx(expected[1], rel=1e-12)


def test_one_number_is_added_at_the_place_that_an_index_names() -> None:
    """A cotangent that is a number of Python's reaches the element, in a loop and outside."""
    x, places = np.arange(6.0), np.array([0, 5, 2])

    def repeated(x: Any, places: Any) -> Any:
        return ad.scan(lambda c, k: (c + x[k], None), 0.0, places)[0]

    once = codegen.compile_gradient(
        lambda x, k: x[k[1]], x, places, target="numpy", expand=False, wrt=0
    )
    assert once(x, places)[1].tolist() == [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    every = codegen.compile_gradient(repeated, x, places, target="numpy", expand=False, wrt=0)
    assert every(x, places)[1].tolist() == [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]


def switching(xs: Any, low: Any, high: Any) -> Any:
    """Branches, a limit, a sign: what decides is Python's, too."""
    level, total = 1.0, 0.0
    for x in xs:
        level = np.maximum(0.9 * level + x, low)
        if low < level and not level > high:
            total = total + level * level * abs(x)
        elif x > 0.0:
            total = total - np.minimum(level, high)
    return total


def test_choices_are_those_of_python() -> None:
    """A loop with conditions is one of floats, with the numbers of machine code."""
    examples = np.sin(np.arange(200.0) + 0.25), 0.375, 1.5
    df = codegen.compile_gradient(switching, *examples, target="numpy")
    for written in (" if ", " else ", "not ", " or "):
        assert written in df.source
    assert str(df.verdict) == "CERTIFIED"
    native = codegen.compile_gradient(switching, *examples, target="native")
    for one, other in zip(df(*examples)[1], native(*examples)[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("start", [2.0, 0.0, -1.0, math.inf, math.nan])
def test_what_raises_behind_a_condition_is_computed_again(start: float) -> None:
    """Where ``math`` raises, the same choices are made of NumPy's scalars."""

    def f(x: Any) -> Any:
        total = 0.0
        for k in range(150):
            total = total + (np.log(x) / x if x > -0.5 or k > 100 else 1.0 / (x + 1.0))
        return total

    df = codegen.compile_gradient(f, 1.5, target="numpy")
    native = codegen.compile_gradient(f, 1.5, target="native")
    np.testing.assert_allclose(df(start), native(start), rtol=1e-12)


def test_truth_values_that_are_counted_are_numbers() -> None:
    """A condition may be added up as well."""

    def f(xs: Any, limit: Any) -> Any:
        count, last = 0.0, 0.0
        for x in xs:
            above = last > limit
            count = count + above * x
            last = np.sin(last + x) + 0.5 * last
        return count + last

    examples = np.cos(np.arange(150.0)), 0.25
    df = codegen.compile_gradient(f, *examples, target="numpy")
    value, (by_xs, by_limit) = df(*examples)
    assert value == pytest.approx(f(*examples), rel=1e-12)
    assert by_limit == 0.0
    assert np.all(np.isfinite(by_xs))
