"""Loops of a graph as machine code: every kind of carry, stream, stack and body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient
from tests.autodiff.trace.whole.test_programs import flat
from tests.codegen.native.loop_losses import LOSSES, W, _agrees, _native, _x
from tests.looping_programs import PROGRAMS
from tests.random_loops import RandomLoop, loops
from verify import Verdict

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")


@pytest.mark.usefixtures("made_as_for_users")
@pytest.mark.parametrize("length", [1, 2, 8, 21])
@pytest.mark.parametrize("name", LOSSES)
def test_machine_code_gives_what_the_interpreter_gives(name: str, length: int) -> None:
    """Every kind of loop, of one repetition and of many: value and gradient."""
    loss, x = LOSSES[name], _x(length)
    df = _native(loss, W, x, check=False)
    _agrees(df(W, x), ad.backpropagate(df.graph, W, x))
    _agrees(df(-0.5 * W, 2.0 * x), ad.backpropagate(df.graph, -0.5 * W, 2.0 * x))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loop_is_certified_and_executed(name: str) -> None:
    """A compile says what it says of NumPy, and that the machine code ran beside the text."""
    x = _x(5)
    df = _native(LOSSES[name], W, x)
    text = compile_gradient(LOSSES[name], W, x, target="numpy", expand=False)
    assert df.verdict is text.verdict
    assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
    assert df.check is not None
    assert "executed beside it at 4 points" in df.check.method
    _agrees(df(W, x), text(W, x))


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"solving"}))
def test_numbers_are_those_of_the_unrolled_function(name: str) -> None:
    """A loop gives what its repetitions give, written out."""
    x = _x(6)
    df = _native(LOSSES[name], W, x, check=False)
    scalars = ad.trace(LOSSES[name], W, x)
    _agrees(df(W, x), ad.backpropagate(scalars, W, x))


def test_loops_of_scalars_have_the_interpreters_bits() -> None:
    """A body of scalars is the code that scalars are compiled to, repetition by repetition."""
    x = _x(50)

    def f(w: Any, x: Any) -> Any:
        def step(c: Any, y: Any) -> Any:
            a, b = c
            return (np.sin(a) * w[0] + b / (2.0 + y), np.exp(-b * b) - np.log(2.0 + a) * y), None

        (a, b), _ = ad.scan(step, (w[0], w[1]), x)
        return a * b

    value, (w_bar, x_bar) = _native(f, W, x)(W, x)
    expected, (w_right, x_right) = ad.backpropagate(ad.trace(f, W, x, expand=False), W, x)
    assert value == expected
    assert x_bar.tolist() == x_right.tolist()
    assert w_bar.tolist() == w_right.tolist()


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_as_people_write_them(name: str) -> None:
    """Loops that were recorded once give what the program gives unrolled."""
    p = np.array([0.7, 0.3, 0.45])
    graph = trace_loops(5000, PROGRAMS[name], p)
    assert graph is not None
    df = compile_gradient(graph, target="native", check=False)
    _agrees(df(p), ad.backpropagate(ad.trace(PROGRAMS[name], p), p), 1e-9)


def test_an_ordinary_loop_is_compiled_in_the_time_of_one_repetition() -> None:
    """Thousands of repetitions are one loop of machine code, certified, without being asked for."""

    def f(p: Any, y: Any) -> Any:
        m, total = p[0], 0.0
        for k in range(len(y)):
            m = m * p[1] + np.sin(y[k] * m)
            total = total + np.log(1.0 + m * m) * y[k]
        return total

    p, lines = np.array([0.4, 0.7]), []
    for n in (1000, 4000):
        df = compile_gradient(f, p, _x(n), target="native", wrt=0)
        assert not df.graph.expanded
        assert df.verdict is Verdict.CERTIFIED
        lines.append(len(df.llvm.splitlines()))
        _agrees(df(p, _x(n)), ad.value_and_grad(f, wrt=0)(p, _x(n)))
    assert lines[0] == lines[1]


@given(loops())
@settings(max_examples=24, deadline=None)
def test_random_loops(loop: RandomLoop) -> None:
    """Random bodies: machine code, text and interpreter agree."""
    df = _native(loop, *loop.examples, check=False)
    _agrees(df(*loop.examples), ad.backpropagate(df.graph, *loop.examples))


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan, 0.0, 1e300])
@pytest.mark.parametrize("name", ["scalars", "deciding", "filtering", "network", "exchanged"])
def test_special_numbers_go_through(name: str, special: float) -> None:
    """What is not finite goes the interpreter's way."""
    x = _x(6)
    df = _native(LOSSES[name], W, x, check=False)
    y = x.copy()
    y[2] = special
    expected = ad.backpropagate(df.graph, W, y)
    np.testing.assert_allclose(flat(df(W, y)), flat(expected), rtol=1e-10, equal_nan=True)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "row",
    [np.linalg.inv, np.linalg.det, np.linalg.cholesky, lambda a: np.linalg.solve(a, a[0]),
     lambda a: np.linalg.slogdet(a)[1], lambda a: np.cumsum(a, axis=1), np.linalg.norm,
     lambda a: np.tril(a) + np.triu(a, 1)],
)  # fmt: skip
def test_small_matrices_are_written_out(row: Callable[[Any], Any], n: int) -> None:
    """Rows of few numbers are scalars in every repetition, with those of the function unrolled."""

    def f(w: Any, x: Any) -> Any:
        def step(c: Any, y: Any) -> Any:
            a = c @ c.T + np.eye(n) * (1.0 + y * y)
            return c * 0.5 + w[0] * np.sin(a), np.sum(row(a))

        c, stacked = ad.scan(step, np.cos(np.arange(n * n * 1.0)).reshape(n, n) * w[1], x)
        return np.sum(c) + np.sum(stacked * x)

    x = _x(5)
    df = _native(f, W, x)
    assert "row." not in df.llvm
    _agrees(df(W, x), ad.backpropagate(scalarize(df.graph), W, x), 1e-10)


def test_a_matrix_that_has_no_inverse_gives_what_the_repetitions_give() -> None:
    """Where NumPy's routine raises, the numbers are those of the function written out."""

    def f(w: Any, x: Any) -> Any:
        c, _ = ad.scan(lambda c, y: (c + np.sum(np.linalg.inv(np.diag(y))), None), w[0], x)
        return c

    x = np.array([[1.0, 2.0], [0.5, 0.0]])
    df = _native(f, W, x)
    expected = ad.backpropagate(scalarize(df.graph), W, x)
    np.testing.assert_array_equal(df(W, x)[0], expected[0])


def test_what_a_function_gave_is_kept_for_the_way_back() -> None:
    """The gradient's loop calls no function that the first loop has called for the same numbers."""

    def f(w: Any, x: Any) -> Any:
        c, _ = ad.scan(lambda c, y: (np.exp(c * w[0]) * 0.1 + y * w[1], None), w[1], x)
        return c

    df = _native(f, W, _x(7))
    assert df.llvm.count('call double @"f.exp"') == 1
    _agrees(df(W, _x(7)), ad.backpropagate(df.graph, W, _x(7)))
