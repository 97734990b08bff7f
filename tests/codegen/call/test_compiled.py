"""The contract: what every target answers, and the one error where it cannot."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import CompiledFunction, CompiledGradient, compile_gradient, compile_graph, kind
from codegen.call import derivative
from codegen.call.whole import array_derivative
from codegen.text.module import Module
from verify import Verdict, verify_gradient

TARGETS: dict[str, dict[str, Any]] = {
    "python": {"target": "python"},
    "python, fast": {"target": "python", "profile": "fast"},
    "numpy": {"target": "numpy"},
    "numpy batch": {"target": "numpy", "batch": True},
    "numpy sums": {"target": "numpy", "batch": (True, False), "reduce": "mean"},
    "native": {"target": "native"},
    "native, fast": {"target": "native", "profile": "fast"},
    "native batch": {"target": "native", "batch": True},
    "native sums": {"target": "native", "batch": (True, False), "reduce": "sum"},
    "numpy arrays": {"target": "numpy", "expand": False},
    "native arrays": {"target": "native", "expand": False},
}
X, Y = np.array([1.0, 2.0, -0.5]), 0.5
POINTS = np.array([X, X + 1.0, X * 2.0, X - 1.0])


def f(x: Any, y: Any) -> Any:
    """Of an array and a float."""
    return np.sum(x * x) * np.exp(y) / (1.0 + y * y)


def compiled(name: str, **options: Any) -> CompiledGradient:
    """The gradient of ``f`` for a target."""
    if TARGETS[name]["target"] == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    return compile_gradient(f, X, Y, **TARGETS[name], **options)


def is_whole(name: str) -> bool:
    """True if arrays stay arrays."""
    return TARGETS[name].get("expand") is False


def arguments(name: str) -> tuple[Any, ...]:
    """Arguments of a call: points where they are batched."""
    batch = TARGETS[name].get("batch")
    if batch is None:
        return X.copy(), Y
    return POINTS.copy(), np.full(len(POINTS), Y) if batch is True else Y


def equal(found: Any, expected: Any) -> bool:
    """True if values and gradients have the same numbers, up to rounding."""
    leaves = [np.ravel(value) for value in (found[0], *found[1])]
    others = [np.ravel(value) for value in (expected[0], *expected[1])]
    return np.allclose(np.concatenate(leaves), np.concatenate(others), rtol=1e-13, atol=0.0)


@pytest.fixture(params=TARGETS)
def name(request: pytest.FixtureRequest) -> str:
    """Each target in turn."""
    return str(request.param)


def test_what_it_is(name: str) -> None:
    """Whatever the target, users hold a CompiledGradient with the function's name and arguments."""
    df = compiled(name)
    assert isinstance(df, CompiledGradient)
    assert isinstance(df, CompiledFunction)
    assert (df.target, df.profile) == (
        TARGETS[name]["target"],
        TARGETS[name].get("profile", "exact"),
    )
    assert (df.wrt, df.positions, df.comments) == (None, [0, 1], False)
    assert df.__name__ == "f_gradient"
    assert str(inspect.signature(df)) == "(x, y)"
    assert repr(df) == f"<CompiledGradient of f, target {df.target}>"
    assert str(df.graph) == str(ad.trace(f, X, Y, expand=not is_whole(name)))


def test_text(name: str) -> None:
    """source is the whole file, which explain, file, getsource and save show too."""
    df = compiled(name)
    for function in ("forward", "backward", "value_and_gradient"):
        assert f"def {function}(" in df.source
    assert isinstance(df.file, Module)
    assert df.file.source == df.source
    assert inspect.getsource(df) in df.source
    shown = {line.function for line in df.explain().lines}
    assert shown == {"forward", "backward", "value_and_gradient"}
    lines = df.source.splitlines()
    assert all(lines[line.number - 1] == line.text for line in df.explain().lines)
    commented = compiled(name, comments=True)
    assert commented.comments
    assert commented.source.count("#") > df.source.count("#")
    assert commented.file.source == df.source


def test_save(name: str, tmp_path: Path) -> None:
    """A saved file runs alone, and gives what the text gives."""
    df = compiled(name)
    df.save(tmp_path / "df.py")
    assert (tmp_path / "df.py").read_text() == df.source
    scope: dict[str, Any] = {}
    exec(df.source, scope)
    value, bars = scope["value_and_gradient"](X if is_whole(name) else X.tolist(), Y)
    x_bar, y_bar = bars
    assert equal((value, (np.array(x_bar), y_bar)), ad.backpropagate(df.graph, X, Y))


def test_halves_are_the_whole(name: str) -> None:
    """forward and backward give value and gradient; a cotangent scales the gradient."""
    df, at = compiled(name), arguments(name)
    value, residuals = df.forward(*at)
    assert equal((value, df.backward(residuals)), df(*at))
    doubled = tuple(2.0 * np.asarray(bar) for bar in df.backward(residuals))
    assert equal((value, df.backward(residuals, 2.0)), (value, doubled))
    assert equal((value, df.backward(residuals, cotangent=2.0)), (value, doubled))


def test_verdict(name: str) -> None:
    """Every compile is certified, unless it is told not to."""
    df = compiled(name)
    assert df.verdict is Verdict.CERTIFIED
    assert df.check is not None
    assert df.check.chance < 1e-12
    unchecked = compiled(name, check=False)
    assert (unchecked.check, unchecked.verdict) == (None, None)


def test_verify_gradient(name: str) -> None:
    """The text is proven, and the report says which text that is and what ties it to calls."""
    report = verify_gradient(compiled(name), X, Y)
    assert report.verdict is Verdict.PROVED
    (tie,) = (remark for remark in report.facts["remarks"] if remark.startswith("read: "))
    assert tie in str(report)
    over_arrays = "batch" in TARGETS[name] or TARGETS[name]["target"] == "numpy" or is_whole(name)
    assert f"the {'NumPy' if over_arrays else 'Python'} text in source" in tie
    if TARGETS[name]["target"] == "native":
        assert "not the machine code" in tie
        what = "emitted code" if is_whole(name) else "graph of the machine code"
        assert f"CERTIFIED: the {what} against the chain rule" in tie
        assert ("machine code executed beside it" in tie) == is_whole(name)
        assert "text beside native code" in report.title
    else:
        assert "a call runs this text" in tie


def test_pickles_and_copies(name: str) -> None:
    """A pickle gives the same numbers, text, options and verdict; a copy is the thing itself."""
    df, at = compiled(name, comments=True), arguments(name)
    again = pickle.loads(pickle.dumps(df))
    assert repr(again(*at)) == repr(df(*at))
    assert again.source == df.source
    assert again.graph == df.graph
    assert again.verdict == df.verdict
    assert (again.target, again.profile, again.comments) == (df.target, df.profile, True)
    assert repr(pickle.loads(pickle.dumps(again))(*at)) == repr(df(*at))
    assert copy.copy(df) is df
    assert copy.deepcopy(df) is df


def test_out(name: str) -> None:
    """out= takes the gradient where a target can fill arrays, and is one error elsewhere."""
    df, at = compiled(name), arguments(name)
    value, gradient = df(*at)
    out = tuple(np.full_like(np.asarray(bar, dtype=float), np.nan) for bar in gradient)
    if df.target == "python":
        with pytest.raises(ad.UnsupportedError, match=r"out: target 'python' .* target='native'"):
            df(*at, out=out)
        return
    found, filled = df(*at, out=out)
    assert filled is out
    assert equal((found, out), (value, gradient))


def test_bind(name: str) -> None:
    """bind gives a call over the caller's arrays in machine code, and is one error elsewhere."""
    df, at = compiled(name), arguments(name)
    value, gradient = df(*at)
    out = tuple(np.full_like(np.asarray(bar, dtype=float), np.nan) for bar in gradient)
    if df.target != "native":
        with pytest.raises(ad.UnsupportedError, match=r"bind: target .* target='native'"):
            df.bind(*at, out=out)
        return
    call = df.bind(*at, out=out)
    assert equal((call(), out), (value, gradient))
    at[0][...] = X - 3.0
    assert equal((call(), out), df(*at))


def test_llvm(name: str) -> None:
    """llvm is the machine code's text, and one error where there is none."""
    df = compiled(name)
    if df.target == "native":
        assert "define " in df.llvm
    else:
        with pytest.raises(ad.UnsupportedError, match=r"llvm: target .* target='native'"):
            _ = df.llvm


BAD_CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "too few": ((X,), {}),
    "none": ((), {}),
    "too many": ((X, Y, Y), {}),
    "a text": ((X, "a"), {}),
    "None": ((None, Y), {}),
    "complex": ((X, 1j), {}),
    "another shape": ((np.ones(7), Y), {}),
    "an unknown keyword": ((X, Y), {"nonsense": 1}),
    "out of another shape": ((X, Y), {"out": (np.ones(7), np.ones(()))}),
    "out that is no array": ((X, Y), {"out": 3.0}),
    "threads that are none": ((X, Y), {"threads": "two"}),
}


@pytest.mark.parametrize("call", BAD_CALLS)
def test_wrong_calls(name: str, call: str) -> None:
    """A wrong call is one error of ours, which does not name our own functions."""
    df = compiled(name)
    args, named = BAD_CALLS[call]
    with pytest.raises(ad.ProofgradError) as raised:
        df(*args, **named)
    assert "<locals>" not in str(raised.value)
    if not named:
        with pytest.raises(ad.ProofgradError):
            df.forward(*args)


def test_wrong_residuals(name: str) -> None:
    """backward of what forward never returned is one error that says so."""
    df = compiled(name)
    for residuals in (None, "ab", 3.0, (), (1.0,), X):
        with pytest.raises(ad.ArgumentError, match="residuals: found"):
            df.backward(residuals)
    _, residuals = df.forward(*arguments(name))
    with pytest.raises(ad.ArgumentError, match="cotangent: found str"):
        df.backward(residuals, "a")


@pytest.mark.parametrize("scalars", [1, 2, 3])
def test_wrong_counts_of_floats(scalars: int) -> None:
    """Functions of floats are called without a detour, and yet say what is missing or too much."""
    functions = [lambda x: x * x, lambda x, y: x * 3.0, lambda x, y, out: x * y + out]
    df = compile_gradient(functions[scalars - 1], *[1.0] * scalars)
    for count in (*range(scalars), scalars + 1, scalars + 2):
        message = f"found {count} arguments?; expected {scalars}"
        with pytest.raises(ad.ArgumentError, match=message):
            df(*[1.0] * count)
        with pytest.raises(ad.ArgumentError, match=message):
            df.forward(*[1.0] * count)


@pytest.mark.usefixtures("checked_at_once")
def test_the_derivative_is_built_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One compile differentiates once; texts and explanations find what is there already."""
    counted: Counter[str] = Counter()

    def counting(what: str, module: ModuleType) -> None:
        original = getattr(module, what)

        def count(*args: Any) -> Any:
            counted[what] += 1
            return original(*args)

        monkeypatch.setattr(module, what, count)

    counting("value_and_gradient", kind)
    counting("vjp", derivative)
    passes = array_derivative if is_whole(name) else derivative
    run = "array_passes" if is_whole(name) else "run_passes"
    counting(run, passes)
    if is_whole(name):
        counting("vjp", array_derivative)
    df = compiled(name)
    once = {"value_and_gradient": 1, "vjp": 1, run: 2}
    # The halves of arrays are in the check at compile; others nobody asks for before the text.
    at_compile = once if is_whole(name) else {"value_and_gradient": 1, run: 1}
    assert counted == at_compile
    df(*arguments(name))
    assert counted == at_compile
    _ = df.source
    assert counted == once
    df.explain()
    _ = df.source, df.file.source, df.machine_graph, df.loaded, df.positions
    df.forward(*arguments(name))
    verify_gradient(df, X, Y)
    if df.target == "native":
        _ = df.llvm
    else:
        nothing = tuple(np.zeros_like(argument) for argument in arguments(name))
        df(*nothing)  # 0 / 1: whatever runs
    assert counted == once


def test_a_stored_gradient_answers_alike(tmp_path: Path) -> None:
    """What comes from a store has text, explanation, halves, proof, pickle and errors, too."""
    made, stored = (compile_gradient(f, X, Y, cache=tmp_path / "store") for _ in range(2))
    assert (type(made).__name__, type(stored).__name__) == ("CompiledGradient", "CachedGradient")
    assert stored.source == stored.file.source == made.source
    assert str(stored.explain()) == str(made.explain())
    assert repr(stored(X, Y)) == repr(made(X, Y))
    value, residuals = stored.forward(X, Y)
    assert equal((value, stored.backward(residuals)), made(X, Y))
    assert stored.verdict is Verdict.CERTIFIED
    assert verify_gradient(stored, X, Y).verdict is Verdict.PROVED
    again = pickle.loads(pickle.dumps(stored))
    assert (again.source, again.graph) == (made.source, made.graph)
    stored.save(tmp_path / "df.py")
    assert (tmp_path / "df.py").read_text() == made.source
    for args, named in BAD_CALLS.values():
        with pytest.raises(ad.ProofgradError):
            stored(*args, **named)
    with pytest.raises(ad.UnsupportedError):
        stored.bind(X, Y, out=(X.copy(), np.zeros(())))


# --- compiled graphs ---------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_compiled_graphs_answer_alike(target: str, tmp_path: Path) -> None:
    """A graph as it is: text, verdict, pickle and errors, on every target."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    hessian = ad.hessian(ad.trace(f, X, Y))
    h = compile_graph(hessian, target)
    assert isinstance(h, CompiledFunction)
    assert h.graph is hessian
    assert h.verdict is Verdict.CERTIFIED
    assert h.check is not None
    assert "against the graph" in h.check.method
    expected = ad.evaluate(hessian, X, Y)
    np.testing.assert_allclose(h(X, Y)[0][0], expected[0][0], rtol=1e-13)
    h.save(tmp_path / "h.py")
    assert (tmp_path / "h.py").read_text() == h.source == h.file.source
    assert {line.function for line in h.explain().lines} == {"evaluate"}
    again = pickle.loads(pickle.dumps(h))
    assert repr(again(X, Y)) == repr(h(X, Y))
    assert (again.source, again.verdict) == (h.source, h.verdict)
    assert compile_graph(hessian, target, check=False).verdict is None
    for args, named in BAD_CALLS.values():
        with pytest.raises(ad.ProofgradError):
            h(*args, **named)


@pytest.mark.usefixtures("checked_at_once")
@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_broken_passes_of_graphs_are_refuted(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiled graph that is not the graph raises, with the point that shows it."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    from tests.verify.ladder.test_quick import broken
    from verify import VerificationError

    jacobian = ad.jacobian(ad.trace(lambda x, y: (x * y, np.sin(x * y) + y), 0.3, 0.4))
    monkeypatch.setattr(derivative, "run_passes", broken)
    with pytest.raises(VerificationError, match=r"result \d of (.|\n)* found .* SymPy"):
        compile_graph(jacobian, target)
    assert compile_graph(jacobian, target, check=False).verdict is None
