"""What a library's function is asked for: ours follows it, or the call is refused by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table.declared import signature_of

__all__ = ["followed", "name_of", "require_usual"]

# How numbers are found or kept in memory, not which.
_NO_MATTER = {
    "blocksize", "casting", "check_finite", "copy", "driver", "kind", "lapack_driver", "like",
    "optimize", "overwrite_a", "overwrite_ab", "overwrite_b", "overwrite_input", "overwrite_x",
    "stable", "subok", "workers",
}  # fmt: skip


def followed(
    called: str,
    theirs: Callable[..., object],
    ours: Callable[..., object],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments of a call that ours takes.

    The others may say what is so without them, or what changes no number.  What ours takes without
    a name it hands on, and is asked for nothing here.

    Args:
        called: The library's name of its function.
        theirs: The library's function.
        ours: What stands for it.
        args: The arguments by position.
        kwargs: Those by name.

    Raises:
        TraceError: if one of the others would change the result.
    """
    taken, own, open_ended = _parameters(ours)
    if open_ended or (len(args) <= len(own) and kwargs.keys() <= taken):
        return args, {key: x for key, x in kwargs.items() if x is not np._NoValue}
    usual = _defaults(theirs)
    if usual is None or len(args) > len(usual):  # too many, of which Python says more
        return args, {**kwargs}
    names, named = list(usual), dict(kwargs)
    named |= zip(names[len(own) : len(args)], args[len(own) :], strict=True)
    for name, ours_says in zip(names[len(args) :], own[len(args) :], strict=False):
        if ours_says in usual or name not in named:
            break
        args = (*args, named.pop(name))  # ours has another word for it
    for key in named.keys() - taken:
        value = named[key]
        if key in _NO_MATTER or value is np._NoValue or _is_double(key, value):
            continue
        if key not in usual or not _is(value, usual[key]):
            raise TraceError(
                f"{user_location()}: {called}({key}={value!r:.60}) cannot be traced. Leave {key} "
                "out, and write what it does with NumPy"
            )
    return args[: len(own)], {
        key: x for key, x in named.items() if key in taken and x is not np._NoValue
    }


def require_usual(ufunc: np.ufunc, kwargs: dict[str, object]) -> None:
    """Refuse what says on which numbers, or along which axes, a ufunc is to work.

    Raises:
        TraceError: if something says so.
    """
    for key in kwargs.keys() - {"order", "subok"}:
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__}({key}=...) cannot be traced; leave it out, or "
            "move the axes"
        )


def name_of(function: Callable[..., object]) -> str:
    """The name of a function of NumPy's, as the user writes it."""
    module = function.__module__.replace("numpy", "np", 1)
    return f"{module}.{function.__name__}"


@cache
def _parameters(ours: Callable[..., object]) -> tuple[frozenset[str], tuple[str, ...], bool]:
    """Names that a function takes, those by position in order, and whether it takes any."""
    given = inspect.signature(ours).parameters.values()
    placed = [x.name for x in given if x.kind in (x.POSITIONAL_ONLY, x.POSITIONAL_OR_KEYWORD)]
    named = frozenset(x.name for x in given if x.kind is not x.POSITIONAL_ONLY)
    open_ended = any(x.kind in (x.VAR_KEYWORD, x.VAR_POSITIONAL) for x in given)
    return named, tuple(placed), open_ended


@cache
def _defaults(theirs: Callable[..., object]) -> dict[str, object] | None:
    """The parameters of the library's function in order, with defaults; None if it has no text."""
    try:
        given = signature_of(theirs).parameters
    except ValueError:
        return None
    return {name: one.default for name, one in given.items()}


def _is_double(key: str, value: object) -> bool:
    return key == "dtype" and value is not None and np.dtype(value) == float  # type: ignore[call-overload]


def _is(value: object, usual: object) -> bool:
    plain = (bool, int, float, str, type(None))
    return value is usual or (
        isinstance(value, plain) and type(value) is type(usual) and value == usual
    )
