"""``while_loop`` repeats while its condition holds, on numbers, Values and in traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.trace import trace_loops
from codegen import compile_gradient


def root(a: Any) -> Any:
    """A square root by Newton's method."""
    return ad.while_loop(lambda x: abs(x * x - a) > 1e-12, lambda x: 0.5 * (x + a / x), 1.0)


def steps(p: Any) -> Any:
    """Steps of a vector until it is large; at most five."""
    last = ad.while_loop(lambda s: np.sum(s) < p[0], lambda s: s + 0.5 * p[1], np.ones(2), most=5)
    return np.sum(last)


POINT = np.array([4.0, 1.0])


def test_numbers_and_values() -> None:
    """They repeat as often as the condition asks for."""
    assert root(2.0) == pytest.approx(np.sqrt(2.0), rel=1e-12)
    a = ad.Value(2.0)
    root(a).backward()
    assert a.grad == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-10)
    assert ad.while_loop(lambda x: x < 0.0, lambda x: 1 / 0, 3.0) == 3.0


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_the_count_is_that_of_the_call(target: str) -> None:
    """Each call repeats as often as it needs to, and too many repetitions raise."""
    if target == "native":
        pytest.importorskip("llvmlite")
    gradient = compile_gradient(root, 2.0, target=target)
    for a in (2.0, 5.0, 1e4, 0.01):
        value, slope = gradient(a)
        assert value == pytest.approx(np.sqrt(a), rel=1e-9)
        assert slope == pytest.approx(0.5 / np.sqrt(a), rel=1e-6)
    with pytest.raises(ad.TraceError, match=r"while_loop goes on after 100 .* most=200"):
        gradient(-1.0)


def test_whole_arrays_get_one_loop() -> None:
    """A graph of arrays holds one loop, its gradient two, and the text says ``for``."""
    graph = ad.trace(steps, POINT, expand=False)
    assert len({id(group) for group in loops_of(graph).values()}) == 1
    gradient = compile_gradient(steps, POINT, target="numpy", expand=False)
    assert "for i in range(5):" in gradient.source
    assert gradient.check
    value, slope = gradient(POINT)
    assert value == 4.0
    assert list(slope) == [0.0, 2.0]
    with pytest.raises(ad.TraceError, match="goes on after 5 repetitions"):
        gradient(np.array([400.0, 1.0]))


def test_any_order() -> None:
    """The second derivative of a power that a loop computes."""

    def power(x: Any, a: Any) -> Any:
        return ad.while_loop(lambda s: s < a, lambda s: s * x, 1.0, most=12)

    (found, _), _ = ad.evaluate(ad.hessian(ad.trace(power, 1.5, 10.0)), 1.5, 10.0)
    assert found == pytest.approx(30 * 1.5**4)
    whole = ad.trace(lambda v: power(v[0], v[1]), POINT, expand=False)
    product = ad.evaluate(ad.hvp(whole), np.array([1.5, 10.0]), np.array([1.0, 0.0]))
    assert product[0] == pytest.approx(30 * 1.5**4)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ad.while_loop(lambda x: True, lambda x: x, 1.0), "goes on after 100 repetitions"),
        (lambda: ad.while_loop(1, 2, 3), "test: found int"),
        (lambda: ad.while_loop(lambda x: True, lambda x: x, 1.0, most=0), "most: found 0"),
        (
            lambda: ad.trace(
                lambda x: ad.while_loop(
                    lambda s: np.sum(s) < 9, lambda s: np.concatenate([s, s]), x
                ),
                np.ones(2),
                expand=False,
            ),
            r"shape \(4,\), elsewhere an array of shape \(2,\)",
        ),
    ],
)
def test_errors_say_what_was_found(call: Any, said: str) -> None:
    """No end, no function, no count, another structure."""
    with pytest.raises(ad.ProofgradError, match=said):
        call()


def nested(p: Any) -> Any:
    """A while_loop in each repetition of a loop."""
    total = p[0]
    for k in range(15):
        total = ad.while_loop(
            lambda s, k=k: s < 3.0 + 0.1 * k, lambda s: s * 1.5 + p[1], total, most=8
        )
        total = total * 0.5
    return total


def test_inside_a_loop_of_python() -> None:
    """Each repetition has its count; too many raise, whatever became of the loop around."""
    made = trace_loops(20_000, nested, np.array([1.0, 0.2]))
    assert made is not None
    for point in (np.array([1.0, 0.2]), np.array([2.0, 0.5])):
        assert ad.evaluate(made, point) == pytest.approx(float(nested(point)), rel=1e-12)
    assert np.isnan(ad.evaluate(made, np.array([1e-9, 0.0])))
    assert made.origins is not None
    assert made.origins.refusals


def test_inside_a_scan_it_is_nan() -> None:
    """The body of a scan cannot raise: what has no result there is no number."""

    def f(p: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            return ad.while_loop(lambda s: s < 3.0, lambda s: s * p[0] + x, c, most=4) * 0.5, None

        return ad.scan(step, p[1], np.ones(5))[0]

    graph = ad.trace(f, np.array([1.5, 1.0]), expand=False)
    point = np.array([1.5, 1.0])
    assert ad.evaluate(graph, point) == pytest.approx(float(f(point)), rel=1e-12)
    assert np.isnan(ad.evaluate(graph, np.array([0.01, 1.0])))
