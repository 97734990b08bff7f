"""Machine code of loops: derivatives of every order, every kind of call, ties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from codegen import compile_gradient, compile_graph
from tests.autodiff.trace.whole.test_programs import flat
from tests.codegen.native.loop_losses import (
    LOSSES,
    Loss,
    W,
    _agrees,
    _native,
    _x,
    field,
    filtering,
    nested,
    scalars,
)

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")


@pytest.mark.parametrize("derivative", [ad.hvp, ad.jvp])
@pytest.mark.parametrize("name", LOSSES)
def test_derivatives_along_directions(name: str, derivative: Callable[[Graph], Graph]) -> None:
    """Loops that carry tangents, and those of their gradients."""
    x = _x(4)
    graph = derivative(ad.trace(LOSSES[name], W, x, expand=False))
    given = (W, x, 0.3 * W, np.cos(x))
    df = compile_graph(graph, target="native")
    _agrees(df(*given), ad.evaluate(graph, *given), 1e-10)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_gradients(name: str) -> None:
    """The second and third derivative along a line are compiled gradients of graphs."""
    x = _x(4)
    graph = ad.trace(lambda a: LOSSES[name](W * a, x), 1.0, expand=False)
    for check in (True, False):  # of the second; that of the third is the same, and long
        graph = ad.gradient(graph)
        df = compile_gradient(graph, target="native", check=check)
        _agrees(df(0.9), ad.backpropagate(graph, 0.9), 1e-9)


def test_loops_take_what_other_gradients_of_arrays_take() -> None:
    """Lists, ``out=``, ``bind``, arrays in other layouts, dicts, floats."""
    x = _x(9)
    df = _native(scalars, W, x)
    value, bars = df(W, x)
    assert df(W.tolist(), x.tolist())[0] == value
    assert df(W, np.repeat(x, 2)[::2])[0] == value
    out = np.empty(2), np.empty(9)
    assert df(W, x, out=out)[0] == value
    assert np.array_equal(out[1], bars[1])
    given = W.copy(), x.copy()
    call = df.bind(*given, out=out)
    given[1][3] += 0.5
    assert call() == df(*given)[0]

    def of_dict(p: Any, s: float) -> Any:
        last, _ = ad.scan(lambda c, y: (c * p["w"] + y * s, None), s, p["x"])
        return last

    dg = compile_gradient(of_dict, {"w": 0.4, "x": x}, 0.7, target="native", expand=False)
    _agrees(dg({"w": 0.4, "x": x}, 0.7), ad.backpropagate(dg.graph, {"w": 0.4, "x": x}, 0.7))


def test_many_calls_give_the_same_bits() -> None:
    """Memory is the call's own: nothing of one call is seen by the next."""
    x = _x(40)
    for loss in (field, nested, filtering):
        df = _native(loss, W, x, check=False)
        first = flat(df(W, x))
        df(3.0 * W, -x)
        assert np.array_equal(flat(df(W, x)), first)


def test_wrong_places_are_said() -> None:
    """An index that does not fit is the interpreter's error, in whichever repetition it is."""
    table = np.arange(6.0)

    def f(x: Any, places: Any) -> Any:
        c, _ = ad.scan(lambda c, k: (c * 0.5 + x[k], None), 0.0, places)
        return c

    places = np.array([0, 5, 2])
    df = compile_gradient(f, table, places, target="native", expand=False, wrt=0)
    assert df(table, places)[0] == pytest.approx(2.0 + 2.5)
    with pytest.raises(ad.ArgumentError):
        df(table, np.array([0, 6, 2]))


def test_shapes_that_do_not_fit_are_said() -> None:
    """A stream of another length is refused by name."""
    df = _native(scalars, W, _x(5))
    for wrong in (_x(4), _x(6), _x(5)[None], np.empty(0)):
        with pytest.raises(ad.ProofgradError, match="x"):
            df(W, wrong)


def two_kinks(w: Any, x: Any) -> Any:
    """A sum of two kinks that is smooth where both are."""
    c, _ = ad.scan(lambda c, y: (c + np.maximum(y, 0.0) - np.maximum(-y, 0.0), None), w[1], x)
    return c * w[0]


def infinite_slope(w: Any, x: Any) -> Any:
    """Smooth in w where the root's slope is infinite."""
    c, _ = ad.scan(lambda c, y: (c + np.sqrt(y * y * w[0]), None), w[1], x)
    return c


def inner_kinks(w: Any, x: Any) -> Any:
    """The same in a loop inside a loop."""

    def outer(total: Any, y: Any) -> Any:
        row = np.stack([y, -y, 2.0 * y])
        c, _ = ad.scan(lambda c, z: (c + np.maximum(z, 0.0) - np.maximum(-z, 0.0), None), w[0], row)
        return total + c, None

    return ad.scan(outer, w[1], x)[0]


def untaken(w: Any, x: Any) -> Any:
    """What is not taken is infinite, and so is its slope."""

    def step(c: Any, y: Any) -> Any:
        return c * w[0] + np.where(y > 0.0, np.sqrt(y) / y, 0.0), np.where(
            y != 0.0, np.sin(y) / y, 1.0
        )

    c, stacked = ad.scan(step, w[1], x)
    return c + np.sum(stacked)


@pytest.mark.parametrize("target", ["native", "numpy"])
@pytest.mark.parametrize("loss", [two_kinks, infinite_slope, inner_kinks, untaken])
def test_ties_inside_loops_are_settled(loss: Loss, target: str) -> None:
    """Where switches tie in a repetition, the gradient is that of the repetitions written out."""
    x = np.array([1.0, 0.0, -1.0, 2.0])
    df = compile_gradient(loss, W, x, target=target, expand=False)
    expected = ad.backpropagate(ad.trace(loss, W, x), W, x)
    np.testing.assert_allclose(flat(df(W, x)), flat(expected), rtol=1e-12, equal_nan=True)
