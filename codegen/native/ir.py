"""Graph -> LLVM IR: the function that computes it, in one piece or in chunks.

``compute`` takes a pointer per scalar or array of the arguments, then one per scalar or array of
the result; none of the result's memory may overlap the arguments'.  It returns 0, or 1 with a
Python error set.

A long straight line compiles in more than linear time, so above ``CHUNK`` operations it becomes
chunks, each a function of one pointer ``w``: the inputs, then the values that cross a border.
``w`` is allocated per call, so that ``compute`` is re-entrant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autodiff.graph import Graph
from autodiff.structure import Structure, leaf_parts, size
from codegen.native.functions import Form, Library
from codegen.native.subset import number

__all__ = ["CHUNK", "Kernel", "kernel"]

CHUNK = 1000  # operations of one function
GROUP = 16  # chunks of one module: what LLVM compiles between two chances for Ctrl-C
_STACK = 4096  # doubles of ``w`` that may lie on the stack


@dataclass(frozen=True)
class Kernel:
    """IR of one graph.

    Args:
        inputs: Size of each scalar or array of the arguments.
        outputs: Size of each scalar or array of the result.
        text: ``compute`` and what it calls; it needs declarations (entry.py) to be a module.
        library: The functions that ``text`` calls.
        groups: Modules of chunks, each with its library: they define ``group`` (ptr w), and
            ``text`` has a table ``@groups`` of pointers to these.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    text: str
    library: Library
    groups: tuple[tuple[str, Library], ...]

    @property
    def parameters(self) -> str:
        """Parameters of ``compute``."""
        read = [f"ptr noalias readonly %x{i}" for i in range(len(self.inputs))]
        return ", ".join(read + [f"ptr noalias %y{i}" for i in range(len(self.outputs))])


def live_order(graph: Graph) -> list[int]:
    """Operations that the outputs need, in order."""
    live = bytearray(len(graph.nodes))
    for output in graph.outputs:
        live[output] = 1
    nodes = graph.nodes
    for index in range(len(nodes) - 1, graph.input_count - 1, -1):
        if live[index]:
            for operand in nodes[index][1]:
                live[operand] = 1
    return [i for i in range(graph.input_count, len(nodes)) if live[i] and nodes[i][0] is not None]


class _Writer:
    """Lines of one function: each value is loaded when first needed and stored when computed.

    Args:
        graph: The graph.
        library: The forms.
        place: Text that computes the address of a value that lies in memory, given its node;
            "" if it is no such value.
    """

    def __init__(self, graph: Graph, library: Library) -> None:
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

    def value(self, index: int) -> str:
        """Name of a value as it was computed: a double, or an i1 for a truth value."""
        text = self.known.get(index)
        if text is None:
            literal = self.graph.nodes[index].value
            text = self.load(index) if literal is None else number(literal)
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

    def write(self, order: Iterable[int]) -> None:
        """Compute the operations in ``order``."""
        nodes, known, forms, truths = self.graph.nodes, self.known, self._forms, self.truths
        lines = self.lines
        for index in order:
            primitive, operands = nodes[index][0], nodes[index][1]
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


class _Whole(_Writer):
    """A function of all inputs and outputs."""

    def __init__(self, graph: Graph, library: Library, inputs: Sequence[int]) -> None:
        super().__init__(graph, library)
        self._places = [(part, i) for part, count in enumerate(inputs) for i in range(count)]
        self._wanted: dict[int, list[str]] = {}

    def load(self, index: int) -> str:
        part, offset = self._places[index]
        self.lines.append(_address(f"%i{index}", f"%x{part}", offset))
        self.lines.append(f"%u{index} = load double, ptr %i{index}\n")
        return f"%u{index}"

    def store(self, index: int) -> None:
        for k in self._wanted.get(index, ()):
            self.lines.append(f"store double {self.number(index, f's{k}')}, ptr %o{k}\n")

    def all(self, order: Sequence[int], outputs: Sequence[int]) -> str:
        """The whole body."""
        computed = set(order)
        places = [(part, i) for part, count in enumerate(outputs) for i in range(count)]
        for k, (index, (part, offset)) in enumerate(zip(self.graph.outputs, places, strict=True)):
            self.lines.append(_address(f"%o{k}", f"%y{part}", offset))
            self._wanted.setdefault(index, []).append(str(k))
        for index in self._wanted:
            if index not in computed:  # an input or a literal
                self.store(index)
        self.write(order)
        return "".join(self.lines)


class _Chunk(_Writer):
    """A function of ``w``; ``slots`` says where values that cross a border lie in it."""

    def __init__(self, graph: Graph, library: Library, slots: dict[int, int]) -> None:
        super().__init__(graph, library)
        self._slots = slots

    def load(self, index: int) -> str:
        self.lines.append(_address(f"%i{index}", "%w", self._slots[index]))
        self.lines.append(f"%u{index} = load double, ptr %i{index}\n")
        return f"%u{index}"

    def store(self, index: int) -> None:
        slot = self._slots.get(index)
        if slot is not None:
            self.lines.append(_address(f"%o{index}", "%w", slot))
            self.lines.append(f"store double {self.number(index, f's{index}')}, ptr %o{index}\n")


def _address(name: str, base: str, offset: int) -> str:
    return f"{name} = getelementptr double, ptr {base}, i64 {offset}\n"


def kernel(graph: Graph, flags: str = "") -> Kernel:
    """IR of a graph.

    Args:
        graph: The graph, after the passes.
        flags: Fast-math flags of its arithmetic, as LLVM writes them; "" for none.
    """
    inputs = _sizes([structure for _, structure in graph.parameters])
    outputs = _sizes([graph.result])
    order = live_order(graph)
    library = Library(flags)
    if len(order) <= CHUNK:
        body = _Whole(graph, library, inputs).all(order, outputs)
        pieces: tuple[tuple[str, Library], ...] = ()
        body = f"{body}{_finish(library)}"
    else:
        body, pieces = _in_chunks(graph, order, inputs, outputs, flags)
    made = Kernel(inputs, outputs, "", library, pieces)
    text = f"define internal i32 @compute({made.parameters}) #0 {{\nentry:\n{body}}}\n"
    if pieces:
        text = f"@groups = global [{len(pieces)} x ptr] zeroinitializer\n{text}"
    return Kernel(inputs, outputs, library.definitions() + text, library, pieces)


def _finish(library: Library) -> str:
    """Return 0, or 1 where a function called in the interpreter has raised."""
    if not library.called:
        return "ret i32 0\n"
    return (
        "%error = call ptr @PyErr_Occurred()\n"
        "%raised = icmp ne ptr %error, null\n"
        "%status = zext i1 %raised to i32\n"
        "ret i32 %status\n"
    )


def _sizes(structures: Sequence[Structure]) -> tuple[int, ...]:
    return tuple(size(part) for s in structures for _, part in leaf_parts("", s))


# --- chunks ----------------------------------------------------------------------------------


def _in_chunks(
    graph: Graph, order: Sequence[int], inputs: Sequence[int], outputs: Sequence[int], flags: str
) -> tuple[str, tuple[tuple[str, Library], ...]]:
    """Body of ``compute``, and the modules of chunks it calls."""
    slots = _slots(graph, order)
    groups = []
    called = False
    for start in range(0, len(order), CHUNK * GROUP):
        library = Library(flags)
        text = _group(graph, library, slots, order[start : start + CHUNK * GROUP])
        groups.append((library.definitions() + text, library))
        called = called or bool(library.called)
    count = len(slots)
    lines = _allocated(count)
    first = 0
    for part, length in enumerate(inputs):
        lines += [_address(f"%from{part}", "%w", first), _copy(f"%from{part}", f"%x{part}", length)]
        first += length
    lines += [
        f"br label %next\nnext:\n%k = phi i64 [0, %start], [%k1, %next]\n"
        "%place = getelementptr ptr, ptr @groups, i64 %k\n%group = load ptr, ptr %place\n"
        "call void %group(ptr %w)\n%k1 = add i64 %k, 1\n"
        f"%more = icmp ult i64 %k1, {len(groups)}\nbr i1 %more, label %next, label %done\ndone:\n"
    ]
    place = 0
    for part, length in enumerate(outputs):
        for offset in range(length):
            index = graph.outputs[place]
            literal = graph.nodes[index].value
            if literal is None:
                lines.append(_address(f"%r{place}", "%w", slots[index]))
                lines.append(f"%t{place} = load double, ptr %r{place}\n")
            text = f"%t{place}" if literal is None else number(literal)
            lines.append(_address(f"%o{place}", f"%y{part}", offset))
            lines.append(f"store double {text}, ptr %o{place}\n")
            place += 1
    if count > _STACK:
        lines.append("call void @PyMem_RawFree(ptr %w)\n")
    if not called:
        lines.append("ret i32 0\n")
    else:
        lines.append(
            "%error = call ptr @PyErr_Occurred()\n%raised = icmp ne ptr %error, null\n"
            "%status = zext i1 %raised to i32\nret i32 %status\n"
        )
    return "".join(lines), tuple(groups)


def _slots(graph: Graph, order: Sequence[int]) -> dict[int, int]:
    """Where in ``w`` the inputs lie, the outputs, and every value used in a later chunk."""
    nodes = graph.nodes
    slots = {index: index for index in range(graph.input_count)}
    for index in graph.outputs:
        if nodes[index].value is None:
            slots.setdefault(index, len(slots))
    chunk = [-1] * len(nodes)
    for position, index in enumerate(order):
        chunk[index] = own = position // CHUNK
        for operand in nodes[index][1]:
            if 0 <= chunk[operand] != own:
                slots.setdefault(operand, len(slots))
    return slots


def _group(graph: Graph, library: Library, slots: dict[int, int], order: Sequence[int]) -> str:
    """A module of chunks and the function that calls them."""
    texts: list[str] = []
    calls: list[str] = []
    for start in range(0, len(order), CHUNK):
        writer = _Chunk(graph, library, slots)
        writer.write(order[start : start + CHUNK])
        name = f"@chunk{len(calls)}"
        body = "".join(writer.lines)
        texts.append(f"define internal void {name}(ptr noalias %w) #2 {{\n{body}ret void\n}}\n")
        calls.append(f"call void {name}(ptr %w)\n")
    return f"{''.join(texts)}define void @group(ptr %w) #0 {{\n{''.join(calls)}ret void\n}}\n"


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
