"""The numbers that Values are made of, and meet."""

from __future__ import annotations

from numbers import Rational
from typing import Any, Protocol

import numpy as np

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.graph.tree.leaves import is_masked, number, shown
from autodiff.table.primitive import TOO_LARGE, Operand, Primitive

__all__ = ["as_number", "given_numbers", "number_of_leaf"]


def given_numbers(data: Any) -> Any:
    """What a Value is made of: a float, or an array of float64."""
    many = isinstance(data, (list, tuple)) or (np.ndim(data) > 0 and hasattr(data, "__array__"))
    if isinstance(data, Operand) or not many:
        return float(number(data, "Value"))
    try:
        array = np.asarray(data)
    except ValueError:
        raise ArgumentError(
            f"{user_location()}: Value: found lists of different lengths; expected an array"
        ) from None
    masked = is_masked(data)
    if array.dtype.kind not in "fiub" or masked:
        found = "a masked array" if masked else f"an array of dtype {array.dtype}"
        raise ArgumentError(
            f"{user_location()}: Value: found {found}; expected real numbers. np.stack joins Values"
        )
    return np.array(array, dtype=np.float64) if array.ndim else float(array)


def as_number(x: object, primitive: Primitive) -> float:
    """A plain number beside a Value.

    Raises:
        TraceError: if it is none.
    """
    if isinstance(x, (float, int, np.number, np.bool_, Rational)) and not isinstance(
        x, np.complexfloating
    ):
        try:
            return float(x)
        except OverflowError:
            raise TraceError(f"{user_location()}: {primitive.name}: {TOO_LARGE}") from None
    raise TraceError(
        f"{user_location()}: {primitive.name}: a Value meets {shown(x)}. "
        "Convert it to a float first"
    )


class _Leaf(Protocol):
    data: float
    grad: float


def number_of_leaf(value: _Leaf) -> float:
    """What stands in ``data`` where a history begins: the program may have put anything there.

    Raises:
        ArgumentError: if it is no number, or nothing can be added to ``grad``.
    """
    data = value.data
    if isinstance(data, np.ndarray):
        return data  # of an ArrayValue
    grad = value.grad
    if type(data) is float and type(grad) is float:
        return data
    where = f"{user_location()}: backward: found"
    if not isinstance(grad, (float, int, np.number)):
        raise ArgumentError(
            f"{where} {shown(grad)} in the grad of a Value; expected a number. Set it to 0.0 "
            "between calls"
        )
    try:
        return float(number(data, "data"))
    except (ArgumentError, TraceError):
        what = "a Value" if isinstance(data, Operand) else shown(data)
        raise ArgumentError(
            f"{where} {what} in the data of a Value; expected a number. Compute with numbers what "
            "you put there: p.data = p.data - 0.1 * p.grad"
        ) from None
