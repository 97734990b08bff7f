"""A trace whose arrays hold traced values: what is tried where plain ones cannot.

``y = np.array([1.0, 0.0])`` is a plain array while a function is traced, so that libraries, which
need numbers, take it.  ``y[0] = p`` cannot be recorded then.  Such a function is traced again, and
its arrays are the trace's own from the start.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from autodiff.errors import TraceError
from autodiff.graph.graph import Graph
from autodiff.origins.recorder import Captured
from autodiff.trace.branching.growth import GivenUpError
from autodiff.trace.data import HOLDING

__all__ = ["holding_if_need_be"]

_P = ParamSpec("_P")


def holding_if_need_be(record: Callable[_P, Graph]) -> Callable[_P, Graph]:
    """What records a function, with arrays of its own that hold traced values if it must."""

    @functools.wraps(record)
    def recorded(*args: _P.args, **named: _P.kwargs) -> Graph:
        try:
            return record(*args, **named)
        except GivenUpError:  # for its size, not for its arrays
            raise
        except (LookupError, ValueError, TypeError, AttributeError, TraceError) as error:
            if named.get("expand", True) or HOLDING.get() or _has_met(*args, *named.values()):
                raise
            said: Exception = error
        before = HOLDING.set(True)
        try:
            return record(*args, **named)
        except Exception:  # whatever the arrays of the trace meet that plain ones do not
            raise said from None
        finally:
            HOLDING.reset(before)

    return recorded


def _has_met(*given: object) -> bool:
    """True if the trace noted values of other traces, which it would note again."""
    return any(isinstance(one, Captured) and one.operands for one in given)
