"""Loops of scalars in Python's floats: several times as fast as in NumPy's scalars.

``math`` and division raise where IEEE 754 has an infinity or a nan.  A call that raises is made
again with the names below, under which the same text computes with NumPy's scalars.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

__all__ = ["MATH", "PLAIN", "called"]

# Rows that are written with Python's own operators and choices.
PLAIN = frozenset(
    {
        "add", "sub", "mul", "div", "neg", "square", "reciprocal", "abs", "lt", "le", "gt", "ge",
        "eq", "ne", "logical_and", "logical_or", "logical_not", "where", "maximum", "minimum",
        "at_least", "at_most", "clip", "relu", "sign",
    }
)  # fmt: skip
# Rows that are functions of ``math``, and NumPy's functions of the same values.
MATH: dict[str, tuple[str, object]] = {
    "sqrt": ("sqrt", np.sqrt), "root_of_squares": ("sqrt", np.sqrt), "exp": ("exp", np.exp),
    "expm1": ("expm1", np.expm1), "log": ("log", np.log), "log1p": ("log1p", np.log1p),
    "log2": ("log2", np.log2),
    "log10": ("log10", np.log10), "sin": ("sin", np.sin), "cos": ("cos", np.cos),
    "tan": ("tan", np.tan), "asin": ("asin", np.arcsin), "acos": ("acos", np.arccos),
    "atan": ("atan", np.arctan), "atan2": ("atan2", np.arctan2), "sinh": ("sinh", np.sinh),
    "cosh": ("cosh", np.cosh), "tanh": ("tanh", np.tanh), "asinh": ("asinh", np.arcsinh),
    "acosh": ("acosh", np.arccosh), "atanh": ("atanh", np.arctanh),
}  # fmt: skip
_RAISED = (ZeroDivisionError, OverflowError, ValueError)
_SCALARS = {
    "math": SimpleNamespace(**dict(MATH.values())),
    "float": np.float64,
    "floats": lambda x: x,
}


def called(function: Any, arguments: Sequence[object]) -> Any:
    """What an emitted function of arrays gives, infinities and nans among it."""
    with np.errstate(all="ignore"):
        try:
            return function(*arguments)
        except _RAISED:
            return _careful(function, arguments)


def _careful(function: Any, arguments: Sequence[object]) -> object:
    """The same with NumPy's scalars in its loops."""
    space = {**function.__globals__, **_SCALARS}
    for name, one in function.__globals__.items():  # what it calls has loops as well
        if isinstance(one, FunctionType) and one.__globals__ is function.__globals__:
            space.setdefault(name, one)
            if name not in _SCALARS:
                space[name] = FunctionType(one.__code__, space, name, one.__defaults__)
    called = FunctionType(function.__code__, space, function.__name__, function.__defaults__)
    return called(*map(_in_numpy, arguments))


def _in_numpy(value: object) -> object:
    """Numbers, and those in lists and tuples, as NumPy's."""
    if isinstance(value, float):
        return np.float64(value)
    if isinstance(value, list):
        return np.array(value)
    return tuple(map(_in_numpy, value)) if isinstance(value, tuple) else value
