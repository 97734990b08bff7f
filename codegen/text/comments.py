"""Comments beside the backward section: the user's line each one came from, and the derivative.

Only comments are added, so the text computes the same; ``compile_gradient(comments=True)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from autodiff.graph.graph import Graph
from autodiff.quoting import quoted
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from autodiff.table.provers import prover
from codegen.text.explain import Explanation

__all__ = ["commented"]

_GAP = "  # "
_WIDTH = 88  # columns of a file


def commented(source: str, explained: Explanation, graph_of: Callable[[str], Graph | None]) -> str:
    """``source`` with a comment at each line of a backward section.

    Args:
        source: An emitted text.
        explained: Where its lines come from, as ``explanation`` says.
        graph_of: The graph that an emitted function was written from.
    """
    lines = source.split("\n")
    comments: dict[int, str] = {}
    for line in explained.lines:
        graph = graph_of(line.function)
        if line.derivative and graph is not None:
            formulas = ", ".join(_formulas(graph, line.node))
            comments[line.number] = "; ".join(filter(None, [line.code, formulas]))
    found: list[str] = []
    for number, text in enumerate(lines, 1):
        comment = quoted(comments.get(number, ""), "python comment")
        indent = text[: len(text) - len(text.lstrip())]
        if not comment:
            found.append(text)
        elif len(text) + len(_GAP) + len(comment) <= _WIDTH:
            found.append(f"{text}{_GAP}{comment}")
        else:
            room = _WIDTH - len(indent) - 2
            short = comment if len(comment) <= room else f"{comment[: room - 3]}..."
            found += [f"{indent}# {short}", text]
    return "\n".join(found)


def _formulas(graph: Graph, node: int) -> Iterator[str]:
    """The local derivatives of the operation whose rule computed ``node``."""
    origin = None if graph.origins is None else graph.origins.source(node)
    if origin is None or graph.nodes[origin].primitive is None:
        return
    primitive, operands = graph.nodes[origin][:2]
    if not isinstance(primitive, Primitive) or isinstance(primitive, ArrayRow):
        return  # whole arrays move and are added up: the user's line says how
    names = [_name(graph, i) for i in operands]
    formula: Callable[[object, int, Sequence[str]], str] = prover("derivative formula")
    for position, (rule, name) in enumerate(zip(primitive.partials, names, strict=True)):
        if rule is not None and graph.nodes[operands[position]].value is None:
            text = formula(primitive, position, names)
            if text:
                yield f"d/d{name} = {text}"


def _name(graph: Graph, node: int) -> str:
    value = graph.nodes[node].value
    if value is not None:
        return f"{value:.6g}"
    if node < graph.inputs.count:
        return graph.inputs.names[node]
    origin = graph.origin(node)
    return origin.name if origin is not None and origin.name else f"v{node}"
