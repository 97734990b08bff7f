"""Calls of a function with one element after the other: by a loop, where loops are recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar

from autodiff.errors import TraceError, user_location
from autodiff.trace.array_operand import ArrayOperand

__all__ = ["CALLING", "FOLDING", "each_element"]

# What records such a loop, in the trace under way.
CALLING: ContextVar[
    Callable[[Callable[..., object], Sequence[ArrayOperand]], list[object]] | None
] = ContextVar("CALLING", default=None)
# The same for ``kept = step(kept, x)``: of the step, what is kept at first, and the elements.
FOLDING: ContextVar[Callable[[Callable[..., object], object, Sequence[object]], object] | None] = (
    ContextVar("FOLDING", default=None)
)
_MOST = 2000


def each_element(
    function: Callable[..., object], columns: Sequence[ArrayOperand], name: str
) -> list[object]:
    """What a function gives for the elements of arrays along their first axis.

    Args:
        function: The function, of as many elements as there are arrays.
        columns: The arrays.
        name: What calls it, for errors.

    Raises:
        TraceError: if it would be traced too often.
    """
    calling = CALLING.get()
    if calling is not None:
        return calling(function, columns)
    count = columns[0].shape[0]
    if count > _MOST:
        raise TraceError(
            f"{user_location()}: {name} calls its function {count} times; at most {_MOST} are "
            "traced. Write it with operations on whole arrays"
        )
    return [function(*row) for row in zip(*columns, strict=True)]
