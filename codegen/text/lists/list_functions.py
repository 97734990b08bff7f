"""Emit functions of floats and lists: ``evaluate`` and its like, ``forward``, ``backward``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.structure import Part, leaf_names
from autodiff.table.arrays.array_row import ARRAY_ROWS
from codegen.language.if_blocks import if_blocks
from codegen.language.lines import Returned, returned, safe_name, tuple_type
from codegen.language.naming import Names, Naming
from codegen.language.target import Target
from codegen.text.emit import finished, split
from codegen.text.function import FLAT, FLOAT, Function, Parameter
from codegen.text.header import summary_of
from codegen.text.lists.list_writer import ListWriter
from codegen.text.parameters import kept_names, parts_of, unpacking
from codegen.text.two_halves import residuals_of
from codegen.text.write import count_uses

__all__ = ["list_halves", "list_result", "list_whole"]

_FEW = 4  # kinds of residuals that a type lists
_SLICE, _STACK, _RESHAPE = (ARRAY_ROWS[name] for name in ("slice", "stack", "reshape"))


class _Emitting:
    """One or two functions on their way into text, with names that they share.

    Args:
        graph: A spread graph.
        target: The target.
        names: Identifiers of the file.
        parameters: The arguments.
        derived: Nodes of the backward section.
    """

    def __init__(
        self, graph: Graph, target: Target, names: Names, parameters: Sequence[Part],
        derived: Sequence[int],
    ) -> None:  # fmt: skip
        self.graph, self.names = graph, names
        kept = set(kept_names(parameters))
        names.keep(kept)
        parts = parts_of(parameters)
        self.head = [
            Parameter(name if name in kept else names.claim(name), FLAT if shape else FLOAT)
            for (name, _), shape in zip(parts, graph.inputs.shapes, strict=False)
        ]
        texts = {i: one.name for i, one in enumerate(self.head)}
        self.unpacked: list[str] = []
        self._read: set[int] = set()  # nodes that have a name from the start
        for i, (part, one) in enumerate(zip(parts, self.head, strict=True)):
            elements = _elements_of(graph, i)
            if elements is None:
                continue
            leaves = [names.claim(leaf) for leaf in leaf_names(*part)]
            self.unpacked += unpacking(leaves, one.name)
            texts |= {node: leaves[place] for node, place in elements.items()}
            self._read |= elements.keys()
        naming = Naming(graph, names, texts, derived)
        self.writer = ListWriter(graph, target, names, texts, naming, flat=True)

    def write(self, order: Sequence[int], kept: dict[int, str], ends: Sequence[int]) -> None:
        """Write nodes; what outputs put together is written where they are returned."""
        graph, writer = self.graph, self.writer
        together = {i for end in graph.outputs for i in _together(graph, end)}
        left = [i for i in order if i not in self._read and i not in together]
        uses = count_uses(graph, left)
        for end in ends:
            for i in self.parts(end):
                uses[i] += 1
        always = [*kept, *ends, *graph.outputs, *loops_of(graph)]  # no loop stands on one side
        blocks = if_blocks(graph, left, [left], always)
        if blocks is None:
            writer.write(left, kept, uses)
        else:
            writer.write_block(blocks[0], kept, uses)

    def parts(self, output: int) -> list[int]:
        """The nodes of the numbers that an output puts together; the output itself if it is one."""
        graph = self.graph
        for i in _together(graph, output):
            if graph.nodes[i].primitive is _STACK:
                return list(graph.nodes[i].operands)
        return [output]

    def item(self, output: int) -> str | list[str]:
        """The text of an output; of a list of numbers one for each."""
        parts = self.parts(output)
        if parts == [output]:
            return self.writer.number(output)
        return [self.writer.number(i) for i in parts]

    def returned(self, outputs: Sequence[int], bare: bool) -> Returned:
        """The result of these outputs."""
        items = [self.item(i) for i in outputs]
        made = returned("", items, bare)
        kinds = [FLAT if self.graph.nodes[i].shape else FLOAT for i in outputs]
        return replace(made, type=kinds[0] if bare else tuple_type(kinds))


def _elements_of(graph: Graph, i: int) -> dict[int, int] | None:
    """The nodes that read one element of an array, with its place; None if others read it."""
    shape = graph.inputs.shapes[i]
    if not shape:
        return None
    found: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        if i not in node.operands:
            continue
        params = node.named
        key: Sequence[Sequence[int]] = params.get("key", ())
        if node.primitive is not _SLICE or any(len(part) != 1 for part in key):
            return None
        place = 0
        for (at,), n in zip(key, shape, strict=True):
            place = place * n + at
        found[index] = place
    return found or None


def _together(graph: Graph, output: int) -> list[int]:
    """The nodes that do nothing but put numbers together for an output."""
    node = graph.nodes[output]
    if node.primitive is _RESHAPE:
        inside = _together(graph, node.operands[0])
        return [output, *inside] if inside else []
    if node.primitive is _STACK and node.named["axis"] == 0 and len(node.shape) == 1:
        return [output]
    return []


def list_result(
    graph: Graph, target: Target, names: Names, entry: str, wishes: Sequence[str] = (),
    bare: bool = False,
) -> tuple[Function, ...]:  # fmt: skip
    """The function that gives the result of a graph.

    Args:
        graph: A spread graph.
        target: The target.
        names: Identifiers of the file.
        entry: The function's name.
        wishes: What each output is to be called; "" if it has a name of its own.
        bare: True if it gives its only part as it is.
    """
    emitting = _Emitting(graph, target, names, graph.parameters, ())
    kept = _kept(emitting, graph.outputs, wishes)
    emitting.writer.constants()
    emitting.write(split(graph, len(graph.outputs))[0], kept, graph.outputs)
    made = emitting.returned(graph.outputs, bare)
    summary = summary_of(graph.name, entry)
    lines = [*emitting.unpacked, *emitting.writer.lines]
    return (finished(entry, emitting.head, summary, lines, made, emitting.writer),)


def _kept(emitting: _Emitting, outputs: Sequence[int], wishes: Sequence[str]) -> dict[int, str]:
    """Outputs that get lines, and names."""
    graph, kept = emitting.graph, dict[int, str]()
    for place, index in enumerate(outputs):
        alone = graph.nodes[index].primitive is not None and emitting.parts(index) == [index]
        if alone and not kept.get(index):
            wish = wishes[place] if place < len(wishes) else ""
            kept[index] = emitting.names.claim(wish) if wish else ""
    return kept


def list_halves(
    graph: Graph, target: Target, names: Names, bars: Sequence[Part], bare: bool
) -> tuple[Function, ...]:
    """``forward`` and ``backward`` of a vjp graph, whose last input is the cotangent."""
    order, reverse = split(graph, 1)
    emitting = _Emitting(graph, target, names, graph.parameters[:-1], reverse)
    held, seed = names.ours("residuals"), names.ours("cotangent")
    writer = emitting.writer
    writer.texts[graph.inputs.count - 1] = seed
    residuals = [i for i in residuals_of(graph, order, reverse, 1) if i not in graph.arrays]
    value = graph.outputs[0]
    kept = {i: "" for i in (value, *residuals) if graph.nodes[i].primitive is not None}
    writer.constants()
    constants = list(writer.lines) if _reads(graph, reverse, graph.arrays) else []
    emitting.write(order, kept, [value])
    saved = [writer.atom(i) for i in residuals]
    function = safe_name(graph.name.removesuffix("_vjp"))
    kinds = [_kind(graph, i) for i in residuals]
    held_type = tuple_type(kinds) if len(kinds) <= _FEW or len(set(kinds)) == 1 else "tuple"
    forward = finished(
        "forward",
        emitting.head,
        f"Value of {function}, and the residuals that backward needs.",
        [*emitting.unpacked, *writer.lines],
        replace(
            returned(writer.number(value), saved, bare=False),
            type=tuple_type([FLOAT, held_type]),
        ),
        writer,
    )
    writer.restart()
    ends = graph.outputs[1:]
    wishes = [f"{name}_bar" for name, _ in bars]
    here = set(reverse)
    named = {i: n for i, n in _kept(emitting, ends, wishes).items() if i in here}
    emitting.write(reverse, named, ends)
    backward = finished(
        "backward",
        [Parameter(held, held_type), Parameter(seed, FLOAT, "1.0")],
        "Gradient from the residuals, times the cotangent.",
        [*unpacking(saved, held), *constants, *writer.lines],
        emitting.returned(ends, bare),
        writer,
    )
    return forward, backward


def _reads(graph: Graph, order: Sequence[int], nodes: Iterable[int]) -> bool:
    known = set(nodes)
    return any(i in known for index in order for i in graph.nodes[index].operands)


def _kind(graph: Graph, index: int) -> str:
    """The type of a value."""
    kind = FLOAT
    for _ in graph.nodes[index].shape if index >= graph.inputs.count else ():
        kind = f"list[{kind}]"
    return FLAT if index < graph.inputs.count and graph.nodes[index].shape else kind


def list_whole(names: Names, halves: Sequence[Function], function: str) -> Function:
    """``def value_and_gradient(...)`` by its halves, in whose loops the lines are."""
    forward, backward = halves
    value, held = names.claim("value"), names.ours("residuals")
    call = f"{value}, {held} = forward({', '.join(one.name for one in forward.head)})"
    assert backward.returned is not None
    kind = tuple_type([FLOAT, backward.returned.type])
    return Function(
        "value_and_gradient", forward.head, (call,),
        replace(returned(value, [f"backward({held})"], bare=True), type=kind),
        f"Value of {function}, and its gradient.", statements=1,
        calls=frozenset({"forward", "backward"}), aliases=forward.aliases, typed=True,
    )  # fmt: skip
