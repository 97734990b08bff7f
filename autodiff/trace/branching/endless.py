"""What has no end: coroutines, ``while True`` that nothing leaves, iterators gone over for ever."""

from __future__ import annotations

import dis
import inspect
import opcode
import os
import types
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from autodiff.errors import TraceError, user_location

__all__ = ["ending", "require_ends"]

_MOST = 1000  # elements of an iterator

_BACK = opcode.opmap["JUMP_BACKWARD"]
_LEAVING = ("RETURN", "RAISE", "RERAISE", "YIELD")


def require_ends(function: Callable[..., object], source: str) -> types.CodeType | None:
    """Refuse a function whose call has no end: a coroutine, or one of whose loops has none.

    Args:
        function: The function.
        source: What it is called in an error.

    Returns:
        Its code, if it has any.

    Raises:
        TraceError: if it is one of them; such a trace would never end, either.
    """
    if inspect.iscoroutinefunction(function):
        raise TraceError(
            f"{source}: found a coroutine function; expected one that a plain call computes. "
            "Use def, not async def"
        )
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is not None:
        _require_ends(code)
    return code


@lru_cache(maxsize=1024)
def _require_ends(code: types.CodeType) -> None:
    if (
        _BACK not in code.co_code[::2] or code.co_exceptiontable
    ):  # a call in it may raise what the function waits for
        return
    steps = list(dis.get_instructions(code))
    for last in steps:
        if last.opcode != _BACK:
            continue
        inside = [one for one in steps if last.argval <= one.offset <= last.offset]
        if not any(_leaves(one, last.argval, last.offset) for one in inside):
            line = next((one.starts_line for one in inside if one.starts_line), 0)
            raise TraceError(
                f"{os.path.basename(code.co_filename)}:{line}: this loop has no end: nothing in it "
                "leaves it. Give while a condition, or the loop a break or a return"
            )


def _leaves(step: dis.Instruction, first: int, last: int) -> bool:
    """True if an instruction may go on outside of a loop."""
    if step.opname.startswith(_LEAVING):
        return True
    jumps = step.opcode in dis.hasjrel or step.opcode in dis.hasjabs
    return jumps and not first <= step.argval <= last


def ending(source: Iterable[object]) -> Iterable[object]:
    """What a loop goes over whose ``break`` is a flag: it goes on to the end, if there is one.

    Raises:
        TraceError: if an iterator has no end in sight.
    """
    endless = hasattr(source, "__next__") and not isinstance(source, zip)
    return _with_end(source) if endless else source


def _with_end(source: Iterable[object]) -> Iterator[object]:
    for number, one in enumerate(source):
        if number >= _MOST:
            raise TraceError(
                f"{user_location()}: {number} repetitions over what has no end in sight; what a "
                "traced value decides does not end it. Use for _ in range(n) with break, or while"
            )
        yield one
