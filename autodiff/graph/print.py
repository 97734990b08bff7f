"""Printer of the IR; the grammar is in ``parse.py``, which reads the text back."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.meeting import Limits
from autodiff.graph.params import params_text
from autodiff.graph.typed_node import Printable

__all__ = ["print_graph"]


def print_graph(graph: Printable) -> str:
    """Text of ``graph``; ``str(graph)`` calls it."""
    texts = list(graph.inputs.names)  # how each node is called where it is an operand
    parameters = ", ".join(f"{name}: {structure}" for name, structure in graph.parameters)
    lines = [f"graph {graph.name}({parameters}) -> {graph.result}:"]
    waiting: list[int] = []  # constants since the last operation
    for index in range(len(texts), len(graph.nodes)):
        primitive, operands, params, shape = graph.nodes[index]
        if primitive is None:
            waiting.append(index)
            texts.append(repr(graph.constants[index]))
            continue
        if waiting:
            lines += _constants(graph, waiting, operands)
            waiting = []
        own = f"%{index}"
        texts.append(own)
        of = f": float[{','.join(map(str, shape))}]" if shape else ""
        with_params = f"{primitive.name}{params_text(params)}" if params else primitive.name
        lines.append(f"    {own}{of} = {with_params} {', '.join([texts[i] for i in operands])}")
    if waiting:
        lines += _constants(graph, waiting, graph.outputs)
    lines.append(f"    return {', '.join([texts[i] for i in graph.outputs])}".rstrip())
    if graph.limits is not None:
        lines.append(f"    limits {_limits(graph.limits, texts)}")
    return "\n".join(lines) + "\n"


def _constants(graph: Printable, waiting: Sequence[int], users: Sequence[int]) -> list[str]:
    """A line for each constant that its place does not tell: it is not at its first use."""
    used = [i for i in dict.fromkeys(users) if i >= waiting[0]]
    told = len(used) if used and used == list(waiting[-len(used) :]) else 0
    return [f"    %{i} = {graph.constants[i]!r}" for i in waiting[: len(waiting) - told]]


def _limits(limits: Limits, texts: Sequence[str]) -> str:
    places = [
        f"{texts[x]} {texts[y] if type(y) is int else repr(float(y))}" for x, y in limits.places
    ]
    numbers = [", ".join(map(str, found)) for found in (limits.outputs, limits.inputs)]
    return "; ".join([*numbers, ", ".join(places)])
