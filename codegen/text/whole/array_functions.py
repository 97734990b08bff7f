"""Emit functions of arrays: ``evaluate``, ``value_and_gradient``, ``forward``, ``backward``.

Parameters and results are the scalars and arrays inside the user's; arrays are NumPy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Part
from codegen.language.lines import returned, safe_name
from codegen.language.naming import Names, Naming
from codegen.language.target import Target
from codegen.text.emit import finished, split
from codegen.text.function import FLAT, FLOAT, Function, Parameter
from codegen.text.header import summary_of
from codegen.text.parameters import kept_names, parts_of, unpacking
from codegen.text.two_halves import residuals_of
from codegen.text.whole.array_writer import ArrayWriter
from codegen.text.write import count_uses

__all__ = ["array_halves", "array_result", "fused_arrays", "named_constants"]


def named_constants(graph: Graph, names: Names, known: dict[ArrayConstant, str]) -> dict[int, str]:
    """A name for every array of constants, the user's own where there is one.

    Args:
        graph: The graph.
        names: Identifiers of the file.
        known: Names of constants that the file has already; more are added.
    """
    labels = {} if graph.origins is None else graph.origins.labels
    found = {}
    for index, array in graph.arrays.items():
        if array not in known:
            label = labels.get(index)
            known[array] = names.claim("data" if label is None else label.base)
        found[index] = known[array]
    return found


def _parameters(graph: Graph, parameters: Sequence[Part], names: Names) -> list[Parameter]:
    kept = names.kept.intersection(kept_names(parameters))
    return [
        Parameter(name if name in kept else names.claim(name), FLOAT if not shape else FLAT)
        for (name, _), shape in zip(parts_of(parameters), graph.inputs.shapes, strict=False)
    ]


class _Emitting:
    """One or two functions on their way into text, with names that they share."""

    def __init__(
        self, graph: Graph, target: Target, names: Names, constants: dict[int, str],
        parameters: Sequence[Part], derived: Sequence[int],
    ) -> None:  # fmt: skip
        self.graph, self.names = graph, names
        self.head = _parameters(graph, parameters, names)
        self.texts = {i: one.name for i, one in enumerate(self.head)} | constants
        naming = Naming(graph, names, self.texts, derived)
        self.writer = ArrayWriter(graph, target, names, self.texts, naming)

    def bars(self, indices: Sequence[int], parts: Sequence[Part], mine: set[int]) -> dict[int, str]:
        """Nodes of the gradient that get a line, under the names of their arguments."""
        kept: dict[int, str] = {}
        for index, (name, _) in zip(indices, parts, strict=True):
            if index in mine and not kept.get(index):
                kept[index] = self.names.claim(f"{name}_bar")
        return kept


def array_result(
    graph: Graph,
    target: Target,
    names: Names,
    constants: dict[int, str],
    entry: str,
    wishes: Sequence[str] = (),
) -> tuple[Function, ...]:
    """The function that gives the result of a graph.

    Args:
        graph: The graph.
        target: The target.
        names: Identifiers of the file.
        constants: Names of the graph's arrays of constants.
        entry: The function's name.
        wishes: What each output is to be called; "" if it has a name of its own.
    """
    emitting = _Emitting(graph, target, names, constants, graph.parameters, ())
    writer, order = emitting.writer, split(graph, len(graph.outputs))[0]
    kept: dict[int, str] = {}
    for index, wish in zip_longest(graph.outputs, wishes, fillvalue=""):
        if isinstance(index, int) and graph.nodes[index].primitive is not None:
            kept[index] = kept.get(index) or (names.claim(wish) if wish else "")
    writer.write(order, kept, count_uses(graph, order))
    items = [writer.number(i) for i in graph.outputs]
    bare = len(graph.outputs) == 1
    made = returned("", items, bare)
    summary = summary_of(graph.name, entry)
    return (finished(entry, emitting.head, summary, writer.lines, made, writer),)


def fused_arrays(
    graph: Graph,
    target: Target,
    names: Names,
    constants: dict[int, str],
    bars: Sequence[Part],
    bare: bool,
) -> tuple[Function, ...]:
    """``def value_and_gradient(...)``: the outputs are the value, then the gradient."""
    forward, backward = split(graph, 1)
    emitting = _Emitting(graph, target, names, constants, graph.parameters, backward)
    writer = emitting.writer
    uses = count_uses(graph, [*forward, *backward])
    for index in graph.outputs:
        uses[index] += 1
    reverse = set(backward)
    kept = {i: "" for i in graph.outputs[1:] if i in set(forward)}
    kept |= emitting.bars(graph.outputs[1:], bars, reverse)
    writer.write(forward, kept, uses)
    border = len(writer.lines)
    writer.write(backward, kept, uses)
    items = [writer.number(i) for i in graph.outputs]
    lines = writer.lines
    if lines[border:]:
        lines = [*(["# forward", *lines[:border], ""] if border else []), "# backward",
                 *lines[border:]]  # fmt: skip
    made = returned(items[0], items[1:], bare)
    summary = f"Value of {safe_name(graph.name.removesuffix('_gradient'))}, and its gradient."
    return (finished("value_and_gradient", emitting.head, summary, lines, made, writer),)


def array_halves(
    graph: Graph,
    target: Target,
    names: Names,
    constants: dict[int, str],
    bars: Sequence[Part],
    bare: bool,
) -> tuple[Function, ...]:
    """``forward`` and ``backward`` of a vjp graph, whose last input is the cotangent."""
    order, reverse = split(graph, 1)
    emitting = _Emitting(graph, target, names, constants, graph.parameters[:-1], reverse)
    held, seed = names.ours("residuals"), names.ours("cotangent")
    emitting.texts[graph.inputs.count - 1] = seed
    kept_nodes = [i for i in residuals_of(graph, order, reverse, 1) if i not in constants]
    writer = emitting.writer
    uses = count_uses(graph, order)
    uses[graph.outputs[0]] += 1
    kept = {i: "" for i in kept_nodes if graph.nodes[i].primitive is not None}
    writer.write(order, kept, uses)
    value = writer.number(graph.outputs[0])
    saved = [writer.atom(i) for i in kept_nodes]
    function = safe_name(graph.name.removesuffix("_vjp"))
    forward = finished(
        "forward", emitting.head,
        f"Value of {function}, and the residuals that backward needs.",
        writer.lines, returned(value, saved, bare=False), writer,
    )  # fmt: skip
    writer.restart()
    named = emitting.bars(graph.outputs[1:], bars, set(reverse))
    writer.write(reverse, named, count_uses(graph, reverse))
    items = [writer.number(i) for i in graph.outputs[1:]]
    backward = finished(
        "backward",
        [Parameter(held, "tuple[float, ...]"), Parameter(seed, FLOAT, "1.0")],
        "Gradient from the residuals, times the cotangent.",
        [*unpacking(saved, held), *writer.lines],
        returned("", items, bare),
        writer,
    )
    return forward, backward


def whole_of_halves(graph: Graph, names: Names, forward: Function) -> Function:
    """``def value_and_gradient(...)`` by its halves, in whose loops the lines are.

    Args:
        graph: A vjp graph.
        names: Those of the function.
        forward: The first half.
    """
    value, held = names.claim("value"), names.ours("residuals")
    call = f"{value}, {held} = forward({', '.join(one.name for one in forward.head)})"
    function = safe_name(graph.name.removesuffix("_vjp"))
    return Function(
        "value_and_gradient", forward.head, (call,),
        returned(value, [f"backward({held})"], bare=True),
        f"Value of {function}, and its gradient.", statements=1,
        calls=frozenset({"forward", "backward"}), aliases=forward.aliases,
    )  # fmt: skip
