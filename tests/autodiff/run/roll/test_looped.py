"""Functions with loops are traced without unrolling them, where that is worth it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.looped import looped
from autodiff.run.roll.parted import parted
from autodiff.run.whole.whole_values import run_whole
from autodiff.trace.trace import trace_loops
from tests.looping_programs import PROGRAMS

POINT = np.array([0.7, 0.3, 0.45])


def decay(p: Any) -> Any:
    """A long recurrence."""
    x, total = p[0], 0.0
    for i in range(5000):
        x = x * (1.0 - 0.001 * p[1]) + 1e-4 * np.sin(0.01 * i)
        total = total + x * x
    return total


def test_the_size_does_not_depend_on_the_repetitions() -> None:
    """Five thousand repetitions are a dozen nodes, of which one loop holds what is carried."""
    made = looped(decay, (POINT,), expand=True)
    assert made is not None
    assert len(made.nodes) < 20
    (loop,) = {id(g): g.loop for g in loops_of(made).values()}.values()
    assert loop.length == 5000
    assert loop.carries == 1
    assert ad.evaluate(made, POINT) == pytest.approx(float(decay(POINT)), rel=1e-12)


def test_small_functions_and_such_without_loops_stay() -> None:
    """They are traced as ever."""
    assert looped(PROGRAMS["swap"], (POINT,), expand=True) is None
    assert looped(lambda p: np.sum(np.sin(p)), (POINT,), expand=True) is None


def test_what_cannot_be_recorded_once_is_unrolled() -> None:
    """A generator of the user's goes on where it was, and ``try`` may leave a repetition."""

    def steps() -> Any:
        i = 0
        while True:
            yield 0.1 * i
            i += 1

    def drawn(p: Any) -> Any:
        x, given = p[0], steps()
        for _ in range(300):
            x = 0.9 * x + p[1] * np.sin(x + next(given))
        return x

    def careful(p: Any) -> Any:
        x = p[0]
        for _ in range(300):
            try:
                x = 0.9 * x + p[1] * np.sin(x)
            except ValueError:
                x = 0.0
        return x

    for function in (drawn, careful):
        made = looped(function, (POINT,), expand=True)
        assert made is None or not loops_of(made)
        assert len(ad.trace(function, POINT)) > 900


def test_a_function_that_changes_from_call_to_call_is_not_taken() -> None:
    """The plain call has to agree with the trace."""
    draws = iter(np.linspace(0.0, 1.0, 100_000))

    def random(p: Any) -> Any:
        x = p[0] * next(draws)
        for _ in range(400):
            x = np.sin(x) + p[1] * x
        return x

    assert looped(random, (POINT,), expand=True) is None


def test_sums_and_arrays_need_no_loop() -> None:
    """What depends on no other repetition is taken out of the loop, as far as it goes."""
    for name in ("x2", "where", "fill", "two"):
        graph = trace_loops(5000, PROGRAMS[name], POINT)
        assert graph is not None
        assert loops_of(graph)
        assert not loops_of(parted(graph))


@pytest.mark.parametrize("name", ["same_name", "assigned"])
def test_loop_variables_are_assigned_again(name: str) -> None:
    """A loop whose variable its body assigns stays one: an inner loop of the same name, say."""

    def same_name(x: Any) -> Any:
        total = x
        for _ in range(60):
            for _ in range(30):
                total = total + 0.01 * np.cos(total)
        return total

    def assigned(x: Any) -> Any:
        for k in range(2000):
            k = 0.01 * k  # noqa: PLW2901
            x = x + 0.01 * np.sin(k * x)
        return x + k

    function = {"same_name": same_name, "assigned": assigned}[name]
    graph = looped(function, (0.3,), expand=True)
    assert graph is not None
    assert len(graph.nodes) < 30
    values = run_whole(graph, [np.asarray(0.3)])
    assert float(values[graph.outputs[0]]) == pytest.approx(float(function(0.3)), rel=1e-12)
