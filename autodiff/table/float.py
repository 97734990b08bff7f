"""Float: a float whose every operation is the IEEE-754 one and never raises.

Rules and emitted code are written with plain ``/`` and ``exp``, which is fast and readable but
raises where IEEE 754 defines a result.  On an arithmetic exception the same code runs again on
these numbers; the operators and functions find the primitive's total ``impl``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.table.primitive import Operand, Primitive

__all__ = ["ARITHMETIC_ERRORS", "Float", "total"]

# What ``math`` and ``/`` raise where IEEE 754 defines a result.
ARITHMETIC_ERRORS = (ArithmeticError, ValueError)


class Float(Operand, float):  # type: ignore[misc]  # Operand's operators replace float's
    """A float with total arithmetic.

    >>> Float(1.0) / 0.0
    inf
    """

    __slots__ = ()

    def bind(self, primitive: Primitive, operands: tuple[Any, ...]) -> object:
        """The primitive's IEEE result; a symbol among the operands takes over."""
        for operand in operands:
            if not isinstance(operand, (float, int)):
                # A symbol decides what a mixture with a number means.
                if isinstance(operand, Operand):
                    return operand.bind(primitive, operands)
                return NotImplemented
        return Float(primitive.impl(*map(float, operands)))

    def __bool__(self) -> bool:
        return float.__bool__(self)

    __repr__ = float.__repr__
    __hash__ = float.__hash__


def total(function: Callable[..., object], *numbers: float) -> Any:
    """Run ``function`` on total numbers."""
    return function(*map(Float, numbers))
