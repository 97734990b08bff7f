"""A function of a library's that is ours where it meets traced values, and its own elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from autodiff.trace.libraries.followed import followed
from autodiff.trace.whole.moving import tracer_in
from autodiff.trace.whole.pairs.complex_array import ComplexArray

__all__ = ["each_where_traced"]


def _holds_whole(args: Sequence[object]) -> bool:
    return tracer_in(args) is not None or any(isinstance(x, ComplexArray) for x in args)


def each_where_traced(
    module: str,
    functions: Mapping[str, Callable[..., object]],
    is_traced: Callable[[Sequence[object]], bool] = _holds_whole,
) -> dict[str, Callable[..., object]]:
    """Functions by their names in a module, each ours where it is traced.

    Args:
        module: The module.
        functions: Ours by their names.
        is_traced: Tells by all arguments of a call; without it, by whole arrays among them.
    """
    return {name: _where_traced(module, name, one, is_traced) for name, one in functions.items()}


def _where_traced(
    module: str,
    name: str,
    ours: Callable[..., object],
    is_traced: Callable[[Sequence[object]], bool],
) -> Callable[..., object]:
    @wraps(ours)
    def function(*args: object, **kwargs: object) -> object:
        theirs = getattr(sys.modules[module], name)
        if is_traced((*args, *kwargs.values())):
            args, kwargs = followed(f"{module}.{name}", theirs, ours, args, kwargs)
            return ours(*args, **kwargs)
        return theirs(*args, **kwargs)

    return function
