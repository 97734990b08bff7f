"""A function written for floats, made to run on placeholders: what it calls in ``math`` is ours.

Gradients written by hand call ``math.sqrt``, which needs a float.  A copy of the function that
finds our ``sqrt`` under that name can be traced; it means the same over the reals.  Functions it
calls are copied along; nothing of the original is changed.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

from autodiff.table import ops
from autodiff.table.primitive import PUBLIC, Operand

__all__ = ["on_placeholders"]

_LIBRARIES = ("autodiff", "codegen", "verify", "numpy")


def _logarithm(x: Any, base: Any = None) -> Any:
    return ops.log(x) if base is None else ops.log(x) / ops.log(base)


def _extreme(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """``max`` or ``min``: of one sequence or of several numbers."""

    def extreme(*numbers: Any) -> Any:
        return reduce(function, numbers[0] if len(numbers) == 1 else numbers)

    return extreme


def _float(x: Any) -> Any:
    return x if isinstance(x, Operand) else float(x)


_MATH: dict[str, Any] = {
    **vars(math),
    **{name: PUBLIC[name] for name in vars(math) if name in PUBLIC},
    "log": _logarithm,
    "fabs": PUBLIC["abs"],
    "fsum": sum,
}
_BUILTINS: dict[str, Any] = {
    "max": _extreme(ops.maximum),
    "min": _extreme(ops.minimum),
    "float": _float,
}


def on_placeholders(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """A copy of ``function`` that calls our functions, None if it is no Python function."""
    if isinstance(function, types.MethodType):
        copied = on_placeholders(function.__func__)
        return None if copied is None else types.MethodType(copied, function.__self__)
    return _Copies().copy(function) if isinstance(function, types.FunctionType) else None


class _Copies:
    """Copies of functions that call each other."""

    def __init__(self) -> None:
        self._made: dict[int, types.FunctionType] = {}

    def copy(self, function: types.FunctionType) -> types.FunctionType:
        """The copy of a function, made once."""
        made = self._made.get(id(function))
        if made is not None:
            return made
        scope = dict(function.__globals__)
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        made = types.FunctionType(
            function.__code__, scope, function.__name__, function.__defaults__, cells
        )
        made.__kwdefaults__ = function.__kwdefaults__
        self._made[id(function)] = made
        for name in set(_names(function.__code__)):
            if name in scope:
                scope[name] = self._replaced(scope[name])
            elif name in _BUILTINS:
                scope[name] = _BUILTINS[name]
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self._replaced(original.cell_contents)
            except ValueError:  # assigned later, if ever
                continue
        return made

    def _replaced(self, value: Any) -> Any:
        if value is math:
            return types.SimpleNamespace(**_MATH)
        if isinstance(value, types.BuiltinFunctionType):
            return _MATH.get(value.__name__, value) if value.__module__ == "math" else value
        package = str(getattr(value, "__module__", "")).partition(".")[0]
        if isinstance(value, types.FunctionType) and package not in _LIBRARIES:
            return self.copy(value)
        return value


def _names(code: types.CodeType) -> Iterator[str]:
    """Global names that a function and the functions inside it use."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
