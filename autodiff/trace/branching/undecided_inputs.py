"""Parameters that a trial run takes for numbers, and must not branch on."""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["WHOLE_NUMBERS"]

# Positions of the parameters that are integers outside ``wrt``: if the function branches on such,
# it has a program for each value of them.
WHOLE_NUMBERS: ContextVar[tuple[int, ...]] = ContextVar("WHOLE_NUMBERS", default=())
