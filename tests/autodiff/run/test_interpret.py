from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Builder
from autodiff.graph.structure import SCALAR
from autodiff.run.interpret import flatten_arguments, run


def test_evaluate_gives_the_result_structure() -> None:
    """evaluate returns floats and float arrays in the structure of the function's result."""
    graph = ad.trace(lambda x: {"sum": np.sum(x), "both": (x * 2.0, [x[0]])}, np.ones(2))
    result = ad.evaluate(graph, [1, 2])
    assert result["sum"] == 3.0
    assert type(result["sum"]) is float
    np.testing.assert_array_equal(result["both"][0], [2.0, 4.0])
    assert result["both"][1] == [1.0]


def test_ieee_results() -> None:
    """Every operation gives its IEEE result where Python's math would raise."""
    graph = ad.trace(
        lambda x: (1.0 / x, np.log(x), np.exp(1000.0 + x), np.sqrt(x - 1.0), x**-2.0, x / x), 0.0
    )
    values = ad.evaluate(graph, 0.0)
    assert values[:3] == (math.inf, -math.inf, math.inf)
    assert math.isnan(values[3])
    assert values[4] == math.inf
    assert math.isnan(values[5])
    assert all(type(v) is float for v in values)
    graph = ad.trace(lambda x: x ** (1 / 3), 1.0)
    assert math.isnan(ad.evaluate(graph, -8.0))  # never complex


def test_backpropagate_wrt() -> None:
    """wrt chooses arguments by position or name: one gives its gradient, several a tuple."""
    graph = ad.trace(lambda x, y: x * y * y, 1.0, 1.0)
    assert ad.backpropagate(graph, 2.0, 3.0) == (18.0, (9.0, 12.0))
    assert ad.backpropagate(graph, 2.0, 3.0, wrt="y") == (18.0, 12.0)
    assert ad.backpropagate(graph, 2.0, 3.0, wrt=-1) == (18.0, 12.0)
    assert ad.backpropagate(graph, 2.0, 3.0, wrt=["y", 0]) == (18.0, (12.0, 9.0))
    assert ad.backpropagate(graph, 2.0, 3.0, wrt=[]) == (18.0, ())


@pytest.mark.parametrize("wrt", ["z", 2, -3, ["x", "z"], 1.0, [None]])
def test_wrt_that_names_no_argument(wrt: Any) -> None:
    """wrt must be positions or names of arguments; the error lists them."""
    graph = ad.trace(lambda x, y: x * y, 1.0, 1.0)
    with pytest.raises((ad.ArgumentError, TypeError), match=r"x, y|iterable"):
        ad.backpropagate(graph, 1.0, 1.0, wrt=wrt)


def test_a_gradient_needs_one_float() -> None:
    """A function of several results has no gradient; the error names jacobian."""
    graph = ad.trace(lambda x: (x, x), 1.0)
    for call in (ad.backpropagate, ad.gradient, ad.hessian):
        with pytest.raises(ad.DifferentiationError, match="jacobian"):
            call(graph, 1.0) if call is ad.backpropagate else call(graph)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), r"found 0 arguments; expected 2 \(x, y\)"),
        ((1.0,), "found 1 argument"),
        ((1.0, 2.0, 3.0), "found 3 arguments"),
        (("a", 2.0), "argument x: found str 'a'"),
        ((1.0, None), "argument y: found NoneType None"),
        ((1.0, np.ones(2)), "argument y: found an array of shape"),
    ],
)
def test_wrong_arguments(args: tuple[Any, ...], message: str) -> None:
    """Arguments of another number or type than the examples: one error that names them."""
    graph = ad.trace(lambda x, y: x * y, 1.0, 1.0)
    for call in (ad.evaluate, ad.backpropagate):
        with pytest.raises(ad.ArgumentError, match=message):
            call(graph, *args)


def test_run_gives_every_value() -> None:
    """run returns the value of each node, literals included."""
    graph = ad.trace(lambda x: x * 2.0 + 1.0, 1.0)
    assert run(graph, [3.0]) == [3.0, 2.0, 6.0, 1.0, 7.0]
    assert flatten_arguments(graph, (np.float32(3.0),)) == [3.0]


def test_grad_and_value_and_grad() -> None:
    """grad and value_and_grad are functions of the same arguments, and nest."""
    assert ad.value_and_grad(lambda x, y: x * y)(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert ad.grad(lambda x, y: x * y, wrt="x")(2.0, 3.0) == 3.0
    assert ad.grad(ad.grad(ad.grad(lambda x: x**4)))(2.0) == 48.0
    assert ad.grad(np.sin).__name__ == "grad_of_sin"

    def along(x):  # x appears in both levels, and they are not confused
        return x * ad.grad(lambda y, z: y**3 * z, wrt=0)(x, x)

    assert ad.grad(along)(2.0) == pytest.approx(3 * 4 * 2.0**3)
    assert ad.grad(lambda x: ad.grad(lambda y: y * x)(x))(2.0) == 1.0


def test_grad_follows_shapes() -> None:
    """grad traces anew at each call, so the shapes may change."""
    total = ad.grad(lambda x: np.sum(x**2))
    for n in (1, 2, 5):
        np.testing.assert_array_equal(total(np.ones(n)), 2.0 * np.ones(n))


def test_evaluating_on_placeholders_traces_again() -> None:
    """evaluate on traced values records the graph into the outer trace."""
    inner = ad.trace(lambda x, y: x * y + 1.0, 1.0, 1.0)
    outer = ad.trace(lambda z: ad.evaluate(inner, z, z * 2.0), 1.0)
    assert ad.evaluate(outer, 3.0) == 19.0
    x = ad.Value(3.0)
    y = ad.evaluate(inner, x, 2.0)
    y.backward()
    assert (y.data, x.grad) == (7.0, 2.0)


def test_deep_chain_at_the_default_recursion_limit() -> None:
    """A chain of 10^5 nodes is evaluated and differentiated without recursion."""
    builder = Builder(1)
    index = 0
    for _ in range(50_000):
        index = builder.add(ad.sin, (index,))
        index = builder.add(ad.mul, (index, 0))
    graph = builder.graph("f", [("x", SCALAR)], [index], SCALAR)
    assert sys.getrecursionlimit() < 50_000
    value, gradient = ad.backpropagate(graph, 1.0)
    assert math.isfinite(value)
    assert math.isfinite(gradient)
    assert ad.parse(str(graph)) == graph
