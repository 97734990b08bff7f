"""Reasons are data: rewording a text changes no verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verify.rungs.process.session
from verify import Entry, Verdict, verify_gradient
from verify.answer.reasons import Reason, Remark
from verify.numbers import precise


def test_a_note_is_made_of_remarks() -> None:
    """Texts are joined, each once; an empty one says nothing."""
    remarks = (
        Remark(Reason.KINK, "abs(0)"),
        Remark(Reason.ROUNDED_CONSTANTS),
        Remark(Reason.NOTE, "abs(0)"),
    )
    entry = Entry("x", Verdict.PROVED, "by hand", remarks=remarks)
    assert entry.note == "abs(0)"
    assert entry.says(Reason.ROUNDED_CONSTANTS)
    assert not entry.without(Reason.ROUNDED_CONSTANTS).says(Reason.ROUNDED_CONSTANTS)


def test_a_text_alone_is_a_note() -> None:
    """An entry made with words only has them as a remark without further meaning."""
    entry = Entry("x", Verdict.PROVED, "by hand", note="a; b")
    assert entry.remarks == (Remark(Reason.NOTE, "a; b"),)
    assert entry.with_remarks(Remark(Reason.HINT, "c")).note == "a; b; c"


def test_an_entry_as_data_names_its_reasons() -> None:
    """What a program should read stands beside the words."""
    report = verify_gradient(lambda x: 10.0 * (0.1 * x), 1.0)
    assert report.to_json()["entries"][0]["reasons"] == ["AS-WRITTEN"]


FUNCTIONS: list[Any] = [
    lambda x: 10.0 * (0.1 * x),
    lambda x: np.sqrt(-1.0 - x * x),
    lambda x: np.abs(x) + x * x,
    lambda x: x * np.sin(x) ** 3,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_rewording_changes_no_verdict(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every text of the rungs replaced, verdicts and reasons are the same."""
    before = verify_gradient(function, 1.0)
    joined = verify.rungs.process.session.Remark

    def reworded(reason: Reason, text: str = "") -> Remark:
        return joined(reason, "; ".join(["other words"] * 2) if text else "")

    monkeypatch.setattr(verify.rungs.process.session, "Remark", reworded)
    monkeypatch.setattr("verify.ladder.chain_rule.Remark", reworded)
    monkeypatch.setattr(precise, "NO_FORM", "cannot be said in SymPy's words", raising=False)
    after = verify_gradient(function, 1.0)
    assert [e.verdict for e in after.entries] == [e.verdict for e in before.entries]
    assert [[r.reason for r in e.remarks] for e in after.entries] == [
        [r.reason for r in e.remarks] for e in before.entries
    ]
