"""Jacobians and Hessians of loops: loops over every direction, equal to repetitions one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from autodiff.graph.loops.loop_nodes import each_loop
from autodiff.run.derive import array_matrix
from autodiff.run.whole.scalarize import scalarize
from tests.autodiff.trace.whole.test_programs import flat
from tests.random_loops import RandomLoop, loops


def _held(made: Any, wanted: Any, *point: Any) -> None:
    ad.check(made)
    assert ad.parse(str(made)) == made
    found, expected = flat(ad.evaluate(made, *point)), flat(ad.evaluate(wanted, *point))
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


@settings(max_examples=24, deadline=None)
@given(loops())
def test_hessians_of_random_loops(program: RandomLoop) -> None:
    """Whatever a loop carries, stacks and goes over: the Hessian is the scalars'."""
    graph = ad.trace(program, *program.examples, expand=False)
    _held(ad.hessian(graph), ad.hessian(scalarize(graph)), *program.examples)


@pytest.mark.parametrize("way", ["_forward", "_reverse"])
@settings(max_examples=15, deadline=None)
@given(program=loops())
def test_jacobians_of_random_loops(way: str, program: RandomLoop) -> None:
    """Forwards and backwards: the Jacobian of all results of a loop is the scalars'."""

    def results(w: Any, x: Any) -> Any:
        start = tuple(w[i % 2] + 0.1 * i for i in range(len(program.carried)))
        made = ad.scan(program.body(w), start, (x, x[::-1] * 0.5), reverse=program.reverse)
        return (made[0], tuple(made[1])) if made[1] else made[0]

    graph = ad.trace(results, *program.examples, expand=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array_matrix, "_cost", lambda chosen, *_: chosen.__name__ != way)
        made = ad.jacobian(graph)
    _held(made, ad.jacobian(scalarize(graph)), *program.examples)


def _network(weights: Any, xs: Any) -> Any:
    """A state of an array, a matrix that stays the same, what is stacked, a loop in a loop."""

    def settle(h: Any, k: Any) -> Any:
        return h - 0.1 * k * np.tanh(h), np.sum(h)

    def step(h: Any, x: Any) -> Any:
        h, sums = ad.scan(settle, np.tanh(weights @ h + x), np.array([1.0, 0.5]))
        return h, h * np.sum(sums)

    return ad.scan(step, np.zeros(3), xs)


_WEIGHTS = 0.4 * np.random.default_rng(1).normal(size=(3, 3))
_XS = np.random.default_rng(2).normal(size=(5, 3))


@pytest.mark.parametrize("wrt", ["weights", "xs", None])
def test_loops_of_arrays_and_loops_inside(wrt: str | None) -> None:
    """Arrays that are carried, fixed and gone over, by each argument and by both."""
    graph = ad.trace(_network, _WEIGHTS, _XS, expand=False)
    _held(ad.jacobian(graph, wrt), ad.jacobian(scalarize(graph), wrt), _WEIGHTS, _XS)

    def loss(weights: Any, xs: Any) -> Any:
        last, every = _network(weights, xs)
        return np.sum(last**2) + np.sum(np.cos(every))

    graph = ad.trace(loss, _WEIGHTS, _XS, expand=False)
    _held(ad.hessian(graph, wrt), ad.hessian(scalarize(graph), wrt), _WEIGHTS, _XS)


def test_what_no_direction_reaches_is_computed_once() -> None:
    """Inside a loop of blocks, what is the same for every direction has no axis for them."""

    def f(a: Any, x: Any) -> Any:
        def step(carry: Any, y: Any) -> Any:
            h, beside = carry
            beside = np.sin(beside + y)
            return (a[0] * h + a[1] * beside, beside), h

        return ad.scan(step, (0.5, 0.1), x)[1]

    made = ad.jacobian(ad.trace(f, np.ones(2), np.ones(7), expand=False), "a")
    bodies = [group.loop.body for group in each_loop(made)]
    sines = [n for b in bodies for n in b.nodes if n.primitive and n.primitive.name == "sin"]
    assert sines
    assert all(node.shape == () for node in sines)


def test_the_size_does_not_depend_on_the_repetitions() -> None:
    """The Hessian of a thousand steps has as many nodes as that of ten."""

    def f(p: Any, x: Any) -> Any:
        return ad.scan(lambda c, y: (np.sin(p[0] * c) + p[1] * y, None), p[2], x)[0]

    def nodes(length: int) -> int:
        made = ad.hessian(ad.trace(f, np.ones(3), np.ones(length), expand=False), "p")
        return len(made) + sum(len(group.loop.body) for group in each_loop(made))

    assert nodes(10) == nodes(1000) < 150
