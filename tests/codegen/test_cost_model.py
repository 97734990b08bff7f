"""Which functions keep their arrays whole by default, and what happens where one form cannot."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TraceError
from autodiff.run.roll.looped import looped
from autodiff.run.whole.scalarize import scalars_of
from autodiff.trace.branching import growth
from codegen import compile_gradient, compile_hessian, cost_model
from codegen.cost_model import holds_arrays, loops_are_short, prefers_whole
from codegen.kind import Kind, kind_of

_DRAW = np.random.default_rng(3)
_A, _B = _DRAW.normal(size=(300, 4)), _DRAW.normal(size=300)
_SMALL = _DRAW.normal(size=(5, 4))


def least_squares(w: Any) -> Any:
    """A loss over data that it closes over."""
    return np.sum((_A @ w - _B) ** 2)


def small(w: Any) -> Any:
    """A loss over a few rows."""
    return np.sum((_SMALL @ w) ** 2)


def jump(x: Any) -> Any:
    """A sum over many elements, with a switch for each."""
    return np.sum(np.maximum(x, 0.0) * np.exp(x) + x**3 * np.sin(x) * np.cos(x))


def test_large_data_stays_whole_on_the_targets_that_can() -> None:
    """Many rows: a few lines on NumPy; few rows: the scalar text, as if it was forced."""
    df = compile_gradient(least_squares, np.zeros(4), target="numpy")
    assert not df.graph.expanded
    assert len(df.source.splitlines()) < 60
    assert str(df.explain()).startswith("arrays are whole")
    few = compile_gradient(small, np.zeros(4), target="numpy")
    assert few.source == compile_gradient(small, np.zeros(4), target="numpy", expand=True).source
    assert not few.explain().whole
    assert compile_gradient(least_squares, np.zeros(4)).graph.expanded
    forced = compile_gradient(least_squares, np.zeros(4), target="numpy", expand=True)
    assert forced.graph.expanded
    np.testing.assert_allclose(forced(np.ones(4))[1], df(np.ones(4))[1], rtol=1e-12)


def contrast(a: Any, b: Any) -> Any:
    """Each row of one beside each of another."""
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    apart = np.exp(a @ b.T) - np.sqrt(1.0 + np.sum((a[:, None] - b[None]) ** 2, axis=-1))
    return np.sum(np.diag(apart) / apart.sum(axis=1))


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_small_arrays_that_are_multiplied_stay_whole(target: str) -> None:
    """Rows against rows: some lines, not one for each pair of numbers."""
    a, b = _DRAW.normal(size=(9, 5)), _DRAW.normal(size=(9, 5))
    df = compile_gradient(contrast, a, b, target=target)
    assert not df.graph.expanded
    assert not prefers_whole(contrast, (a[:2], b[:2]), target, large=False)
    expected = ad.backpropagate(ad.trace(contrast, a, b), a, b)[1][0]
    np.testing.assert_allclose(df(a, b)[1][0], expected, rtol=1e-12)


def test_numbers_that_are_sorted_stay_whole() -> None:
    """A network that sorts as many scalars is thousands of lines."""
    x = np.linspace(-1.0, 1.0, 80)
    df = compile_gradient(lambda x: np.sum(np.sort(x)[70:] ** 2), x, target="numpy")
    assert not df.graph.expanded
    assert len(df.source.splitlines()) < 60


def test_machine_code_expands_what_is_not_large() -> None:
    """Machine code keeps scalars where they are few; where many may tie, both forms settle them."""
    assert not prefers_whole(small, (np.zeros(4),), "native")
    assert prefers_whole(least_squares, (np.zeros(4),), "native")
    large = np.zeros(20_000)
    assert prefers_whole(lambda x: np.sum(x * np.exp(x)), (large,), "native")
    assert prefers_whole(jump, (large,), "native")
    assert prefers_whole(jump, (large,), "numpy")
    assert not prefers_whole(least_squares, (np.zeros(4),), "python")


def test_what_only_whole_arrays_can_do_is_done_with_them() -> None:
    """A small system of equations has no scalar form in a trace, and compiles all the same."""

    def f(x: Any) -> Any:
        return np.sum(np.linalg.solve(np.eye(3) * 2.0 + np.outer(x, x), x))

    x = np.array([0.3, -0.2, 0.5])
    df = compile_gradient(f, x, target="numpy")
    assert not df.graph.expanded
    python = compile_gradient(f, x)
    assert python.graph.expanded
    assert python(x)[0] == pytest.approx(f(x), rel=1e-13)
    np.testing.assert_allclose(python(x)[1], df(x)[1], rtol=1e-12)


def test_what_no_form_can_do_has_the_error_of_the_scalars() -> None:
    """The second attempt's error does not replace the first one's."""
    with pytest.raises(TraceError) as scalars:
        ad.trace(lambda x: np.sum(np.roots(x)), np.ones(3))
    with pytest.raises(TraceError) as found:
        compile_gradient(lambda x: np.sum(np.roots(x)), np.ones(3), target="numpy")
    assert str(found.value).partition(": ")[2] == str(scalars.value).partition(": ")[2]


def test_what_whole_arrays_cannot_do_yet_is_expanded() -> None:
    """Hessians and batches are of scalars whatever the size."""
    h = compile_hessian(least_squares, np.zeros(4), target="numpy")
    np.testing.assert_allclose(h(np.ones(4)), 2.0 * _A.T @ _A, rtol=1e-10)
    points = compile_gradient(small, np.zeros(4), target="numpy", batch=True)
    assert points(np.ones((2, 4)))[0].shape == (2,)


def test_arrays_are_found_where_a_function_holds_them() -> None:
    """In arguments, closures, globals, defaults, and in the functions that it calls."""
    data = np.ones(7)

    def inner(x: Any) -> Any:
        return np.sum(data * x)

    def outer(x: Any) -> Any:
        return inner(x)

    assert holds_arrays(outer, (1.0,), 7)
    assert not holds_arrays(outer, (1.0,), 8)
    assert holds_arrays(lambda x: x, ({"a": [np.ones(9)]},), 9)
    assert holds_arrays(lambda x, y=data: x, (), 7)
    assert not holds_arrays(lambda x: x * 2.0, (1.0, [2.0]))


def test_a_long_trace_of_numbers_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers taken from an array one by one: so many of them say that it is not whole."""
    monkeypatch.setattr(growth, "_FIRST", 512)
    monkeypatch.setattr(cost_model, "_ALONE", 0)
    steps: list[int] = []

    def singly(x: Any) -> Any:
        total = 0.0
        for k in range(2000):
            steps.append(k)
            total = total * x[k % len(x)] + x[(k + 1) % len(x)]
        return total

    for count in (120, 2000):
        steps.clear()
        assert not prefers_whole(singly, (np.ones(count),), "native")
        assert 0 < len(steps) < 1000

    few = ad.trace(lambda x: x[0] * x[1], np.ones(2000), expand=False)
    assert scalars_of(few) == 3  # an element that is read is one, of whatever array

    def swallowing(x: Any) -> Any:
        try:
            return singly(x)
        except Exception:
            return np.sum(x * np.exp(x))

    assert not prefers_whole(swallowing, (np.ones(120),), "native")


def test_a_long_trace_of_arrays_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of large arrays, however many, and sums of them, are what arrays stay whole for."""
    monkeypatch.setattr(growth, "_FIRST", 512)
    rows = _DRAW.normal(size=(400, 120))

    def sums(x: Any) -> Any:
        total = 0.0
        for row in rows:
            total = total + np.sum(row * x)
        return total

    def products(x: Any) -> Any:
        total = 0.0
        for row in rows:
            total = total + row @ x
        return total

    assert prefers_whole(sums, (np.ones(120),), "native")
    assert prefers_whole(products, (np.ones(120),), "native")


def chains(x: Any) -> Any:
    """One recurrence after the other."""
    y = x[0]
    for step in (ad.sin, ad.cos, ad.tanh, ad.atan, ad.exp, ad.sigmoid):
        for _ in range(200):
            y = 0.5 * step(y * x[1]) + x[0]
    return y


def walk(x: Any) -> Any:
    """One loop, which stands for a lot."""
    total = x[0]
    for _ in range(3000):
        total = total * 0.5 + ad.sin(total) * x[1]
    return total


def test_many_short_loops_become_straight_machine_code() -> None:
    """Some loops of a few repetitions take longer to compile than all they stand for."""
    x = np.array([0.1, 0.9])
    found = looped(chains, (x,), True)
    assert found is not None
    assert loops_are_short(found)
    few = compile_gradient(chains, x, target="native")
    assert few(x)[0] == pytest.approx(chains(x), rel=1e-14)
    one = looped(walk, (x,), True)
    assert one is not None
    assert not loops_are_short(one)


def _pairs(x: Any) -> Any:
    """A sum over pairs."""
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            total = total + ad.sqrt(d * d + 0.1) * ad.sin(d)
    return total


def _folded(x: Any) -> Any:
    """Sums of other lengths, kept in an array that nothing reads."""
    out = np.zeros(40)
    for i in range(40):
        s = 0.0
        for j in range(i + 1):
            s += x[j] * x[i - j]
        out[i] = s
    return np.sum(out**2)


def test_sums_over_pairs_have_no_term_too_many() -> None:
    """Inner ranges that differ are no loops over all with a condition if numbers are carried."""
    x = np.linspace(-1.0, 1.5, 40)
    df = compile_gradient(_pairs, x, target="numpy")
    assert df.source.count("\n") < 80
    assert "for " not in df.source[df.source.index("def forward") :]
    assert df(x)[0] == pytest.approx(_pairs(x), rel=1e-12)
    folded = compile_gradient(_folded, x, target="numpy")
    assert "continue" not in folded.source
    assert folded(x)[0] == pytest.approx(_folded(x), rel=1e-12)


def test_arrays_that_a_function_makes_are_whole() -> None:
    """A tree of options whose array has one price less at each step, of floats alone."""

    def tree(start: float, up: float) -> float:
        values = np.maximum(105.0 - start * up ** np.arange(40.0, -41.0, -2.0), 0.0)
        for i in range(39, -1, -1):
            now = start * up ** np.arange(float(i), -i - 1.0, -2.0)
            values = np.maximum(0.49 * values[:-1] + 0.5 * values[1:], 105.0 - now)
        return values[0]

    df = compile_gradient(tree, 100.0, 1.05, target="numpy", check=False)
    assert len(df.source.splitlines()) < 5000
    assert df(99.0, 1.04)[0] == pytest.approx(float(tree(99.0, 1.04)), rel=1e-12)


def _springs(x: Any) -> Any:
    total = 0.0
    for i in range(20):
        for j in range(i):
            total = total + (x[i] - x[j]) ** 2 * np.cos(x[i])
    return total


def _written(x: Any) -> Any:
    y = x.copy()
    for i in range(1, 20):
        y[i] = y[i] * y[i - 1]
    return y[19] * y[3]


@pytest.mark.parametrize(
    ("function", "alone"),
    [
        (_springs, True),
        (_written, False),
        (lambda x: _springs(x) + np.sum(x), False),
        (lambda x: _springs(2.0 * x), False),
        (lambda x: _springs(x) + np.zeros(3)[1], False),
        (lambda x: _springs(x) + np.maximum(x[0], x[1]), False),  # what ties is settled at length
    ],
)
def test_numbers_taken_one_by_one_are_not_traced_as_arrays(
    function: Any, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where NumPy does nothing to an array there is nothing to keep whole, and no time is lost."""
    asked: list[str] = []
    whole = ad.trace

    def seen(*given: Any, **options: Any) -> Any:
        asked.append("whole")
        return whole(*given, **options)

    monkeypatch.setattr(cost_model, "trace", seen)
    x = np.linspace(0.5, 1.5, 20)
    prefers = cost_model.prefers_whole(function, (x,), "native", large=False)
    assert (not asked) is alone
    if alone:
        assert not prefers
        assert not cost_model.is_shorter_whole(whole(function, x, expand=False), "native", False)


ROWS = np.random.default_rng(0).normal(size=(100, 8))


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_sparse_matrices_keep_arrays_whole_where_entries_are_long(target: str) -> None:
    """Each entry of a regression's Hessian is a sum over all rows; those of a chain are short."""

    def regression(w: Any) -> Any:
        return np.sum(np.logaddexp(0.0, ROWS @ w)) + 0.5 * w @ w

    def chain(x: Any) -> Any:
        return np.sum((x[1:] - x[:-1] ** 2) ** 2)

    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    w, x = np.linspace(-0.5, 0.5, 8), np.linspace(-1.0, 1.0, 200)
    with pytest.warns(match="every entry"):
        full = compile_hessian(regression, w, target=target, sparse="coo")
    assert not full.graph.expanded
    rows, columns, values = full(w)
    dense = np.zeros((8, 8))
    dense[rows, columns] = values
    np.testing.assert_allclose(dense, compile_hessian(regression, w, target=target)(w), 1e-12)
    assert compile_hessian(chain, x, target=target, sparse="coo").graph.expanded


@pytest.mark.parametrize(("target", "rows"), [("numpy", 1), ("native", 30), ("c", 30)])
def test_hessians_of_small_networks_keep_their_arrays(target: str, rows: int) -> None:
    """What counts is the length of the Hessian: a few lines for a network, not one a number."""
    data = np.random.default_rng(1).normal(size=(rows, 2))

    def network(w: Any) -> Any:
        return np.sum((np.tanh(data @ w[:16].reshape(2, 8) + w[16:24]) @ w[24:] - 0.3) ** 2)

    def chain(x: Any) -> Any:
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    w, x = np.linspace(-0.5, 0.5, 32), np.linspace(0.5, 1.5, 12)
    hessian, gradient = kind_of("hessian"), kind_of(("value", "gradient"))

    def whole(function: Any, point: Any, kind: Kind) -> bool:
        passed_on = partial(kind.passed_on, wrt=None)
        return prefers_whole(function, (point,), target, large=False, passed_on=passed_on)

    assert whole(network, w, hessian)
    assert not whole(network, w, gradient)
    assert not whole(chain, x, hessian)  # each number reaches two entries
    if target == "numpy":
        made = compile_hessian(network, w, target="numpy")
        assert not made.graph.expanded
        straight = compile_hessian(network, w, target="numpy", expand=True)
        np.testing.assert_allclose(made(w), straight(w), rtol=1e-12, atol=1e-13)
