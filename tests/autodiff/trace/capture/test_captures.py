"""Loops are recorded once, and mean what they mean unrolled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.parted import parted
from autodiff.trace.trace import trace_loops, trace_within
from tests.figures.rolled import main
from tests.looping_programs import PROGRAMS as OF_RANGES
from tests.looping_whiles import COUNTED, MISLED

POINTS = [np.array(p) for p in ([0.7, 0.3, 0.45], [0.96, 0.44, 0.635], [0.2, 0.9, -0.3])]
_FEW = 70  # nodes
PROGRAMS = OF_RANGES | COUNTED


def graph_of(program: Callable[[Any], Any]) -> Any:
    """Its trace with loops."""
    graph = trace_loops(5000, program, POINTS[0])
    assert graph is not None
    ad.check(graph)
    return graph


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_mean_what_they_do(name: str) -> None:
    """Value and gradient are those of the program, and the graph is small."""
    graph, straight = graph_of(PROGRAMS[name]), ad.trace(PROGRAMS[name], POINTS[0])
    assert loops_of(graph)
    less = parted(graph)
    ad.check(less)
    assert len(less.nodes) < (_FEW if name != "wrap" else 140)
    slopes, true_slopes = ad.gradient(less), ad.gradient(straight)
    for point in POINTS:
        with np.errstate(all="ignore"):
            expected = PROGRAMS[name](point)
        for one in (graph, less):
            value = pytest.approx(float(expected), rel=1e-12, abs=1e-13, nan_ok=True)
            assert ad.evaluate(one, point) == value
        found = ad.evaluate(slopes, point)
        right = ad.evaluate(true_slopes, point)
        assert np.allclose(found, right, rtol=1e-9, atol=1e-11, equal_nan=True)


@pytest.mark.parametrize("name", ["branch", "hist", "nested"])
def test_second_derivatives(name: str) -> None:
    """The Hessian of a loop, times a direction, is that of the unrolled program."""
    made, straight = parted(graph_of(PROGRAMS[name])), ad.trace(PROGRAMS[name], POINTS[0])
    direction = np.array([1.0, -0.5, 0.25])
    found, expected = (ad.evaluate(ad.hvp(g), POINTS[0], direction) for g in (made, straight))
    assert np.allclose(found, expected, rtol=1e-8, atol=1e-10)


def test_the_example_decides_behind_a_loop() -> None:
    """A branch on what a loop gave begins with the side that the example takes."""

    def refuse(p: Any) -> Any:
        x = p[0]
        for k in range(20):
            x = x + 0.01 * (p[1] * k - x)
        if x < 0.0:
            raise ValueError("negative")
        return x * p[2]

    graph = trace_loops(5000, refuse, POINTS[0])
    assert graph is not None
    assert loops_of(graph)
    value, slope = ad.backpropagate(ad.trace(refuse, POINTS[0]), POINTS[0])
    assert ad.evaluate(graph, POINTS[0]) == pytest.approx(value, rel=1e-14)
    assert ad.evaluate(ad.gradient(graph), POINTS[0]) == pytest.approx(slope, rel=1e-12)


def test_what_is_foreseen_wrongly_stays_unrolled() -> None:
    """A counter that something else changes as well is not taken for what it seems to be."""
    assert ad.evaluate(graph_of(MISLED), POINTS[0]) == pytest.approx(float(MISLED(POINTS[0])))


def test_what_is_not_alike_stays_unrolled() -> None:
    """A loop whose repetitions differ in a way that nobody can tell runs unrolled."""

    def triangle(p: Any) -> Any:
        total = 0.0
        for i in range(15):
            for j in range(i):
                total = total + p[0] * np.cos(p[1] * (i - j))
        return total

    graph = graph_of(triangle)
    assert ad.evaluate(graph, POINTS[0]) == pytest.approx(float(triangle(POINTS[0])), rel=1e-12)


def test_errors_are_those_of_the_program() -> None:
    """An index out of bounds is an error of the user's, as without loops."""

    def beyond(p: Any) -> Any:
        y = np.zeros(20)
        for i in range(21):
            y[i] = p[0]
        return np.sum(y)

    with pytest.raises((ad.TraceError, IndexError)):
        trace_loops(5000, beyond, POINTS[0])


def test_state_outside_is_noticed() -> None:
    """A list that nobody passes in, and that a repetition changes, keeps the loop unrolled."""
    seen: list[Any] = []

    def keeps(p: Any) -> Any:
        seen.clear()
        x = p[0]
        for _ in range(20):
            x = x * 0.9
            seen.append(x)
        return sum(seen)

    graph = graph_of(keeps)
    assert ad.evaluate(graph, POINTS[0]) == pytest.approx(keeps(POINTS[0]), rel=1e-12)


def test_a_trace_may_be_too_large() -> None:
    """Whoever asks for few nodes gets nothing rather than more."""
    assert trace_loops(3, PROGRAMS["rec"], POINTS[0]) is None
    assert trace_within(50, PROGRAMS["rec"], POINTS[0]) is None
    assert trace_within(5000, PROGRAMS["rec"], POINTS[0]) is not None


def _sides(p: Any) -> Any:
    """Elements that one side writes, both do, or nobody after a break."""
    y, z, s = np.zeros(20) + p[2], np.zeros(20), p[0]
    for i in range(20):
        if s > 0.5:
            y[i] = s * p[1]
            z[i] = 0.5 * s
        else:
            z[i] = -s
        s = np.sin(3.0 * s) + 0.1
        if s < -0.3:
            break
    return np.sum(y * y) + np.sum(z * np.cos(z))


def test_what_a_side_writes_is_written_there_only() -> None:
    """Elements filled under a condition, before a break, are those of the program."""
    made, straight = graph_of(_sides), ad.trace(_sides, POINTS[0])
    assert loops_of(made)
    right = ad.gradient(straight)
    for graph in (made, parted(made)):
        slopes = ad.gradient(graph)
        for point in POINTS:
            assert ad.evaluate(graph, point) == pytest.approx(float(_sides(point)), rel=1e-12)
            found = ad.evaluate(slopes, point)
            assert np.allclose(found, ad.evaluate(right, point), rtol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_random_programs_agree(seed: int) -> None:
    """Rolled, recorded, parted and expanded again, random programs are what they were."""
    assert main(3, 100 + seed) == 0


_ROWS = 12  # as many as a loop needs to be recorded


def _table(p: Any) -> Any:
    """Elements from those above, before, and both, as in dynamic programming."""
    d = np.ones((_ROWS + 1, _ROWS + 1)) * p[2]
    for i in range(1, _ROWS + 1):
        for j in range(1, _ROWS + 1):
            d[i, j] = p[0] / (i + j) + 0.3 * d[i - 1, j] + p[1] * d[i, j - 1] * d[i - 1, j - 1]
    return np.sum(np.sin(d)) + d[-1, -1]


def _swept(p: Any) -> Any:
    """The same array filled again and again."""
    u = np.outer(np.arange(_ROWS + 2.0), np.arange(_ROWS + 2.0)) * p[0]
    for _ in range(_ROWS):
        for i in range(1, _ROWS + 1):
            for j in range(1, _ROWS + 1):
                u[i, j] = p[1] * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]) / 4.0
    return np.sum(np.cos(u))


def _product(p: Any) -> Any:
    """Elements that a third loop adds to."""
    a, c = np.outer(p[0] * np.arange(_ROWS), np.ones(_ROWS)), np.zeros((_ROWS, _ROWS))
    for i in range(_ROWS):
        for j in range(_ROWS):
            for k in range(_ROWS):
                c[i, j] += a[i, k] * p[1] * (k - j)
    return np.sum(np.sin(c))


def _parted(p: Any) -> Any:
    """Conditions inside the inner loop, and one around it."""
    c = np.zeros((_ROWS, _ROWS))
    for i in range(_ROWS):
        if np.sin(i) * p[0] > 0.0:
            for j in range(_ROWS):
                if p[1] * j > p[0] * i:
                    c[i, j] = p[2] * j
                else:
                    c[i, j] = p[0] * c[i, j - 1]
    return np.sum(np.sin(c))


def _row_read(p: Any) -> Any:
    """The row that is being filled is read as a whole, before and behind."""
    c, total = np.ones((_ROWS, _ROWS)), 0.0
    for i in range(_ROWS):
        for j in range(_ROWS):
            c[i, j] = p[0] * np.sum(c[i]) / _ROWS + p[1] * j
        total += np.sum(c[i] ** 2) * c[i, 3]
    return total + np.sum(c) * p[2]


def _other_way(p: Any) -> Any:
    """A row behind is read that another repetition fills later, and columns."""
    c = np.ones((_ROWS, _ROWS))
    for i in range(_ROWS):
        for j in range(_ROWS):
            c[i, j] = p[0] * c[3, j] + p[1] * np.sum(c[:, j]) + i * p[2]
    return np.sum(np.sin(c))


@pytest.mark.parametrize(
    ("program", "loops"),
    [(_table, True), (_swept, True), (_product, True), (_parted, True), (_row_read, False),
     (_other_way, False)],
)  # fmt: skip
def test_elements_that_inner_loops_fill(program: Callable[[Any], Any], loops: bool) -> None:
    """``c[i, j] = x`` in nested loops is recorded where every element is read as it was written."""
    made, straight = graph_of(program), ad.trace(program, POINTS[0])
    assert bool(loops_of(made)) or not loops
    slopes, right = ad.gradient(made), ad.gradient(straight)
    for point in POINTS[:2]:
        assert ad.evaluate(made, point) == pytest.approx(float(program(point)), rel=1e-11)
        found = ad.evaluate(slopes, point)
        assert np.allclose(found, ad.evaluate(right, point), rtol=1e-9)


def test_views_on_either_side() -> None:
    """A view follows its array through both sides of a branch, whichever of the two is changed."""

    def program(p: Any) -> Any:
        y = p[0] * np.ones(4)
        view = y[1:]
        for _ in range(20):
            if view[0] < 1.5:
                y[1] = view[0] + 0.3 * p[1]
            else:
                view[1] = y[1] * p[2]
        return np.sum(y * np.arange(4.0)) + view[0]

    straight = ad.trace(program, POINTS[0])
    whole = ad.trace(program, POINTS[0], expand=False)
    gradients = [ad.gradient(g) for g in (whole, straight)]
    for point in POINTS:
        assert ad.evaluate(whole, point) == pytest.approx(float(program(point)), rel=1e-12)
        found, right = (ad.evaluate(g, point) for g in gradients)
        assert np.allclose(found, right, rtol=1e-9)
