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

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure, leaf_parts, size
from codegen.native.form.forms import Library
from codegen.native.write.instructions import CHUNK, Chunk, Slots, Whole, address_of, live_order
from codegen.native.write.schedule import calls_early
from codegen.subset.to_llvm import number

__all__ = ["Kernel"]

WHOLE = 1000  # operations up to which one function holds them all
GROUP = 16  # chunks of one module: what LLVM compiles between two chances for Ctrl-C
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
        self._slots = Slots(graph, self._order if self.in_chunks else (), self._flag)

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
            whole = Whole(self._graph, self.library, self.inputs)
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
            writer = Chunk(self._graph, self.library, self._slots)
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
            lines.append(address_of(f"%from{part}", "%w", first))
            lines.append(_copy(f"%from{part}", f"%x{part}", length))
            first += length
        lines.append(
            "br label %next\nnext:\n%k = phi i64 [0, %start], [%k1, %next]\n"
            "%place = getelementptr ptr, ptr @groups, i64 %k\n%group = load ptr, ptr %place\n"
            "call void %group(ptr %w)\n%k1 = add i64 %k, 1\n"
            f"%more = icmp ult i64 %k1, {groups}\nbr i1 %more, label %next, label %done\ndone:\n"
        )
        for part, length in enumerate(self.outputs):
            lines.append(address_of(f"%to{part}", "%w", first))
            lines.append(_copy(f"%y{part}", f"%to{part}", length))
            first += length
        if self._flag is not None:
            lines.append(address_of("%tied", "%w", self._slots.places[self._flag][0]))
            lines.append("%held = load double, ptr %tied\n")
            lines.append(f"%tie = fcmp une double %held, {number(0.0)}\n")
        if self._slots.count > _STACK:
            lines.append("call void @PyMem_RawFree(ptr %w)\n")
        return "".join(lines) + self._finish()


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
