"""Graph -> LLVM IR: the function that computes it, in one piece or in chunks.

``compute`` takes a pointer per scalar or array of the arguments, then one per scalar or array of
the result; none of the result's memory may overlap the arguments'.  It returns 0, or 1 with a
Python error set, or 2 where switches tie (``autodiff.run.pieces``): the derivatives are to be
settled then.

A long straight line compiles in more than linear time, so above ``WHOLE`` operations it becomes
chunks, each a function of one pointer ``w``: the inputs, then the values that cross a border.
``w`` is allocated per call, so that ``compute`` is re-entrant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure, leaf_parts, size
from autodiff.table.primitive import Primitive
from codegen.native.form.forms import Form, Library
from codegen.native.write.schedule import calls_early
from codegen.subset.to_llvm import number

__all__ = ["Kernel", "Writer", "live_order"]

WHOLE = 1000  # operations up to which one function holds them all
CHUNK = 500  # operations of a chunk
GROUP = 16  # chunks of one module: what LLVM compiles between two chances for Ctrl-C
FAR = 60  # operations after which a value is read again rather than kept in a register
_STACK = 4096  # doubles of ``w`` that may lie on the stack


class Kernel:
    """IR of one graph.

    Args:
        graph: The graph, after the passes.
        flags: Fast-math flags of its arithmetic, as LLVM writes them; "" for none.

    Attributes:
        inputs: Size of each scalar or array of the arguments.
        outputs: Size of each scalar or array of the result.
        library: The functions that its modules call.
    """

    def __init__(self, graph: Graph, flags: str = "") -> None:
        # With limits, the last output says whether switches tie.
        self._flag = None if graph.limits is None else graph.outputs[-1]
        order = live_order(graph)
        if self._flag is not None:
            graph = replace(graph, outputs=graph.outputs[:-1])
        self._graph = graph
        self.inputs = _sizes([structure for _, structure in graph.parameters])
        self.outputs = _sizes([graph.result])
        self.library = Library(flags)
        self._order = order
        nodes = graph.nodes
        for primitive in dict.fromkeys(nodes[index][0] for index in self._order):
            assert primitive is not None
            self.library.form(primitive)
        self.in_chunks = max(len(self._order), len(graph.outputs)) > WHOLE
        self._slots = _Slots(graph, self._order if self.in_chunks else (), self._flag)

    @property
    def parameters(self) -> str:
        """Parameters of ``compute``."""
        read = [f"ptr noalias readonly %x{i}" for i in range(len(self.inputs))]
        return ", ".join(read + [f"ptr noalias %y{i}" for i in range(len(self.outputs))])

    def groups(self) -> Iterator[str]:
        """Modules of chunks, made one by one: each defines ``group`` (ptr w)."""
        if self.in_chunks:
            shared = self.library.definitions()
            for pieces in _batched(self._pieces(), GROUP):
                yield shared + self._group(pieces)

    def _pieces(self) -> list[Sequence[int]]:
        """What each chunk does: operations to compute, or -1 and outputs to copy."""
        copied = self._slots.copied
        return [
            *(self._order[i : i + CHUNK] for i in range(0, len(self._order), CHUNK)),
            *([-1, *copied[i : i + CHUNK]] for i in range(0, len(copied), CHUNK)),
        ]

    def main(self) -> str:
        """``compute``; with chunks it calls the table ``@groups`` of pointers to ``group``."""
        if self.in_chunks:
            count = -(-len(self._pieces()) // GROUP)
            before = f"@groups = global [{count} x ptr] zeroinitializer\n"
            body = self._driver(count)
        else:
            before = self.library.definitions()
            whole = _Whole(self._graph, self.library, self.inputs)
            order = calls_early(self._graph, self._order, self.library.calls)
            body = whole.all(order, self.outputs, self._flag) + self._finish()
        return f"{before}define internal i32 @compute({self.parameters}) #0 {{\nentry:\n{body}}}\n"

    def _finish(self) -> str:
        """Return 0, or 1 where a function called in the interpreter has raised, or 2 at a tie."""
        fine = "0"
        lines = ""
        if self._flag is not None:
            lines, fine = "%fine = select i1 %tie, i32 2, i32 0\n", "%fine"
        if not self.library.called:
            return f"{lines}ret i32 {fine}\n"
        return lines + (
            "%error = call ptr @PyErr_Occurred()\n"
            "%raised = icmp ne ptr %error, null\n"
            f"%status = select i1 %raised, i32 1, i32 {fine}\n"
            "ret i32 %status\n"
        )

    def _group(self, pieces: Sequence[Sequence[int]]) -> str:
        """A module of chunks and the function that calls them."""
        texts: list[str] = []
        calls: list[str] = []
        for piece in pieces:
            writer = _Chunk(self._graph, self.library, self._slots)
            if piece[0] < 0:
                writer.copy(piece[1:])
            else:
                writer.write(piece)
            head = f"define internal void @chunk{len(calls)}(ptr noalias %w) #2"
            texts.append(f"{head} {{\n{''.join(writer.lines)}ret void\n}}\n")
            calls.append(f"call void @chunk{len(calls)}(ptr %w)\n")
        return f"{''.join(texts)}define void @group(ptr %w) #0 {{\n{''.join(calls)}ret void\n}}\n"

    def _driver(self, groups: int) -> str:
        """Body of ``compute`` over chunks: copy in, call them, copy out."""
        lines = _allocated(self._slots.count)
        first = 0
        for part, length in enumerate(self.inputs):
            lines.append(_address(f"%from{part}", "%w", first))
            lines.append(_copy(f"%from{part}", f"%x{part}", length))
            first += length
        lines.append(
            "br label %next\nnext:\n%k = phi i64 [0, %start], [%k1, %next]\n"
            "%place = getelementptr ptr, ptr @groups, i64 %k\n%group = load ptr, ptr %place\n"
            "call void %group(ptr %w)\n%k1 = add i64 %k, 1\n"
            f"%more = icmp ult i64 %k1, {groups}\nbr i1 %more, label %next, label %done\ndone:\n"
        )
        for part, length in enumerate(self.outputs):
            lines.append(_address(f"%to{part}", "%w", first))
            lines.append(_copy(f"%y{part}", f"%to{part}", length))
            first += length
        if self._flag is not None:
            lines.append(_address("%tied", "%w", self._slots.places[self._flag][0]))
            lines.append("%held = load double, ptr %tied\n")
            lines.append(f"%tie = fcmp une double %held, {number(0.0)}\n")
        if self._slots.count > _STACK:
            lines.append("call void @PyMem_RawFree(ptr %w)\n")
        return "".join(lines) + self._finish()


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
        self.lines.append(_address(f"%i{name}", *self.place(index)))
        self.lines.append(f"%u{name} = load double, ptr %i{name}\n")
        return f"%u{name}"

    def place(self, index: int) -> tuple[str, int]:
        """Where a value lies that this function does not compute: a pointer and an offset."""
        raise NotImplementedError

    def store(self, index: int) -> None:
        if index in self._kept:
            text = self.number(index, f"k{index}")
            self.lines.append(f"store double {text}, ptr %far{index}\n")


class _Whole(_Scalar):
    """A function of all inputs and outputs."""

    def __init__(self, graph: Graph, library: Library, inputs: Sequence[int]) -> None:
        super().__init__(graph, library)
        self._places = [(part, i) for part, count in enumerate(inputs) for i in range(count)]
        self._wanted: dict[int, list[str]] = {}

    def place(self, index: int) -> tuple[str, int]:
        part, offset = self._places[index]
        return f"%x{part}", offset

    def store(self, index: int) -> None:
        super().store(index)
        for k in self._wanted.get(index, ()):
            self.lines.append(f"store double {self.number(index, f's{k}')}, ptr %o{k}\n")

    def all(self, order: Sequence[int], outputs: Sequence[int], flag: int | None) -> str:
        """The whole body; ``%tie`` is the truth of node ``flag``."""
        computed = set(order)
        places = [(part, i) for part, count in enumerate(outputs) for i in range(count)]
        for k, (index, (part, offset)) in enumerate(zip(self.graph.outputs, places, strict=True)):
            self.lines.append(_address(f"%o{k}", f"%y{part}", offset))
            self._wanted.setdefault(index, []).append(str(k))
        for index in self._wanted:
            if index not in computed:  # an input or a literal
                self.store(index)
        self.write(order)
        if flag is not None:
            tie = self.condition(flag, "tie")
            self.lines.append(f"%tie = and i1 {tie}, true\n")
        return "".join(self.lines)


class _Slots:
    """Where in ``w`` values lie: the inputs, then the outputs, then what a later chunk reads.

    Attributes:
        places: Slots of a value; the first is read.
        copied: Outputs (by position) that no operation computes: inputs and literals.
        count: Number of slots.
    """

    def __init__(self, graph: Graph, order: Sequence[int], flag: int | None) -> None:
        nodes, self.outputs = graph.nodes, graph.outputs
        self.first = graph.inputs.count
        self.places: dict[int, list[int]] = {index: [index] for index in range(self.first)}
        self.copied: list[int] = []
        for k, index in enumerate(graph.outputs):
            if nodes[index].primitive is None:
                self.copied.append(k)
            else:
                self.places.setdefault(index, []).append(self.first + k)
        self.count = self.first + len(graph.outputs)
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


class _Chunk(_Scalar):
    """A function of ``w``."""

    def __init__(self, graph: Graph, library: Library, slots: _Slots) -> None:
        super().__init__(graph, library)
        self._slots = slots

    def place(self, index: int) -> tuple[str, int]:
        return "%w", self._slots.places[index][0]

    def store(self, index: int) -> None:
        super().store(index)
        for slot in self._slots.places.get(index, ()):
            self._put(self.number(index, f"s{slot}"), slot)

    def copy(self, outputs: Sequence[int]) -> None:
        """Store outputs that are inputs or literals."""
        for k in outputs:
            self._put(self.value(self._slots.outputs[k]), self._slots.first + k)

    def _put(self, text: str, slot: int) -> None:
        self.lines.append(_address(f"%o{slot}", "%w", slot))
        self.lines.append(f"store double {text}, ptr %o{slot}\n")


def _address(name: str, base: str, offset: int) -> str:
    return f"{name} = getelementptr double, ptr {base}, i64 {offset}\n"


def _sizes(structures: Sequence[Structure]) -> tuple[int, ...]:
    return tuple(size(part) for s in structures for _, part in leaf_parts("", s))


def _batched(items: Iterable[Sequence[int]], size: int) -> Iterator[list[Sequence[int]]]:
    """``items`` in lists of up to ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _allocated(count: int) -> list[str]:
    """Lines that give ``%w``, ``count`` doubles of this call's own, in block ``start``."""
    if count <= _STACK:
        return [f"%w = alloca [{count} x double]\nbr label %start\nstart:\n"]
    return [
        f"%w = call ptr @PyMem_RawMalloc(i64 {count * 8})\n"
        "%empty = icmp eq ptr %w, null\nbr i1 %empty, label %full, label %start\nfull:\n"
        "%gil = call i32 @PyGILState_Ensure()\n%none = call ptr @PyErr_NoMemory()\n"
        "call void @PyGILState_Release(i32 %gil)\nret i32 1\nstart:\n"
    ]


def _copy(target: str, source: str, count: int) -> str:
    return (
        f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {count * 8}, i1 false)\n"
    )
