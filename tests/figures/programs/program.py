"""A program as text, with points to ask it at."""

from __future__ import annotations

import copy
import itertools
import linecache
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

__all__ = ["Program", "fresh"]

_COUNT = itertools.count()


class Program(NamedTuple):
    """The source of a function ``f``, its arguments at some points, and which of them move."""

    source: str
    points: list[tuple[Any, ...]]
    wrt: tuple[int, ...]

    def function(self) -> Callable[..., Any]:
        """The function, made anew, with lines that can be read."""
        name = f"<random program {next(_COUNT)}>"
        lines = self.source.splitlines(keepends=True)
        linecache.cache[name] = len(self.source), None, lines, name
        module = sys.modules["random_program"] = ModuleType("random_program")  # dataclasses ask it
        exec(compile(self.source, name, "exec"), module.__dict__)
        made: Callable[..., Any] = module.f
        return made


def fresh(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments that a call may change."""
    return copy.deepcopy(arguments)
