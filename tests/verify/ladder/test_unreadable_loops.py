"""Derivatives of loops whose text of numbers is too long to be read: told of whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verify import Report, Verdict, verify_jacobian
from verify.program.read import UnreadableError


@pytest.fixture(autouse=True)
def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text of numbers is read, as that of ``ad.root`` cannot be."""

    def read(_: object) -> None:
        raise UnreadableError("line 1341: math.isinf(x): it has no derivative")

    monkeypatch.setattr("verify.subjects.entire._read", read)


def report_on(monkeypatch: pytest.MonkeyPatch, function: Any) -> Report:
    """Of a Jacobian of whose numbers no field tells anything."""
    monkeypatch.setattr("verify.ladder.doors.by_field.agreed", lambda _: None)
    return verify_jacobian(function, np.array([0.3, 0.4]))


def test_loops_are_certified_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of loops is held to the chain rule over residues."""

    def relaxed(x: Any) -> Any:
        for _ in range(200):
            x = x + 0.1 * np.cos(x)
        return x

    report = report_on(monkeypatch, relaxed)
    assert report.verdict is Verdict.CERTIFIED
    assert "arrays modulo primes" in report.entries[0].method


def test_others_are_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a loop it is said, number by number, why the text is not read."""
    report = report_on(monkeypatch, lambda x: np.array([x[0] * x[1], x[0]]))
    assert [entry.input for entry in report.entries][1:3] == ["[0], x[1]", "[1], x[0]"]
    assert report.verdict is Verdict.UNDECIDED
    assert "math.isinf" in report.entries[0].note
