"""Very long functions, written in parts that CPython compiles one by one.

One function of a million statements would take gigabytes to compile.  Above a limit the statements
are split into parts; values that cross a border live in one list, ``w``: the inputs first, then
the outputs, then the rest.  Time and memory stay linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, Part, size
from codegen.language.lines import Returned, tuple_type
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.text.at_ties import leads, settled_name, statement, unflagged
from codegen.text.emit import split
from codegen.text.function import FLAT, FLOAT, Function, Parameter, aliases_of
from codegen.text.parameters import kept_names, parts_of
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
            outputs are there after the first section.
        prefix: How the names of the functions begin.
        first: How many outputs are there after the first section.
    """

    def __init__(
        self,
        graph: Graph,
        target: Target,
        names: Names,
        sections: Sequence[Sequence[int]],
        prefix: str = "part",
        first: int = 1,
    ) -> None:
        self.graph = graph
        self.target = target
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
            start = len(self.functions)
            for piece in section:
                self._write(piece)
            last = section is pieces[-1]
            outputs = slice(first if self.calls else 0, None if last else first)
            rest = copies(graph, self._slots, self._writer, outputs)
            if rest:
                self._write((), rest)
            self.calls.append([function.name for function in self.functions[start:]])

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
        at_tie: Sequence[str] = (),
    ) -> Function:
        """``def name(head): w = start; call the parts of the sections; return results``."""
        calls = tuple(call for section in self.calls[sections] for call in section)
        text, kind = results
        result = Returned((*at_tie, f"return {text}"), kind)
        body = (f"{self.shared} = {start}",)
        made = Function(name, tuple(head), body, result, statements=len(calls), parts=calls)
        return replace(made, aliases=self._aliases, shared=self.shared)

    def place(self, output: int) -> str:
        """Text of one output."""
        return f"{self.shared}[{self._slots.outputs[output]}]"

    def block(self, outputs: Sequence[int]) -> str:
        """Text of these outputs as a list."""
        first = self._slots.outputs.start
        runs: list[list[int]] = []
        for output in outputs:
            if runs and runs[-1][1] == output:
                runs[-1][1] += 1
            else:
                runs.append([output, output + 1])
        texts = [f"{self.shared}[{first + start}:{first + stop}]" for start, stop in runs]
        return texts[0] if len(texts) == 1 else f"[{', '.join(f'*{text}' for text in texts)}]"

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

    def outputs(self, first: int, parts: Sequence[Part], bare: bool, of: str = "") -> Typed:
        """Text and type of the outputs from number ``first`` on, as these scalars and arrays.

        Args:
            first: The first of them.
            parts: The scalars and arrays.
            bare: True if the one part stands alone.
            of: Another list that holds them, at its start.
        """
        place, items, kinds = self._slots.outputs[first] if parts and not of else 0, [], []
        w = of or self.shared
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
    second: bool = False,
    name: str = "evaluate",
) -> tuple[Function, ...]:
    """``evaluate``, or what it is called, and its parts; as ``emit_evaluate`` at ties."""
    parts = Parts(graph, target, names, [[index for index, _, _ in graph.operations()]])
    parameters, start = parts.arguments(parts_of(graph.parameters))
    returned = parts.outputs(0, result, bare=False)
    tie = LongTie(name, graph, parts, names, second)
    settled = tie.results(result)
    at_tie = tie.lines(len(graph.outputs) - 1, _point_of(start), settled)
    driver = parts.driver(name, start, parameters, slice(None), returned, at_tie)
    return (*parts.functions, tie.noted(driver))


def fused_in_parts(
    graph: Graph,
    target: Target,
    names: Names,
    bars: Sequence[Part],
    bare: bool,
    second: bool = False,
) -> tuple[Function, ...]:
    """``value_and_gradient`` and the parts it calls; as ``emit_value_and_gradient`` at ties."""
    forward, backward = split(graph, 1)
    parts = Parts(graph, target, names, [[*forward, *backward]])
    parameters, start = parts.arguments(parts_of(graph.parameters))
    value = parts.outputs(0, _VALUE, bare=True)
    returned = _pair(value, parts.outputs(1, bars, bare))
    tie = LongTie("value_and_gradient", graph, parts, names, second)
    settled = tie.pair(value, lambda of: parts.outputs(1, bars, bare, of))
    at_tie = tie.lines(len(graph.outputs) - 1, _point_of(start), settled)
    driver = parts.driver("value_and_gradient", start, parameters, slice(None), returned, at_tie)
    return (*parts.functions, tie.noted(driver))


def halves_in_parts(
    graph: Graph,
    target: Target,
    names: Names,
    bars: Sequence[Part],
    bare: bool,
    second: bool = False,
) -> tuple[Function, ...]:
    """``forward``, which returns the value and ``w``, and ``backward``, which goes on with it.

    ``w`` holds the point, and whether switches tie there.
    """
    limits = graph.limits
    if limits is not None:
        graph = replace(graph, outputs=(graph.outputs[0], graph.outputs[-1], *graph.outputs[1:-1]))
    first = 1 if limits is None else 2
    # A prefix of its own: the file holds the parts of value_and_gradient too.
    parts = Parts(graph, target, names, split(graph, first), prefix="half", first=first)
    parameters, start = parts.arguments(parts_of(graph.parameters[:-1]))
    value = parts.outputs(0, _VALUE, bare=True)
    kept = _pair(value, (parts.shared, FLAT))
    derivative = limits is not None and 0 in limits.outputs  # the value is one itself
    before = LongTie("forward", graph if derivative else unflagged(graph), parts, names, second)
    settled = _pair((f"{before.bars}[0]", FLOAT), (parts.shared, FLAT))
    at_tie = before.lines(1, _point_of(start), settled, [0])
    forward = parts.driver("forward", start, parameters, slice(0, 1), kept, at_tie)
    seed = graph.inputs.count - 1
    again = f"[*residuals[:{seed}], cotangent, *residuals[{seed + 1}:]]"
    head = [Parameter("residuals", FLAT), Parameter("cotangent", FLOAT, "1.0")]
    after = LongTie("backward", graph, parts, names, second)
    at_tie = after.lines(
        1,
        f"[*residuals[:{seed}], cotangent]",
        parts.outputs(first, bars, bare, of=after.bars),
        range(first, len(graph.outputs)),
    )
    found = parts.outputs(first, bars, bare)
    backward = parts.driver("backward", again, head, slice(1, 2), found, at_tie)
    return (*parts.functions, before.noted(forward), after.noted(backward))


class LongTie:
    """The statement of a long function for where switches tie, if its graph has limits.

    Args:
        name: The function.
        graph: Its graph.
        parts: Its parts.
        names: Identifiers of the file.
        second: True for the second form.
    """

    def __init__(self, name: str, graph: Graph, parts: Parts, names: Names, second: bool) -> None:
        self._name, self._limits, self._parts = name, graph.limits, parts
        self.bars = "" if graph.limits is None else names.claim("bars")
        rows = not parts.target.module
        self._rows = names.claim("tied") if rows and graph.limits is not None else ""
        self._leads = not rows and not second

    def lines(
        self, flag: int, point: str, settled: Typed, outputs: Sequence[int] | None = None
    ) -> list[str]:
        """The lines before the last return.

        Args:
            flag: The output that says whether switches tie.
            point: Text of the inputs as a list.
            settled: What is returned once ``bars`` are settled.
            outputs: What is settled; by default what the limits say.
        """
        if self._limits is None:
            return []
        target = self._parts.target
        condition = f"{self._parts.place(flag)} != 0.0"
        if self._leads:
            return statement(condition, leads(target), target)
        table = self._parts.block(self._limits.outputs if outputs is None else outputs)
        extra = f", {self._rows}" if self._rows else ""
        call = f"{self.bars} = {settled_name(self._name)}({point}, {table}{extra})"
        return statement(condition, [call, f"return {settled[0]}"], target, self._rows)

    def results(self, parts: Sequence[Part]) -> Typed:
        """All outputs as these scalars and arrays, with what is settled."""
        given = () if self._limits is None else self._limits.outputs
        places = {output: k for k, output in enumerate(given)}
        items, kinds, start = [], [], 0
        for _, part in parts:
            stop = start + size(part)
            settled = [places.get(output, -1) for output in range(start, stop)]
            kinds.append(FLAT if isinstance(part, Array) else FLOAT)
            whole = bool(settled) and settled[0] >= 0
            whole = whole and settled == list(range(settled[0], settled[0] + len(settled)))
            if isinstance(part, Array) and whole:
                items.append(f"{self.bars}[{settled[0]}:{settled[-1] + 1}]")
            else:
                each = [
                    self._parts.place(start + k) if place < 0 else f"{self.bars}[{place}]"
                    for k, place in enumerate(settled)
                ]
                items.append(f"[{', '.join(each)}]" if isinstance(part, Array) else each[0])
            start = stop
        return f"({', '.join(items)}{',' if len(items) == 1 else ''})", tuple_type(kinds)

    def pair(self, value: Typed, gradient: Callable[[str], Typed]) -> Typed:
        """Value and gradient with what is settled."""
        if self._limits is None or 0 not in self._limits.outputs:
            return _pair(value, gradient(self.bars))
        return _pair((f"{self.bars}[0]", FLOAT), gradient(f"{self.bars}[1:]"))

    def noted(self, driver: Function) -> Function:
        """The function, with what it does noted."""
        if self._limits is None:
            return driver
        settles = "" if self._leads else settled_name(self._name)
        return replace(driver, leads=self._leads, settles=settles)


def _point_of(start: str) -> str:
    """The inputs, in the text that fills ``w``."""
    return start.partition(" + ")[0]


def _pair(one: Typed, other: Typed) -> Typed:
    return f"{one[0]}, {other[0]}", tuple_type([one[1], other[1]])


_VALUE: list[Part] = [("value", SCALAR)]
