"""An emitted file: its parts, and its text.

The file stands alone: imports, the portable functions it calls, then the emitted functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from codegen.target import NUMPY, PYTHON, Target, helper_source

__all__ = ["TARGETS", "Function", "Module"]

TARGETS: dict[str, Target] = {target.name: target for target in (PYTHON, NUMPY)}


@dataclass(frozen=True)
class Function:
    """One emitted function.

    Args:
        name: Its name.
        parameters: Its parameters.
        scalars: Those that take one float (the others take a flat sequence).
        text: Its source.
        statements: Number of assignments.
        calls: Names it calls.
    """

    name: str
    parameters: tuple[str, ...]
    scalars: tuple[str, ...]
    text: str
    statements: int
    calls: frozenset[str]


@dataclass(frozen=True)
class Module:
    """The parts of one emitted file, in order."""

    target: str
    summary: str
    functions: tuple[Function, ...]

    @property
    def statements(self) -> int:
        """Number of assignments of all functions."""
        return sum(function.statements for function in self.functions)

    @property
    def in_parts(self) -> bool:
        """True if long functions were split into parts that share the list ``w``."""
        return any(function.parameters == ("w",) for function in self.functions)

    @cached_property
    def calls(self) -> frozenset[str]:
        """All names the functions call."""
        return frozenset().union(*(function.calls for function in self.functions))

    @cached_property
    def portable(self) -> list[str]:
        """Portable functions the file needs."""
        return TARGETS[self.target].needed_portable(self.calls)

    @property
    def imported(self) -> list[str]:
        """Names imported from the target's module."""
        target = TARGETS[self.target]
        if not target.module:
            return []
        return sorted(n for n in self.calls if n not in target.portable and hasattr(math, n))

    @cached_property
    def prelude(self) -> str:
        """Everything before the emitted functions."""
        target = TARGETS[self.target]
        imports = [target.header] if target.header else []
        if self.portable and target.module:
            imports.append(f"import {target.module}")
        if self.imported:
            imports.append(f"from {target.module} import {', '.join(self.imported)}")
        pieces = [f'"""{self.summary}"""\n']
        if imports:
            pieces.append("\n".join(imports) + "\n")
        helpers = [helper_source(target.portable[name]) for name in self.portable]
        return "\n".join(pieces) + "".join(f"\n\n{text}" for text in helpers)

    @cached_property
    def source(self) -> str:
        """Text of the file."""
        return self.prelude + "".join(f"\n\n{function.text}" for function in self.functions)
