"""``functools.reduce`` and ``itertools.accumulate`` of traced functions."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_the_unrolled

N = 40
XS = np.linspace(0.1, 1.0, N)


def of_a_state(x: Any, v: Any) -> Any:
    """Numbers in a tuple, pair by pair of data."""

    def step(state: Any, given: Any) -> Any:
        level, total = state
        out = v * min(level, 1.0)
        return level + given[0] - out, total + (out - given[1]) ** 2

    return reduce(step, zip(XS, XS[::-1], strict=True), (x, 0.0))[1]


def without_a_beginning(x: Any, v: Any) -> Any:
    """The first element is what is kept."""
    return functools.reduce(lambda a, b: a + b * v, [np.sin(q * x) for q in XS])


def every_value(x: Any, v: Any) -> Any:
    """What was kept each time."""
    kept = list(accumulate(XS, lambda a, q: 0.9 * a + q * x, initial=v))
    return np.sum(np.array(kept) ** 2) + kept[3]


def running_sums(x: Any, v: Any) -> Any:
    """Sums, as nothing else is said."""
    return sum(one**2 for one in itertools.accumulate([x * q for q in XS])) * v


def counting(x: Any, v: Any) -> Any:
    """The function has a state of its own."""
    calls = [0]

    def step(a: Any, q: Any) -> Any:
        calls[0] += 1
        return a * 0.9 + q * calls[0] * x

    return reduce(step, XS, v)


@pytest.mark.parametrize(
    "program", [of_a_state, without_a_beginning, every_value, running_sums, counting]
)
def test_they_are_loops(program: Callable[..., Any]) -> None:
    """Recorded once, with the value and the gradient of the unrolled function."""
    graph = trace_loops(5000, program, 0.7, 0.3)
    assert graph is not None
    assert loops_of(graph)
    require_the_unrolled(program, graph)


def test_few_and_no_elements_are_pythons() -> None:
    """What is given is what comes back, and what is missing is Python's error."""
    graph = trace_loops(
        50, lambda x: reduce(lambda a, b: a * b, [], x) + next(iter(accumulate([x]))), 2.0
    )
    assert graph is not None
    assert ad.evaluate(graph, 3.0) == 6.0
    with pytest.raises(TypeError, match="empty"):
        ad.trace(lambda x: reduce(lambda a, b: a * b, []) + x, 2.0)
