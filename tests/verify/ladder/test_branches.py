from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codegen import compile_gradient
from tests.branching_programs import PROGRAMS
from verify import Verdict, domain_report, verify_gradient

# Ways of these are many: a while repeats more often than its function ever does.
CERTIFIED = {"break, continue": Verdict.CERTIFIED_NUMERIC, "while": Verdict.CERTIFIED}


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_of_branching_functions_are_proven(name: str) -> None:
    """The emitted text is proven on every path, or certified where paths are very many."""
    function, points = PROGRAMS[name]
    report = verify_gradient(function, *points[0])
    assert report.verdict in (Verdict.PROVED, CERTIFIED.get(name)), str(report)


def _kinked(x: Any) -> Any:
    return 3.0 * x if x < 2.0 else x * x


WRONG: dict[str, Callable[..., Any]] = {
    "the sides changed": lambda x: 2.0 * x if x < 2.0 else 3.0,
    "the condition changed": lambda x: 3.0 if x > 2.0 else 2.0 * x,
    "another border": lambda x: 3.0 if x < 2.0000001 else 2.0 * x,
    "one path everywhere": lambda x: 3.0,
    "another value at one point": lambda x: (5.0 if x == 1.0 else 3.0) if x < 2.0 else 2.0 * x,
    "a hidden path": lambda x: 3.0 if x < 2.0 else (2.0 * x if x < 1e9 else x),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_branches_are_not_proven(name: str) -> None:
    """A wrong side, condition or border is refuted; none is ever proven."""
    report = verify_gradient(_kinked, 3.0, gradient=WRONG[name])
    assert report.verdict is not Verdict.PROVED, str(report)
    if name != "another value at one point":
        assert report.verdict is Verdict.REFUTED, str(report)


def test_the_text_with_its_sides_changed_is_refuted() -> None:
    """A mutant of our own text, its condition turned round, is told from the right one."""
    source = compile_gradient(_kinked, 3.0).source
    assert " < 2.0" in source
    report = verify_gradient(_kinked, 3.0, gradient=source.replace(" < 2.0", " > 2.0"))
    assert report.verdict is Verdict.REFUTED


def test_a_tie_is_told_with_both_slopes() -> None:
    """At the border of a branch the report names it, the branch taken, and both slopes."""
    meeting = str(verify_gradient(lambda x: 3.0 * x if x < 2.0 else x + 4.0, 2.0))
    assert "the branch taken counts; from the left 3, from the right 1" in meeting
    jumping = str(verify_gradient(_kinked, 2.0))
    assert "the branch taken counts; from the right 4: DISCONTINUOUS" in jumping


def test_the_other_side_at_equality_is_not_proven() -> None:
    """``<=`` in place of ``<``, where the values differ at equality, is no proof of the value."""
    source = compile_gradient(_kinked, 3.0).source.replace(" < 2.0", " <= 2.0")
    report = verify_gradient(_kinked, 3.0, gradient=source)
    assert report.verdict is not Verdict.PROVED


def test_domain_names_the_branch() -> None:
    """Where paths meet is a border of the function's domain."""
    text = str(domain_report(_kinked, 3.0))
    assert "test_branches.py" in text
    assert "2" in text
