"""NumPy's ints that hang on no input: indices, counts, labels.

They overflow where Python's grow, so they stay small here; beside a float they are one.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence

from verify.program.language.read_values import Place, Value, is_index
from verify.program.language.refusal import RefusedError

__all__ = ["are_plain_ints", "of_ints"]

_LARGEST = 1 << 31
_OF_INTS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_HIGHEST = 31  # power


def are_plain_ints(items: Sequence[Value]) -> bool:
    """True for ints that hang on no input."""
    return all(map(is_index, items))


def of_ints(kind: type[ast.operator], x: int, y: int) -> Place | float:
    """``x + y`` and its like of NumPy's ints.

    Raises:
        RefusedError: if Python's differ from these.
    """
    x, y = int(x), int(y)
    if kind in (ast.Div, ast.FloorDiv, ast.Mod) and y == 0:
        raise RefusedError("an integer divided by zero, which NumPy warns of")
    if kind is ast.Div:
        return x / y
    if kind not in _OF_INTS or (kind is ast.Pow and not 0 <= y <= _HIGHEST):
        raise RefusedError("an operator that is not read on integers; write floats")
    found = Place(_OF_INTS[kind](x, y))
    if abs(found) > _LARGEST:
        raise RefusedError("NumPy computes this with integers that overflow; write floats")
    return found
