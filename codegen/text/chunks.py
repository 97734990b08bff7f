"""Very long functions, written in parts that CPython compiles one by one.

One function of a million statements would take gigabytes to compile.  Above a limit the statements
are split into parts; values that cross a border live in one list, ``w``: the inputs first, then
the outputs, then the rest.  Time and memory stay linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, size
from codegen.language.lines import Returned, tuple_type
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.text.emit import split
from codegen.text.function import FLAT, FLOAT, Function, Parameter, aliases_of
from codegen.text.parameters import Part, kept_names, parts_of
from codegen.text.write import Writer, count_uses

__all__ = [
    "LIMIT",
    "Parts",
    "Slots",
    "copies",
    "evaluate_in_parts",
    "fused_in_parts",
    "halves_in_parts",
]

Typed = tuple[str, str]  # text, and its type
LIMIT = 50_000  # operations above which a function is written in parts
PART = 4_000  # operations a part


class Parts:
    """The operations of a graph as functions ``part_1`` …, and drivers that call them.

    Args:
        graph: The graph; its outputs get slots of ``w`` in order.
        target: The target.
        names: Identifiers of the file.
        sections: Operations in order, split where a driver must be able to stop; the first
            output is there after the first section.
        prefix: How the names of the functions begin.
    """

    def __init__(
        self,
        graph: Graph,
        target: Target,
        names: Names,
        sections: Sequence[Sequence[int]],
        prefix: str = "part",
    ) -> None:
        self.graph = graph
        self._names, self._prefix = names, prefix
        self._aliases = aliases_of(target)
        names.keep(kept_names(graph.parameters))
        self.shared = names.ours("w")
        pieces = [
            [section[i : i + PART] for i in range(0, len(section), PART)] for section in sections
        ]
        flat = [piece for section in pieces for piece in section]
        self._slots = Slots(graph, flat)
        self._writer = Writer(graph, target, names, self._slots.texts(range(graph.inputs.count)))
        self._uses = count_uses(graph, [i for piece in flat for i in piece])
        self.functions: list[Function] = []
        self.calls: list[list[str]] = []  # per section
        for section in pieces:
            first = len(self.functions)
            for piece in section:
                self._write(piece)
            outputs = slice(0 if not self.calls else 1, 1 if section is not pieces[-1] else None)
            rest = copies(graph, self._slots, self._writer, outputs)
            if rest:
                self._write((), rest)
            self.calls.append([function.name for function in self.functions[first:]])

    def _write(self, piece: Sequence[int], extra: Sequence[str] = ()) -> None:
        slots, writer = self._slots, self._writer
        writer.write(piece, slots.texts(i for i in piece if slots.of[i] >= 0), self._uses)
        name = f"{self._prefix}_{len(self.functions) + 1}"
        lines = [*writer.lines, *extra]
        part = Function(
            name,
            (Parameter("w", FLAT),),
            tuple(lines),
            None,
            statements=len(lines),
            calls=frozenset(writer.calls),
            divides=writer.divides,
            aliases=self._aliases,
        )
        self.functions.append(part)
        for index in piece:  # local names end with the part
            if slots.of[index] < 0:
                writer.texts.pop(index, None)
        writer.restart()

    def driver(
        self,
        name: str,
        start: str,
        head: Sequence[Parameter],
        sections: slice,
        results: Typed,
    ) -> Function:
        """``def name(head): w = start; call the parts of the sections; return results``."""
        calls = tuple(call for section in self.calls[sections] for call in section)
        text, kind = results
        result = Returned((f"return {text}",), kind)
        body = (f"{self.shared} = {start}",)
        made = Function(name, tuple(head), body, result, statements=len(calls), parts=calls)
        return replace(made, aliases=self._aliases, shared=self.shared)

    def arguments(self, parts: Sequence[Part]) -> tuple[list[Parameter], str]:
        """Parameters that take these scalars and arrays, and the text that fills ``w``."""
        kept = set(kept_names(parts))
        head = [
            Parameter(
                name if name in kept else self._names.claim(f"x{i}"),
                FLAT if isinstance(s, Array) else FLOAT,
            )
            for i, (name, s) in enumerate(parts)
        ]
        items = ", ".join(p.name if p.type == FLOAT else f"*{p.name}" for p in head)
        missing = self.graph.inputs.count - sum(size(s) for _, s in parts)
        return head, f"[{items}] + [0.0] * {self._slots.count - self.graph.inputs.count + missing}"

    def outputs(self, first: int, parts: Sequence[Part], bare: bool) -> Typed:
        """Text and type of the outputs from number ``first`` on, as these scalars and arrays."""
        place, items, kinds = self._slots.outputs[first] if parts else 0, [], []
        w = self.shared
        for _, part in parts:
            stop = place + size(part)
            items.append(f"{w}[{place}:{stop}]" if isinstance(part, Array) else f"{w}[{place}]")
            kinds.append(FLAT if isinstance(part, Array) else FLOAT)
            place = stop
        if bare:
            return items[0], kinds[0]
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})", tuple_type(kinds)


class Slots:
    """Where each value that outlives its part is kept."""

    def __init__(self, graph: Graph, pieces: Sequence[Sequence[int]]) -> None:
        self.inputs = graph.inputs.count
        self.outputs = range(self.inputs, self.inputs + len(graph.outputs))
        self.of = list(range(self.inputs)) + [-1] * (len(graph.nodes) - self.inputs)
        self.count = self.outputs.stop
        for slot, index in zip(self.outputs, graph.outputs, strict=True):
            if self.of[index] < 0 and graph.nodes[index].primitive is not None:
                self.of[index] = slot
        piece_of = [-1] * len(graph.nodes)
        for number, piece in enumerate(pieces):
            for index in piece:
                piece_of[index] = number
                for operand in graph.nodes[index][1]:
                    if self.of[operand] < 0 and piece_of[operand] not in (-1, number):
                        self.of[operand] = self.count
                        self.count += 1

    def texts(self, indices: Iterable[int]) -> dict[int, str]:
        """How each of these is written."""
        return {i: f"w[{self.of[i]}]" for i in indices}


def copies(graph: Graph, slots: Slots, writer: Writer, outputs: slice) -> list[str]:
    """Those of the outputs that are inputs, literals, or computed for another output."""
    return [
        f"w[{slot}] = {writer.number(index)}"
        for slot, index in zip(slots.outputs[outputs], graph.outputs[outputs], strict=True)
        if slots.of[index] != slot
    ]


def evaluate_in_parts(
    graph: Graph,
    target: Target,
    names: Names,
    result: Sequence[Part],
    name: str = "evaluate",
) -> tuple[Function, ...]:
    """``evaluate``, or what it is called, and the parts it calls."""
    parts = Parts(graph, target, names, [[index for index, _, _ in graph.operations()]])
    parameters, start = parts.arguments(parts_of(graph.parameters))
    returned = parts.outputs(0, result, bare=False)
    driver = parts.driver(name, start, parameters, slice(None), returned)
    return (*parts.functions, driver)


def fused_in_parts(
    graph: Graph,
    target: Target,
    names: Names,
    bars: Sequence[Part],
    bare: bool,
    second: bool = False,
) -> tuple[Function, ...]:
    """``value_and_gradient`` and the parts it calls."""
    forward, backward = split(graph, 1)
    parts = Parts(graph, target, names, [[*forward, *backward]])
    parameters, start = parts.arguments(parts_of(graph.parameters))
    returned = _pair(parts.outputs(0, _VALUE, bare=True), parts.outputs(1, bars, bare))
    driver = parts.driver("value_and_gradient", start, parameters, slice(None), returned)
    return (*parts.functions, driver)


def halves_in_parts(
    graph: Graph, target: Target, names: Names, bars: Sequence[Part], bare: bool
) -> tuple[Function, ...]:
    """``forward``, which returns the value and ``w``, and ``backward``, which goes on with it."""
    # A prefix of its own: the file holds the parts of value_and_gradient too.
    parts = Parts(graph, target, names, split(graph, 1), prefix="half")
    parameters, start = parts.arguments(parts_of(graph.parameters[:-1]))
    value = parts.outputs(0, _VALUE, bare=True)
    forward = parts.driver(
        "forward", start, parameters, slice(0, 1), _pair(value, (parts.shared, FLAT))
    )
    seed = graph.inputs.count - 1
    again = f"[*residuals[:{seed}], cotangent, *residuals[{seed + 1}:]]"
    head = [Parameter("residuals", FLAT), Parameter("cotangent", FLOAT, "1.0")]
    backward = parts.driver("backward", again, head, slice(1, 2), parts.outputs(1, bars, bare))
    return (*parts.functions, forward, backward)


def _pair(one: Typed, other: Typed) -> Typed:
    return f"{one[0]}, {other[0]}", tuple_type([one[1], other[1]])


_VALUE: list[Part] = [("value", SCALAR)]
