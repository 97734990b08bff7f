"""Source map of an emitted text: each line, and the line of the user's code it comes from.

``df.explain()`` prints as a table and answers questions: which of the user's lines made this
emitted line, and what has become of a line of the user's.
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from autodiff.graph.graph import Graph
from autodiff.origins.bytecode import Place
from autodiff.quoting import plain
from codegen.text.function import Function

__all__ = ["Explanation", "Line", "explanation"]

_ASSIGNED = re.compile(r" +(\w+) = ")
_DEFINED = re.compile(r"def (\w+)\(")


@dataclass(frozen=True)
class Line:
    """One line of the emitted text that computes something.

    Args:
        number: Its number in ``df.source``, from 1.
        text: The line.
        function: The emitted function it stands in.
        derivative: True in the backward part.
        file: The user's file, "" if it is not known.
        line: Line in that file, 0 if it is not known.
        code: That line of the user's, "" if the source is not available.
        node: The value's node in the graph that the function was written from.
    """

    number: int
    text: str
    function: str
    derivative: bool
    file: str
    line: int
    code: str
    node: int


@dataclass(frozen=True)
class Explanation:
    """Where the lines of an emitted text come from; prints as a table.

    Args:
        lines: The lines that compute something.
        static: The arguments that are fixed in the text, and no input of it.
        whole: True if a line may compute a whole array, False if each computes one number.
        rewrites: What the stable profile rewrote, in order, and where the user wrote it.
    """

    lines: tuple[Line, ...]
    static: tuple[str, ...] = ()
    whole: bool = False
    rewrites: tuple[tuple[str, Place | None], ...] = ()

    def emitted(self, number: int) -> Line | None:
        """The line ``number`` of ``df.source``, None if it computes nothing."""
        return next((line for line in self.lines if line.number == number), None)

    def of(self, line: int, file: str = "") -> list[Line]:
        """What the user's ``line`` has become; ``file`` ends like the path, "" for any."""
        return [one for one in self.lines if one.line == line and one.file.endswith(file)]

    def to_json(self) -> dict[str, object]:
        """The lines as plain data."""
        found: dict[str, object] = {"lines": [asdict(line) for line in self.lines]}
        if self.rewrites:
            places = [(name, None if at is None else at.line) for name, at in self.rewrites]
            found["rewrites"] = [{"name": name, "line": line} for name, line in places]
        return found

    def __str__(self) -> str:
        rows = [f"static: {', '.join(map(plain, self.static))}"] if self.static else []
        rows += ["arrays are whole: a line may compute all of one"] if self.whole else []
        rows += [f"rewritten: {name}{_written_at(place)}" for name, place in self.rewrites]
        function = ""
        width = max((len(line.text.strip()) for line in self.lines), default=0)
        for line in self.lines:
            if line.function != function:
                function = line.function
                rows += ([""] if rows else []) + [f"{function}:"]
            where = f"{plain(os.path.basename(line.file))}:{line.line}" if line.line else "-"
            sign = "derivative of " if line.derivative and line.line else ""
            text = line.text.strip()
            rows.append(
                f"{line.number:>5}  {text:<{width}}  {sign}{where}: {plain(line.code)}".rstrip(" :")
            )
        return "\n".join(rows)


def _written_at(place: Place | None) -> str:
    """Where that is, as it follows a name."""
    if place is None:
        return ""
    code = linecache.getline(place.file, place.line).strip()
    return f"  {plain(os.path.basename(place.file))}:{place.line}: {plain(code)}"


def explanation(
    source: str,
    emitted: Sequence[tuple[Function, Callable[[], Graph]]],
    static: tuple[str, ...] = (),
) -> Explanation:
    """Explanation of ``source``.

    Args:
        source: The emitted text.
        emitted: Its functions, each with what gives the graph it was written from.
        static: As for ``Explanation``.
    """
    graphs: dict[Callable[[], Graph], Graph] = {}
    values: dict[str, tuple[Graph, dict[str, int]]] = {}
    for function, make in emitted:
        if function.values:
            if make not in graphs:
                graphs[make] = make()
            values[function.name] = graphs[make], dict(function.values)
    lines: list[Line] = []
    name = ""
    for number, text in enumerate(source.splitlines(), 1):
        if defined := _DEFINED.match(text):
            name = defined[1]
        assigned = _ASSIGNED.match(text)
        if name in values and assigned and assigned[1] in values[name][1]:
            graph, nodes = values[name]
            lines.append(_line(number, text, name, graph, nodes[assigned[1]]))
    return Explanation(tuple(lines), static)


def _line(number: int, text: str, function: str, graph: Graph, node: int) -> Line:
    place = None if graph.origins is None else graph.origins.place(node)
    derivative = graph.origins is not None and graph.origins.is_derivative(node)
    if place is None:
        return Line(number, text, function, derivative, "", 0, "", node)
    code = linecache.getline(place.file, place.line).strip()
    return Line(number, text, function, derivative, place.file, place.line, code, node)
