"""Graph -> LLVM IR over a batch of points: ``batch(table, start, stop)``, a register of points at
a time.

A *block* is as many points as a register has lanes.  ``blocks`` computes so many; ``batch`` has it
compute the blocks of a range of points and copies what is left over at the end to and from a block
of its own, so that a point's result does not depend on where in the batch it stands.

A batched part (scalar or array of the arguments) lies in memory point by point; its columns are
made by transposing a block in registers.  A shared part is the same for all points.  An output
that is summed over the points adds up in one register per number, lane by lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.graph.graph import Graph
from autodiff.table.primitive import Primitive
from codegen.native.form import vector_math
from codegen.native.form.widen import WideLibrary, vector
from codegen.native.write.instructions import Writer, live_order
from codegen.native.write.opposite_quotients import opposite_quotients
from codegen.native.write.schedule import calls_early
from codegen.native.write.shuffling import interleaved, lane_mask, picked, strided, transposed
from codegen.subset.to_llvm import number

__all__ = ["LONGEST", "BatchKernel", "Part"]

_AHEAD = 2  # blocks by which rows are fetched ahead
_FETCHED = 2048  # numbers that may lie ahead: half of the smallest cache
_LINE = 8  # numbers of a cache line
_DENSE = 4  # numbers of a point up to which a block is taken apart without transposing
_EVERY = "splat (i1 true)"  # lane
LONGEST = 6000  # operations of a block; compiling a longer one takes more than linear time


@dataclass(frozen=True)
class Part:
    """A scalar or array of the arguments or the result.

    Args:
        size: Its numbers.
        by_point: True if each point has its own; else shared, or summed over the points.
        flag: True for a condition of which is kept at which lanes it ever held.
    """

    size: int
    by_point: bool
    flag: bool = False

    @property
    def stride(self) -> int:
        """Doubles from one block to the next."""
        return self.size * vector_math.lanes() if self.by_point else 0


class BatchKernel:
    """IR of one graph over a batch.

    Args:
        graph: The graph of one point, after the passes.
        inputs: Scalars and arrays of the arguments, in order.
        outputs: The same of the result.
        flags: Fast-math flags, "" for none.
    """

    def __init__(
        self, graph: Graph, inputs: Sequence[Part], outputs: Sequence[Part], flags: str
    ) -> None:
        self.library = WideLibrary(flags)
        self._inputs, self._outputs = inputs, outputs
        self._block = _Block(opposite_quotients(graph), self.library, inputs, outputs).text()

    def text(self) -> str:
        """``blocks`` and ``batch``, with all they call."""
        return self.library.definitions() + self._block + self._batch()

    # --- the walk over blocks ---

    def _pointers(self) -> list[tuple[str, Part]]:
        named = [(f"x{k}", part) for k, part in enumerate(self._inputs)]
        return named + [(f"y{k}", part) for k, part in enumerate(self._outputs)]

    def _batch(self) -> str:
        pointers, width = self._pointers(), vector_math.lanes()
        lines = ["define void @batch(ptr %table, i64 %start, i64 %stop) #0 {\nentry:\n"]
        for k, (name, part) in enumerate(pointers):
            lines.append(f"%{name}.place = getelementptr ptr, ptr %table, i64 {k}\n")
            lines.append(f"%{name}.all = load ptr, ptr %{name}.place\n")
            if part.by_point:
                lines.append(f"%{name}.rest = alloca [{part.stride} x double], align 64\n")
        lines.append("%points = sub i64 %stop, %start\n")
        lines.append(f"%whole = and i64 %points, {-width}\n%end = add i64 %start, %whole\n")
        lines.append("%any = icmp ult i64 %start, %end\nbr i1 %any, label %blocks, label %left\n")
        lines.append("blocks:\n")
        lines += self._at("start", pointers)
        lines.append(f"%count = udiv i64 %whole, {width}\n")
        every = f"{vector('i1')} {_EVERY}"
        arguments = self._arguments(pointers, "start")
        lines.append(f"call void @blocks({arguments}, {every}, i64 %count)\nbr label %left\n")
        lines.append("left:\n%remaining = sub i64 %stop, %end\n")
        lines.append("%none = icmp eq i64 %remaining, 0\nbr i1 %none, label %done, label %tail\n")
        lines.append("tail:\n")
        lines += self._tail(pointers)
        lines.append("br label %done\ndone:\nret void\n}\n")
        return "".join(lines)

    def _at(self, place: str, pointers: Sequence[tuple[str, Part]]) -> list[str]:
        """Lines that move every pointer to point ``%place``."""
        lines = []
        for name, part in pointers:
            if part.by_point:
                lines.append(f"%{name}.{place}.at = mul i64 %{place}, {part.size}\n")
                lines.append(
                    f"%{name}.{place} = getelementptr double, ptr %{name}.all, "
                    f"i64 %{name}.{place}.at\n"
                )
        return lines

    def _arguments(self, pointers: Sequence[tuple[str, Part]], place: str) -> str:
        return ", ".join(
            f"ptr %{name}.{place if part.by_point else 'all'}" for name, part in pointers
        )

    def _tail(self, pointers: Sequence[tuple[str, Part]]) -> list[str]:
        """The points that fill no block: in a block of their own, the last one repeated."""
        lines = self._at("end", pointers)
        width = vector_math.lanes()
        lines.append("%last = sub i64 %remaining, 1\n")
        for name, part in pointers:
            if part.by_point and name.startswith("x"):
                row = 8 * part.size
                lines.append(f"%{name}.bytes = mul i64 %remaining, {row}\n")
                lines.append(_copy(f"%{name}.rest", f"%{name}.end", f"%{name}.bytes"))
                lines.append(f"%{name}.last.at = mul i64 %last, {part.size}\n")
                lines.append(
                    f"%{name}.last = getelementptr double, ptr %{name}.end, i64 %{name}.last.at\n"
                )
        # fill the rows above the last point with it
        lines.append(
            "br label %fill\nfill:\n%row = phi i64 [%remaining, %tail], [%row1, %filled]\n"
        )
        lines.append(f"%full = icmp eq i64 %row, {width}\n")
        lines.append("br i1 %full, label %ready, label %filled\nfilled:\n")
        for name, part in pointers:
            if part.by_point and name.startswith("x"):
                lines.append(f"%{name}.row.at = mul i64 %row, {part.size}\n")
                lines.append(
                    f"%{name}.row = getelementptr double, ptr %{name}.rest, i64 %{name}.row.at\n"
                )
                lines.append(_copy(f"%{name}.row", f"%{name}.last", str(8 * part.size)))
        lines.append("%row1 = add i64 %row, 1\nbr label %fill\nready:\n")
        places = ", ".join(f"i64 {lane}" for lane in range(width))
        lines.append(
            f"%used.1 = insertelement {vector('i64')} poison, i64 %remaining, i32 0\n"
            f"%used = shufflevector {vector('i64')} %used.1, {vector('i64')} poison, "
            f"{vector('i32')} zeroinitializer\n"
            f"%mask = icmp ult {vector('i64')} <{places}>, %used\n"
        )
        arguments = self._arguments(pointers, "rest")
        lines.append(f"call void @blocks({arguments}, {vector('i1')} %mask, i64 1)\n")
        for name, part in pointers:
            if part.by_point and name.startswith("y"):
                lines.append(f"%{name}.bytes = mul i64 %remaining, {8 * part.size}\n")
                lines.append(_copy(f"%{name}.end", f"%{name}.rest", f"%{name}.bytes"))
        return lines


def _copy(target: str, source: str, count: str) -> str:
    return f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {count}, i1 false)\n"


# --- one block -------------------------------------------------------------------------------


class _Block(Writer):
    """``blocks``: the graph at so many registers of points."""

    def __init__(
        self, graph: Graph, library: WideLibrary, inputs: Sequence[Part], outputs: Sequence[Part]
    ) -> None:
        super().__init__(graph, library)
        self._inputs, self._outputs = inputs, outputs
        self._places = [(k, i) for k, part in enumerate(inputs) for i in range(part.size)]
        self._columns: dict[tuple[int, int], list[str]] = {}
        self._count = 0

    def text(self) -> str:
        """The function."""
        self._fetch()
        # A call keeps no register: called early, little is alive that must be saved.
        self.write(calls_early(self.graph, live_order(self.graph), self._is_call))
        for k, (part, indices) in enumerate(self._by_part()):
            if part.flag:
                self._note(k, indices[0])
                continue
            texts = [self.number(i, f"o{k}.{place}") for place, i in enumerate(indices)]
            if not part.by_point:
                self._add(k, texts)
            elif part.size == 1:
                self._line(f"store {vector('double')} {texts[0]}, ptr %y{k}, align 8")
            else:
                self._store_rows(k, part.size, texts)
        named = [f"ptr noalias readonly %x{k}.all" for k in range(len(self._inputs))]
        named += [f"ptr noalias %y{k}.all" for k in range(len(self._outputs))]
        taken = f"{', '.join(named)}, {vector('i1')} %mask, i64 %count"
        lines = [f"define internal void @blocks({taken}) #3 {{\nentry:\nbr label %next\nnext:\n"]
        lines.append("%block = phi i64 [0, %entry], [%block1, %next]\n")
        flags = [k for k, part in enumerate(self._outputs) if part.flag]
        truths = vector("i1")
        lines += [
            f"%free{k} = phi {truths} [{_EVERY}, %entry], [%free{k}.1, %next]\n" for k in flags
        ]
        lines += [*self._moved(), *self.lines]
        lines.append("%block1 = add nuw i64 %block, 1\n%more = icmp ult i64 %block1, %count\n")
        lines.append("br i1 %more, label %next, label %done\ndone:\n")
        lines += [line for k in flags for line in self._noted(k)]
        return "".join([*lines, "ret void\n}\n"])

    def _moved(self) -> list[str]:
        """Lines that point to the numbers of the block at hand."""
        lines = []
        for letter, parts in (("x", self._inputs), ("y", self._outputs)):
            for k, part in enumerate(parts):
                name = f"%{letter}{k}"
                lines.append(f"{name}.at = mul i64 %block, {part.stride}\n")
                lines.append(f"{name} = getelementptr double, ptr {name}.all, i64 {name}.at\n")
        return lines

    def _fetch(self) -> None:
        """Ask for the rows of a block to come.

        Rows read between calls lie too far apart for the processor to see that more will follow.
        """
        for k, part in enumerate(self._inputs):
            if part.size <= _DENSE:
                continue
            ahead = min(_AHEAD, _FETCHED // max(part.stride, 1)) * part.stride
            for place in range(ahead, ahead + part.stride if ahead else 0, _LINE):
                address = self._address(f"%x{k}", place)
                self._line(f"call void @llvm.prefetch.p0(ptr {address}, i32 0, i32 3, i32 1)")

    def _is_call(self, primitive: Primitive) -> bool:
        return '@"w.' in self.library.form(primitive).text

    def _by_part(self) -> list[tuple[Part, list[int]]]:
        found, start = [], 0
        for part in self._outputs:
            found.append((part, list(self.graph.outputs[start : start + part.size])))
            start += part.size
        return found

    def _line(self, text: str) -> None:
        self.lines.append(text + "\n")

    def _new(self, instruction: str) -> str:
        self._count += 1
        self._line(f"%b{self._count} = {instruction}")
        return f"%b{self._count}"

    def _address(self, base: str, offset: int) -> str:
        return self._new(f"getelementptr double, ptr {base}, i64 {offset}") if offset else base

    # --- what Writer asks ---

    def literal(self, value: float) -> str:
        return f"splat (double {number(value)})"

    def number(self, index: int, suffix: str) -> str:
        text = self.value(index)
        if index not in self.truths:
            return text
        one, zero = self.literal(1.0), self.literal(0.0)
        wide = vector("double")
        return self._new(f"select {vector('i1')} {text}, {wide} {one}, {wide} {zero}")

    def condition(self, index: int, suffix: str) -> str:
        text = self.value(index)
        if index in self.truths:
            return text
        return self._new(f"fcmp une {vector('double')} {text}, {self.literal(0.0)}")

    def store(self, index: int) -> None:
        """Outputs are stored at the end, a part at a time."""

    def load(self, index: int) -> str:
        k, offset = self._places[index]
        part = self._inputs[k]
        if not part.by_point:
            address = self._address(f"%x{k}", offset)
            scalar = self._new(f"load double, ptr {address}")
            wide = vector("double")
            first = self._new(f"insertelement {wide} poison, double {scalar}, i32 0")
            return self._new(f"shufflevector {wide} {first}, {wide} poison, {vector('i32')} "
                             "zeroinitializer")  # fmt: skip
        if part.size == 1:
            return self._new(f"load {vector('double')}, ptr %x{k}, align 8")
        group = offset - offset % vector_math.lanes()
        columns = self._columns.get((k, group))
        if columns is None:
            columns = self._columns[k, group] = self._load_columns(k, part.size, group)
        return columns[offset - group]

    # --- rows of points <-> columns of numbers ---

    def _load_columns(self, k: int, size: int, group: int) -> list[str]:
        """The columns of a group of numbers: row by row from memory, then transposed."""
        wide, width = vector("double"), vector_math.lanes()
        if size <= min(_DENSE, vector_math.lanes()):
            registers = [self._loaded(f"%x{k}", j) for j in range(size)]
            return picked(self._new, registers, strided(size))
        rows = []
        for lane in range(width):
            offset = lane * size + group
            beyond = max(0, offset + width - width * size)  # doubles behind the block: not touched
            address = self._address(f"%x{k}", offset - beyond)
            row = self._new(f"load {wide}, ptr {address}, align 8")
            if beyond:
                moved = [min(place + beyond, width - 1) for place in range(width)]
                row = self._new(f"shufflevector {wide} {row}, {wide} poison, {lane_mask(moved)}")
            rows.append(row)
        return transposed(self._new, rows)

    def _store_rows(self, k: int, size: int, texts: Sequence[str]) -> None:
        wide = vector("double")
        if size <= min(_DENSE, vector_math.lanes()):
            for j, row in enumerate(picked(self._new, texts, interleaved(size))):
                address = self._address(f"%y{k}", j * vector_math.lanes())
                self._line(f"store {wide} {row}, ptr {address}, align 8")
            return
        for group in range(0, size, vector_math.lanes()):
            columns = list(texts[group : group + vector_math.lanes()])
            filled = len(columns)
            columns += ["poison"] * (vector_math.lanes() - filled)
            for lane, row in enumerate(transposed(self._new, columns)):
                offset = lane * size + group
                if filled == vector_math.lanes():
                    address = self._address(f"%y{k}", offset)
                    self._line(f"store {wide} {row}, ptr {address}, align 8")
                else:
                    self._store_some(f"%y{k}", offset, row, filled)

    def _loaded(self, base: str, register: int) -> str:
        """The numbers of a block as they lie in memory, a register of them."""
        address = self._address(base, register * vector_math.lanes())
        return self._new(f"load {vector('double')}, ptr {address}, align 8")

    def _store_some(self, base: str, offset: int, row: str, count: int) -> None:
        """Store the first numbers of a row, in pieces that registers have."""
        done = 0
        while done < count:
            piece = 1 << (count - done).bit_length() - 1
            places = ", ".join(f"i32 {done + i}" for i in range(piece))
            part = self._new(
                f"shufflevector {vector('double')} {row}, {vector('double')} poison, "
                f"<{piece} x i32> <{places}>"
            )
            address = self._address(base, offset + done)
            self._line(f"store <{piece} x double> {part}, ptr {address}, align 8")
            done += piece

    # --- sums over the points ---

    def _note(self, k: int, index: int) -> None:
        """Keep the lanes where a condition has not held in any block.

        "Unequal so far, and here too" is one instruction, a compare under a mask; whether some
        were equal would take one more for each place.
        """
        truths = vector("i1")
        free = self._new(f"xor {truths} {self.condition(index, f'o{k}')}, {_EVERY}")
        self._line(f"%free{k}.1 = and {truths} %free{k}, {free}")

    def _noted(self, k: int) -> list[str]:
        """Lines behind the last block: note the lanes in use where the condition held."""
        truths, wide, name = vector("i1"), vector("i64"), f"%held{k}"
        return [
            f"{name}.1 = xor {truths} %free{k}.1, {_EVERY}\n",
            f"{name}.2 = and {truths} {name}.1, %mask\n",
            f"{name}.3 = sext {truths} {name}.2 to {wide}\n",
            f"{name}.4 = load {wide}, ptr %y{k}.all, align 8\n",
            f"{name}.5 = or {wide} {name}.4, {name}.3\n",
            f"store {wide} {name}.5, ptr %y{k}.all, align 8\n",
        ]

    def _add(self, k: int, texts: Sequence[str]) -> None:
        """Add the lanes in use to the sums, a register a number."""
        wide = vector("double")
        for place, text in enumerate(texts):
            address = self._address(f"%y{k}", place * vector_math.lanes())
            before = self._new(f"load {wide}, ptr {address}, align 8")
            used = self._new(
                f"select {vector('i1')} %mask, {wide} {text}, {wide} {self.literal(-0.0)}"
            )
            after = self._new(f"fadd {wide} {before}, {used}")
            self._line(f"store {wide} {after}, ptr {address}, align 8")
