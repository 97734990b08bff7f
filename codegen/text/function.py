"""Function: one emitted function, as data; its text is written last.

What it computes stands in ``body`` and ``returned``.  How it stands in a file is decided by two
switches: ``typed`` writes the types of parameters and results, and makes floats of scalars;
``falls_back`` puts the body in ``try:``, from where an exception leads to its second form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from codegen.language.lines import INDENT, LINE, Returned, bracketed
from codegen.language.target import Target

__all__ = ["FLAT", "FLOAT", "Function", "Parameter", "aliases_of", "fallback_name"]

FLOAT, FLAT = "float", "list[float]"  # types of parameters: a scalar, an array
_FILE_LINE = LINE + len(INDENT)


class Parameter(NamedTuple):
    """One parameter: its name, its type, and its default if it has one."""

    name: str
    type: str = FLOAT
    default: str = ""


def aliases_of(target: Target) -> tuple[tuple[str, str], ...]:
    """The aliases of a target, as a ``Function`` has them."""
    return tuple((alias, name) for name, alias in target.aliases.items())


def fallback_name(name: str) -> str:
    """Name of the function that ``name`` falls back to."""
    return f"_{name}_ieee"


@dataclass(frozen=True)
class Function:
    """One emitted function.

    Args:
        name: Its name.
        head: Its parameters.
        body: Its lines, without the indentation of a body.
        returned: What it returns; None for a part of a long function, which fills ``w``.
        summary: Its docstring.
        statements: Number of assignments.
        calls: Names it calls.
        divides: True if it holds ``/`` or ``%``, which can raise.
        parts: Parts of a long function that it calls, between the body and the result.
        values: Name and node of each value the text assigns, for ``explain``.
        typed: True if the text has types and makes floats of scalars.
        falls_back: True if an exception goes on in the function's second form.
        second: True for a second form.
        at_ties: True if it is called where switches tie only (``at_ties.py``).
        settles: The function that settles its derivatives where switches tie, "" if none does.
        leads: True if it raises where switches tie, for its second form.
        aliases: What stands in the text instead of a name of ours, and the name (``exp_``,
            ``exp``): where a parameter has it.
        shared: The list that it shares with its parts.
    """

    name: str
    head: tuple[Parameter, ...]
    body: tuple[str, ...]
    returned: Returned | None
    summary: str = ""
    statements: int = 0
    calls: frozenset[str] = frozenset()
    divides: bool = False
    parts: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    typed: bool = False
    falls_back: bool = False
    second: bool = False
    at_ties: bool = False
    settles: str = ""
    leads: bool = False
    aliases: tuple[tuple[str, str], ...] = ()
    shared: str = "w"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.head)

    @property
    def scalars(self) -> tuple[str, ...]:
        """Names of the parameters that take one float; the others take a flat sequence."""
        return tuple(parameter.name for parameter in self.head if parameter.type == FLOAT)

    @property
    def called(self) -> frozenset[str]:
        """Names it calls, its parts among them."""
        return self.calls.union(self.parts, [self.settles] if self.settles else ())

    def called_here(self, name: str) -> str:
        """What a name of ours is called in the text."""
        return next((alias for alias, own in self.aliases if own == name), name)

    def with_lines(self, changed: Callable[[str], str]) -> Function:
        """The same with each line of its body and its result changed."""
        made = self.returned
        returned = None if made is None else replace(made, lines=tuple(map(changed, made.lines)))
        return replace(self, body=tuple(map(changed, self.body)), returned=returned)

    @property
    def is_part(self) -> bool:
        """True for a part of a long function."""
        return self.returned is None

    @cached_property
    def text(self) -> str:
        """Its source."""
        lines = [self._typed_definition() if self.typed else self._bare_definition()]
        if self.summary:
            lines.append(f'{INDENT}"""{self.summary}"""')
        indent = INDENT
        if self.falls_back:
            lines.append(f"{INDENT}try:")
            indent = INDENT * 2
        coerced = _coercions(self.scalars, self.called_here("float")) if self.typed else ()
        results = () if self.returned is None else self.returned.lines
        calls = [f"{part}({self.shared})" for part in self.parts]
        lines += [
            indent + line if line else line for line in (*coerced, *self.body, *calls, *results)
        ]
        if self.falls_back:
            call = bracketed(f"return {fallback_name(self.name)}", self.parameters, "", call=True)
            lines.append(f"{INDENT}except {self.called_here('Exception')}:")
            lines += [INDENT * 2 + line for line in call]
        return "\n".join(lines) + "\n"

    def _bare_definition(self) -> str:
        parameters = [p.name + (f"={p.default}" if p.default else "") for p in self.head]
        line = f"def {self.name}({', '.join(parameters)}):"
        if len(line) <= LINE:
            return line
        return "\n".join([f"def {self.name}(", *(f"{INDENT}{p}," for p in parameters), "):"])

    def _typed_definition(self) -> str:
        """``def name(x: float, y: list[float]) -> float:``, on one line or several."""
        typed = [
            f"{p.name}: {p.type}" + (f" = {p.default}" if p.default else "") for p in self.head
        ]
        returned = "None" if self.returned is None else self.returned.type
        head = f"def {self.name}("
        line = f"{head}{', '.join(typed)}) -> {returned}:"
        # Both forms are laid out alike.
        longer = 0 if self.second else len(fallback_name(self.name)) - len(self.name)
        if len(line) + longer <= _FILE_LINE:
            return line
        inside = f"{INDENT}{', '.join(typed)}"
        items = [inside] if len(inside) <= _FILE_LINE else [f"{INDENT}{item}," for item in typed]
        return "\n".join([head, *items, *_filled(f") -> {returned}:")])


def _coercions(scalars: Sequence[str], number: str) -> list[str]:
    """``x, y, z = float(x), float(y), float(z)``: up to three need no tuple."""
    groups = [scalars[i : i + 3] for i in range(0, len(scalars), 3)]
    lines = [f"{', '.join(g)} = {', '.join(f'{number}({p})' for p in g)}" for g in groups]
    if all(len(INDENT + line) <= LINE for line in lines):
        return lines
    return [line for p in scalars for line in bracketed(f"{p} = {number}", [p], "", call=True)]


def _filled(line: str) -> list[str]:
    """A long annotation, broken behind commas and opening brackets."""
    lines = []
    while len(line) > _FILE_LINE and (place := _last_break(line)):
        lines.append(line[:place].rstrip())
        line = INDENT + line[place:].lstrip()
    return [*lines, line]


def _last_break(line: str) -> int:
    """Where a line may end within a page: behind its last comma there, else its last bracket."""
    for sign in (", ", "["):
        place = line.rfind(sign, len(INDENT), _FILE_LINE)
        if place > 0:
            return place + 1
    return 0
