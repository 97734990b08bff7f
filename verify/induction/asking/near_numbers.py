"""Near: shapes that doubles compute to a few units of their last place, whatever the inputs are.

Nothing cancels on the way: a difference is one of inputs and numbers, which are exact, and what is
added besides is of one sign.  So two such shapes of one real number are nearly the same double.
"""

from __future__ import annotations

from verify.induction.shapes import Shapes

__all__ = ["is_near"]

_HYPOT, _SQRT, _ABS = "sqrt({0}**2 + {1}**2)", "sqrt({0})", "Abs({0})"
_KEEPING = frozenset({_HYPOT, _SQRT, _ABS})
_DEEP = 60


def is_near(shapes: Shapes, shape: int, deep: int = _DEEP) -> bool:
    """True if a shape is computed to a few units of its last place."""
    operation, *operands = shapes.made[abs(shape)]
    if operation in ("input", "number"):
        return True
    if not deep:
        return False
    if operation == "add" and all(map(shapes.is_exact, operands)):
        return True
    if operation == "add" and not all(_is_not_negative(shapes, x, deep) for x in operands):
        return False
    if operation == "power":
        operands = operands[:1]
    elif operation == "call":
        name, *operands = operands
        if name not in _KEEPING:
            return False
    return all(is_near(shapes, x, deep - 1) for x in operands)


def _is_not_negative(shapes: Shapes, shape: int, deep: int) -> bool:
    """True for numbers, squares, roots, and sums of these."""
    value = shapes.value(shape)
    if value is not None or shape < 0 or not deep:
        return value is not None and value >= 0.0
    operation, *operands = shapes.made[shape]
    if operation == "multiply" and operands[0] == operands[1]:
        return True
    if operation in ("add", "multiply", "divide"):
        return all(_is_not_negative(shapes, x, deep - 1) for x in operands)
    if operation == "power":
        return int(operands[1]) % 2 == 0
    return operation == "call" and operands[0] in _KEEPING
