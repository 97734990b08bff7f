"""Loops of a graph as machine code: every kind of carry, stream, stack and body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace_loops
from codegen import CompiledGradient, compile_gradient, compile_graph
from tests.autodiff.trace.whole.test_programs import flat
from tests.looping_programs import PROGRAMS
from tests.random_loops import RandomLoop, loops
from verify import Verdict

pytest.importorskip("llvmlite", reason="machine code needs llvmlite")

_DRAW = np.random.default_rng(4)
Loss = Callable[..., Any]


# --- losses --------------------------------------------------------------------------------------


def scalars(w: Any, x: Any) -> Any:
    """Two carries of one number that need each other, a constant, a stack."""

    def step(carry: Any, y: Any) -> Any:
        a, b = carry
        return (np.tanh(b * w[0] + y), a + w[1] / (1.5 + b * b)), np.exp(-a * a)

    (a, b), stacked = ad.scan(step, (0.3, w[1]), x)
    return np.sum(stacked * stacked) + a * b


def backwards(w: Any, x: Any) -> Any:
    """From the last element to the first; what is stacked is an element and a carry."""
    last, (seen, before) = ad.scan(
        lambda c, y: (np.sin(c * w[0]) + y, (y * c, c)), w[1], x, reverse=True
    )
    return np.sum(seen * before) + last


def exchanged(w: Any, x: Any) -> Any:
    """Carries that take each other's place, and one that never changes."""

    def step(carry: Any, y: Any) -> Any:
        one, other, same = carry
        return (other, one, same), one * y * same

    (one, other, _), stacked = ad.scan(step, (w[0], w[1] * 2.0, w[0] - 0.5), x)
    return np.sum(stacked) + one * other * other


def filtering(w: Any, x: Any) -> Any:
    """A filter over matrices: products, what stays the same, a logarithm."""
    F = np.array([[1.0, 0.1], [0.0, 0.9]])

    def step(carry: Any, y: Any) -> Any:
        m, P = carry
        m, P = F @ m, F @ P @ F.T + w[0] * w[0] * np.eye(2)
        s = P[0, 0] + w[1] * w[1]
        gain = P[:, 0] / s
        r = y - m[0]
        return (m + gain * r, P - np.outer(gain, P[0])), 0.5 * (np.log(s) + r * r / s)

    _, parts = ad.scan(step, (np.zeros(2), np.eye(2)), x)
    return np.sum(parts)


def network(w: Any, x: Any) -> Any:
    """Vectors that fill registers, turned by a matrix that stays the same."""
    W = np.outer(np.sin(np.arange(11.0)), np.cos(np.arange(11.0))) * w[0]

    def step(h: Any, y: Any) -> Any:
        h = np.tanh(W @ h + y + w[1])
        return h, h[3:7]

    h, stacked = ad.scan(step, np.linspace(-1.0, 1.0, 11), x)
    return np.sum(h * h) + np.sum(stacked[:, 1:] * stacked[:, :-1])


def field(w: Any, x: Any) -> Any:
    """Carries of hundreds of numbers, which change places; neighbours are read."""
    start = np.sin(np.linspace(0.0, 3.0, 150)) * w[0]

    def step(u: Any, y: Any) -> Any:
        inner = u[1:-1] + w[1] * (u[2:] - 2.0 * u[1:-1] + u[:-2]) + 0.01 * y
        u = np.concatenate([u[:1], inner, u[-1:]])
        return u, u[75]

    u, middle = ad.scan(step, start, x)
    return np.sum(u * u) + np.sum(middle)


def nested(w: Any, x: Any) -> Any:
    """A loop inside a loop, which reads carries and elements of the outer one."""
    table = np.outer(x, np.array([0.5, -0.2, 0.3]))

    def outer(total: Any, row: Any) -> Any:
        def inner(c: Any, y: Any) -> Any:
            return np.sin(c * w[0] + y * total), c * total

        last, stacked = ad.scan(inner, w[1], row)
        return total + last * np.sum(stacked), stacked[1:]

    last, stacked = ad.scan(outer, w[0], table)
    return last + np.sum(stacked)


def indexed(w: Any, x: Any) -> Any:
    """Rows that an index of a stream picks, and one that is added to."""
    table = np.outer(w, np.arange(1.0, 5.0))
    places = np.arange(x.shape[0]) % 2

    def step(c: Any, element: Any) -> Any:
        k, y = element
        return c * 0.7 + table[k] * y, np.sum(c)

    c, stacked = ad.scan(step, np.zeros(4), (places, x))
    return np.sum(c * c) + np.sum(stacked)


def deciding(w: Any, x: Any) -> Any:
    """Values that are chosen by others, and the largest of a few."""

    def step(c: Any, y: Any) -> Any:
        c = np.where(c > y, c * w[0], np.maximum(y, 0.1) + w[1])
        return c, np.max(np.stack([c, y, w[0]]))

    c, stacked = ad.scan(step, 0.2, x)
    return c + np.sum(stacked)


def solving(w: Any, x: Any) -> Any:
    """A row that NumPy computes, in every repetition."""

    def step(c: Any, y: Any) -> Any:
        A = np.array([[2.0, 0.3], [0.1, 1.5]]) + np.outer(c, c)
        return np.linalg.solve(A, c + w * y), np.sum(np.sort(np.cumsum(c))[1:])

    c, stacked = ad.scan(step, w, x)
    return np.sum(c * c) + np.sum(stacked)


def beside(w: Any, x: Any) -> Any:
    """Loops one after the other, arrays before, between and behind them."""
    scaled = np.cos(x) * w[0]
    last, first = ad.scan(lambda c, y: (c * 0.5 + y, c * y), w[1], scaled)
    turned = first[::-1] + last
    _, second = ad.scan(lambda c, y: (c + y * w[0], np.sin(c)), 0.0, turned, reverse=True)
    return np.sum(second * scaled) + np.mean(turned)


def counting(w: Any, x: Any) -> Any:
    """No stream: the length alone; the result is a carry."""
    c, _ = ad.scan(lambda c, _: (np.sin(c) + w[0] * c, None), w[1], length=x.shape[0])
    return c * np.sum(x)


LOSSES: dict[str, Loss] = {
    f.__name__: f
    for f in (
        scalars, backwards, exchanged, filtering, network, field, nested, indexed, deciding,
        solving, beside, counting,
    )
}  # fmt: skip
W = np.array([0.6, 0.35])


def _x(length: int) -> Any:
    return np.sin(np.arange(1.0, length + 1.0) * 1.3)


def _native(function: Loss, *examples: Any, **options: Any) -> CompiledGradient:
    return compile_gradient(function, *examples, target="native", expand=False, **options)


def _agrees(found: object, expected: object, relative: float = 1e-11) -> None:
    scale = max(1.0, float(np.max(np.abs(flat(expected)))))
    np.testing.assert_allclose(flat(found), flat(expected), rtol=relative, atol=1e-13 * scale)


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("made_as_for_users")
@pytest.mark.parametrize("length", [1, 2, 3, 8, 21])
@pytest.mark.parametrize("name", LOSSES)
def test_machine_code_gives_what_the_interpreter_gives(name: str, length: int) -> None:
    """Every kind of loop, of one repetition and of many: value and gradient."""
    loss, x = LOSSES[name], _x(length)
    df = _native(loss, W, x, check=False)
    _agrees(df(W, x), ad.backpropagate(df.graph, W, x))
    _agrees(df(-0.5 * W, 2.0 * x), ad.backpropagate(df.graph, -0.5 * W, 2.0 * x))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loop_is_certified_and_executed(name: str) -> None:
    """A compile says what it says of NumPy, and that the machine code ran beside the text."""
    x = _x(5)
    df = _native(LOSSES[name], W, x)
    text = compile_gradient(LOSSES[name], W, x, target="numpy", expand=False)
    assert df.verdict is text.verdict
    assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
    assert df.check is not None
    assert "executed beside it at 4 points" in df.check.method
    _agrees(df(W, x), text(W, x))


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"solving"}))
def test_numbers_are_those_of_the_unrolled_function(name: str) -> None:
    """A loop gives what its repetitions give, written out."""
    x = _x(6)
    df = _native(LOSSES[name], W, x, check=False)
    scalars = ad.trace(LOSSES[name], W, x)
    _agrees(df(W, x), ad.backpropagate(scalars, W, x))


def test_loops_of_scalars_have_the_interpreters_bits() -> None:
    """A body of scalars is the code that scalars are compiled to, repetition by repetition."""
    x = _x(50)

    def f(w: Any, x: Any) -> Any:
        def step(c: Any, y: Any) -> Any:
            a, b = c
            return (np.sin(a) * w[0] + b / (2.0 + y), np.exp(-b * b) - np.log(2.0 + a) * y), None

        (a, b), _ = ad.scan(step, (w[0], w[1]), x)
        return a * b

    value, (w_bar, x_bar) = _native(f, W, x)(W, x)
    expected, (w_right, x_right) = ad.backpropagate(ad.trace(f, W, x, expand=False), W, x)
    assert value == expected
    assert x_bar.tolist() == x_right.tolist()
    assert w_bar.tolist() == w_right.tolist()


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_as_people_write_them(name: str) -> None:
    """Loops that were recorded once give what the program gives unrolled."""
    p = np.array([0.7, 0.3, 0.45])
    graph = trace_loops(5000, PROGRAMS[name], p)
    assert graph is not None
    df = compile_gradient(graph, target="native", check=False)
    _agrees(df(p), ad.backpropagate(ad.trace(PROGRAMS[name], p), p), 1e-9)


def test_an_ordinary_loop_is_compiled_in_the_time_of_one_repetition() -> None:
    """Thousands of repetitions are one loop of machine code, certified, without being asked for."""

    def f(p: Any, y: Any) -> Any:
        m, total = p[0], 0.0
        for k in range(len(y)):
            m = m * p[1] + np.sin(y[k] * m)
            total = total + np.log(1.0 + m * m) * y[k]
        return total

    p, lines = np.array([0.4, 0.7]), []
    for n in (1000, 4000):
        df = compile_gradient(f, p, _x(n), target="native", wrt=0)
        assert not df.graph.expanded
        assert df.verdict is Verdict.CERTIFIED
        lines.append(len(df.llvm.splitlines()))
        _agrees(df(p, _x(n)), ad.value_and_grad(f, wrt=0)(p, _x(n)))
    assert lines[0] == lines[1]


@given(loops())
@settings(max_examples=24, deadline=None)
def test_random_loops(loop: RandomLoop) -> None:
    """Random bodies: machine code, text and interpreter agree."""
    df = _native(loop, *loop.examples, check=False)
    _agrees(df(*loop.examples), ad.backpropagate(df.graph, *loop.examples))


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan, 0.0, 1e300])
@pytest.mark.parametrize("name", ["scalars", "deciding", "filtering", "network", "exchanged"])
def test_special_numbers_go_through(name: str, special: float) -> None:
    """What is not finite goes the interpreter's way."""
    x = _x(6)
    df = _native(LOSSES[name], W, x, check=False)
    y = x.copy()
    y[2] = special
    expected = ad.backpropagate(df.graph, W, y)
    np.testing.assert_allclose(flat(df(W, y)), flat(expected), rtol=1e-10, equal_nan=True)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "row",
    [np.linalg.inv, np.linalg.det, np.linalg.cholesky, lambda a: np.linalg.solve(a, a[0]),
     lambda a: np.linalg.slogdet(a)[1], lambda a: np.cumsum(a, axis=1), np.linalg.norm,
     lambda a: np.tril(a) + np.triu(a, 1)],
)  # fmt: skip
def test_small_matrices_are_written_out(row: Callable[[Any], Any], n: int) -> None:
    """Rows of few numbers are scalars in every repetition, with those of the function unrolled."""

    def f(w: Any, x: Any) -> Any:
        def step(c: Any, y: Any) -> Any:
            a = c @ c.T + np.eye(n) * (1.0 + y * y)
            return c * 0.5 + w[0] * np.sin(a), np.sum(row(a))

        c, stacked = ad.scan(step, np.cos(np.arange(n * n * 1.0)).reshape(n, n) * w[1], x)
        return np.sum(c) + np.sum(stacked * x)

    x = _x(5)
    df = _native(f, W, x)
    assert "row." not in df.llvm
    _agrees(df(W, x), ad.backpropagate(scalarize(df.graph), W, x), 1e-10)


def test_a_matrix_that_has_no_inverse_gives_what_the_repetitions_give() -> None:
    """Where NumPy's routine raises, the numbers are those of the function written out."""

    def f(w: Any, x: Any) -> Any:
        c, _ = ad.scan(lambda c, y: (c + np.sum(np.linalg.inv(np.diag(y))), None), w[0], x)
        return c

    x = np.array([[1.0, 2.0], [0.5, 0.0]])
    df = _native(f, W, x)
    expected = ad.backpropagate(scalarize(df.graph), W, x)
    np.testing.assert_array_equal(df(W, x)[0], expected[0])


def test_what_a_function_gave_is_kept_for_the_way_back() -> None:
    """The gradient's loop calls no function that the first loop has called for the same numbers."""

    def f(w: Any, x: Any) -> Any:
        c, _ = ad.scan(lambda c, y: (np.exp(c * w[0]) * 0.1 + y * w[1], None), w[1], x)
        return c

    df = _native(f, W, _x(7))
    assert df.llvm.count('call double @"f.exp"') == 1
    _agrees(df(W, _x(7)), ad.backpropagate(df.graph, W, _x(7)))


# --- orders --------------------------------------------------------------------------------------


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


# --- calls ---------------------------------------------------------------------------------------


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


# --- ties ----------------------------------------------------------------------------------------


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
