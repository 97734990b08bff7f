"""How a function calls what it takes apart, ``m, P = carry``, and what it closes over."""

from __future__ import annotations

import dis
import re
from types import CodeType

from autodiff.origins.bytecode import Flow

__all__ = ["closed_over", "unpacked_name"]

_PATH = re.compile(r"(\[\d+\])+")


def unpacked_name(function: object, argument: str, part: str) -> str:
    """The variable that a part of an argument goes to; ``part`` itself if there is none.

    Args:
        function: The function.
        argument: One of its arguments.
        part: A part of that: ``carry[0]``.

    >>> def step(carry, x):
    ...     m, (P, q) = carry
    >>> unpacked_name(step, "carry", "carry[1][0]")
    'P'
    """
    code, path = getattr(function, "__code__", None), part[len(argument) :]
    if not isinstance(code, CodeType) or not _PATH.fullmatch(path):
        return part
    places = tuple(int(n) for n in re.findall(r"\d+", path))
    flow = Flow(code)
    for instruction in dis.get_instructions(code):
        if instruction.argval == argument and instruction.opname.startswith("LOAD_"):
            there = flow.destination(instruction.offset, places)
            if there.kind == "name" and not there.path:
                return there.name
    return part


def closed_over(function: object) -> dict[int, str]:
    """The variables that a function closes over, by the id of what they hold."""
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    found: dict[int, str] = {}
    for name, cell in zip(code.co_freevars if code else (), cells or (), strict=True):
        try:
            found[id(cell.cell_contents)] = name
        except ValueError:  # a variable that was not assigned to yet
            continue
    return found
