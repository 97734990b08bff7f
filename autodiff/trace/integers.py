"""Which traced values are whole numbers: what is made of indices by arithmetic is an index."""

from __future__ import annotations

import numpy as np

__all__ = ["is_whole"]

# Rows whose result is a whole number where their operands are.
_ROWS = frozenset(
    {
        "abs", "add", "at_least", "at_most", "clip", "fmod", "maximum", "minimum", "mod", "mul",
        "neg", "sign", "square", "sub",
    }
)  # fmt: skip
_AGAINST_LITERALS = frozenset({"at_least", "at_most", "clip"})


def is_whole(row: str, operands: tuple[object, ...]) -> bool:
    """True if a row's result holds integers, as NumPy's would of these operands."""
    if row not in _ROWS:
        return False
    if row in _AGAINST_LITERALS:  # which are floats by now, whatever they were written as
        return _is_integer(operands[0]) and all(map(_is_whole_number, operands[1:]))
    return all(map(_is_integer, operands))


def _is_whole_number(x: object) -> bool:
    return x.is_integer() if isinstance(x, float) else _is_integer(x)


def _is_integer(x: object) -> bool:
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype.kind in "iub"
    return isinstance(x, int) or getattr(x, "integer", False) or getattr(x, "truth", False)
