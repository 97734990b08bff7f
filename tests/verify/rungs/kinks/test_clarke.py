"""At a kink: one-sided derivatives, and whether a gradient there is more than a convention."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autodiff as ad
from verify.program.program import program_of
from verify.rungs.kinks import clarke
from verify.rungs.kinks.clarke import at_point, in_hull
from verify.rungs.process.findings import AtPoint

pytest.importorskip("flint", reason="one-sided derivatives need python-flint")


def told(function: Any, *point: float, gradient: Any = None) -> AtPoint:
    """What is told of our gradient, or another one, at a point."""
    graph = ad.trace(function, *point)
    inputs = list(range(len(point)))
    ours = ad.backpropagate(graph, *point, wrt=inputs)[1]
    return at_point(program_of(graph), point, inputs, ours if gradient is None else gradient)


def hard(x: float) -> float:
    """The identity, written so that conventions alone would add up to no derivative at zero."""
    return ad.relu(x) - ad.relu(-x)


@pytest.mark.parametrize(
    ("function", "point", "meaning"),
    [
        (ad.sin, (0.0,), "SMOOTH"),
        (abs, (0.0,), "CLARKE"),
        (abs, (1.0,), "SMOOTH"),
        (hard, (0.0,), "CLARKE"),
        (lambda x: hard(ad.sin(x)), (0.0,), "CLARKE"),
        (lambda x, y: ad.maximum(x, y) * x, (1.0, 1.0), "CLARKE"),
        (lambda x, y: abs(x) + abs(y) + ad.maximum(x, y), (0.0, 0.0), "CLARKE"),
        (lambda x: ad.where(x < 1.0, 3.0 * x, 5.0 * x - 2.0), (1.0,), "CLARKE"),
        (lambda x: ad.where(x < 1.0, 3.0 * x, 5.0 * x), (1.0,), "DISCONTINUOUS"),
        (lambda x: ad.floor(x) + x, (2.0,), "DISCONTINUOUS"),
        (lambda x: ad.where(x > 1.0, ad.relu(x - 2.0), x * x), (2.0,), "CLARKE"),
        (lambda x: ad.where(x > 1.0, x, ad.relu(x - 2.0)), (2.0,), "SMOOTH"),
        (ad.sqrt, (0.0,), "CONVENTION(unknown)"),
        (ad.hypot, (0.0, 0.0), "CONVENTION(unknown)"),
        (lambda x: ad.maximum(x * x, 0.0), (0.0,), "CONVENTION(unknown)"),
        (lambda x: sum(abs(k * x) for k in range(1, 13)), (0.0,), "CONVENTION(unknown)"),
        (ad.log, (-1.0,), "CONVENTION(unknown)"),
    ],
)
def test_what_a_gradient_means(function: Any, point: tuple[float, ...], meaning: str) -> None:
    """Inside the Clarke set, outside, or honestly not known."""
    assert told(function, *point).meaning == meaning


def test_one_sided_derivatives() -> None:
    """From the left and from the right, by each input; None where there is a jump."""
    assert told(abs, 0.0).sides == [(-1.0, 1.0)]
    assert told(lambda x, y: ad.maximum(x, 2.0 * y), 2.0, 1.0).sides == [(0.0, 1.0), (0.0, 2.0)]
    assert told(ad.sqrt, 0.0).sides == [(None, math.inf)]
    assert told(lambda x: ad.where(x < 1.0, 3.0 * x, 5.0 * x), 1.0).sides == [(None, 5.0)]


@pytest.mark.parametrize(
    ("slope", "meaning"),
    [(0.0, "CLARKE"), (-1.0, "CLARKE"), (1.5, "NOT-CLARKE"), (math.nan, "NOT-CLARKE")],
)
def test_any_gradient_can_be_asked_about(slope: float, meaning: str) -> None:
    """Of |x| at zero everything from -1 to 1 is in the set, and nothing else."""
    assert told(abs, 0.0, gradient=[slope]).meaning == meaning
    assert told(hard, 0.0, gradient=[0.0]).meaning == "NOT-CLARKE"


@given(st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=4), st.integers(0, 6))
def test_sums_of_kinks(weights: list[int], scale: int) -> None:
    """Of a sum of w |x| the hull is the interval from -|sum w| to |sum w|."""

    def f(x: Any) -> Any:
        return sum((float(w) * abs(x) for w in weights), 0.0 * x)

    edge = float(abs(sum(weights)))
    assert told(f, 0.0, gradient=[edge]).meaning == "CLARKE"
    assert told(f, 0.0, gradient=[edge + 0.5]).meaning == "NOT-CLARKE"
    assert told(f, 0.0, gradient=[edge * scale / 6.0]).meaning == "CLARKE"


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=8),
    st.lists(st.integers(0, 5), min_size=8, max_size=8),
)
def test_weighted_means_are_in_the_hull(points: list[tuple[int, int]], raw: list[int]) -> None:
    """Every weighted mean of points is found inside; what is beyond all of them is not."""
    weights = [w + (k == 0) for k, w in enumerate(raw[: len(points)])]
    pairs = list(zip(weights, points, strict=True))
    mean = [sum(w * p[i] for w, p in pairs) / sum(weights) for i in (0, 1)]
    assert in_hull(points, mean)
    assert not in_hull(points, [max(x for x, _ in points) + 0.01, 0.0])


def test_without_flint_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without balls nothing is claimed."""
    monkeypatch.setattr(clarke, "ball_library", lambda: None)
    assert told(abs, 0.0).why == "python-flint is not installed"
