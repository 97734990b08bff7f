"""A function written for floats, made to run on placeholders: what it calls in ``math`` is ours.

Gradients written by hand call ``math.sqrt``, which needs a float.  A copy of the function that
finds our ``sqrt`` under that name can be traced; it means the same over the reals.  Functions it
calls are copied along; nothing of the original is changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import reduce
from typing import SupportsFloat

from autodiff.table import ops
from autodiff.table.primitive import PUBLIC, Operand
from autodiff.trace.functions.copies import Copies

__all__ = ["on_placeholders"]


def _logarithm(x: object, base: object = None) -> object:
    return ops.log(x) if base is None else ops.log(x) / ops.log(base)


def _extreme(function: Callable[[object, object], object]) -> Callable[..., object]:
    """``max`` or ``min``: of one sequence or of several numbers."""

    def extreme(*numbers: Iterable[object]) -> object:
        return reduce(function, numbers[0] if len(numbers) == 1 else numbers)

    return extreme


def _float(x: SupportsFloat) -> Operand | float:
    return x if isinstance(x, Operand) else float(x)


_MATH: dict[str, object] = {
    **{name: PUBLIC[name] for name in vars(math) if name in PUBLIC},
    "log": _logarithm,
    "fabs": PUBLIC["abs"],
    "fsum": sum,
}
_LIBRARIES = {"math": _MATH}
_BUILTINS: dict[str, object] = {
    "max": _extreme(ops.maximum),
    "min": _extreme(ops.minimum),
    "float": _float,
}


def on_placeholders(function: Callable[..., object]) -> Callable[..., object] | None:
    """A copy of ``function`` that calls our functions, None if nothing in it is replaced."""
    copied = Copies(_LIBRARIES, _BUILTINS).copy(function)
    return None if copied is function else copied
