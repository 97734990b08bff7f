"""Reports of functions that branch say what is shown on each path, and where something is not."""

from __future__ import annotations

from typing import Any

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.answer.reasons import Reason


def bent(x: Any) -> Any:
    """Two paths."""
    if x < 1.0:
        return ad.sin(x)
    return x * x


def paths(report: Any) -> list[str]:
    """What is said of the paths, by number."""
    return [r.text for e in report.entries for r in e.remarks if r.reason is Reason.PATHS]


def test_each_path_has_its_proof() -> None:
    """One line for both sides of the condition, with what shows it there."""
    text = "import math\ndef g(x):\n    return math.cos(x) if x < 1.0 else x + x\n"
    report = verify_gradient(bent, 0.5, gradient=text)
    assert report.verdict is Verdict.PROVED
    [said] = paths(report)
    assert sorted(said.split("; ")) == ["identical where x - 1 < 0", "identical where x - 1 > 0"]


def test_functions_without_branches_have_no_paths() -> None:
    """A kink of the function's own is no path."""
    report = verify_gradient(lambda x: abs(x) * x, 2.0, gradient="def g(x): return 2*abs(x)")
    assert report.verdict is Verdict.PROVED
    assert not paths(report)
