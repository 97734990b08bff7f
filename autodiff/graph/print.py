"""Printer of the IR; the grammar is in ``parse.py``, which reads the text back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autodiff.graph.meeting import Limits
from autodiff.graph.params import params_text
from autodiff.graph.typed_node import Printable

__all__ = ["print_graph"]


def print_graph(graph: Printable) -> str:
    """Text of ``graph``; ``str(graph)`` calls it."""
    atom = _atoms(graph)
    parameters = ", ".join(f"{name}: {structure}" for name, structure in graph.parameters)
    lines = [f"graph {graph.name}({parameters}) -> {graph.result}:"]
    waiting: list[int] = []  # constants since the last operation
    for index in range(graph.inputs.count, len(graph.nodes)):
        primitive, operands, params, shape = graph.nodes[index]
        if primitive is None:
            waiting.append(index)
            continue
        lines += _constants(graph, waiting, operands)
        waiting = []
        of = f": float[{','.join(map(str, shape))}]" if shape else ""
        head = f"    %{index}{of} = {primitive.name}{params_text(params)}"
        lines.append(f"{head} {', '.join(map(atom, operands))}")
    lines += _constants(graph, waiting, graph.outputs)
    lines.append(f"    return {', '.join(map(atom, graph.outputs))}".rstrip())
    if graph.limits is not None:
        lines.append(f"    limits {_limits(graph.limits, atom)}")
    return "\n".join(lines) + "\n"


def _constants(graph: Printable, waiting: Sequence[int], users: Sequence[int]) -> list[str]:
    """A line for each constant that its place does not tell: it is not at its first use."""
    if not waiting:
        return []
    used = [i for i in dict.fromkeys(users) if i >= waiting[0]]
    told = len(used) if used and used == list(waiting[-len(used) :]) else 0
    return [f"    %{i} = {graph.constants[i]!r}" for i in waiting[: len(waiting) - told]]


def _limits(limits: Limits, atom: Callable[[int], str]) -> str:
    places = [
        f"{atom(x)} {atom(y) if type(y) is int else repr(float(y))}" for x, y in limits.places
    ]
    numbers = [", ".join(map(str, found)) for found in (limits.outputs, limits.inputs)]
    return "; ".join([*numbers, ", ".join(places)])


def _atoms(graph: Printable) -> Callable[[int], str]:
    names, constants = graph.inputs.names, graph.constants

    def atom(index: int) -> str:
        if index < len(names):
            return names[index]
        value = constants.get(index)
        return f"%{index}" if value is None else repr(value)

    return atom
