"""The texts of a lesson: the user's function, the helpers it calls, and the emitted gradient."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from autodiff.errors import is_user_file
from autodiff.quoting import plain
from verify.lesson.steps import Step

if TYPE_CHECKING:
    from codegen import CompiledGradient

__all__ = ["Sources"]

_SHOWN = "value_and_gradient"  # the emitted function that the page shows


class Sources:
    """The user's functions and the emitted one, and which lines belong to a step.

    Args:
        compiled: The compiled gradient.
        function: The user's function.

    Attributes:
        source: Lines of the user's function, then of its helpers, without common indentation.
        heads: Where each of these begins in ``source``.
        emitted: Lines of ``value_and_gradient`` in the emitted text.
    """

    def __init__(self, compiled: CompiledGradient, function: Callable[..., object] | None) -> None:
        self._graph = compiled.graph
        self.source: list[str] = []
        self.heads: list[int] = [0]
        self._rows: dict[tuple[str, int], int] = {}  # file and line -> its row in ``source``
        self._add_function(function)
        self._add_helpers()
        text = compiled.source.split("\n")
        start = next(i for i, line in enumerate(text) if line.startswith(f"def {_SHOWN}("))
        stop = next((i for i in range(start + 1, len(text)) if text[i][:1].strip(" )")), len(text))
        self.emitted = "\n".join(text[start:stop]).rstrip("\n").split("\n")
        self._lines = [
            (line.number - start, line)
            for line in compiled.explain().lines
            if line.function == _SHOWN and line.line
        ]

    def _add_function(self, function: Callable[..., object] | None) -> None:
        with suppress(OSError, TypeError):
            if function is not None:
                lines, first = inspect.getsourcelines(function)
                self._add(lines, inspect.getsourcefile(function) or "", max(first, 1))
                return
        self.source.append("# the source of this function is not available")

    def _add_helpers(self) -> None:
        """The functions in which some node was computed, in the order of the nodes."""
        for index in range(len(self._graph.nodes)):
            origin = self._graph.origin(index)
            if origin is None or not origin.line or not is_user_file(origin.file):
                continue
            if (origin.file, origin.line) not in self._rows:
                lines = linecache.getlines(origin.file)
                helper = _function_around(lines, origin.line)
                if helper is not None:
                    self.source.append("")
                    self.heads.append(len(self.source))
                    self._add(lines[helper.start - 1 : helper.stop - 1], origin.file, helper.start)

    def _add(self, lines: Sequence[str], file: str, first: int) -> None:
        theirs = textwrap.dedent("".join(lines)).rstrip("\n").split("\n")
        for offset, line in enumerate(theirs):
            self.source.append(plain(line))
            self._rows[file, first + offset] = len(self.source)

    def lit(self, step: Step) -> dict[str, list[int]]:
        """The lines that light up at a step, from 1: the node's own where it has a name."""
        origin = None if step.node is None else self._graph.origin(step.node)
        if origin is None or not origin.line:
            return {}
        backward = step.phase == "backward"
        theirs = [
            (number, line.text.partition(" = ")[0].strip())
            for number, line in self._lines
            if (line.file, line.line, line.derivative) == (origin.file, origin.line, backward)
        ]
        own = [number for number, name in theirs if name == origin.name and not backward]
        found = {"emitted": own or [number for number, _ in theirs]}
        row = self._rows.get((origin.file, origin.line))
        return found if row is None else found | {"source": [row]}


def _function_around(lines: Sequence[str], line: int) -> range | None:
    """The lines of the innermost function that has ``line``, decorators included."""
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    return min((f for f in _functions(tree) if line in f), key=len, default=None)


def _functions(tree: ast.Module) -> Iterator[range]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            yield range(first, (node.end_lineno or first) + 1)
