"""Many sides: each point is on a side of its own, and says there what one point alone would."""

from __future__ import annotations

from typing import Any

import numpy as np

import autodiff as ad
from codegen import compile_gradient
from codegen.call.compiled import CompiledGradient
from tests.verify.ladder.test_quick import with_text
from verify import Verdict, VerificationError
from verify.field.many_sides import ManySides
from verify.ladder.quick import check_compiled

_POINTS = 300


def overlapping(x: Any, y: Any) -> Any:
    """Conditions on what conditions chose, more of them than a field takes apart."""
    for k in range(12):
        x, y = np.maximum(x * y, y - 0.1 * k), np.where(x < y, x + y, x * 0.3)
    return x * y


def test_each_point_is_on_a_side_of_its_own() -> None:
    """A condition holds at about half of the points; there ``where`` is one branch, elsewhere the
    other, and functions of equal numbers are equal."""
    field = ManySides(_POINTS)
    x, y = field.point(2)
    held = field.less(x, y)
    assert held.known is not None
    assert 0.3 < np.mean(held.known) < 0.7
    np.testing.assert_array_equal(field.less(y, x).known, 1.0 - held.known)
    chosen = ad.sin(field.where(held, x, y))
    both = ad.sin(x).v, ad.sin(y).v
    np.testing.assert_array_equal(chosen.v, np.where(held.known != 0.0, *both))
    assert not np.any(both[0] == both[1])


def test_a_pole_is_no_difference_there_alone() -> None:
    """Where a denominator is zero, nothing is compared; elsewhere everything is."""
    field = ManySides(_POINTS)
    x, y, z = field.point(3)
    quotient = z / field.where(field.less(x, y), field.lift(0.0), x)
    assert 0.3 < np.mean(field.poles) < 0.7
    assert field.same(quotient, z / x)
    assert not field.same(quotient, y / x)


def checked() -> CompiledGradient:
    """The gradient of what no field takes apart."""
    return compile_gradient(overlapping, 0.3, 0.4)


def test_what_conditions_make_hard_is_held_on_many_sides() -> None:
    """The right text agrees on all of them."""
    check = checked().check
    assert check.verdict is Verdict.CERTIFIED_NUMERIC
    assert "on 600 random sides of its conditions" in check.method


def test_a_text_wrong_on_few_sides_is_refuted() -> None:
    """A mistake under four conditions at once, so on one side in sixteen."""

    def f(x: Any, y: Any) -> Any:
        inside = (x < y) & (x * y < 0.5) & (y < 0.7) & (x < 0.2)
        return overlapping(x, y) + np.where(inside, 3.0 * x, y)

    compiled = compile_gradient(f, 0.3, 0.4, check=False)
    text = compiled.loaded.module.functions[-1].text
    assert "3.0" in text
    # The field always sees it; that it is wrong there the points say, of which 1 draw in 50 misses.
    wrong = with_text(compiled, text.replace("3.0", "3.5"))
    assert any(_is_refuted(wrong) for _ in range(4))


def _is_refuted(compiled: Any) -> bool:
    try:
        check = check_compiled(compiled)
    except VerificationError as error:
        return "REFUTED" in str(error)
    assert "the field alone sees a difference" in str(check)
    return False
