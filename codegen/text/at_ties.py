"""Where switches tie: what emitted functions do there, and the functions that they call for it.

The first form raises, which leads to the second.  The second hands the derivatives it has found to
``_f_settled``, which compares them with those of the pieces that meet: at the point itself
(``_f_sides``), or a step away from it where something is infinite there (``_f_piece``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from autodiff.graph.graph import Graph, Limits
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.structure import size
from autodiff.run.one_sided import sides_graph
from autodiff.run.pieces import flagged, piece_graph
from codegen.language.lines import INDENT, LINE, Returned, bracketed, returned
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.language.wrap import wrapped
from codegen.text.function import FLAT, Function, Parameter
from codegen.text.write import Writer, count_uses

# Nodes of a graph up to which derivatives are followed away from a tie: of more, its text would be
# too long, and the table has the last word where something is infinite at the tie.
FARTHEST = 20_000

__all__ = [
    "FARTHEST",
    "Tied",
    "is_asking",
    "lowered",
    "piece_functions",
    "settled_name",
    "unflagged",
    "untied",
]


def lowered(graph: Graph, passes: Callable[[Graph], Graph]) -> Graph:
    """``graph`` after the passes, its last output true where switches tie.

    ``limits`` of the result says that there is such an output; without one nothing can tie.
    """
    limits = graph.limits
    if limits is None or not limits.places:
        return replace(passes(graph), limits=None)
    return replace(passes(flagged(graph)), limits=limits)


def unflagged(graph: Graph) -> Graph:
    """A lowered graph without the output that is true where switches tie."""
    if graph.limits is None:
        return graph
    return replace(graph, outputs=graph.outputs[:-1], limits=None)


def settled_name(name: str) -> str:
    """Name of the function that settles the derivatives of ``name``."""
    return f"_{name}_settled"


def sides_name(name: str) -> str:
    """Name of the function that settles the derivatives at the point itself."""
    return f"_{name}_sides"


def piece_name(name: str) -> str:
    """Name of the function that gives the derivatives on a piece."""
    return f"_{name}_piece"


@dataclass(frozen=True)
class Tied:
    """What an emitted function does where switches tie.

    Args:
        name: Its name.
        limits: What its graph says about ties.
        second: True for the second form.
        point: Text of its inputs as a list.
        bars: The name that settled derivatives get.
        tied: The name that gets true at the points that tie, for a text over arrays of points.
        target: The target.
    """

    name: str
    limits: Limits
    second: bool
    point: str
    bars: str
    tied: str
    target: Target

    def lines(
        self,
        condition: str,
        outputs: Sequence[str],
        result: Callable[[Sequence[str]], Returned],
    ) -> list[str]:
        """The statement before the last return.

        Args:
            condition: Text that is true at a tie.
            outputs: Text of each output.
            result: What returns outputs with these texts.
        """
        first: list[str] = []
        extra = ""
        if self.tied:
            first = wrapped(f"{self.tied} = ", condition, LINE - len(INDENT))
            condition = f"{self.target.called('np')}.any({self.tied})"
            extra = f", {self.tied}"
        head = wrapped("if ", condition, LINE - len(INDENT) - 1)
        head[-1] += ":"
        if not self.second and not self.tied:
            return [*head, f"{INDENT}raise {self.target.called('ArithmeticError')}"]
        head = [*first, *head]
        items = [outputs[i] for i in self.limits.outputs]
        call = f"{self.bars} = {settled_name(self.name)}"
        line = f"{call}({self.point}, [{', '.join(items)}]{extra})"
        lines = [line]
        if len(INDENT * 2 + line) > LINE:
            inner = bracketed("", items, ",", "[]", INDENT * 2)
            lines = [f"{call}(", f"{INDENT}{self.point},", *(INDENT + x for x in inner)]
            lines += [f"{INDENT}{self.tied},"] if self.tied else []
            lines.append(")")
        after = list(outputs)
        for place, i in enumerate(self.limits.outputs):
            after[i] = f"{self.bars}[{place}]"
        return [*head, *(INDENT + x for x in (*lines, *result(after).lines))]


def piece_functions(
    name: str, graph: Graph, target: Target, passes: Callable[[Graph], Graph]
) -> tuple[Function, ...]:
    """The functions that give derivatives of ``graph`` on pieces, and the one that asks them."""
    limits = graph.limits
    assert limits is not None
    sides = _straight(
        sides_name(name),
        passes(sides_graph(graph)),
        target,
        "Derivatives from all sides, settled at the point; 1.0 behind them where that cannot be.",
    )
    piece = _straight(
        piece_name(name),
        passes(piece_graph(graph)),
        target,
        "Derivatives on the smooth piece that the step leads into.",
    )
    return sides, piece, _asking(name, graph.inputs.count, limits, bool(target.module))


def _straight(name: str, graph: Graph, target: Target, summary: str) -> Function:
    """A function of flat arrays that returns the outputs as one."""
    names = Names(target.functions)
    head: list[Parameter] = []
    inputs: list[str] = []
    unpacked: list[str] = []
    for parameter, structure in graph.parameters:
        elements = [names.claim(f"{parameter}_{i}") for i in range(size(structure))]
        head.append(Parameter(parameter, FLAT))
        inputs += elements
        unpacked += _unpacking(elements, parameter) if elements else []
    writer = Writer(graph, target, names, dict(enumerate(inputs)))
    live = live_nodes(graph)
    order = [index for index, _, _ in graph.operations() if live[index]]
    made = set(order)
    writer.write(order, {i: "" for i in graph.outputs if i in made}, count_uses(graph, order))
    return Function(
        name,
        tuple(head),
        (*unpacked, *writer.lines),
        returned("", [[writer.number(i) for i in graph.outputs]], bare=True),
        summary,
        statements=len(writer.lines),
        calls=frozenset(writer.calls),
        at_ties=True,
    )


def _asking(name: str, count: int, limits: Limits, scalar: bool) -> Function:
    moving = ", ".join(map(str, limits.inputs))
    listed = f"range({count})" if limits.inputs == tuple(range(count)) else f"[{moving}]"
    sides, piece = sides_name(name), piece_name(name)
    parameters = [Parameter("point", FLAT), Parameter("table", FLAT)]
    if scalar:
        helpers = {"_directions", "_settled"}
        body: tuple[str, ...] = (
            f"*bars, lost = {sides}(point, table)",
            "if not lost:",
            f"{INDENT}return bars",
            f"moving = {listed}",
            f"steps = _directions({count}, moving)",
            f"found = [{piece}(point, step) for step in steps]",
        )
        result = "return _settled(found, table)"
    else:
        helpers = {"_settled_rows"}
        parameters.append(Parameter("tied"))
        body = (f"moving = {listed}",)
        result = f"return _settled_rows({sides}, {piece}, point, moving, table, tied)"
    return Function(
        settled_name(name),
        tuple(parameters),
        body,
        Returned((result,), FLAT),
        "Derivatives where switches tie: those of the table, if the pieces allow.",
        statements=len(body),
        calls=frozenset({"range", sides, piece, *helpers}),
        at_ties=True,
    )


_ASKING = re.compile(
    r"""def (_\w+_settled)\(\s*[\w:\[\], ]+\s*\)(?: -> list\[float\])?:
    \"{3}[\w ,:]+\.\"{3}
(?:    \*bars, lost = _\w+_sides\(point, table\)
    if not lost:
        return bars
    moving = (?:range\(\d+\)|\[[\d, ]*\])
    steps = _directions\(\d+, moving\)
    found = \[_\w+_piece\(point, step\) for step in steps\]
    return _settled\(found, table\)
|    moving = (?:range\(\d+\)|\[[\d, ]*\])
    return _settled_rows\(_\w+_sides, _\w+_piece, point, moving, table, tied\)
)"""
)


_TIED_ROWS = re.compile(rf"^{INDENT}if np_*\.any\(", re.MULTILINE)
_RAISED = re.compile(rf"^( *){INDENT}raise ArithmeticError_*\n", re.MULTILINE)


def is_asking(function: Function) -> bool:
    """True if its text is that of a function that settles derivatives, but for its numbers."""
    found = _ASKING.fullmatch(function.text)
    return found is not None and found[1] == function.name


def untied(text: str) -> str:
    """A first form without its statement for ties, which only leads to the second."""
    if rows := list(_TIED_ROWS.finditer(text)):
        return text[: rows[-1].start()] + text[text.rindex(f"\n{INDENT}return ") + 1 :]
    raised = list(_RAISED.finditer(text))
    if not raised:
        return text
    start, end = raised[-1].span(1)
    indentation = text[start:end]  # of the statement
    begin = text.rindex(f"\n{indentation}if ", 0, start)
    return text[: begin + 1] + text[text.index("\n", end) + 1 :]


def _unpacking(names: Sequence[str], source: str) -> list[str]:
    line = f"{', '.join(names)}{',' if len(names) == 1 else ''} = {source}"
    return [line] if len(INDENT + line) <= LINE else bracketed("", names, f" = {source}")
