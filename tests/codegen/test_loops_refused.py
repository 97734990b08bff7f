"""Programs that go on for ever, hide what they do or ask for what nobody knows: typed errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

import pytest

from autodiff.errors import TraceError
from codegen import compile_gradient

_COUNTER = count(1)


def endless(x: float) -> float:
    """Nothing leaves the loop."""
    while True:
        x = x * 0.99
    return x


def endless_by_values(x: float) -> float:
    """A condition that always holds."""
    while x > -1.0:
        x = x * 0.99
    return x


def text(x: float) -> float:
    """A branch on how a number is written."""
    return x if str(x) > "1" else x * x


def counting(x: float) -> float:
    """Another function each time."""
    return x * next(_COUNTER)


def drawing(x: float) -> float:
    """Random numbers."""
    return x * random.random()


def among(x: float) -> float:
    """A set of values."""
    return sum(v * v for v in {x, 2.0 * x})


def keyed(x: float) -> float:
    """A value as a key."""
    return {x: 1.0}[x] * x


def going_down(x: float) -> float:
    """Recursion until a value is small."""
    return x if x < 1.0 else going_down(x * 0.9)


def bottomless(x: float) -> float:
    """Recursion without an end."""
    return bottomless(x * 0.9) + 1.0


REFUSED = [
    (endless, r"\.py:\d+: this loop has no end"),
    (endless_by_values, r"\.py:\d+: this loop does not end within \d+ repetitions"),
    (text, r"\.py:\d+: cannot compare the text of a traced value"),
    (counting, "its result changes from call to call"),
    (drawing, "its result changes from call to call"),
    (among, r"\.py:\d+: cannot hash a traced value"),
    (keyed, r"\.py:\d+: cannot hash a traced value"),
    (going_down, r"more than 64 paths .* test_loops_refused\.py:\d+"),
    (bottomless, r"\.py:\d+: this recursion does not end"),
]


@pytest.mark.parametrize(("f", "said"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_the_error_says_where_and_why(f: Callable[[float], float], said: str) -> None:
    """Never a hang, and never a gradient."""
    with pytest.raises(TraceError, match=said):
        compile_gradient(f, 1.5, target="numpy")


def test_what_raises_on_purpose_raises_at_the_call() -> None:
    """A branch that raises, in a loop; elsewhere there is a gradient."""

    def bounded(x: float) -> float:
        total = 0.0
        for k in range(20):
            if x > 2.0 + k:
                raise ValueError("too large")
            total += x * k
        return total

    df = compile_gradient(bounded, 1.5, target="numpy")
    assert df(1.0) == (190.0, 190.0)
    with pytest.raises(ValueError, match="too large"):
        df(3.0)


def test_names_and_elements_may_be_deleted() -> None:
    """``del`` of what a loop is done with."""

    def forgetful(x: float, y: float) -> float:
        xs = [x, y, x * y]
        del xs[0]
        total = 0.0
        for v in xs:
            w = v * v
            total += w
            del w
        return total

    df = compile_gradient(forgetful, 1.5, 0.5, target="numpy")
    assert df(2.0, 3.0) == (45.0, (36.0, 30.0))
