"""What is known of single numbers, and what Python makes of those that hang on no input."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence

from verify.program.language.read_values import (
    NOT_NEGATIVE,
    Number,
    Real,
    is_number,
)
from verify.program.language.refusal import RefusedError

__all__ = [
    "COMPARED_EXACTLY",
    "are_finite",
    "bound_of",
    "check_finite",
    "exact",
    "flags_of",
    "is_double",
    "is_nan",
    "is_not_negative",
    "may_turn_complex",
    "not_negative",
]

_BITS = 8192  # of an int
_EXACT_BELOW = 2**53
_EXACT: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}  # fmt: skip
COMPARED_EXACTLY: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_NO_DERIVATIVE = "an operator without a derivative"
# Which have a limit where inf is, and nan in the libraries.
_NAN_AT_INFINITY = frozenset({"sinc", "i0", "i1"})


def exact(kind: type[ast.operator], x: float, y: float) -> Number | None:
    """An operation on numbers that do not depend on the inputs, done by Python.

    None if Python raises an exception.
    """
    operation = _EXACT.get(kind)
    if operation is None:
        raise RefusedError(_NO_DERIVATIVE)
    if isinstance(x, int) and isinstance(y, int):
        check_size(kind, x, y)
    try:
        result = operation(x, y)
    except (ZeroDivisionError, OverflowError):
        return None
    if not is_number(result):
        raise RefusedError(f"is {result}, a complex number")
    number: Number = result
    return number


def is_double(x: float) -> bool:
    """True if a double is this number."""
    try:
        return float(x) == x
    except OverflowError:
        return False


def check_size(kind: type[ast.operator], x: int, y: int) -> None:
    a, b = x.bit_length(), y.bit_length()
    bits = a * abs(y) if kind is ast.Pow else a + b if kind is ast.Mult else max(a, b)
    if bits > _BITS:
        raise RefusedError(f"an integer of more than {_BITS} bits")


def check_finite(row: str, operands: Sequence[Number]) -> None:
    """Refuse what libraries have no number for."""
    if row in _NAN_AT_INFINITY and any(
        isinstance(x, float) and not math.isfinite(4.0 * x) for x in operands
    ):
        raise RefusedError("a library has no number at inf; write the limit")


def bound_of(x: Number) -> int:
    """What an int never exceeds in size."""
    if isinstance(x, Real):
        return x.bound if x.kind == "int" else 1
    return abs(x) if isinstance(x, int) else 1


def are_finite(*numbers: object) -> bool:
    """True for numbers that doubles hold."""
    return all(
        abs(x) < _EXACT_BELOW if isinstance(x, int) else isinstance(x, float) and x - x == 0.0
        for x in numbers
    )


def flags_of(x: Number) -> int:
    """What else is known of a number."""
    return x.flags if isinstance(x, Real) else 0


def may_turn_complex(base: Number, exponent: Number) -> bool:
    """True unless the exponent is an integer or the base is known not to be negative."""
    return not is_whole(exponent) and not is_not_negative(base)


def is_whole(x: Number) -> bool:
    return not isinstance(x, Real) and is_finite(x) and x == int(x)


def is_not_negative(x: Number) -> bool:
    """True if it is known that a number is not negative."""
    return bool(x.flags & NOT_NEGATIVE) if isinstance(x, Real) else x >= 0


def not_negative(kind: type[ast.operator], x: Number, y: Number) -> bool:
    """True if it is known that the result of an operation is not negative."""
    if kind is ast.Pow:
        even = not isinstance(y, Real) and is_whole(y) and y % 2 == 0
        return even or is_not_negative(x)
    if kind is ast.Mult and isinstance(x, Real) and x.same(y):
        return True
    return kind in (ast.Add, ast.Mult, ast.Div) and is_not_negative(x) and is_not_negative(y)


def is_nan(x: Number) -> bool:
    """True for the one float that is no number."""
    return type(x) is float and x != x


def is_finite(x: float) -> bool:
    return isinstance(x, int) or (x - x == 0.0)
