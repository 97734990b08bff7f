"""Derivatives of loops are loops, and equal to those of their repetitions one by one."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from hypothesis import given, settings

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace_loops
from tests.random_loops import RandomLoop, loops


def _flat(value: Any) -> Any:
    parts = value if isinstance(value, tuple) else (value,)
    return np.concatenate([np.ravel(_flat(p) if isinstance(p, tuple) else p) for p in parts])


def _close(one: Any, other: Any) -> None:
    assert np.allclose(_flat(one), _flat(other), rtol=1e-11, atol=1e-11)


@settings(max_examples=30, deadline=None)
@given(loops())
def test_random_loops(program: RandomLoop) -> None:
    """Values are equal to the bit, first and second derivatives up to the order of sums."""
    examples = program.examples
    graph = ad.trace(program, *examples, expand=False)
    scalars = scalarize(graph)
    value = ad.evaluate(graph, *examples)
    assert abs(value - ad.evaluate(scalars, *examples)) <= 1e-14 * abs(value)
    directions = tuple(np.cos(np.arange(x.size)) for x in examples)
    for transform in (ad.gradient, ad.jvp, ad.hvp):
        looped, straight = transform(graph), transform(scalars)
        ad.check(looped)
        assert ad.parse(str(looped)) == looped
        given = examples if transform is ad.gradient else (*examples, *directions)
        _close(ad.evaluate(looped, *given), ad.evaluate(straight, *given))


def test_a_gradient_has_as_many_nodes_for_any_length() -> None:
    """The gradient and the gradient of a gradient do not grow with the repetitions."""

    def f(a: Any, x: Any) -> Any:
        return ad.scan(lambda c, y: (np.sin(a * c) + y, None), a, x)[0]

    def nodes(length: int) -> int:
        graph = ad.gradient(ad.trace(f, 1.0, np.ones(length), expand=False), wrt=0)
        return len(ad.gradient(graph, wrt=0)) + len(loops_of(graph))

    assert nodes(3) == nodes(1000) < 100


def test_the_third_derivative_of_a_loop() -> None:
    """A gradient of a gradient of a gradient has the digits of mpmath."""

    def f(a: Any) -> Any:
        return ad.scan(lambda c, _: (np.sin(a * c) + 0.5, None), 0.2, length=20)[0]

    graph = ad.trace(f, 0.8, expand=False)
    for _ in range(3):
        graph = ad.gradient(graph)

    def exact(a: Any) -> Any:
        c = mpmath.mpf("0.2")
        for _ in range(20):
            c = mpmath.sin(a * c) + mpmath.mpf("0.5")
        return c

    with mpmath.workdps(50):
        expected = mpmath.diff(exact, mpmath.mpf(0.8), 3)
    assert abs(ad.evaluate(graph, 0.8) / float(expected) - 1.0) < 1e-11


def test_what_is_chosen_and_kept_is_no_carry() -> None:
    """A carry or something else, stacked by a loop: not what its repetitions begin with."""

    def f(p: Any) -> Any:
        def step(x: Any, s: Any) -> Any:
            return 0.9 * x * np.cos(x) + s, np.where(x > 0.5, x, 0.7 * x)

        last, seen = ad.scan(step, p[0], p[1] * np.arange(5.0))
        return last + np.sum(seen**2)

    graph, p = ad.trace(f, np.array([0.7, 0.1]), expand=False), np.array([0.7, 0.1])
    for transform in (ad.gradient, ad.hvp):
        given = (p,) if transform is ad.gradient else (p, np.ones(2))
        found, right = (ad.evaluate(transform(g), *given) for g in (graph, scalarize(graph)))
        _close(found, right)


def test_what_only_decides_has_no_cotangent_in_the_loop() -> None:
    """A limit that conditions alone ask for adds nothing to what is carried backwards."""

    def stopped(x: Any, limit: Any) -> Any:
        total = 0.0
        for _ in range(300):
            total = total + (x if total < limit else 0.125 * x)
        return total

    graph = trace_loops(1000, stopped, 1.0, 5.0)
    assert graph is not None
    gradient = ad.gradient(graph)
    both = {id(group): group.loop for group in loops_of(gradient).values()}.values()
    assert [loop.carries for loop in both if loop.reverse] == [3]  # of the total, and two of x
    assert ad.evaluate(gradient, 1.0, 5.0) == (5.0 + 295.0 / 8.0, 0.0)
