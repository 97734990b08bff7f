"""cond: one of two functions, by a condition that may be traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import truth
from autodiff.trace.branching.objects.joined import met
from autodiff.trace.branching.objects.watched import FRESH
from autodiff.trace.branching.restarts import UnmergeableError
from autodiff.trace.functions.named_arguments import argument_names
from autodiff.trace.placeholder import Tracer

Made = TypeVar("Made")

__all__ = ["cond", "either_of", "traced_condition"]


def cond(
    test: object, then: Callable[..., Made], otherwise: Callable[..., Made], *operands: object
) -> Made:
    """``then(*operands)`` where a condition holds, else ``otherwise(*operands)``.

    On numbers, arrays and Values only that side runs.  Where the condition is traced both sides are
    recorded, and what they return meets: what one side needs is not computed, nor differentiated,
    where the other one is taken.

    Args:
        test: The condition: a truth value, or a number that is one (0.0 is false).
        then: A function of the operands.
        otherwise: Another one; it returns the same structure.
        operands: What both are called with.

    Returns:
        What the side returns.

    Raises:
        ArgumentError: if the condition is an array, or a side is no function.
        TraceError: if a traced condition chooses between different structures.

    >>> cond(2.0 > 1.0, lambda x: x * x, lambda x: -x, 3.0)
    9.0
    """
    for side, name in ((then, "then"), (otherwise, "otherwise")):
        if not callable(side):
            raise ArgumentError(
                f"{user_location()}: cond: {name}: found {type(side).__name__}; expected a "
                "function of the operands: lambda x: ..."
            )
        argument_names(side, len(operands))
    if isinstance(test, (list, tuple)) or bool(getattr(test, "shape", ())):
        raise ArgumentError(
            f"{user_location()}: cond: test: found several; expected one truth value. "
            "np.where(test, x, y) chooses element by element"
        )
    condition = traced_condition(test)
    if condition is None:
        return then(*operands) if test else otherwise(*operands)
    return either_of(condition, then(*operands), otherwise(*operands), "cond")


def traced_condition(test: object) -> Tracer | None:
    """The condition that a traced value is true; None for what is known."""
    if not isinstance(test, Tracer):
        return None
    if isinstance(test, ArrayTracer) and test.shape:
        test = test.reshape(())
    if test.builder.value(test.index) is not None:
        return None
    condition: Tracer = truth(test)
    return condition


def either_of(condition: Tracer, x: Made, y: Made, name: str) -> Made:
    """What is ``x`` where a traced condition holds, and ``y`` elsewhere.

    Raises:
        TraceError: if they are not of one structure.
    """
    try:
        made: Made = met(condition, x, y, FRESH)
    except UnmergeableError:
        raise TraceError(
            f"{user_location()}: {name}: where its condition holds it gives {_shown(x)}, elsewhere "
            f"{_shown(y)}; expected one structure with the same shapes"
        ) from None
    return made


def _shown(value: object) -> str:
    """A value as an error shows it."""
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__}({', '.join(map(_shown, value))})"
    if isinstance(value, dict):
        return f"dict({', '.join(f'{key}={_shown(one)}' for key, one in value.items())})"
    shape = getattr(value, "shape", ())
    if shape:
        return f"an array of shape {tuple(shape)}"
    return "a number" if isinstance(value, (float, int, Tracer)) else type(value).__name__
