"""A function of a library's that is ours where it meets traced values, and its own elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import wraps

from autodiff.trace.libraries.followed import followed
from autodiff.trace.whole.moving import tracer_in
from autodiff.trace.whole.pairs.complex_array import ComplexArray

__all__ = ["each_where_traced"]


def each_where_traced(
    module: str, functions: Mapping[str, Callable[..., object]]
) -> dict[str, Callable[..., object]]:
    """Functions by their names in a module, each ours for whole arrays that are traced."""
    return {name: _where_traced(module, name, ours) for name, ours in functions.items()}


def _is_pair(x: object) -> bool:
    return isinstance(x, ComplexArray)


def _where_traced(module: str, name: str, ours: Callable[..., object]) -> Callable[..., object]:
    @wraps(ours)
    def function(*args: object, **kwargs: object) -> object:
        theirs = getattr(sys.modules[module], name)
        if tracer_in((args, kwargs)) is not None or any(map(_is_pair, args)):
            args, kwargs = followed(f"{module}.{name}", theirs, ours, args, kwargs)
            return ours(*args, **kwargs)
        return theirs(*args, **kwargs)

    return function
