from __future__ import annotations

import dis
from typing import Any

from autodiff.origins.bytecode import Flow


def assigned(function: Any) -> list[str]:
    """Where the result of each arithmetic operator of a function goes."""
    flow = Flow(function.__code__)
    ends = [flow.destination(i.offset) for i in dis.get_instructions(function)
            if i.opname == "BINARY_OP"]  # fmt: skip
    return [f"{e.name or e.kind}{''.join(map(str, e.path))}" for e in ends]


def test_a_value_is_followed_into_its_variable() -> None:
    """Assignments, chained and in tuples of any size, name the value they take."""

    def f(x: Any, y: Any) -> Any:
        a, b = x * y, x + y
        c = d = a * b
        e, (g, h) = x / y, (x - y, y - x)
        i, j, k, m = x + 1, x + 2, x + 3, x + 4
        a += y
        return a, b, c, d, e, g, h, i, j, k, m

    assert assigned(f) == [*"abceghijkm", "a"]


def test_a_value_is_followed_into_lists_items_and_attributes() -> None:
    """An element of a display, an item with a constant index and an attribute have names too."""

    def f(x: Any, y: Any, o: Any) -> Any:
        both = [x * y, x + y]
        o[2] = x * 2
        o.size = x * 3
        o[y] = x * 4
        return both

    assert assigned(f) == ["both0", "both1", "o2", "size", "o"]


def test_a_value_that_is_used_at_once_has_no_name() -> None:
    """An operand of another operator or an argument of a call goes nowhere."""

    def f(x: Any, y: Any) -> Any:
        z = abs(x * y) + x / y
        return z * 2.0, y * 3.0

    assert assigned(f) == ["used", "used", "z", "return0", "return1"]


def test_a_conditional_expression_is_followed_over_its_jump() -> None:
    """Both branches of ``z = a if c else b`` are z."""

    def f(x: Any, y: Any) -> Any:
        z = x * y if y else x + y
        return z / x

    assert assigned(f) == ["z", "z", "return"]
