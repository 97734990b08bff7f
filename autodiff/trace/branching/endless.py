"""Functions that have no end: coroutines, and ``while True`` that nothing leaves."""

from __future__ import annotations

import dis
import inspect
import opcode
import os
import types
from collections.abc import Callable
from functools import lru_cache

from autodiff.errors import TraceError

__all__ = ["require_ends"]

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
