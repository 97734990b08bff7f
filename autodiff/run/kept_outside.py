"""State that a function keeps outside itself: what one call leaves there, the next one finds.

A trace leaves traced values there, and what is compiled keeps nothing.  Where a call with numbers
writes over them before it reads them, nobody finds another call's, and its result is its own.
"""

from __future__ import annotations

import copy
import dis
import types
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import numpy as np

from autodiff.errors import TraceError
from autodiff.graph.tree.leaves import numbers_of
from autodiff.graph.tree.tree import leaves_of
from autodiff.table.written import codes_within
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.functions.reached import reached
from autodiff.trace.placeholder import Tracer

__all__ = ["refuse_kept_state"]

_ASSIGNING = dis.opmap["STORE_GLOBAL"]


def refuse_kept_state(function: Callable[..., object], name: str, args: Sequence[object]) -> None:
    """Refuse a traced function that leaves values of its trace where its next call finds them.

    Args:
        function: What was traced.
        name: What errors call it.
        args: Numbers to call it with.

    Raises:
        TraceError: names what it keeps them in.
    """
    outside = [*reached(function)]
    if _traced(outside):
        _called(function, args)
        kept = _traced(reached(function))
    else:
        kept = _assigned(outside)
        if kept and _called(function, args) == _called(function, args):
            kept = []
    if kept:
        raise TraceError(
            f"{name}: it keeps values of one call for the next in {', '.join(kept)}; what is "
            "compiled keeps nothing. Make a new one in each call, or take it as an argument and "
            "return what it becomes"
        )


def _called(function: Callable[..., object], args: Sequence[object]) -> list[str]:
    """The numbers that a call gives; nothing if it fails."""
    with suppress(Exception), np.errstate(all="ignore"):
        return [str(x) for x in leaves_of(numbers_of(function(*copy.deepcopy(args))))]
    return []


def _assigned(outside: Iterable[tuple[str, object]]) -> list[str]:
    """Variables outside functions that they assign."""
    found = (
        step.argval
        for _, one in outside
        if isinstance(one, types.FunctionType)
        for code in codes_within(one.__code__)
        if _ASSIGNING in code.co_code[::2] or (code is one.__code__ and code.co_freevars)
        for step in dis.get_instructions(code)
        if step.opname == "STORE_GLOBAL"
        or (
            code is one.__code__
            and step.opname == "STORE_DEREF"
            and step.argval in code.co_freevars
        )
    )
    return [*dict.fromkeys(found)]


def _traced(outside: Iterable[tuple[str, object]]) -> list[str]:
    """Names of what holds traced values."""
    return [*dict.fromkeys(name for name, one in outside if _is_left(one))]


def _is_left(one: object) -> bool:
    """True for a value of a trace that is over: one under way may go on around this one."""
    if not isinstance(one, (Tracer, ArrayTracer)):
        return False
    recorder = one.builder.recorder
    return recorder is not None and not recorder.running
