"""State that a function keeps outside itself is refused; what each call makes anew is not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.agreement import trace_as_called
from codegen import compile_gradient

SEEN: list[float] = []
COUNT = 0.0


def appends(x: float) -> float:
    """A result that a list outside has no part in."""
    SEEN.append(x)
    return x * x


def adds_up(x: float) -> float:
    """A sum over all calls."""
    SEEN.append(x)
    return sum(SEEN) * x


def default(x: float, seen: list[float] = []) -> float:  # noqa: B006  # that is the point
    """A default value that all calls share."""
    seen.append(x * x)
    return sum(seen)


def counts(x: float) -> float:
    """A variable of the module."""
    global COUNT  # noqa: PLW0603  # that is the point
    COUNT = COUNT + np.sin(x)
    return COUNT * x


def in_a_loop(x: float) -> float:
    """A list outside to which a loop appends."""
    total = 0.0
    for i in range(50):
        total = total + x * i
        SEEN.append(total)
    return total


def closure() -> Callable[[float], float]:
    """A function with a variable of the function around it."""
    total = 0.0

    def added(x: float) -> float:
        nonlocal total
        total += x
        return total * x

    return added


class Model:
    """An object that keeps what its methods compute."""

    def __init__(self) -> None:
        self.last: float = 0.0
        self.log: deque[float] = deque(maxlen=3)

    def logs(self, x: float) -> float:
        """A method whose results add up."""
        y = np.exp(x)
        self.log.append(y)
        return y * y

    def writes_first(self, x: float) -> float:
        """A method that writes what it reads."""
        self.last, self.layers = np.sin(x), [x]
        self.layers.append(self.last)
        return self.read()

    def read(self) -> float:
        """A method that reads what another one wrote."""
        return sum(self.layers) * self.last


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (appends, "SEEN"), (adds_up, "SEEN"), (in_a_loop, "SEEN"), (default, "seen"),
        (counts, "COUNT"), (closure(), "total"), (Model().logs, "self.log"),
    ],
)  # fmt: skip
def test_what_one_call_leaves_for_the_next_is_named(
    function: Callable[..., float], named: str
) -> None:
    """A function whose values stay in a list, a variable or an object outside is refused."""
    SEEN.clear()
    with pytest.raises(ad.TraceError, match=f"keeps values of one call for the next in {named};"):
        compile_gradient(function, 0.5)


def test_what_a_call_writes_before_it_reads_is_no_state() -> None:
    """Attributes that each call assigns anew, and its lists, are as good as variables."""
    df = compile_gradient(Model().writes_first, 0.5)
    s, c = np.sin(0.5), np.cos(0.5)
    assert df(0.5) == pytest.approx(((0.5 + s) * s, (1 + c) * s + (0.5 + s) * c))


def test_calls_that_are_counted_beside_the_result_are_no_state() -> None:
    """A counter that no result depends on stops nothing."""
    calls = 0

    def counted(x: float) -> float:
        nonlocal calls
        calls += 1
        return x * x

    assert compile_gradient(counted, 3.0)(3.0) == (9.0, 6.0)


def test_a_function_inside_another_trace_may_close_over_its_values() -> None:
    """Values of a trace that is under way were left by nobody."""

    def outer(x: float) -> float:
        y = x * 2.0
        return ad.grad(lambda t: t * t * y if t is not None else y)(x)

    assert trace_as_called(outer, 3.0).name == "outer"
