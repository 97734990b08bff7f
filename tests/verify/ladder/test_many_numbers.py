"""Gradients of many numbers: proven without points, refuted, or looked at in part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from verify import Verdict, VerificationError, verify_gradient


def oscillator(steps: int) -> Any:
    """A long chain: explicit steps of a damped oscillator."""

    def f(x: Any, v: Any) -> Any:
        for _ in range(steps):
            x, v = x + 0.01 * v, v - 0.01 * (np.sin(x) + 0.1 * v)
        return x * x + v * v

    return f


def test_a_large_graph_is_proved_without_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit the composed proof alone decides, on both halves and the whole."""
    monkeypatch.setattr("verify.subjects.subject.LARGE", 1_000)
    report = verify_gradient(oscillator(200), 0.4, 0.1)
    assert report.verdict is Verdict.PROVED
    methods = {entry.method for entry in (report.value, *report.entries) if entry is not None}
    assert methods == {"chain rule, composed from rules proven by sympy.diff"}


def test_a_large_wrong_gradient_is_refuted() -> None:
    """One sign among ten thousand operations is found; the witness shows it."""
    df = compile_gradient(oscillator(900), 0.4, 0.1, check=False, expand=True)
    middle = df.source.index(" - ", df.source.index("def backward("))
    wrong = df.source[:middle] + " + " + df.source[middle + 3 :]
    report = verify_gradient(df.graph, 0.4, 0.1, gradient=wrong)
    assert report.verdict is Verdict.REFUTED
    witness = next(e.witness for e in report.entries if e.witness is not None)
    assert witness.found != witness.expected


def test_too_many_rows_to_prove_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are checked together, an entry per array; a gradient from elsewhere is not."""
    rows = np.ones((50_000, 5))

    def loss(w: Any) -> Any:
        return np.sum((rows @ w) ** 2)

    fitted = compile_gradient(loss, np.ones(5), target="numpy", check=False)
    for function in (loss, fitted):
        report = verify_gradient(function, np.ones(5))
        assert [e.input for e in report.every_entry()] == ["value", "w"]
        assert report.verdict is Verdict.CERTIFIED
    with pytest.raises(ad.UnsupportedError, match="at fewer rows"):
        verify_gradient(fitted, np.ones(5), gradient=lambda w: w)
    text = fitted.code.main.module.functions[0]
    wrong: dict[str, Any] = {"np": np, "rows": rows}
    exec(text.text.replace("2.0 *", "3.0 *"), wrong)
    monkeypatch.setitem(fitted.code.main.functions, "value_and_gradient", wrong[text.name])
    with pytest.raises(VerificationError):
        verify_gradient(fitted, np.ones(5)).raise_for_verdict()
