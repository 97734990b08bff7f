"""Loops that nothing leaves: ``while True`` without ``break``, ``return`` or ``raise``."""

from __future__ import annotations

import dis
import opcode
import os
import types
from functools import lru_cache

from autodiff.errors import TraceError

__all__ = ["require_ends"]

_BACK = opcode.opmap["JUMP_BACKWARD"]
_LEAVING = ("RETURN", "RAISE", "RERAISE", "YIELD")


@lru_cache(maxsize=1024)
def require_ends(code: types.CodeType) -> None:
    """Refuse a function one of whose loops has no end; such a trace would never end, either.

    Raises:
        TraceError: if it has one.
    """
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
