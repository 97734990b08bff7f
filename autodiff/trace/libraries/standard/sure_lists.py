"""Functions of Python's that look into a list themselves, not through its methods.

They are written in C, so what a list knows of elements that may not be there passes them by; such a
list is left to paths before they see it.
"""

from __future__ import annotations

import heapq
import operator
from collections.abc import Callable
from functools import wraps

from autodiff.trace.branching.objects.unsure import Unsure

__all__ = ["HEAPQ", "OPERATOR"]


def _of_sure(original: Callable[..., object]) -> Callable[..., object]:
    @wraps(original)
    def function(*args: object, **named: object) -> object:
        for x in args:
            if isinstance(x, Unsure):
                x.require_sure()
        return original(*args, **named)

    return function


_HEAPS = ("heapify", "heappop", "heappush", "heappushpop", "heapreplace")
HEAPQ = {name: _of_sure(getattr(heapq, name)) for name in _HEAPS}
OPERATOR = {name: _of_sure(getattr(operator, name)) for name in ("concat", "iconcat")}
