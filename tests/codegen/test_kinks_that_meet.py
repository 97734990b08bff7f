"""Where kinks meet, every target gives the derivative that there is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run import pieces
from codegen import compile as compile_derivatives
from codegen import compile_gradient, compile_graph
from codegen.call import derivative
from codegen.text import chunks, settlers
from tests.kinks_that_meet import FIRST, SECOND
from verify import Verdict, verify_gradient
from verify.subjects.emitted import compiled_subject, emitted_subject

TARGETS = ["python", "numpy", "native"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "function", "at", "slope"), FIRST, ids=[c[0] for c in FIRST])
def test_gradients(target: str, name: str, function: Any, at: Any, slope: Any) -> None:
    """Compiled gradients are the true ones; Python and machine code have the interpreter's bits."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    graph = ad.trace(function, *at)
    found = compile_gradient(graph, target=target)(*at)
    assert found[1] == pytest.approx(slope, rel=1e-12, abs=1e-12)
    if target != "numpy":
        assert repr(found) == repr(ad.backpropagate(graph, *at))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "function", "at", "curve"), SECOND, ids=[c[0] for c in SECOND])
def test_hessians(target: str, name: str, function: Any, at: Any, curve: Any) -> None:
    """Compiled Hessians are the true ones."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    found = compile_graph(ad.hessian(ad.trace(function, *at)), target)(*at)
    assert np.allclose(np.array(found, float), curve, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
def test_derivatives_before_the_value(target: str) -> None:
    """What is settled goes where it belongs, whatever stands behind it."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    _, function, at, slope = FIRST[0]
    what = ("gradient", "value")
    found, value = compile_derivatives(function, *at, what=what, target=target)(*at)
    assert value == function(*at)
    assert found == pytest.approx(slope)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "function", "at", "slope"), FIRST, ids=[c[0] for c in FIRST])
def test_halves(target: str, name: str, function: Any, at: Any, slope: Any) -> None:
    """The halves give the gradient that the whole gives, times the cotangent."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    df = compile_gradient(function, *at, target=target)
    value, residuals = df.forward(*at)
    assert value == df(*at)[0]
    expected = -2.0 * np.array(slope)
    assert np.allclose(df.backward(residuals, -2.0), expected, rtol=1e-12, atol=1e-12)
    aside = tuple(x + 0.25 * (k + 1) for k, x in enumerate(at))
    away, same = df.backward(df.forward(*aside)[1], 1.0), df(*aside)[1]
    assert np.array_equal(np.array(away), np.array(same))


def test_halves_of_what_is_a_derivative_itself() -> None:
    """The value of forward is settled too, where it is a derivative."""
    df = compile_gradient(lambda m: 2.0 * ad.grad(FIRST[0][1])(m), 0.0)
    value, residuals = df.forward(0.0)
    assert value == pytest.approx(-1.0, rel=1e-12)
    assert df.backward(residuals) == pytest.approx(0.5, rel=1e-12)
    assert df(0.0) == (value, df.backward(residuals))


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("reduce", [None, "sum"])
def test_halves_of_batches(target: str, reduce: str | None) -> None:
    """Among many points the halves settle those that tie."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    points = np.linspace(-1.0, 1.0, 9001)
    points[[0, 5000, 9000]] = 0.0
    df = compile_gradient(FIRST[0][1], 0.5, target=target, batch=True, reduce=reduce)
    seeds = np.linspace(1.0, 2.0, 9001) if reduce is None else 3.0
    found = df.backward(df.forward(points)[1], seeds)
    assert np.allclose(found, -seeds / (1.0 + np.exp(points)), rtol=1e-12)


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every function counts as a long one."""
    for module in (chunks, derivative, settlers):
        monkeypatch.setattr(module, "LIMIT", 5)
    monkeypatch.setattr(chunks, "PART", 4)


@pytest.mark.parametrize("target", TARGETS)
def test_halves_with_many_residuals(target: str) -> None:
    """Python takes 255 names before a starred one; halves have as many residuals as they need."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")

    def function(x: np.ndarray) -> float:
        return np.sum(np.maximum(np.abs(np.sin(x)), np.abs(x - 1.0)) * np.cos(x))

    x = np.linspace(-2.0, 2.0, 40)
    df = compile_gradient(function, x, target=target, check=False)
    assert target == "native" or not compiled_subject(df).unreadable
    value, residuals = df.forward(x)
    assert sum(map(np.size, residuals)) > 255
    whole = df(x)
    assert np.allclose(df.backward(residuals, -2.0), -2.0 * whole[1], rtol=1e-12, atol=1e-12)
    assert np.isclose(value, whole[0], rtol=1e-12)


@pytest.mark.usefixtures("in_small_parts")
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("at_point", [True, False], ids=["near", "near or away"])
def test_long_functions(target: str, at_point: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions in parts settle ties, and so do their halves; they are proven as others are."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    if at_point:  # too long to be followed away from a tie
        monkeypatch.setattr(pieces, "FARTHEST", 5)
        monkeypatch.setattr(settlers, "FARTHEST", 5)
    for _, function, at, slope in FIRST:
        if at_point and not np.isfinite(slope).all():
            continue
        df = compile_gradient(function, *at, target=target)
        assert np.allclose(df(*at)[1], slope, rtol=1e-12, atol=1e-12)
        found = df.backward(df.forward(*at)[1], -2.0)
        assert np.allclose(found, -2.0 * np.array(slope), rtol=1e-12, atol=1e-12)
    assert verify_gradient(df).verdict is Verdict.PROVED


@pytest.mark.usefixtures("in_small_parts")
@pytest.mark.parametrize("target", TARGETS)
def test_long_hessians(target: str) -> None:
    """Hessians in parts are settled, and where something is infinite at the tie a step away."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    for _, function, at, curve in SECOND:
        found = compile_graph(ad.hessian(ad.trace(function, *at)), target)(*at)
        assert np.allclose(np.array(found, float), curve, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
def test_verdicts_agree(target: str) -> None:
    """The verdict at compile and the report say the same of every target at a tie."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    df = compile_gradient(FIRST[0][1], 0.0, target=target)
    assert df.verdict is Verdict.CERTIFIED
    assert verify_gradient(df).verdict is Verdict.PROVED


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_batches(target: str, reduce: str | None) -> None:
    """Points that tie are settled, alone, in sums and in means, and no other point changes."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    points = np.linspace(-1.0, 1.0, 9001)
    points[[0, 5000, 9000]] = 0.0
    df = compile_gradient(FIRST[0][1], 0.5, target=target, batch=True, reduce=reduce)
    value, slope = df(points)
    expected = -1.0 / (1.0 + np.exp(points)) / (len(points) if reduce == "mean" else 1)
    assert np.allclose(slope, expected, rtol=1e-12)
    values = np.log1p(np.exp(-points))
    wanted = {"sum": values.sum(), "mean": values.mean(), None: values}[reduce]
    assert np.allclose(value, wanted, rtol=1e-12)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_a_tie_everywhere(target: str) -> None:
    """Switches that tie at every point, as those of a constant do, are settled in batches."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")

    def f(x: Any, y: Any) -> Any:
        nothing = ad.where(0.0, x, 0.0)
        return ad.erfc(ad.hypot(nothing, nothing) <= 1.0) + 3.0 * y

    value, (x_bar, y_bar) = compile_gradient(f, 1.0, 1.0, target=target, batch=True)(
        np.ones(5), np.zeros(5)
    )
    assert np.allclose(value, math.erfc(1.0))
    assert x_bar.tolist() == [0.0] * 5
    assert y_bar.tolist() == [3.0] * 5


def test_a_step_into_a_division_by_zero() -> None:
    """Pieces of a function that divides by zero are infinite where NumPy settles them, too."""
    graph = ad.trace(lambda x, y: ad.elu(x, y / 0.0) ** 2, 0.5, 0.5)
    second = compile_graph(ad.hessian(graph), "numpy", check=False)
    expected = ad.evaluate(ad.hessian(graph), -0.0, 0.0)
    assert np.array_equal(np.array(second(-0.0, 0.0)), np.array(expected), equal_nan=True)


def test_saved_files(tmp_path: Path) -> None:
    """A saved file settles ties by itself, and is proven as it stands."""
    df = compile_gradient(FIRST[0][1], 0.5)
    df.save(tmp_path / "saved.py")
    module: dict[str, Any] = {"__name__": "saved"}
    exec((tmp_path / "saved.py").read_text(), module)
    assert module["value_and_gradient"](0.0) == df(0.0)
    value, residuals = module["forward"](0.0)
    assert (value, module["backward"](residuals)) == df(0.0)
    assert verify_gradient(df).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("+ step_0", "- step_0"),
        ("return f, (m, v1, v2, m)", "return f, (m, v1, v2, v1)"),
        ("return f, (m, v1, v2, m)", "return f, (v1, v1, v2, m)"),
        ("_backward_settled([*point, cotangent]", "_backward_settled([*point, m]"),
        ("m, v1, v2 = residuals", "m, v1, v2 = residuals\n        m = residuals[-1]"),
    ],
)
def test_a_tampered_text_is_refused(right: str, wrong: str) -> None:
    """A text that settles by other pieces, or at another point, is not proven."""
    df = compile_gradient(FIRST[0][1], 0.5)
    assert right in df.source
    wrong = df.source.replace(right, wrong, 1)
    assert emitted_subject(df.graph, [0], wrong, "tampered").unreadable
    assert not emitted_subject(df.graph, [0], df.source, "ours").unreadable


def test_a_bound_batch_settles_the_ties_of_each_call() -> None:
    """Points that tie are found wherever they stand, in the last block too, and forgotten after."""
    pytest.importorskip("llvmlite", reason="needs the extra native")

    def function(r: Any) -> Any:
        return np.where(np.abs(r) <= 1.0, 0.5 * r * r, np.abs(r) - 0.5) + np.abs(r)

    for count in (5, 16, 37):
        r, out = np.linspace(0.2, 0.9, count), np.empty(count)
        df = compile_gradient(function, 0.3, target="native", batch=True)
        call = df.bind(r, out=out)
        for place in (None, 0, count // 2, count - 1, None):
            r[:] = np.linspace(0.2, 0.9, count)
            expected = r + 1.0
            if place is not None:
                r[place], expected[place] = -1.0, -2.0
            assert call() is not None
            assert np.allclose(out, expected, rtol=1e-15)
            assert np.array_equal(out, df(r.copy())[1])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("function", "at", "slopes"),
    [
        # What a number that is 0 everywhere says through an infinite slope is no side to take.
        (lambda g, x: ad.pow(g, ad.logical_not(ad.xlogy(x - x, x))) + x * ad.sqrt(x), (2.0, 0.0),
         (1.0, 0.0)),
        # No derivative flows through a condition: its infinite slope is none of the function's.
        (lambda g, x: ad.where(ad.cbrt(x), 1.0, x * g), (2.0, 0.0), (0.0, 2.0)),
        # A condition that holds on all pieces, and not at the point, before an infinite slope.
        (lambda g, x: ad.where(g - 2.0, ad.sqrt(x) * x, x), (2.0, 0.0), (0.0, 0.0)),
    ],
)  # fmt: skip
def test_conditions_beside_infinite_slopes(
    target: str, function: Any, at: Any, slopes: Any
) -> None:  # fmt: skip
    """Every target, the interpreter and Value settle them alike."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="needs the extra native")
    assert compile_gradient(function, *at, target=target)(*at)[1] == slopes
    assert ad.backpropagate(ad.trace(function, *at), *at)[1] == slopes
    g, x = map(ad.Value, at)
    function(g, x).backward()
    assert (g.grad, x.grad) == slopes
