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
from typing import TypeAlias

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Sparse, Structure, leaf_parts, size
from codegen.native.form.forms import Library
from codegen.native.write.alike import Alike, Loop, alike
from codegen.native.write.instructions import (
    CHUNK,
    Chunk,
    Slots,
    Whole,
    address_of,
    cleared_of,
    clearing,
    live_order,
    zeros_of,
)
from codegen.native.write.loops import LoopWriter
from codegen.native.write.schedule import calls_early
from codegen.native.write.tables import MANY, addresses, copied
from codegen.subset.to_llvm import number

__all__ = ["Kernel"]

Piece: TypeAlias = Sequence[int] | Sequence[Loop]

WHOLE = 1000  # operations up to which one function holds them all
GROUP = 16  # chunks of one module: what LLVM compiles between two chances for Ctrl-C
AGAIN = 200  # operations from which another build may save more than the detour to it takes
LOOPS = 20  # loops of one function
_STACK = 4096  # doubles of ``w`` that may lie on the stack


class Kernel:
    """IR of one graph.

    Args:
        graph: The graph, after the passes.
        flags: Fast-math flags of its arithmetic, as LLVM writes them; "" for none.
        named: Whether its parameters are the parts, however many they are.
        clears: Whether arrays that are mostly zero are cleared; else they hold these zeros already.

    Attributes:
        inputs: Size of each scalar or array of the arguments.
        outputs: Size of each scalar or array of the result.
        library: The functions that its modules call.
        tiered: Whether groups of chunks, or the whole, may be replaced by others of the same bits.
        tabled: Whether the one parameter of ``compute`` is a table of the parts' addresses.
        clears: Whether arrays are cleared.
    """

    def __init__(
        self, graph: Graph, flags: str = "", named: bool = False, clears: bool = True
    ) -> None:
        # With limits, the last output says whether switches tie.
        self._flag = None if graph.limits is None else graph.outputs[-1]
        order = live_order(graph)
        if self._flag is not None:
            graph = replace(graph, outputs=graph.outputs[:-1])
        self._graph = graph
        self.inputs = _sizes([structure for _, structure in graph.parameters])
        self.outputs = _sizes([graph.result])
        few = named or self._flag is not None or len(self.inputs) + len(self.outputs) <= MANY
        self.tabled = not few
        self.library = Library(flags)
        self._order = order
        nodes = graph.nodes
        for primitive in dict.fromkeys(nodes[index][0] for index in self._order):
            assert primitive is not None
            self.library.form(primitive)
        stored = len(graph.outputs) - len(zeros_of(graph))
        self.in_chunks = max(len(self._order), stored) > WHOLE
        repeated = self._alike()
        alone = self.tabled or repeated is not None  # the outputs lie side by side
        self._zero = cleared_of(graph, () if alone else self.outputs)
        self.clears = clears and bool(self._zero[0])
        self._slots: Slots | Alike = repeated or Slots(
            graph, self._order if self.in_chunks else (), self._flag, self._zero[1]
        )
        loops = isinstance(self._slots, Alike)
        long = self.in_chunks or (len(self._order) >= AGAIN and few)
        self.tiered = long and not (flags or loops or self.library.called)

    def _alike(self) -> Alike | None:
        """Loops over what is alike, where a sparse matrix is made of many equal terms."""
        sparse = any(isinstance(part, Sparse) for _, part in leaf_parts("", self._graph.result))
        if not (sparse and self.in_chunks) or self.library.called:
            return None
        found = alike(self._graph, self._order)
        return found if found is None or self._flag is None or self._flag in found.places else None

    @property
    def parameters(self) -> str:
        """Parameters of ``compute``."""
        if self.tabled:
            return "ptr %table"
        read = [f"ptr noalias readonly %x{i}" for i in range(len(self.inputs))]
        return ", ".join(read + [f"ptr noalias %y{i}" for i in range(len(self.outputs))])

    @property
    def group_count(self) -> int:
        """How many modules of chunks there are."""
        return -(-len(self._pieces()) // GROUP) if self.in_chunks else 0

    def groups(self) -> Iterator[str]:
        """Modules of chunks, made one by one: each defines ``group`` (ptr w)."""
        if self.in_chunks:
            shared = self.library.definitions()
            for pieces in _batched(self._pieces(), GROUP):
                yield shared + self._group(pieces)

    def replacing(self) -> Iterator[str]:
        """Modules whose ``group`` may take the place of one in the table, in its order."""
        if self.in_chunks:
            yield from self.groups()
        else:
            yield self.library.definitions() + self._defined("i32 @group", self._whole())

    @property
    def memory(self) -> list[int]:
        """How many numbers lie behind each pointer that a ``group`` takes."""
        return [self._slots.count] if self.in_chunks else [*self.inputs, *self.outputs]

    def _pieces(self) -> list[Piece]:
        """What each chunk does: operations to compute, outputs to copy, or loops."""
        if isinstance(self._slots, Alike):
            return list(_of_steps(self._slots.steps))
        copied = self._slots.copied
        return [*_parts(self._order), *((-1, *part) for part in _parts(copied))]

    def main(self) -> str:
        """``compute``; with chunks it calls the table ``@groups`` of pointers to ``group``."""
        if self.in_chunks:
            count = self.group_count
            before = f"@groups = global [{count} x ptr] zeroinitializer\n" + self._literals()
            before += "@left = global i64 0\n" if self.tiered else ""
            before += self._places_of_others()
            body = self._driver(count)
        else:
            before, body = self.library.definitions(), self._whole()
            if self.tiered:
                before += "@groups = global [1 x ptr] [ptr @first]\n@left = global i64 0\n"
                before += self._defined("internal i32 @first", body)
                body = (
                    "%now = load ptr, ptr @groups\n"
                    f"%found = tail call i32 %now({self._arguments})\nret i32 %found\n"
                )
        name = "compute" if self._flag is None else "computed"
        computed = self._defined(f"internal i32 @{name}", body)
        return before + computed + (self._asking() if self._flag is not None else "")

    def _defined(self, name: str, body: str) -> str:
        return f"define {name}({self.parameters}) #0 {{\nentry:\n{body}}}\n"

    def _whole(self) -> str:
        """Body of what computes all in one piece."""
        whole = Whole(self._graph, self.library, self.inputs, self.clears)
        order = calls_early(self._graph, self._order, self.library.calls)
        return self._addresses() + whole.all(order, self.outputs, self._flag) + self._finish()

    def _addresses(self) -> str:
        """Lines that load what would be parameters, were they not so many."""
        return addresses(self._names) if self.tabled else ""

    @property
    def _names(self) -> list[str]:
        """Of the parts' addresses."""
        read = [f"%x{i}" for i in range(len(self.inputs))]
        return [*read, *(f"%y{i}" for i in range(len(self.outputs)))]

    @property
    def _arguments(self) -> str:
        """Of a call of ``compute`` without a table."""
        return ", ".join(f"ptr {name}" for name in self._names)

    def _asking(self) -> str:
        """``compute`` where switches may tie: asks ``@near``, once it is there, to settle."""
        names, arguments = self._names, self._arguments
        lines = [
            f"@near = global ptr null\ndefine internal i32 @compute({self.parameters}) #0 {{\n",
            f"%status = call i32 @computed({arguments})\n",
            "%tied = icmp eq i32 %status, 2\nbr i1 %tied, label %ties, label %known\n",
            "known:\nret i32 %status\n",
            "ties:\n%settle = load ptr, ptr @near\n%none = icmp eq ptr %settle, null\n",
            "br i1 %none, label %known, label %ask\n",
            f"ask:\n%table = alloca [{len(names)} x ptr]\n",
        ]
        for k, name in enumerate(names):
            lines.append(f"%place{k} = getelementptr ptr, ptr %table, i64 {k}\n")
            lines.append(f"store ptr {name}, ptr %place{k}\n")
        return "".join([*lines, "%again = call i32 %settle(ptr %table)\nret i32 %again\n}\n"])

    def _literals(self) -> str:
        """The numbers that loops read."""
        if not isinstance(self._slots, Alike) or not self._slots.literals:
            return ""
        values = [self._graph.nodes[index].value for index in self._slots.literals]
        texts = ", ".join(f"double {number(value)}" for value in values if value is not None)
        return f"@literals = private constant [{len(values)} x double] [{texts}]\n"

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

    def _group(self, pieces: Sequence[Piece]) -> str:
        """A module of chunks and the function that calls them."""
        texts: list[str] = []
        calls: list[str] = []
        for place, piece in enumerate(pieces):
            head = f"define internal void @chunk{place}(ptr noalias %w) #2"
            texts.append(self._chunk(piece, head, f"{place}."))
            calls.append(f"call void @chunk{place}(ptr %w)\n")
        return f"{''.join(texts)}define void @group(ptr %w) #0 {{\n{''.join(calls)}ret void\n}}\n"

    def _chunk(self, piece: Piece, head: str, name: str) -> str:
        """A chunk as a function, and the tables that it reads."""
        first = piece[0]
        if isinstance(first, Loop):
            assert isinstance(self._slots, Alike)
            loops = LoopWriter(self._graph, self.library, self._slots.slot)
            for place, loop in enumerate(piece):
                assert isinstance(loop, Loop)
                loops.write(loop, f"{name}{place}")
            return f"{''.join(loops.tables)}{head} {{\n{loops.finish()}}}\n"
        writer = Chunk(self._graph, self.library, self._slots)
        order = [index for index in piece if isinstance(index, int)]
        if first < 0:
            assert isinstance(self._slots, Slots)
            writer.copy(order[1:], self._slots.slots)
        else:
            writer.write(order)
        return f"{head} {{\n{''.join(writer.lines)}ret void\n}}\n"

    def _driver(self, groups: int) -> str:
        """Body of ``compute`` over chunks: copy in, call them, copy out."""
        lines, block = _allocated(self._slots.count), "start"
        first = sum(self.inputs)
        if self.tabled:
            lines.append(copied(self.inputs, 0, 0, True, block))
            block = f"{block}.copied"
        else:
            lines += _copied_in(self.inputs)
        if isinstance(self._slots, Alike) and self._slots.literals:
            lines.append(address_of("%numbers", "%w", self._slots.held))
            lines.append(_copy("%numbers", "@literals", len(self._slots.literals)))
        lines.append(
            "br label %next\nnext:\n"
            f"%k = phi i64 [0, %{block}], [%k1, %next]\n"
            "%place = getelementptr ptr, ptr @groups, i64 %k\n%group = load ptr, ptr %place\n"
            "call void %group(ptr %w)\n%k1 = add i64 %k, 1\n"
            f"%more = icmp ult i64 %k1, {groups}\nbr i1 %more, label %next, label %done\ndone:\n"
        )
        if self.tabled:
            lines.append(copied(self.outputs, len(self.inputs), first, False, "done"))
        else:
            lines += self._results(first)
        if self._flag is not None:
            lines.append(address_of("%tied", "%w", self._slots.places[self._flag][0]))
            lines.append("%held = load double, ptr %tied\n")
            lines.append(f"%tie = fcmp une double %held, {number(0.0)}\n")
        if self._slots.count > _STACK:
            lines.append("call void @PyMem_RawFree(ptr %w)\n")
        return "".join(lines) + self._finish()

    def _others(self) -> Iterator[tuple[int, list[int]]]:
        """Each array of the result that is mostly zero, and the places of its other numbers."""
        zero, start = self._zero[1], 0
        for part, length in enumerate(self.outputs):
            if part in self._zero[0]:
                yield part, [k for k in range(length) if start + k not in zero]
            start += length

    def _places_of_others(self) -> str:
        """Tables of these places."""
        return "".join(
            f"@others{part} = private constant [{len(places)} x i32] "
            f"[{', '.join(f'i32 {place}' for place in places)}]\n"
            for part, places in self._others()
        )

    def _results(self, first: int) -> Iterator[str]:
        """Lines that copy the result from ``%w``, from slot ``first`` on."""
        others, block = dict(self._others()), "done"
        for part, length in enumerate(self.outputs):
            places = others.get(part)
            yield address_of(f"%to{part}", "%w", first)
            if places is None:
                yield _copy(f"%y{part}", f"%to{part}", length)
            else:
                yield clearing(part, length) if self.clears else ""
                yield _placed(part, len(places), block)
                block = f"placed{part}"
            first += length if places is None else len(places)


def _placed(part: int, count: int, block: str) -> str:
    """A loop that puts numbers where the table says, from ``block`` on."""
    k = f"%here{part}"  # the driver itself counts in %k and %k1
    return (
        f"br label %place{part}\nplace{part}:\n"
        f"{k} = phi i64 [0, %{block}], [{k}.next, %put{part}]\n"
        f"{k}.more = icmp ult i64 {k}, {count}\n"
        f"br i1 {k}.more, label %put{part}, label %placed{part}\nput{part}:\n"
        f"{k}.at = getelementptr i32, ptr @others{part}, i64 {k}\n"
        f"{k}.where = load i32, ptr {k}.at\n"
        f"{k}.to = getelementptr double, ptr %y{part}, i32 {k}.where\n"
        f"{k}.from = getelementptr double, ptr %to{part}, i64 {k}\n"
        f"{k}.number = load double, ptr {k}.from\nstore double {k}.number, ptr {k}.to\n"
        f"{k}.next = add i64 {k}, 1\nbr label %place{part}\nplaced{part}:\n"
    )


def _sizes(structures: Sequence[Structure]) -> tuple[int, ...]:
    return tuple(size(part) for s in structures for _, part in leaf_parts("", s))


def _parts(order: Sequence[int]) -> list[Sequence[int]]:
    """An order in pieces of a chunk's length."""
    return [order[i : i + CHUNK] for i in range(0, len(order), CHUNK)]


def _of_steps(steps: Iterable[Loop | list[int]]) -> Iterator[Piece]:
    """Straight code in chunks, loops in functions of a few."""
    loops: list[Loop] = []
    for step in steps:
        if isinstance(step, Loop):
            loops.append(step)
        if loops and (len(loops) == LOOPS or not isinstance(step, Loop)):
            yield loops
            loops = []
        if not isinstance(step, Loop):
            yield from _parts(step)
    if loops:
        yield loops


def _batched(items: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
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


def _copied_in(sizes: Sequence[int]) -> Iterator[str]:
    """Lines that copy the arguments to ``%w``."""
    first = 0
    for place, length in enumerate(sizes):
        yield address_of(f"%from{place}", "%w", first)
        yield _copy(f"%from{place}", f"%x{place}", length)
        first += length


def _copy(target: str, source: str, count: int) -> str:
    return (
        f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {count * 8}, i1 false)\n"
    )
