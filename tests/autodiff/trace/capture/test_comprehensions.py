"""Comprehensions, sums of generators, ``map``, ``np.vectorize`` and extremes are recorded once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.looped import looped
from autodiff.trace.trace import trace_loops

_AT = np.linspace(0.13, 0.91, 24)[np.random.default_rng(3).permutation(24)]
_WEIGHTS = [0.1 * k for k in range(24)]
_MOST = 60  # nodes


def _bent(t: Any) -> Any:
    if t > 0.5:
        return t * t
    return math.sin(t)


def _raised(a: Any, b: Any) -> Any:
    return a**2 if a > b else b


@np.vectorize
def _payoff(t: Any, k: Any) -> Any:
    return t * k if t > k else k - t


def _called(function: Callable[[float], Any]) -> Any:
    return function(2.0)


def _sum_of_some(x: Any) -> Any:
    return sum(_bent(t) for t in x if t > 0.3)


def _numbered(x: Any) -> Any:
    return sum(_bent(x[i]) - x[i - 1] for i in range(1, 24) if i % 3 == 0)


ONCE: dict[str, Callable[[Any], Any]] = {
    "sum of calls": lambda x: sum(_bent(t) for t in x),
    "sum of some": _sum_of_some,
    "sum of some numbers": lambda x: sum([t * t for t in x if 0.3 < t < 0.8]),
    "count": lambda x: x[0] * sum(1 for t in x if t > 0.3),
    "two loops": lambda x: sum(a * b for a in x for b in x if a > b),
    "two loops, a test each": lambda x: sum(a * b for a in x if a > 0.3 for b in x[:13] if a > b),
    "started": lambda x: sum((a * w for a, w in zip(x, _WEIGHTS, strict=True) if w > 0.5), x[3]),
    "numbered": _numbered,
    "in a lambda": lambda x: _called(lambda k: sum(k * t for t in x if t > 0.5)),
    "in a sum": lambda x: sum(sum(a * b for b in x[:13] if b > 0.2) for a in x),
    "array of calls": lambda x: np.sum(np.array([_bent(t) for t in x]) ** 2),
    "mean of a list": lambda x: np.mean([_bent(t) for t in x]),
    "fsum": lambda x: math.fsum(_bent(t) for t in x),
    "fromiter": lambda x: np.sum(np.fromiter((_bent(t) for t in x), float)),
    "map": lambda x: sum(map(_bent, x)),
    "map of two": lambda x: sum(list(map(_raised, x, x[::-1]))),
    "vectorize": lambda x: np.sum(np.vectorize(_bent)(x)),
    "vectorized function": lambda x: np.sum(_payoff(x, 0.4)),
    "along an axis": lambda x: np.sum(
        np.apply_along_axis(lambda r: _raised(r[0], r[1]), 1, x.reshape(12, 2))
    ),
    "largest": lambda x: max(_bent(t) for t in x) - min(x),
    "largest of a list": lambda x: max([_bent(t) for t in x[::-1]]) + min(abs(t - 0.5) for t in x),
}


@pytest.mark.parametrize("name", ONCE)
def test_recorded_once(name: str) -> None:
    """A loop with few nodes, whose value and gradient are those of the unrolled function."""
    function = ONCE[name]
    graph = trace_loops(5000, function, _AT)
    assert graph is not None
    ad.check(graph)
    assert loops_of(graph)
    assert len(graph.nodes) < _MOST
    straight = ad.trace(function, _AT)
    for point in (_AT, _AT[::-1].copy(), np.sqrt(_AT)):
        assert ad.evaluate(graph, point) == pytest.approx(float(function(point)), rel=1e-13)
        found, right = (ad.evaluate(ad.gradient(g), point) for g in (graph, straight))
        assert np.allclose(found, right, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["map", "vectorize", "vectorized function", "largest"])
def test_without_a_loop_of_its_own(name: str) -> None:
    """A function that calls what goes over its argument is one with a loop, if that is long."""
    many = np.resize(_AT, 400) + np.linspace(0.0, 0.01, 400)
    graph = looped(ONCE[name], [many], expand=True)
    assert graph is not None
    assert len(graph.nodes) < _MOST


class _Account:
    def __init__(self) -> None:
        self.held = 0.0

    def paid(self, t: Any) -> Any:
        self.held = 0.9 * self.held + _bent(t)
        return self.held


def _through_an_account(x: Any) -> Any:
    account = _Account()
    return sum(account.paid(t) for t in x) + account.held


def _mapped_through_an_account(x: Any) -> Any:
    account = _Account()
    return sum(map(account.paid, x)) + account.held


def _appended(x: Any) -> Any:
    found = [1.0, 2.0]

    def go(t: Any) -> Any:
        found.append(t)
        return found[-2] * t

    return sum(go(t) for t in x)


def _counted(x: Any) -> Any:
    n = 0

    def go(t: Any) -> Any:
        nonlocal n
        n += 1
        return n * t

    return sum([go(t) for t in x]) + np.sum(np.vectorize(go, otypes=[float])(x))


def _drawn(x: Any) -> Any:
    numbers = iter(range(100))
    return sum(next(numbers) * t for t in x)


def _bound_outside(x: Any) -> Any:
    return sum([(last := t * t) + last for t in x]) + last


def _twice(x: Any) -> Any:
    return sum(_bent(t) for t in map(_bent, x))


def _stopped(x: Any) -> Any:
    some = map(_bent, x)
    return next(some) - 3.0 * next(some)


@pytest.mark.parametrize(
    "function",
    [
        _through_an_account, _mapped_through_an_account, _appended, _counted, _drawn,
        _bound_outside, _stopped, _twice,
    ],
)  # fmt: skip
def test_what_is_more_than_a_list(function: Callable[[Any], Any]) -> None:
    """What is called changes something else, too: value and gradient stay right."""
    value, gradient = ad.evaluate(ad.trace(function, _AT), _AT), ad.grad(function)(_AT)
    graph = trace_loops(5000, function, _AT)
    assert value == pytest.approx(float(function(_AT)), rel=1e-13)
    if graph is not None:
        assert ad.evaluate(graph, _AT) == pytest.approx(float(function(_AT)), rel=1e-13)
        assert np.allclose(ad.evaluate(ad.gradient(graph), _AT), gradient, rtol=1e-12, atol=1e-14)
