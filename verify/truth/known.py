"""Known: numbers of a function that stay exact where its derivatives are written down.

The chain rule multiplies constants of the function with each other.  A double holds some of these
products; where it does not, rounding would be part of the truth: ``0.1 * 0.3 - 0.03`` is zero as
Python folds it, and 2e-18 of the numbers that the three doubles are.  So what rounding would change
is no number here but a step of its own, which whoever proves something computes exactly.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction

from autodiff.table.float import Float
from autodiff.table.primitive import Operand, Primitive
from verify.program.literals import is_short

__all__ = ["Known", "exact_number"]

Record = Callable[[Primitive, tuple[float, ...]], object]

_RATIONAL: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
}
# What gives an operand, its opposite, or a whole number that a double holds.
_EXACT = frozenset(
    {
        "abs", "at_least", "at_most", "ceil", "clip", "eq", "floor", "ge", "gt", "le",
        "logical_and", "logical_not", "logical_or", "lt", "maximum", "minimum", "ne", "neg",
        "relu", "rint", "sign", "trunc", "where",
    }
)  # fmt: skip


class Known(Float):
    """A number that is known.

    Args:
        value: The number.
        record: Adds the step of a primitive of numbers that no double is the result of.
        in_steps: Whether any number that may stand for another one (decimals.py) stays apart from
            what is made of it.
    """

    __slots__ = ("_in_steps", "_record")
    _record: Record
    _in_steps: bool

    def __new__(cls, value: float, record: Record, in_steps: bool = False) -> Known:
        """Make one."""
        made = super().__new__(cls, value)
        made._record, made._in_steps = record, in_steps
        return made

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The result as a number if it is one exactly, else as a step."""
        numbers = [float(x) for x in operands if isinstance(x, (float, int))]
        if len(numbers) < len(operands):
            return super().bind(primitive, operands)
        result = primitive.impl(*numbers)
        if _is_exact(primitive.name, numbers, result) and (
            not self._in_steps or result in numbers or all(map(is_short, numbers))
        ):
            return Known(result, self._record, self._in_steps)
        return self._record(primitive, tuple(numbers))


def exact_number(record: Record, in_steps: bool = False) -> Callable[[object], object]:
    """What makes numbers of a function known; what is a step stays one."""

    def number(x: object) -> object:
        if isinstance(x, Operand) and not isinstance(x, float):
            return x
        return Known(x, record, in_steps)  # type: ignore[arg-type]  # a number

    return number


def _is_exact(name: str, operands: Sequence[float], result: float) -> bool:
    """True if a double is the result of a primitive, not the nearest to it."""
    if name in _EXACT or any(x - x != 0.0 for x in operands):
        return True
    rational = _RATIONAL.get(name)
    if rational is None:
        return False
    try:
        exact = rational(*map(Fraction, operands))
    except ZeroDivisionError:
        return True
    return result - result == 0.0 and exact == Fraction(result)
