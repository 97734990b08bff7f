"""while_loop: a loop that goes on while a condition holds, with a bound on its repetitions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.graph.tree.describe import structure_of
from autodiff.table import ops
from autodiff.trace.array_tracer import BUILDING
from autodiff.trace.capture.variables import replaced
from autodiff.trace.functions.named_arguments import argument_names
from autodiff.trace.placeholder import Tracer
from autodiff.trace.regions.conditional import either_of, traced_condition
from autodiff.trace.regions.scan import scan

Carry = TypeVar("Carry")

__all__ = ["refused_where", "repeated_while", "while_loop"]


def while_loop(
    test: Callable[[Carry], object], body: Callable[[Carry], Carry], init: Carry, most: int = 100
) -> Carry:
    """Repeat ``carry = body(carry)`` while ``test(carry)`` holds.

    On numbers, arrays and Values it repeats as often as it is asked to.  Where the condition is
    traced, ``most`` repetitions are recorded, each of which keeps the carry once the condition does
    not hold any more: one loop in traces of whole arrays.

    Args:
        test: Whether there is one repetition more, from the carry.
        body: The next carry; it has the structure of the one before.
        init: The first carry: numbers, arrays, and any nesting of them.
        most: How many repetitions there may be.

    Returns:
        The first carry for which the condition does not hold.

    Raises:
        ArgumentError: if ``most`` is no count, or a function is none.
        TraceError: if more than ``most`` repetitions are asked for, at the call that does so.

    >>> while_loop(lambda x: x < 100.0, lambda x: 2.0 * x, 3.0)
    192.0
    """
    _require(test, body, most)
    return repeated_while(test, body, init, most, "while_loop")


def repeated_while(
    test: Callable[[Carry], object],
    body: Callable[[Carry], Carry],
    init: Carry,
    most: int,
    name: str,
) -> Carry:
    """``while_loop``, as what users call ``name``."""
    structure_of(init, "init")
    place, carry = user_location(), init
    for done in range(most):
        holds = test(carry)
        condition = traced_condition(holds)
        if condition is not None:
            return _recorded(test, body, carry, most - done, _exceeded(place, most, name))
        if not holds:
            return carry
        carry = body(carry)
    holds = test(carry)
    condition = traced_condition(holds)
    if condition is not None:
        return refused_where(condition, _exceeded(place, most, name), carry)
    if holds:
        raise _exceeded(place, most, name)
    return carry


def _require(test: object, body: object, most: object) -> None:
    """The arguments are what they should be.

    Raises:
        ArgumentError: if they are not.
    """
    for function, name in ((test, "test"), (body, "body")):
        if not callable(function):
            raise ArgumentError(
                f"{user_location()}: while_loop: {name}: found {type(function).__name__}; expected "
                "a function of the carry"
            )
        argument_names(function, 1)
    if not isinstance(most, (int, np.integer)) or isinstance(most, bool) or most < 1:
        raise ArgumentError(
            f"{user_location()}: while_loop: most: found {most!r}; expected a whole number, at "
            "least 1"
        )


def _exceeded(place: str, most: int, name: str) -> TraceError:
    ends = "its condition to fail" if name == "while_loop" else "it to converge"
    return TraceError(
        f"{place}: this {name} goes on after {most} repetitions; expected {ends} before. Begin "
        f"nearer to its end, loosen its tolerance, or give most={2 * most}"
    )


def _recorded(
    test: Callable[[Carry], object],
    body: Callable[[Carry], Carry],
    carry: Carry,
    count: int,
    exceeded: TraceError,
) -> Carry:
    """The loop as nodes of the trace under way."""
    if BUILDING.get() is not None:
        carry, _ = scan(lambda now, _: (_kept(test, body, now), None), carry, length=count)
    else:
        for _ in range(count):
            carry = _kept(test, body, carry)
    condition = traced_condition(test(carry))
    return carry if condition is None else refused_where(condition, exceeded, carry)


def _kept(test: Callable[[Carry], object], body: Callable[[Carry], Carry], carry: Carry) -> Carry:
    """One repetition, if there is one more; else what there was."""
    holds = test(carry)
    condition = traced_condition(holds)
    if condition is None:
        return body(carry) if holds else carry
    return either_of(condition, body(carry), carry, "while_loop")


def refused_where(condition: Tracer, error: TraceError, carry: Carry) -> Carry:
    """The carry; where a condition holds a call raises, and in the body of a loop it is nan."""
    recorder = condition.builder.recorder
    if recorder is not None and recorder.refuse is not None:
        recorder.refuse(condition.index, error)
        return carry
    kept: Carry = replaced(carry, lambda leaf: ops.where(condition, math.nan, leaf))
    return kept
