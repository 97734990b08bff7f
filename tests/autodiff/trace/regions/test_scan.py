"""``scan`` repeats on numbers, and records one loop where whole arrays are traced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.whole.scalarize import scalarize


def filtered(p: Any, z: Any) -> Any:
    """The log-likelihood of a Kalman filter, whose body closes over two numbers."""
    q, r = p[1], p[2]

    def step(carry: Any, z_k: Any) -> Any:
        m, P = carry
        P = P + q
        gain = P / (P + r)
        return (m + gain * (z_k - m), (1.0 - gain) * P), np.log(P + r)

    (m, P), steps = ad.scan(step, (0.0, p[0]), z)
    return np.sum(steps) + m * P


EXAMPLES = np.array([1.0, 0.5, 0.2]), np.sin(np.arange(7.0))


def test_numbers_are_repeated_plainly() -> None:
    """Without a trace the carry and the stacks are numbers and arrays."""
    last, stacked = ad.scan(lambda c, x: (c + x, {"before": c}), 1.0, np.arange(3.0))
    assert last == 4.0
    assert stacked["before"].tolist() == [1.0, 1.0, 2.0]


def test_the_last_element_comes_first_in_reverse() -> None:
    """In reverse the elements, and the places of what is stacked, count down."""
    last, stacked = ad.scan(lambda c, x: (2.0 * c + x, c), 0.0, np.arange(3.0), reverse=True)
    assert last == 10.0
    assert stacked.tolist() == [5.0, 2.0, 0.0]


def test_a_length_alone_counts() -> None:
    """Without streams the body is given None."""
    assert ad.scan(lambda c, _: (2.0 * c, None), 1.0, length=5) == (32.0, None)


def test_elements_and_values_pass_through() -> None:
    """Traces of floats and Values go through the loop repetition by repetition."""
    expected = filtered(*EXAMPLES)
    assert ad.evaluate(ad.trace(filtered, *EXAMPLES), *EXAMPLES) == pytest.approx(expected, 1e-15)
    x = ad.Value(0.3)
    last, _ = ad.scan(lambda c, a: (c * x + a, c), 1.0, np.ones(3))
    last.backward()
    assert x.grad == pytest.approx(3 * 0.09 + 2 * 0.3 + 1.0, 1e-15)


def test_a_trace_of_arrays_records_one_loop() -> None:
    """Whatever the number of repetitions, the body is recorded once; names are the user's."""
    graph = ad.trace(filtered, np.ones(3), np.ones(10_000), expand=False)
    ad.check(graph)
    assert len(graph) < 20
    (loop,) = {id(g): g.loop for g in loops_of(graph).values()}.values()
    assert [name for name, _ in loop.body.parameters] == ["m", "P", "z_k", "q", "r"]
    assert ad.parse(str(graph)) == graph


def test_the_loop_is_the_function() -> None:
    """Interpreter, expansion and the function itself give one number."""
    graph = ad.trace(filtered, *EXAMPLES, expand=False)
    assert ad.evaluate(graph, *EXAMPLES) == pytest.approx(filtered(*EXAMPLES), 1e-15)


def test_carries_have_any_structure() -> None:
    """A carry is a dict of arrays, an element a tuple; indices are integers of a stream."""

    def f(x: Any) -> Any:
        table = np.outer(x, np.array([1.0, 2.0, 3.0]))

        def step(state: Any, element: Any) -> Any:
            k, scale = element
            state = {"v": state["v"] * 0.5 + table[k] * scale, "n": state["n"] + 1.0}
            return state, state["v"][0]

        streams = (np.array([2, 0, 3, 1]), x)
        last, stacked = ad.scan(step, {"v": np.zeros(3), "n": 0.0}, streams)
        return np.sum(last["v"] ** 2) * last["n"] + np.sum(stacked)

    x = np.array([0.1, 0.2, 0.3, 0.4])
    graph = ad.trace(f, x, expand=False)
    ad.check(graph)
    assert ad.evaluate(graph, x) == pytest.approx(f(x), 1e-15)
    assert np.allclose(ad.evaluate(ad.gradient(graph), x), ad.grad(f)(x), rtol=1e-13)
    assert ad.evaluate(scalarize(graph), x) == pytest.approx(f(x), 1e-15)


def test_loops_stand_inside_loops() -> None:
    """A body may hold a loop, and close over values of all traces around it."""

    def f(a: Any, x: Any) -> Any:
        def outer(total: Any, row: Any) -> Any:
            def inner(c: Any, y: Any) -> Any:
                return c * a + y * total, None

            last, _ = ad.scan(inner, 0.1, row)
            return total + last * last, None

        last, _ = ad.scan(outer, a, x)
        return last

    a, x = 0.7, np.linspace(-1.0, 1.0, 6).reshape(2, 3)
    graph = ad.trace(f, a, x, expand=False)
    ad.check(graph)
    assert ad.parse(str(graph)) == graph
    assert ad.evaluate(graph, a, x) == pytest.approx(f(a, x), 1e-15)
    for found, expected in zip(
        ad.evaluate(ad.gradient(graph), a, x), ad.grad(f, wrt=(0, 1))(a, x), strict=True
    ):
        assert np.allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: ad.scan(lambda c, y: (c, y), x, None), "neither xs nor length"),
        (lambda x: ad.scan(lambda c, y: (c, y), x, (x, x[1:])), "lengths 4, 3"),
        (lambda x: ad.scan(lambda c, y: (c, y), x, 3.0), "expected arrays"),
        (lambda x: ad.scan(lambda c, y: c, 0.0, x), "expected two things"),
        (lambda x: ad.scan(lambda c, y: (c * x, y), 0.0, x), r"shape \(\) before .* \(4,\) after"),
        (lambda x: ad.scan(lambda c, y: ((c, c), y), 0.0, x), "the same structure"),
    ],
)
def test_wrong_loops_say_what_is_wrong(call: Any, message: str) -> None:
    """Lengths, shapes and structures that do not fit are errors of ours."""
    with pytest.raises(ad.ProofgradError, match=message):
        ad.trace(lambda x: call(x)[0], np.ones(4), expand=False)
