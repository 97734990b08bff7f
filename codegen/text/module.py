"""An emitted file: its parts, and its text.

The file stands alone: imports, the portable functions it calls, the emitted functions, and the
second form that they fall back to where they can raise (``standalone.py``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from codegen.language.settling import settling_source
from codegen.language.target import NUMPY, PYTHON, Target, helper_source
from codegen.language.totalled import PYTHON_TOTAL, total_functions, total_source
from codegen.text.function import Function
from codegen.text.standalone import FALLBACK, can_raise, fallbacks, guarded

__all__ = ["NUMPY_AT_TIES", "TARGETS", "Function", "Module", "aliases_in", "called_by"]

# NumPy's functions for where switches tie; the text is the same.
NUMPY_AT_TIES = replace(NUMPY)
TARGETS: dict[str, Target] = {target.name: target for target in (PYTHON, NUMPY)}

# What a linter would rather see written otherwise, and would then mean something else.
_MEANT = """\
# x != x asks for nan, and a conditional expression says what it gives for nan:
# ruff: noqa: BLE001, FURB136, PLR0124, RUF100, SIM201"""

SETTLE = """\
# Where several switches tie, derivatives are those of the smooth pieces that meet.
"""


RENAMED = """\
# Parameters have these names, so what else is called so gets another one.
"""


def aliases_in(functions: Iterable[Function]) -> frozenset[tuple[str, str]]:
    """The aliases that these functions write, and the names of ours behind them."""
    return frozenset(pair for function in functions for pair in function.aliases)


def called_by(functions: Iterable[Function]) -> frozenset[str]:
    """What these functions call, under our own names."""
    named = [(dict(function.aliases), function.calls) for function in functions]
    return frozenset(own.get(call, call) for own, calls in named for call in calls)


@dataclass(frozen=True)
class Module:
    """The parts of one emitted file, in order.

    Args:
        target: The target's name.
        summary: What the file's docstring says.
        emitted: Its functions, as the emitters write them.
        again: Writes the same functions for another target.
        second: The second forms, where they were written before.
    """

    target: str
    summary: str
    emitted: tuple[Function, ...]
    again: Callable[[Target], tuple[Function, ...]] | None = None
    second: tuple[Function, ...] | None = None

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The functions as they stand in the file."""
        return guarded(self.emitted) if TARGETS[self.target].module else self.emitted

    @cached_property
    def fallbacks(self) -> tuple[Function, ...]:
        """The second form of the functions that can raise; written when it is asked for."""
        if self.second is not None:
            return self.second
        if not TARGETS[self.target].module:
            settles = any(f.settles for f in self.emitted)
            again = self.again(NUMPY_AT_TIES) if settles and self.again is not None else ()
            return tuple(function for function in again if function.at_ties)
        raising = can_raise(self.emitted)
        if not raising or self.again is None:
            return ()
        return fallbacks(self.again(PYTHON_TOTAL), raising)

    @property
    def statements(self) -> int:
        """Number of assignments of all functions."""
        return sum(function.statements for function in self.emitted)

    @property
    def in_parts(self) -> bool:
        """True if long functions were split into parts that share the list ``w``."""
        return any(function.is_part for function in self.emitted)

    def portable(self, functions: Iterable[Function]) -> list[str]:
        """Portable functions that these functions need."""
        return TARGETS[self.target].needed_portable(called_by(functions))

    def imported(self, functions: Iterable[Function]) -> dict[str, str]:
        """Names that these functions use of the target's module: as they write them, and there."""
        target, named = TARGETS[self.target], dict(aliases_in(functions))
        if not target.module:
            return {}
        calls = frozenset().union(*(function.calls for function in functions))
        found = {call: named.get(call, call) for call in sorted(calls)}
        return {
            call: name
            for call, name in found.items()
            if name not in target.portable and hasattr(math, name)
        }

    @cached_property
    def _totals(self) -> list[str]:
        """Total functions that the fallbacks need."""
        return total_functions(called_by(self.fallbacks))

    def _renamed(self, functions: Sequence[Function], totals: bool) -> list[str]:
        """Lines that give names of ours, other than imported ones, their aliases."""
        imported = self.imported(functions)
        found = sorted(
            f"{alias} = {name}\n"
            for alias, name in aliases_in(functions)
            if alias not in imported and bool(total_source(name)) is totals
            if any(re.search(rf"\b{alias}\b", function.text) for function in functions)
        )
        return ["".join([RENAMED, *found])] if found else []

    def _prelude(self, functions: Sequence[Function], totals: bool) -> str:
        """Everything before the emitted functions."""
        target = TARGETS[self.target]
        portable, imported = self.portable(functions), self.imported(functions)
        helpers = [helper_source(target.portable[name]) for name in portable]
        imports = [target.header] if target.header else []
        if target.module and (totals or any(f"{target.module}." in text for text in helpers)):
            imports.append(f"import {target.module}")
        if imported:
            names = [n if n == call else f"{n} as {call}" for call, n in imported.items()]
            imports.append(f"from {target.module} import {', '.join(sorted(names))}")
        pieces = [f'"""{self.summary}"""\n']
        if target.module:
            pieces.append(f"{_MEANT}\n")
        if imports:
            pieces.append("\n".join(imports) + "\n")
        helpers += self._renamed(functions, totals=False)
        return "\n".join(pieces) + "".join(f"\n\n{text}" for text in helpers)

    def text(self, functions: Sequence[Function]) -> str:
        """Text of a file with these of the functions."""
        return self._prelude(functions, False) + "".join(f"\n\n{f.text}" for f in functions)

    @cached_property
    def source(self) -> str:
        """Text of the file."""
        if not self.fallbacks:
            return self.text(self.functions)
        totals = [total_source(name) for name in self._totals]
        settling = any(function.at_ties for function in self.fallbacks)
        pieces = [
            *(function.text for function in self.functions),
            *([FALLBACK] if TARGETS[self.target].module else []),
            *totals,
            *self._renamed(self.fallbacks, totals=True),
            *([SETTLE + settling_source(not TARGETS[self.target].module)] if settling else []),
            *(function.text for function in self.fallbacks),
        ]
        prelude = self._prelude((*self.functions, *self.fallbacks), bool(totals) or settling)
        return prelude + "".join(f"\n\n{text}" for text in pieces)
