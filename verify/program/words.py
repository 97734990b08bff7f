"""Words: a place of a Program as an expression that a person can read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from verify.program.program import Program

__all__ = ["words"]

_ATOM = re.compile(r"[\w.\[\]]+|\w+\([^()]*\)")
_LONGEST = 60


def words(program: Program, place: int, names: Sequence[str]) -> str:
    """What is computed at a place, over the names of the inputs; "..." stands for what is long.

    >>> program = Program(2, (("{0} * {1}", (0, 1)), ("{0} - {1}", (2, 0))), (3,))
    >>> words(program, 3, ["x", "y"])
    '(x * y) - x'
    """
    needed, stack = {place}, [place]
    while stack:
        top = stack.pop() - program.inputs
        step = program.steps[top] if top >= 0 else 0.0
        found = [i for i in step[1] if i not in needed] if type(step) is tuple else []
        needed.update(found)
        stack += found
    texts: dict[int, str] = {}
    for i in sorted(needed):
        step = program.steps[i - program.inputs] if i >= program.inputs else 0.0
        if i < program.inputs:
            texts[i] = names[i]
        elif type(step) is tuple:
            operands = [_operand(texts[k], step[0]) for k in step[1]]
            text = step[0].format(*operands)
            texts[i] = text if len(text) <= _LONGEST else "..."
        else:
            texts[i] = f"{step:g}"
    return texts[place]


def _operand(text: str, inside: str) -> str:
    """An operand, in brackets where a text has operators."""
    return text if _ATOM.fullmatch(text) or text == "..." or inside[-1:] == ")" else f"({text})"
