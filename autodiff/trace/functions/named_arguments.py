"""What a function is called, and which arguments it takes."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable

from autodiff.errors import ArgumentError, counted
from autodiff.table.declared import signature_of
from autodiff.trace.filled import Filled

__all__ = ["argument_names", "by_position", "name_of", "signature_examples", "source_of"]


def source_of(function: Callable[..., object]) -> str:
    """How a function is called in an error: file, line and name."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    name = name_of(function)
    if code is None:
        return name
    return f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}: {name}"


def name_of(function: Callable[..., object]) -> str:
    """The name of a function's graph."""
    if isinstance(function, Filled):
        function = function.function
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    return name if name.isidentifier() else "f"


def _positional(function: Callable[..., object]) -> list[inspect.Parameter] | None:
    try:
        parameters = signature_of(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions have no signature
        return None
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and p.default is p.empty:
            raise ArgumentError(
                f"{source_of(function)}: keyword-only argument {p.name!r} has no default; wrap "
                f"the function: lambda x: f(x, {p.name}=...)"
            )
    return [p for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]


def signature_examples(function: Callable[..., object]) -> tuple[object, ...]:
    """Examples taken from the default values in the signature, or () if some are missing."""
    positional = _positional(function) or []
    if any(p.default is p.empty or p.kind is p.VAR_POSITIONAL for p in positional):
        return ()
    return tuple(p.default for p in positional)


def by_position(
    function: Callable[..., object], args: tuple[object, ...], named: dict[str, object]
) -> tuple[Callable[..., object], tuple[object, ...]]:
    """A call with names as one without: those that have no position are given once and for all.

    Raises:
        ArgumentError: if the function does not take what is given.
    """
    try:
        bound = signature_of(function).bind(*args, **named)
    except TypeError as error:
        raise ArgumentError(f"{source_of(function)}: {error}") from None
    except ValueError:
        raise ArgumentError(f"{source_of(function)}: takes no arguments by name") from None
    return functools.partial(function, **bound.kwargs) if bound.kwargs else function, bound.args


def argument_names(function: Callable[..., object], count: int) -> list[str]:
    """Names of the first ``count`` arguments of a function.

    Raises:
        ArgumentError: if it does not take so many.
    """
    positional = _positional(function)
    if positional is None:
        return [f"x{i}" for i in range(count)]
    named = [p for p in positional if p.kind is not p.VAR_POSITIONAL]
    rest = [p.name for p in positional if p.kind is p.VAR_POSITIONAL]
    required = [p.name for p in named if p.default is p.empty]
    if count < len(required) or (count > len(named) and not rest):
        expected = ", ".join(p.name for p in named) or "no arguments"
        raise ArgumentError(
            f"{source_of(function)}: found {counted(count, 'example')}; expected one per argument "
            f"({expected}). Examples give each argument's structure: a float, an array, ..."
        )
    names = [p.name for p in named[:count]]
    return names + [f"{rest[0]}_{i}" for i in range(count - len(named))] if rest else names
