"""Memory that a text reads and has not written: a call before may have left the right numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.tree.leaves import Floats
from codegen.call.compiled import CompiledFunction
from codegen.language.numpy.in_floats import called
from verify.ladder.arrays.array_execution import for_text, numbers_in

__all__ = ["reads_unwritten"]


class _Numpy:
    """NumPy, whose memory that nobody wrote holds nan."""

    @staticmethod
    def empty(shape: object) -> Floats:
        """What ``np.empty`` may give."""
        return np.full(shape, np.nan)  # type: ignore[call-overload,no-any-return]

    @staticmethod
    def empty_like(array: Floats) -> Floats:
        """The same, of the shape of an array."""
        return np.full_like(array, np.nan if array.dtype.kind == "f" else 0)

    def __getattr__(self, name: str) -> object:
        return getattr(np, name)


def _makes_some(function: FunctionType) -> bool:
    return not {"empty", "empty_like"}.isdisjoint(function.__code__.co_names)


def reads_unwritten(compiled: CompiledFunction, parts: Sequence[Floats]) -> bool:
    """True if a text of NumPy gives something else where ``np.empty`` gives nan.

    Args:
        compiled: What the text is of.
        parts: Its arguments, part by part.
    """
    functions = {n: f for n, f in compiled.loaded.functions.items() if isinstance(f, FunctionType)}
    text = functions.get(compiled.entry)
    if text is None or not any(_makes_some(f) for f in functions.values()):
        return False
    library = _Numpy()
    space = {n: library if value is np else value for n, value in text.__globals__.items()}
    space |= {name: FunctionType(f.__code__, space, name, f.__defaults__)
              for name, f in functions.items()}  # fmt: skip

    def other(*args: object) -> object:
        return space[compiled.entry](*args)  # type: ignore[operator]

    def unknown(function: Callable[..., object]) -> list[NDArray[np.bool_]]:
        """Where its numbers are nan; nothing if it raises."""
        try:
            found = called(function, list(for_text(compiled.frame, parts)))
        except Exception:  # whatever the function may raise
            return []
        return [np.isnan(np.asarray(x, np.float64)) for x in numbers_in(found)]

    pairs = zip(unknown(text), unknown(other), strict=False)
    return any(np.any(np.greater(y, x)) for x, y in pairs)
