"""The C functions behind Python's ``math``, by address, each compared with ``math`` before use.

``math.exp`` calls the platform's ``exp``, and so does native code: the same bits.  Where CPython
has an algorithm of its own (``hypot`` has), the comparison finds out, and the function is called in
the interpreter instead.
"""

from __future__ import annotations

import ctypes
import math
import random
import sys
from collections.abc import Callable
from functools import cache

from autodiff.graph.graph import same_bits
from autodiff.numbers import ieee

__all__ = ["address_of"]

_SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 3.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324,
    2.2250738585072014e-308, 1e-200, 1e200, -1e200, 1.7976931348623157e308, 709.8, -745.2, 1e16,
)  # fmt: skip
_DRAWN = 150


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)


@cache
def address_of(name: str, arity: int) -> int | None:
    """Address of the C function with the bits of ``math``'s function ``name``; None if none has.

    >>> address_of("exp", 1) is not None
    True
    """
    reference = getattr(ieee, name, None)
    if arity not in (1, 2) or not hasattr(math, name) or reference is None:
        return None
    try:
        function = getattr(_library(), name)
    except AttributeError:
        return None
    function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * arity
    if not _agree(function, reference, arity):
        return None
    return ctypes.cast(function, ctypes.c_void_p).value


def _agree(one: Callable[..., float], other: Callable[..., float], arity: int) -> bool:
    """True if both give the same bits at special and at random points."""
    draw = random.Random(0)
    points: list[tuple[float, ...]] = [(x,) for x in _SPECIAL]
    if arity == 2:
        points = [(x, y) for x in _SPECIAL for y in _SPECIAL]
    for spread in (1.0, 30.0):
        points += [
            tuple(draw.uniform(-spread, spread) for _ in range(arity)) for _ in range(_DRAWN)
        ]
    try:
        return all(same_bits(one(*point), other(*point)) for point in points)
    except TypeError:  # another number of operands, as log(x, base) has
        return False
