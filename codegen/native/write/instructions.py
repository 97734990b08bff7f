"""Nodes of a graph to instructions, and where their values are kept."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from autodiff.graph.graph import Graph
from autodiff.table.primitive import Primitive
from codegen.native.form.forms import Form, Library
from codegen.subset.to_llvm import number

__all__ = [
    "CHUNK",
    "Chunk",
    "Slots",
    "Whole",
    "Writer",
    "address_of",
    "cleared_of",
    "clearing",
    "live_order",
    "zeros_of",
]

_MANY, _FEW = 0.5, 32  # part of zeros in an array, and its size, from which it is cleared at once
CHUNK = 500  # operations of a chunk
FAR = 60  # operations after which a value is read again rather than kept in a register


def live_order(graph: Graph) -> list[int]:
    """Operations that the outputs need, in order."""
    live = bytearray(len(graph.nodes))
    for output in graph.outputs:
        live[output] = 1
    nodes = graph.nodes
    for index in range(len(nodes) - 1, graph.inputs.count - 1, -1):
        if live[index]:
            for operand in nodes[index][1]:
                live[operand] = 1
    return [i for i in range(graph.inputs.count, len(nodes)) if live[i] and nodes[i][0] is not None]


class Forms(Protocol):
    """Where a Writer finds the form of a primitive."""

    def form(self, primitive: Primitive, /) -> Form:
        """The form."""
        ...


class Writer:
    """Lines of one function: each value is loaded when first needed and stored when computed.

    Args:
        graph: The graph.
        library: The forms.
    """

    def __init__(self, graph: Graph, library: Forms) -> None:
        self.graph, self.library = graph, library
        self.lines: list[str] = []
        self.known: dict[int, str] = {}
        self.truths: set[int] = set()
        self._forms: dict[object, Form] = {}

    def load(self, index: int) -> str:
        """Name of a value from memory; subclasses add the lines."""
        raise NotImplementedError

    def store(self, index: int) -> None:
        """Store a computed value where it is wanted."""
        raise NotImplementedError

    def literal(self, value: float) -> str:
        """Text of a literal."""
        return number(value)

    def value(self, index: int) -> str:
        """Name of a value as it was computed: a double, or an i1 for a truth value."""
        text = self.known.get(index)
        if text is None:
            literal = self.graph.nodes[index].value
            text = self.load(index) if literal is None else self.literal(literal)
            self.known[index] = text
        return text

    def number(self, index: int, suffix: str) -> str:
        """A value as a double."""
        text = self.value(index)
        if index not in self.truths:
            return text
        one, zero = number(1.0), number(0.0)
        self.lines.append(f"%n{suffix} = select i1 {text}, double {one}, double {zero}\n")
        return f"%n{suffix}"

    def condition(self, index: int, suffix: str) -> str:
        """A value as a truth value; nan is true."""
        text = self.value(index)
        if index in self.truths:
            return text
        self.lines.append(f"%n{suffix} = fcmp une double {text}, {number(0.0)}\n")
        return f"%n{suffix}"

    def write(self, order: Sequence[int]) -> None:
        """Compute the operations in ``order``."""
        nodes, known, forms, truths = self.graph.nodes, self.known, self._forms, self.truths
        lines, again = self.lines, self.read_again(order)
        for index in order:
            primitive, operands = nodes[index][0], nodes[index][1]
            if again:
                for operand in dict.fromkeys(operands):
                    if (operand, index) in again:
                        self.reload(operand, index)
            form = forms.get(primitive)
            if form is None:
                assert primitive is not None
                form = forms[primitive] = self.library.form(primitive)
            if truths or form.conditions:
                texts = [
                    (self.condition if p in form.conditions else self.number)(i, f"{index}.{p}")
                    for p, i in enumerate(operands)
                ]
            else:
                texts = [known.get(i) or self.value(i) for i in operands]
            name = f"v{index}"
            lines.append(form.text.format(*texts, r=name))
            known[index] = f"%{name}"
            if form.truth:
                truths.add(index)
            self.store(index)

    def read_again(self, order: Sequence[int]) -> set[tuple[int, int]]:
        """Operands to read again from memory, each with the operation that does so."""
        return set()

    def reload(self, operand: int, user: int) -> None:
        """Read an operand again."""
        raise NotImplementedError


class _Scalar(Writer):
    """One point.  A value last used long ago is read again, rather than kept in a register.

    LLVM would find out which of hundreds of values to put aside, but takes half of the time that
    compiling takes to do so.
    """

    def __init__(self, graph: Graph, library: Library) -> None:
        super().__init__(graph, library)
        self._kept: set[int] = set()  # computed values that have a stack slot

    def read_again(self, order: Sequence[int]) -> set[tuple[int, int]]:
        nodes = self.graph.nodes
        last: dict[int, int] = {}
        found: set[tuple[int, int]] = set()
        for position, index in enumerate(order):
            for operand in nodes[index][1]:
                if position - last.get(operand, position) > FAR and nodes[operand].value is None:
                    found.add((operand, index))
                last[operand] = position
            last[index] = position
        computed = set(order)
        self._kept = {operand for operand, _ in found if operand in computed}
        self.lines += [f"%far{operand} = alloca double\n" for operand in sorted(self._kept)]
        return found

    def reload(self, operand: int, user: int) -> None:
        if operand in self._kept:
            name = f"%u{operand}.{user}"
            self.lines.append(f"{name} = load double, ptr %far{operand}\n")
            self.known[operand] = name
            self.truths.discard(operand)
        else:
            self.known[operand] = self.load(operand, f".{user}")

    def load(self, index: int, suffix: str = "") -> str:
        name = f"{index}{suffix}"
        self.lines.append(address_of(f"%i{name}", *self.place(index)))
        self.lines.append(f"%u{name} = load double, ptr %i{name}\n")
        return f"%u{name}"

    def place(self, index: int) -> tuple[str, int]:
        """Where a value lies that this function does not compute: a pointer and an offset."""
        raise NotImplementedError

    def store(self, index: int) -> None:
        if index in self._kept:
            text = self.number(index, f"k{index}")
            self.lines.append(f"store double {text}, ptr %far{index}\n")


class Whole(_Scalar):
    """A function of all inputs and outputs."""

    def __init__(self, graph: Graph, library: Library, inputs: Sequence[int], clears: bool) -> None:
        super().__init__(graph, library)
        self._clears = clears
        self._places = [(part, i) for part, count in enumerate(inputs) for i in range(count)]
        self._wanted: dict[int, list[str]] = {}

    def place(self, index: int) -> tuple[str, int]:
        """Where a value lies that this function does not compute."""
        part, offset = self._places[index]
        return f"%x{part}", offset

    def store(self, index: int) -> None:
        """Write a computed value to wherever it is read."""
        super().store(index)
        for k in self._wanted.get(index, ()):
            self.lines.append(f"store double {self.number(index, f's{k}')}, ptr %o{k}\n")

    def all(self, order: Sequence[int], outputs: Sequence[int], flag: int | None) -> str:
        """The whole body; ``%tie`` is the truth of node ``flag``."""
        computed = set(order)
        places = [(part, i) for part, count in enumerate(outputs) for i in range(count)]
        arrays, cleared = cleared_of(self.graph, outputs)
        if self._clears:
            self.lines += [clearing(part, outputs[part]) for part in arrays]
        for k, (index, (part, offset)) in enumerate(zip(self.graph.outputs, places, strict=True)):
            if k in cleared:
                continue
            self.lines.append(address_of(f"%o{k}", f"%y{part}", offset))
            self._wanted.setdefault(index, []).append(str(k))
        for index in self._wanted:
            if index not in computed:  # an input or a literal
                self.store(index)
        self.write(order)
        if flag is not None:
            tie = self.condition(flag, "tie")
            self.lines.append(f"%tie = and i1 {tie}, true\n")
        return "".join(self.lines)


def cleared_of(graph: Graph, sizes: Sequence[int]) -> tuple[list[int], frozenset[int]]:
    """Arrays of the result that are mostly zero, and the outputs that are zero in these.

    Args:
        graph: The graph.
        sizes: Of each scalar or array of the result.
    """
    zeros = zeros_of(graph) if sizes else []
    parts = [part for part, count in enumerate(sizes) for _ in range(count)]
    counts = Counter(parts[k] for k in zeros)
    mostly = {part for part, count in counts.items() if count >= max(_MANY * sizes[part], 1)}
    mostly = {part for part in mostly if sizes[part] >= _FEW}
    return sorted(mostly), frozenset(k for k in zeros if parts[k] in mostly)


def clearing(part: int, size: int) -> str:
    """The instruction that clears an array of the result."""
    return f"call void @llvm.memset.p0.i64(ptr %y{part}, i8 0, i64 {8 * size}, i1 false)\n"


def zeros_of(graph: Graph) -> list[int]:
    """Which outputs are the number 0.0, whatever the inputs are."""
    pool = graph.constants
    zero = {i for i, x in pool.items() if x == 0.0 and math.copysign(1.0, x) > 0.0}
    return [k for k, index in enumerate(graph.outputs) if index in zero]


class Slots:
    """Where in ``w`` values lie: the inputs, then the outputs, then what a later chunk reads.

    Args:
        graph: The graph.
        order: Its operations, in chunks of ``CHUNK``.
        flag: A node that is read in the end.
        left: Outputs (by position) that have no slot.

    Attributes:
        slots: Slot of an output, by position.
        places: Slots of a value; the first is read.
        copied: Outputs (by position) that no operation computes: inputs and literals.
        count: Number of slots.
    """

    def __init__(
        self, graph: Graph, order: Sequence[int], flag: int | None, left: frozenset[int]
    ) -> None:
        nodes, self.outputs = graph.nodes, graph.outputs
        self.first = graph.inputs.count
        self.places: dict[int, list[int]] = {index: [index] for index in range(self.first)}
        self.copied: list[int] = []
        kept = [k for k in range(len(graph.outputs)) if k not in left]
        self.slots = {k: self.first + place for place, k in enumerate(kept)}
        for k, slot in self.slots.items():
            index = graph.outputs[k]
            if nodes[index].primitive is None:
                self.copied.append(k)
            else:
                self.places.setdefault(index, []).append(slot)
        self.count = self.first + len(kept)
        if flag is not None and flag not in self.places:
            self.places[flag] = [self.count]
            self.count += 1
        chunk = [-1] * len(nodes)
        for position, index in enumerate(order):
            chunk[index] = own = position // CHUNK
            for operand in nodes[index][1]:
                if 0 <= chunk[operand] != own and operand not in self.places:
                    self.places[operand] = [self.count]
                    self.count += 1


class Places(Protocol):
    """Where in ``w`` values lie."""

    @property
    def places(self) -> Mapping[int, Sequence[int]]:
        """Slots of a value; the first is read."""
        ...


class Chunk(_Scalar):
    """A function of ``w``."""

    def __init__(self, graph: Graph, library: Library, slots: Places) -> None:
        super().__init__(graph, library)
        self._slots = slots

    def place(self, index: int) -> tuple[str, int]:
        """Where a value lies that this function does not compute."""
        return "%w", self._slots.places[index][0]

    def store(self, index: int) -> None:
        """Write a computed value to wherever it is read."""
        super().store(index)
        for slot in self._slots.places.get(index, ()):
            self._put(self.number(index, f"s{slot}"), slot)

    def copy(self, outputs: Sequence[int], slots: Mapping[int, int]) -> None:
        """Store outputs that are inputs or literals in their slots."""
        for k in outputs:
            self._put(self.value(self.graph.outputs[k]), slots[k])

    def _put(self, text: str, slot: int) -> None:
        self.lines.append(address_of(f"%o{slot}", "%w", slot))
        self.lines.append(f"store double {text}, ptr %o{slot}\n")


def address_of(name: str, base: str, offset: int) -> str:
    """The instruction that names an address inside an array of doubles."""
    return f"{name} = getelementptr double, ptr {base}, i64 {offset}\n"
