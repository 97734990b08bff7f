"""Gradients of whole arrays where switches tie and slopes are infinite, as of the scalars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.run.whole.array_ties import tied_graph
from codegen import compile_gradient
from codegen.kind import GRADIENT
from verify.answer.report import VerificationError
from verify.subjects.same_lines import says_the_same

_DRAW = np.random.default_rng(0)
_X, _Y = _DRAW.normal(size=(30, 3)), np.sign(_DRAW.normal(size=30))


def stable(w: Any) -> Any:
    """Logistic regression as it is written to be safe from overflow."""
    m = _Y * (_X @ w)
    return np.sum(np.maximum(-m, 0.0) + np.log1p(np.exp(-np.abs(m))))


def _pieces(w: Any) -> Any:
    return np.maximum(w, 0.0) - np.maximum(-w, 0.0)


_FUNCTIONS: list[Callable[[Any], Any]] = [
    stable,
    lambda w: np.sum(np.maximum(w, 0.0) - np.maximum(-w, 0.0)),
    lambda w: np.sum(np.where(w > 0.0, w, w + w**3)),
    lambda w: np.sum(np.where(w > 0.0, w, 0.0) - np.where(-w > 0.0, -w, 0.0)),
    lambda w: np.sum(w * np.sqrt(w)),
    lambda w: np.linalg.norm(w) ** 2 + np.sum(w),
    lambda w: np.sum(np.maximum(np.outer(w, w), 0.0) @ w) + np.sum(np.cumsum(_pieces(w)) * _X[0]),
    lambda w: np.sum(np.where(_pieces(w) >= w, np.tanh(w), w) * np.stack([w, _pieces(w)])),
    lambda w: np.sum(np.clip(w, 0.0, 1.0) + np.minimum(w, 0.0)) + np.sum(np.abs(w) * w),
]


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_a_tie_is_settled(function: Callable[[Any], Any]) -> None:
    """At zero, where everything ties, and beside it: what the scalar text gives."""
    whole, scalars = (
        compile_gradient(function, np.ones(3), target="numpy", expand=expand)
        for expand in (False, True)
    )
    assert not whole.graph.expanded
    for w in (np.zeros(3), np.array([0.0, 0.5, 0.25]), np.array([0.3, 0.4, 0.6])):
        np.testing.assert_allclose(whole(w)[1], scalars(w)[1], rtol=1e-12, atol=1e-14)
        out = np.empty(3)
        whole(w, out=out)
        np.testing.assert_array_equal(out, whole(w)[1])


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_the_interpreter_settles_ties_of_arrays(function: Callable[[Any], Any]) -> None:
    """``backpropagate`` gives the scalars' gradient where switches tie, and beside."""
    graph, scalars = (ad.trace(function, np.ones(3), expand=expand) for expand in (False, True))
    for w in (np.zeros(3), np.array([0.0, 0.5, 0.25]), np.array([0.3, 0.4, 0.6])):
        (value, found), (wanted, right) = (ad.backpropagate(g, w) for g in (graph, scalars))
        assert value == pytest.approx(wanted, rel=1e-14)
        np.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-14)


def test_the_interpreter_keeps_conventions_where_scalars_cannot_be_written() -> None:
    """A sorting by an argument's order has no scalars: its ties are as they were."""
    graph = ad.trace(lambda w: np.sum(np.sort(np.maximum(w, 0.0))), np.ones(3), expand=False)
    value, bars = ad.backpropagate(graph, np.array([0.0, 2.0, 1.0]))
    assert value == 3.0
    assert bars.tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_ties_of_many_rows(target: str) -> None:
    """Where fitting begins, at zero, every row ties: more of them than scalars could be written."""
    rows = _DRAW.normal(size=(25_000, 9))
    signs = np.sign(rows[:, 0])

    def loss(w: Any, rows: Any, signs: Any) -> Any:
        m = signs * (rows @ w)
        return np.sum(np.maximum(-m, 0.0) + np.log1p(np.exp(-np.abs(m))))

    fitted = compile_gradient(loss, np.zeros(9), rows, signs, target=target, wrt=0, check=False)
    found = fitted(np.zeros(9), rows, signs)[1]
    np.testing.assert_allclose(found, -0.5 * (signs @ rows), rtol=1e-10)


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("sparse", [False, "csr"])
@pytest.mark.filterwarnings("ignore:sparse")
def test_second_derivatives_are_settled(target: str, sparse: bool | str) -> None:
    """A convention used twice is no middle; of several arguments and sparse, too."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")

    def function(x: Any, y: Any) -> Any:
        return np.sum(np.maximum(x[1:], x[:-1]) ** 2) * y + np.sum(x**2)

    x, what = np.array([1.0, 1.0, 2.0]), ("value", "hessian")
    whole, scalars = (
        codegen.compile(function, x, 0.5, what=what, target=target, expand=expand, sparse=sparse)
        for expand in (False, True)
    )
    found, right = whole(x, 0.5), scalars(x, 0.5)
    assert found[0] == right[0]
    if sparse:
        np.testing.assert_allclose(found[1].toarray(), right[1].toarray())
    else:
        flat = [np.concatenate([np.ravel(b) for row in m for b in row]) for _, m in (found, right)]
        np.testing.assert_allclose(*flat)


def test_middles_are_not_asked() -> None:
    """Switches whose conventions are the middle of both sides need no question."""
    ones = np.ones(3)
    assert tied_graph(ad.trace(lambda w: np.sum(np.abs(w)), ones, expand=False)) is None
    assert tied_graph(ad.trace(lambda w: np.sum(w * w), ones, expand=False)) is None
    labelled = ad.trace(lambda w, y: np.sum(np.where(y > 0.0, w, -w)), ones, ones, expand=False)
    assert tied_graph(labelled, moving=labelled.inputs.of([0])) is None  # labels choose, once
    assert tied_graph(labelled) is not None
    graph = tied_graph(ad.trace(stable, ones, expand=False))
    assert graph is not None
    assert ad.evaluate(graph, np.zeros(3)) >= 30.0
    assert ad.evaluate(graph, np.ones(3)) == 0.0


def test_a_bound_call_with_places_is_asked() -> None:
    """Bound places are floats; the count of what ties reads them as places all the same."""
    w, places, out = np.array([0.5, 2.0, 2.0, 1.0]), np.array([1.0]), np.zeros(4)

    def picked(w: Any, k: Any) -> Any:
        return np.sum(np.maximum(w[k], w))

    df = compile_gradient(picked, w, places.astype(int), wrt=0, target="native", expand=False)
    assert df.bind(w, places, out=out)() == 8.0
    assert np.array_equal(out, df(w, places.astype(int))[1])


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_calls_run_the_proven_lines(function: Callable[[Any], Any]) -> None:
    """A call asks for ties in the same text: its other results are those of the text shown."""
    code = compile_gradient(function, np.ones(3), target="numpy", expand=False).code
    if code.watched is not None:
        assert says_the_same(code.main, "value_and_gradient", code.watched, "watched")


@pytest.mark.usefixtures("checked_at_once")
def test_a_wrong_text_with_ties_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that calls run and nobody reads are held to the chain rule where they differ."""
    # Its value stands for the number of ties as well: below zero, so that none are settled.
    graph = ad.trace(lambda w: _FUNCTIONS[1](w) + w[0] - 100.0, np.ones(3), expand=False)
    wrong = GRADIENT.whole(graph, None)
    monkeypatch.setattr(
        "codegen.call.whole.array_derivative.watched_graph",
        lambda *_: replace(wrong, outputs=[*wrong.outputs, wrong.outputs[0]]),
    )
    with pytest.raises(VerificationError):
        compile_gradient(_FUNCTIONS[1], np.ones(3), target="numpy", expand=False)


def _at_a_pole(x: Any, y: Any) -> Any:
    """A loop that divides by nothing at 3.0, and may end early."""
    s = x
    for _ in range(60):
        s = s * 1.5 + y / (s - 3.0)
        if s > 50.0:
            break
    return s


def _of_other_lengths(x: Any) -> Any:
    """Loops inside a loop, of another length each time."""
    total = 0.0
    for i in range(30):
        u = x[0] * x[i % 3]
        for j in range(i):
            u = np.sin(u / (x[1] - 0.1 * j)) + x[2]
        total = total + u
    return total


def test_poles_raise_nothing_in_loops() -> None:
    """What asks whether switches tie divides as NumPy does, not as Python's floats."""
    df = compile_gradient(_at_a_pole, 1.3, 0.7, target="numpy", expand=False)
    assert df(3.0, 0.7)[0] == np.inf
    for at in (2.5, 1.3):
        assert df(at, 0.7)[0] == pytest.approx(_at_a_pole(at, 0.7), rel=1e-12)


def test_poles_of_inner_loops_are_numbers() -> None:
    """Loops inside a loop, of other lengths: where one divides by nothing the value is nan."""
    x = np.array([0.3, 0.45, 0.2])
    df = compile_gradient(_of_other_lengths, x, target="numpy", expand=False)
    value, bar = df(x)
    expected, wanted = compile_gradient(_of_other_lengths, x, expand=True)(x)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(bar, wanted, rtol=1e-11)
    assert np.isnan(df(np.array([0.3, 0.5, 0.2]))[0])  # x[1] - 0.1 * 5 is nothing: sin(inf)
