"""Names that a text assigns on one side of a condition, and reads on that side again."""

from __future__ import annotations

import pytest

from autodiff.errors import ArgumentError
from verify import Verdict, verify_gradient

RIGHT = {
    "in a conditional expression": """
def g(x):
    c = x > 0.5
    if c:
        a = 2.0
    return a * x if c else 2.0 * x
""",
    "on both sides of another condition": """
def g(x):
    c = x > 0.5
    if c:
        a = x
    if x > 3.0:
        if c:
            b = a
        else:
            b = x
    else:
        if c:
            b = a
        else:
            b = x
    return a + b if c else x + b
""",
    "assigned again on both sides": """
def g(x):
    c = x > 0.5
    if x > 3.0:
        if c:
            a = x + x
    else:
        if c:
            a = 2.0 * x
    return a if c else 2.0 * x
""",
    "inside an operand": """
def g(x):
    c = x > 0.5
    if c:
        d = x > 3.0
    return 2.0 * x if c and d else x + x
""",
}
REFUSED = {
    "on the other side": RIGHT["in a conditional expression"].replace("if c else", "if not c else"),
    "on another condition": RIGHT["in a conditional expression"].replace("x if c", "x if x > 0.4"),
    "behind both": RIGHT["inside an operand"].replace("c and d", "d"),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_they_are_read_where_they_are_assigned(text: str) -> None:
    """A right gradient that uses them is proven."""
    assert verify_gradient(lambda x: x * x, 1.25, gradient=text).verdict is Verdict.PROVED


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_elsewhere_they_are_refused(text: str) -> None:
    """What may be read without being assigned is an error that names it."""
    with pytest.raises(ArgumentError, match="is assigned on one side of an if only"):
        verify_gradient(lambda x: x * x, 1.25, gradient=text)


def test_another_value_on_one_side_is_refuted() -> None:
    """Sides that leave different values in a name are told apart."""
    text = RIGHT["assigned again on both sides"].replace("x + x", "x + 3.0")
    assert verify_gradient(lambda x: x * x, 1.25, gradient=text).verdict is Verdict.REFUTED
