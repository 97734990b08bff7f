"""Where arithmetic on Python's floats raises: conditions on its operands."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from autodiff.table import ops
from autodiff.table.primitive import Operand, Quantity

__all__ = ["divide_by_zero", "fails", "risked"]

# What an operation raises, and where; each pair of limits is that of CPython's math module.
_Failing: TypeAlias = Iterator[tuple[type[Exception], object]]
_Caught: TypeAlias = type[Exception] | tuple[type[Exception], ...]

_SAID: dict[type[Exception], str] = {
    OverflowError: "math range error", ValueError: "math domain error",
    ZeroDivisionError: "float division by zero",
}  # fmt: skip
_LARGEST = 709.782712893384  # exp of the next double is beyond the largest
_LARGEST_COSH = 710.4758600739439


def _divided(x: Quantity, y: Quantity) -> _Failing:
    # NumPy's numbers become inf or nan.
    if not isinstance(x, np.generic) and not isinstance(y, np.generic):
        yield ZeroDivisionError, y == 0.0


def _power(x: Quantity, y: Quantity) -> _Failing:
    if isinstance(x, np.generic) or isinstance(y, np.generic):
        return
    if isinstance(y, Operand) or y < 0:
        yield ZeroDivisionError, _at_pole(x, y)
    yield OverflowError, _overflows(x**y, x, y)


def _at_pole(x: Quantity, y: Quantity) -> Quantity:
    """Zero to a negative power; to minus infinity it is infinity."""
    return ops.logical_and(ops.logical_and(x == 0.0, y < 0.0), np.isfinite(y))


def _overflows(result: Quantity, *operands: Quantity) -> Quantity:
    large = np.isinf(result)
    for x in operands:
        large = ops.logical_and(large, np.isfinite(x))
    return large


def _math_power(x: Quantity, y: Quantity) -> _Failing:
    fraction = ops.logical_and(np.isnan(x**y), ops.logical_not(np.isnan(x)))
    yield ValueError, ops.logical_and(fraction, ops.logical_not(np.isnan(y)))
    pole = _at_pole(x, y)
    yield ValueError, pole
    yield OverflowError, ops.logical_and(_overflows(x**y, x, y), ops.logical_not(pole))


def _whole(x: Quantity) -> _Failing:
    yield OverflowError, np.isinf(x)
    yield ValueError, np.isnan(x)


def _remainder(x: Quantity, y: Quantity) -> _Failing:
    none = ops.logical_or(np.isnan(x), np.isnan(y))
    yield ValueError, ops.logical_and(ops.logical_or(y == 0.0, np.isinf(x)), ops.logical_not(none))


def _scaled(x: Quantity, exponent: Quantity) -> _Failing:
    yield OverflowError, _overflows(x * 2.0**exponent, x)


def _log(x: Quantity, *base: Quantity) -> _Failing:
    yield ValueError, x <= 0.0
    for one in base:
        yield ValueError, one <= 0.0
        yield ZeroDivisionError, one == 1.0


def _at_poles(x: Quantity) -> Quantity:
    return ops.logical_and(x <= 0.0, x == np.floor(x))


def _with_poles(
    function: Callable[[Quantity], Quantity], last: float
) -> Callable[[Quantity], _Failing]:
    """Gamma and its logarithm, which also overflow; -infinity is a pole of gamma alone."""

    def failing(x: Quantity) -> _Failing:
        poles = ops.logical_and(_at_poles(x), x >= last)
        yield ValueError, poles
        yield OverflowError, ops.logical_and(_overflows(function(x), x), ops.logical_not(poles))

    return failing


def _where(error: type[Exception], condition: Callable[..., Quantity]) -> Callable[..., _Failing]:
    """Raises one error, where a condition on the operands holds."""

    def failing(*operands: Quantity) -> _Failing:
        yield error, condition(*operands)

    return failing


def _beyond(limit: float) -> Callable[[Quantity], Quantity]:
    """Above a limit, but for infinity, whose exponential is infinity."""
    return lambda x: ops.logical_and(x > limit, np.isfinite(x))


_of_infinity = _where(ValueError, np.isinf)
_exponential = _where(OverflowError, _beyond(_LARGEST))
_hyperbolic = _where(OverflowError, lambda x: _beyond(_LARGEST_COSH)(abs(x)))
_outside_1 = _where(ValueError, lambda x: abs(x) > 1.0)
_FAILING: dict[str, Callable[..., _Failing]] = {
    "/": _divided, "//": _divided, "%": _divided, "**": _power,
    "acos": _outside_1, "asin": _outside_1,
    "acosh": _where(ValueError, lambda x: x < 1.0),
    "atanh": _where(ValueError, lambda x: abs(x) >= 1.0),
    "cos": _of_infinity, "sin": _of_infinity, "tan": _of_infinity,
    "cosh": _hyperbolic, "sinh": _hyperbolic,
    "exp": _exponential, "expm1": _exponential,
    "exp2": _where(OverflowError, _beyond(math.nextafter(1024, 0))),
    "fmod": _remainder, "remainder": _remainder,
    "floor": _whole, "ceil": _whole, "trunc": _whole, "int": _whole, "round": _whole,
    "ldexp": _scaled,
    "gamma": _with_poles(ops.gamma, -math.inf),
    "lgamma": _with_poles(ops.lgamma, -sys.float_info.max),
    "log": _log, "log10": _log, "log2": _log,
    "log1p": _where(ValueError, lambda x: x <= -1.0),
    "pow": _math_power,
    "sqrt": _where(ValueError, lambda x: x < 0.0),
}  # fmt: skip
_OPERATORS: dict[str, Callable[..., object]] = {
    "/": operator.truediv, "//": operator.floordiv, "%": operator.mod, "**": operator.pow,
}  # fmt: skip


def divide_by_zero(examples: Iterable[object]) -> bool:
    """True if there are NumPy's numbers among examples: these raise nothing."""
    pending = [*examples]
    while pending:
        one = pending.pop()
        if isinstance(one, (np.ndarray, np.generic)):
            return True
        if isinstance(one, dict):
            pending += one.values()
        elif isinstance(one, (list, tuple)):
            pending += one
    return False


def fails(
    of_numpy: Callable[[], bool],
    caught: _Caught,
    operation: str | Callable[..., object],
    *operands: Quantity,
) -> object:
    """Whether an operation raises one of these errors: True or False, or a traced condition.

    Args:
        of_numpy: Whether numbers may be NumPy's: operators raise nothing then.
        caught: The errors.
        operation: An operator's sign, a function of ``math``, ``int`` or ``round``.
        operands: Its operands.
    """
    if not any(isinstance(x, Operand) for x in operands):
        return _raises(caught, _called(operation), operands)
    found: object = False
    for _, condition in _failing(of_numpy, caught, operation, operands):
        found = condition if found is False else ops.logical_or(found, condition)
    return found


def risked(
    of_numpy: Callable[[], bool],
    caught: _Caught,
    operation: str | Callable[..., object],
    *operands: Quantity,
) -> object:
    """What an operation gives; it raises what is caught where it would on numbers.

    Args:
        of_numpy: As for ``fails``.
        caught: As for ``fails``.
        operation: As for ``fails``.
        operands: Its operands.
    """
    if any(isinstance(x, Operand) for x in operands):
        for error, condition in _failing(of_numpy, caught, operation, operands):
            if condition:
                raise error(_SAID[error])
    return _called(operation)(*operands)


def _called(operation: str | Callable[..., object]) -> Callable[..., object]:
    return operation if callable(operation) else _OPERATORS[operation]


def _failing(
    of_numpy: Callable[[], bool],
    caught: _Caught,
    operation: str | Callable[..., object],
    operands: Sequence[Quantity],
) -> _Failing:
    """What of that which is caught an operation on traced operands raises, and where."""
    name = operation if isinstance(operation, str) else _name_in_math(operation)
    if name not in _FAILING or (name in _OPERATORS and of_numpy()):
        return
    for error, condition in _FAILING[name](*operands):
        if issubclass(error, caught):
            yield error, condition


def _name_in_math(function: object) -> str:
    original = getattr(function, "__wrapped__", function)
    if isinstance(original, type) and issubclass(original, int):
        return "int"
    name = getattr(original, "__name__", "")
    return name if original in (round, getattr(math, name, None)) else ""


def _raises(caught: _Caught, operation: Callable[..., object], operands: Sequence[object]) -> bool:
    try:
        operation(*operands)
    except caught:
        return True
    except Exception:  # raised where it is computed
        return False
    return False
