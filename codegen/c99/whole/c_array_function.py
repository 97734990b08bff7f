"""One C function over whole arrays: its value, and the arrays that it writes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from codegen.c99.c_function import braced
from codegen.c99.c_target import C99
from codegen.c99.whole.c_branches import fused_by_side
from codegen.c99.whole.c_repeat import TreesAndLoops
from codegen.c99.whole.c_sheet import Sheet
from codegen.c99.whole.c_tables import Tables
from codegen.c99.whole.c_terms import Place, Term
from codegen.language.lines import INDENT, LINE
from codegen.language.naming import Names, Naming
from codegen.nests.fusing import Branch
from codegen.nests.living import living
from codegen.nests.lower.builder import Builder
from codegen.nests.lower.loop_statement import Access, Home
from codegen.nests.lower.lowering import lower
from codegen.nests.sharing import shared
from codegen.nests.storing import Room, private_rooms, registers, shared_places
from codegen.subset.spelling_c import KEYWORDS, RESERVED
from codegen.text.parameters import kept_names, parts_of

__all__ = ["ArrayFunction", "Results"]

_OF_PARAMETERS = KEYWORDS - RESERVED | {"work"}  # what else is called so gets another name


@dataclass(frozen=True)
class Results:
    """An array that a function writes.

    Args:
        name: Its name.
        parts: Name and size of each output that stands in it.
    """

    name: str
    parts: Sequence[tuple[str, int]]

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return sum(size for _, size in self.parts)


class ArrayFunction:
    """One C function over whole arrays.

    Args:
        name: Its name.
        graph: What it computes, after the passes.
        derived: The nodes of the derivative.
        returns: True if it returns its first output.
        results: Where the other outputs go.
        tables: The constants of the file.
        reserved: Identifiers that the file has, and C.

    Attributes:
        text: Its text.
        calls: Portable and library functions that the file must define.
        helpers: Those of ``c_provided.py``.
        includes: Headers besides ``math.h`` and ``stddef.h``.
        work: Numbers of the workspace that it is given; 0 if it takes none.
        faulty: True if an index may not fit.
    """

    def __init__(
        self, name: str, graph: Graph, derived: Sequence[int], returns: bool,
        results: Sequence[Results], tables: Tables, reserved: Sequence[str],
    ) -> None:  # fmt: skip
        self.name, self._returns, self._results = name, returns, results
        graph = shared(graph, _is_called)
        self._lowered = lower(graph, blas=False, alone=True)
        constants = tables.of(self._lowered, graph)
        names = Names([*reserved, *tables.taken])
        kept = set(kept_names(graph.parameters)) - (set(reserved) - _OF_PARAMETERS)
        kept -= set(tables.taken)
        names.keep(kept)
        self._parts = parts_of(graph.parameters)
        self._inputs = [part if part in kept else names.claim(part) for part, _ in self._parts]
        self._arrays = [names.ours(one.name) for one in results]
        self._work = names.ours("work")
        texts: dict[int, str] = dict(enumerate(self._inputs))
        naming = Naming(graph, names, texts, derived)
        returned = self._returned()
        sheet = Sheet(names, C99.beside(kept))
        trees, private, rooms = _trees(self._lowered, returned)
        writer = _Body(sheet, self._lowered, graph, naming, rooms)
        writer.texts = texts
        result = Access(returned, 0, ()) if returns else None
        writer.prepare(trees, [result])
        planned = writer.planned(trees, {returned})
        writer.share([one.branch for one in planned], private, returned)
        pointers = self._bind(writer, constants)
        writer.write(planned, [result])
        self.aliases: Mapping[str, str] = sheet.target.aliases
        self.calls, self.helpers, self.includes = sheet.calls, sheet.helpers, sheet.includes
        self.work, self.faulty = sheet.work, bool(sheet.wrong)
        last = self._last(sheet, writer.value(result) if result is not None else "")
        self.text = braced(self._head("restrict "), self._body(sheet, pointers, last))

    # --- the head ---

    @property
    def prototype(self) -> str:
        """What the header declares."""
        return self._head("")

    def _head(self, restrict: str) -> str:
        taken = []
        for name, (_, structure) in zip(self._inputs, self._parts, strict=True):
            pointer = f"const double *{restrict}" if isinstance(structure, Array) else "double "
            taken.append(pointer + name)
        given = [*self._arrays, *([self._work] if self.work else [])]
        taken += [f"double *{restrict}{array}" for array in given]
        head = f"{'double' if self._returns else 'void'} {self.name}("
        line = f"{head}{', '.join(taken) or 'void'})"
        return line if len(line) <= LINE else f"{head}\n{INDENT}" + f",\n{INDENT}".join(taken) + ")"

    # --- the body ---

    def _returned(self) -> int:
        """The tensor of what is returned, which is no memory of the caller's; -1: none is."""
        for tensor, known in enumerate(self._lowered.tensors):
            if self._returns and known.home is Home.OUTPUT and known.place == 0:
                known.home = Home.WORK
                return tensor
        return -1

    def _bind(self, writer: _Body, constants: Mapping[int, str]) -> dict[str, str]:
        """Say where arguments, results and constants lie; pointers into results, by name."""
        places: dict[int, Place] = {}
        pointers: dict[str, str] = {}
        count = int(self._returns)
        for array, own in zip(self._arrays, self._results, strict=True):
            offset = 0
            for wish, size in own.parts:
                place = Place(array, (), offset)
                if len(own.parts) > 1 and size > 1:
                    name = writer.claim(wish)
                    pointers[name] = f"double *const {name} = {place.pointer};"
                    place = Place(name)
                places[count] = place
                offset, count = offset + size, count + 1
        for tensor, known in enumerate(self._lowered.tensors):
            if known.home is Home.INPUT:
                structure = self._parts[known.place][1]
                writer.bind(tensor, self._inputs[known.place], isinstance(structure, Array))
            elif known.home is Home.OUTPUT:
                writer.put(tensor, places[known.place])
            elif tensor in constants:
                writer.bind(tensor, constants[tensor], True)
        return pointers

    def _body(self, sheet: Sheet, pointers: Mapping[str, str], last: Sequence[str]) -> list[str]:
        text = "\n".join([*sheet.lines, *last])
        words = set(re.findall(r"\w+", text))
        used = [line for name, line in pointers.items() if name in words]
        words.update(re.findall(r"\w+", "\n".join(used)))
        unread = [name for name in (*self._inputs, *self._arrays) if name not in words]
        flag = [f"int {sheet.wrong} = 0;"] if sheet.wrong else []
        head = [f"(void){name};" for name in unread]
        return [*used, *sheet.declared(self._work), *flag, *head, *sheet.lines, *last]

    def _last(self, sheet: Sheet, value: str) -> list[str]:
        """What is returned; nan everywhere if an index did not fit."""
        returned = [f"return {value};"] if self._returns else []
        if not sheet.wrong:
            return returned
        i, lines = sheet.variable(0), []
        for array, own in zip(self._arrays, self._results, strict=True):
            if own.size:
                lines += [sheet.loop(i, own.size) + " {", f"{INDENT}{array}[{i}] = NAN;", "}"]
        lines += ["return NAN;"] if self._returns else []
        return [f"if ({sheet.wrong}) {{", *(INDENT + line for line in lines), "}", *returned]


class _Body(TreesAndLoops):
    """Trees of the function itself."""

    def __init__(
        self, sheet: Sheet, lowered: Builder, graph: Graph, naming: Naming,
        rooms: Mapping[int, Room],
    ) -> None:  # fmt: skip
        super().__init__(sheet, lowered.tensors, graph, naming, rooms)
        self._shared: dict[int, int] = {}

    def share(self, trees: Sequence[Branch], private: Mapping[int, Room], returned: int) -> None:
        """Let tensors that are not needed at once lie at one place."""
        places, length = shared_places(trees, self._tensors, private)
        if returned in places:  # it is read behind all
            places[returned], length = length, length + self._tensors[returned].size
        self._shared = places
        self._sheet.reserve(length)

    def _lying_at(self, tensor: int) -> set[int]:
        """Those whose stretch of the shared memory meets that of the tensor."""
        if tensor not in self._shared:
            return {tensor}
        start, tensors = self._shared[tensor], self._tensors
        end = start + tensors[tensor].size
        return {
            other
            for other, place in self._shared.items()
            if place < end and start < place + tensors[other].size
        }

    def claim(self, wish: str) -> str:
        """A name."""
        return self._sheet.names.claim(wish)

    def bind(self, tensor: int, name: str, is_array: bool) -> None:
        """Say under which name a tensor comes in."""
        if is_array:
            self._places[tensor] = Place(name)
        else:
            self._variables[tensor] = Term(name)

    def put(self, tensor: int, place: Place) -> None:
        """Say where a tensor lies."""
        self._places[tensor] = place

    def place(self, tensor: int) -> Place:
        """Where a tensor begins; some share memory."""
        if tensor not in self._places:
            name = self.name(tensor)
            self._sheet.array(name, self._tensors[tensor].size, self._shared.get(tensor))
            self._places[tensor] = Place(name)
        return self._places[tensor]

    def value(self, access: Access) -> str:
        """A number behind all lines."""
        return self.read(access).number(self._sheet.target).text


def _is_called(primitive: Primitive) -> bool:
    """True for what takes a call of a function."""
    return not isinstance(primitive, ArrayRow) and bool(C99.template(primitive).calls)


def _trees(
    lowered: Builder, returned: int
) -> tuple[list[Branch], dict[int, Room], dict[int, Room]]:
    """Trees of loops, what lives inside them, and that together with what is a variable."""
    tensors = lowered.tensors
    results = {tensor for tensor, known in enumerate(tensors) if known.home is Home.OUTPUT}
    steps = living(lowered.steps, results | {returned})
    trees = fused_by_side(steps, tensors, results | {returned})
    private = private_rooms(trees, tensors)
    private.pop(returned, None)  # it is read behind all of them
    return trees, private, registers(steps, tensors) | private
