"""Approximated: functions that are written here as something that comes near to them.

A series, a fraction or a mean of enough steps has all digits of a double and no more.  So a trace
notes that it holds such a thing: what is proven of its graph is not proven of the function, and a
derivative in closed form that differs in the last digit is no wrong one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

__all__ = ["approximated"]

_Function = TypeVar("_Function", bound=Callable[..., object])


def approximated(function: _Function) -> _Function:
    """The function, which notes in the traces of its operands that it comes near to another."""

    @wraps(function)
    def noting(*operands: object) -> object:
        for x in operands:
            recorder = getattr(getattr(x, "builder", None), "recorder", None)
            if recorder is not None:
                recorder.approximates = True
        return function(*operands)

    return cast("_Function", noting)
