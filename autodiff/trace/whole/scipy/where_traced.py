"""A function of a library's that is ours where it meets traced values, and its own elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature

from autodiff.errors import TraceError, user_location
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
            return ours(*args, **_known(f"{module}.{name}", theirs, ours, kwargs))
        return theirs(*args, **kwargs)

    return function


def _known(
    called: str,
    theirs: Callable[..., object],
    ours: Callable[..., object],
    kwargs: dict[str, object],
) -> dict[str, object]:
    """The keywords that ours takes; the others may say what is so without them, and no more."""
    taken = signature(ours).parameters
    if any(one.kind is one.VAR_KEYWORD for one in taken.values()):
        return kwargs
    for key in kwargs.keys() - taken:
        usual = signature(theirs).parameters.get(key)
        if usual is None or not _is(kwargs[key], usual.default):
            raise TraceError(
                f"{user_location()}: {called}({key}={kwargs[key]!r}) cannot be traced. Leave "
                f"{key} out, and write what it does with NumPy"
            )
    return {key: value for key, value in kwargs.items() if key in taken}


def _is(value: object, usual: object) -> bool:
    plain = (bool, int, float, str, type(None))
    return value is usual or (
        isinstance(value, plain) and type(value) is type(usual) and value == usual
    )
