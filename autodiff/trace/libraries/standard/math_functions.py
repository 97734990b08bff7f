"""``math`` on traced values: its functions record as NumPy's do.

``math`` needs floats, so it cannot be asked through a protocol.  Copies of traced functions find
these under its names; a call without a traced value is a call of ``math``.  So it is with
``bisect``, whose places are counts.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from operator import methodcaller
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError, user_location
from autodiff.table import ops
from autodiff.table.primitive import PUBLIC, Operand, Quantity
from autodiff.trace.arrays import OperandArray
from autodiff.trace.integers import whole_number
from autodiff.trace.libraries.constructors import as_array, holds_operands
from autodiff.trace.libraries.ufuncs import fraction

__all__ = ["BISECT", "MATH", "OF_WHOLE"]


def _log(x: object, base: Quantity | None = None) -> object:
    return ops.log(x) if base is None else ops.log(x) / np.log(base)


def _hypot(*coordinates: object) -> object:
    if len(coordinates) == 2:
        return ops.hypot(*coordinates)
    return np.linalg.norm(as_array(list(coordinates)))


def _dist(p: Iterable[Quantity], q: Iterable[Quantity]) -> object:
    return _hypot(*[x - y for x, y in zip(p, q, strict=True)])


def _fsum(items: Iterable[object]) -> object:
    return np.sum(as_array(list(items)))


def _prod(items: Iterable[object], *, start: object = 1.0) -> object:
    return np.prod(as_array(list(items))) * start


def _sumprod(p: Iterable[object], q: Iterable[object]) -> object:
    return np.dot(as_array(list(p)), as_array(list(q)))


def _remainder(x: Quantity, y: Quantity) -> object:
    # From fmod, which is exact; half way between two multiples the even one is taken away.
    rest = ops.fmod(x, y)
    size, left = abs(rest), abs(y) - abs(rest)
    is_odd = ops.gt(abs(ops.fmod(0.5 * (x - rest), y)), 0.25 * abs(y))
    is_far = ops.logical_or(ops.gt(size, left), ops.logical_and(ops.eq(size, left), is_odd))
    return ops.where(is_far, rest - y * ops.rint(1.25 * (rest / y)), rest)


def _isclose(
    a: Quantity, b: Quantity, *, rel_tol: Quantity = 1e-09, abs_tol: Quantity = 0.0
) -> object:
    largest = ops.maximum(rel_tol * ops.maximum(abs(a), abs(b)), abs_tol)
    return abs(a - b) <= largest


_OF_NUMBERS: dict[str, Callable[..., object]] = {
    **{
        name: PUBLIC[name]
        for name in (
            "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh",
            "erf", "erfc", "exp", "exp2", "expm1", "fmod", "gamma", "lgamma", "log10", "log1p",
            "log2", "pow", "sin", "sinh", "sqrt", "tan", "tanh",
        )
    },
    **{name: methodcaller(f"__{name}__") for name in ("floor", "ceil", "trunc")},
    "copysign": np.copysign,
    "degrees": np.degrees,
    "fabs": abs,
    "hypot": _hypot,
    "isclose": _isclose,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "isnan": np.isnan,
    "ldexp": lambda x, i: x * 2.0**i,
    "log": _log,
    "modf": lambda x: (fraction(x), ops.trunc(x)),
    "radians": np.radians,
    "remainder": _remainder,
}  # fmt: skip
_OF_ITEMS: dict[str, Callable[..., object]] = {
    "dist": _dist, "fsum": _fsum, "prod": _prod, "sumprod": _sumprod,
}  # fmt: skip


def _number(name: str, x: Any) -> object:
    """What ``math`` takes as a number: one, or an array of one."""
    if getattr(x, "shape", ()) == ():
        return x
    if x.size != 1:
        raise ArgumentError(
            f"{user_location()}: math.{name}: found an array of shape {x.shape}; expected one "
            f"number. Functions of NumPy take arrays"
        )
    return x.reshape(-1)[0]


def _of_numbers(name: str, ours: Callable[..., object]) -> Callable[..., object]:
    original: Callable[..., object] = getattr(math, name)

    @wraps(original)
    def function(*args: object, **named: object) -> object:
        if any(isinstance(x, (Operand, OperandArray)) for x in args):
            return ours(*[_number(name, x) for x in args], **named)
        return original(*args, **named)

    return function


def _of_whole(name: str) -> Callable[..., object]:
    """A function of whole numbers, which may differ from one repetition of a loop to the next."""
    original: Callable[..., object] = getattr(math, name)

    @wraps(original)
    def function(*args: object) -> object:
        for x in args:
            if hasattr(x, "with_others"):
                return x.with_others(original, args)
        return original(*args)

    return function


def _of_items(name: str, ours: Callable[..., object]) -> Callable[..., object]:
    original: Callable[..., object] = getattr(math, name)

    @wraps(original)
    def function(*args: Iterable[object], **named: object) -> object:
        lists = [list(x) for x in args]
        if any(map(holds_operands, lists)):
            return ours(*lists, **named)
        return original(*lists, **named)

    return function


OF_WHOLE = frozenset({"comb", "factorial", "gcd", "isqrt", "lcm", "perm"})
MATH: dict[str, Callable[..., object]] = {
    **{n: _of_numbers(n, f) for n, f in _OF_NUMBERS.items() if hasattr(math, n)},
    **{n: _of_whole(n) for n in OF_WHOLE},
    **{n: _of_items(n, f) for n, f in _OF_ITEMS.items() if hasattr(math, n)},
}


# --- bisect ---


def _counted(original: Callable[..., int], behind: Callable[..., object]) -> Callable[..., object]:
    """The place before or behind what equals ``x``, in a list in order."""

    @wraps(original)
    def function(a: Sequence[Any], x: object, *rest: object, **named: object) -> Any:
        if rest or named or not holds_operands([x, *a]):
            return original(a, x, *rest, **named)
        total: Any = 0
        for one in a:
            total = ops.where(behind(one, x), 0, 1) + total
        return whole_number(total)

    return function


BISECT: dict[str, Callable[..., object]] = {
    "bisect": _counted(bisect.bisect, ops.gt),
    "bisect_left": _counted(bisect.bisect_left, ops.ge),
    "bisect_right": _counted(bisect.bisect_right, ops.gt),
}
