"""Emitted functions as they stand in a file: typed, with IEEE results, whatever the arguments.

Straight-line text over ``/`` and ``math`` is fast, but raises where IEEE 754 defines a result.  So
its body stands in ``try:``, and on any exception the call goes to a second function at the end of
the file: the same steps with operations that never raise (``_div``, ``_exp``, ... of
``total.py``).  Nothing but ``except Exception`` catches: compilers of Python know it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from codegen.language.totalled import raises
from codegen.text.function import Function, fallback_name

__all__ = ["FALLBACK", "can_raise", "fallbacks", "guarded", "standing"]

FALLBACK = """\
# The same steps with operations that never raise: 1.0 / 0.0 is inf, log(-1.0) is nan.
"""


def can_raise(functions: Iterable[Function]) -> frozenset[str]:
    """Names of the functions (callees first) that hold an operation which can raise."""
    raising: set[str] = set()
    for function in functions:
        calls, own = function.called, dict(function.aliases)
        may = any(raises(own.get(call, call)) for call in calls)
        if function.divides or function.leads or may or calls & raising:
            raising.add(function.name)
    return frozenset(raising)


def guarded(functions: Sequence[Function]) -> tuple[Function, ...]:
    """The functions, typed; those that can raise fall back to their second form."""
    raising = can_raise(functions)
    return tuple(
        function
        if function.typed
        else replace(
            function,
            typed=True,
            falls_back=function.name in raising and not function.is_part,
        )
        for function in functions
    )


def standing(function: Function) -> Function:
    """A function that cannot raise as it stands in a file."""
    return replace(function, typed=True, second=True)


def fallbacks(functions: Sequence[Function], raising: frozenset[str]) -> tuple[Function, ...]:
    """Those of the functions, written with total operations, that ``raising`` fall back to."""
    at_ties = tuple(standing(f) for f in functions if f.at_ties)
    parts = {part for f in functions if f.name in raising for part in f.parts}
    return at_ties + tuple(
        replace(
            function,
            name=fallback_name(function.name),
            parts=tuple(map(fallback_name, function.parts)),
            typed=True,
            second=True,
        )
        for function in functions
        if (function.name in raising or function.name in parts) and not function.at_ties
    )
