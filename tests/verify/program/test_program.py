"""Programs as data: what two of them have in common."""

from __future__ import annotations

import pytest

from verify.program.program import Program, Step

_SUM, _PRODUCT, _DIFFERENCE = "{0} + {1}", "{0} * {1}", "{0} - {1}"
_XY: Step = (_PRODUCT, (0, 1))
_STEPS: tuple[Step, ...] = (2.0, (_SUM, (0, 2)), _XY, (_PRODUCT, (3, 4)))  # (x + 2) * (x * y)
_ONE = Program(2, _STEPS, (5,))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Program(2, (_XY, 2.0, (_SUM, (0, 3)), (_PRODUCT, (4, 2))), (5,)), True),
        (Program(2, (_XY, 2.0, (_SUM, (0, 3)), (_PRODUCT, (2, 4))), (5,)), False),
        (Program(2, (*_STEPS, 1.0), (5,)), True),
        (Program(2, (2.5, *_STEPS[1:]), (5,)), False),
        (Program(2, (2.0, (_DIFFERENCE, (0, 2)), *_STEPS[2:]), (5,)), False),
        (Program(2, _STEPS, (5, 5)), False),
        (Program(3, _STEPS, (5,)), False),
    ],
)
def test_the_same_steps_in_another_order_are_the_same(other: Program, same: bool) -> None:
    """Whatever the order of steps, and what no result depends on; operands keep theirs."""
    assert _ONE.is_same(other) is same
    assert other.is_same(_ONE) is same
