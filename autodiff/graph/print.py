"""Printer of the IR; the grammar is in ``parse.py``, which reads the text back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodiff.graph.graph import Graph

__all__ = ["print_graph"]


def print_graph(graph: Graph) -> str:
    """Text of ``graph``; ``str(graph)`` calls it."""
    atom = _atoms(graph)
    parameters = ", ".join(f"{name}: {structure}" for name, structure in graph.parameters)
    lines = [f"graph {graph.name}({parameters}) -> {graph.result}:"]
    for index, primitive, operands in graph.operations():
        lines.append(f"    %{index} = {primitive.name} {', '.join(map(atom, operands))}")
    lines.append(f"    return {', '.join(map(atom, graph.outputs))}".rstrip())
    return "\n".join(lines) + "\n"


def _atoms(graph: Graph) -> Callable[[int], str]:
    names = graph.input_names

    def atom(index: int) -> str:
        if index < len(names):
            return names[index]
        value = graph.nodes[index].value
        return f"%{index}" if value is None else repr(value)

    return atom
