"""Loops of the graph as loops of C: carries are variables, what is stacked lies in arrays.

An array that is carried is copied after every turn where it is short, or where the loop may end
early; of a long one there are two, which change places, the last turn leaving it where it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from codegen.c99.rows.row_calls import row_call
from codegen.c99.whole.c_branches import fused_by_side
from codegen.c99.whole.c_sheet import LOCAL
from codegen.c99.whole.c_sides import TreesWithSides, tensors_in
from codegen.c99.whole.c_terms import Place, Term
from codegen.language.naming import Naming
from codegen.nests.fusing import Branch
from codegen.nests.living import reads_of, targets_of
from codegen.nests.lower.loop_statement import Access, Home, Opaque, Repeat
from codegen.nests.skipped_turns import ending
from codegen.nests.storing import private_rooms, registers

__all__ = ["TreesAndLoops"]


class TreesAndLoops(TreesWithSides):
    """Trees, and what is repeated among them."""

    def _other(self, step: Opaque | Repeat) -> None:
        if isinstance(step, Opaque):
            self._before_writing(step.target)
            self._call(step)
            return
        for tensor in step.targets:
            self._before_writing(tensor)
        _Inside(self, step).repeat()

    def _call(self, step: Opaque) -> None:
        """Call the function of a row."""
        call, sheet = row_call(step), self._sheet
        sheet.helpers.add(call.function)
        places = zip(step.operands, step.starts, strict=True)
        given = [self.lying(tensor).at((), start).pointer for tensor, start in places]
        given += [*map(str, call.numbers), self.place(step.target).pointer]
        if call.work:
            name = sheet.names.claim("room")
            sheet.array(name, call.work)
            given.append(name)
        sheet.call(call.function, given)

    def receive(self, tensor: int, name: str) -> None:
        """Keep a number that a loop has left."""
        if self.is_variable(tensor):
            self._known(tensor, name)
        else:
            self._sheet.give(self.place(tensor).number, name)

    def take(self, tensor: int, place: Place, size: int) -> None:
        """Keep an array that a loop has left: where it lies, or where a result goes."""
        if tensor in self._places:
            self._copy(place, self._places[tensor], size)
        else:
            self._places[tensor] = place

    def _copy(self, source: Place, target: Place, size: int) -> None:
        if size and source != target:
            self._sheet.includes.add("string.h")
            self._sheet.add(f"memcpy({target.pointer}, {source.pointer}, {size} * sizeof(double));")


class _Inside(TreesAndLoops):
    """One loop, among the tensors of its body.

    Args:
        around: What writes that which is around it.
        step: What is repeated.
    """

    def __init__(self, around: TreesAndLoops, step: Repeat) -> None:
        self._ends = ending(step)
        read = {x.tensor for x in step.results if x is not None and not isinstance(x, float)}
        self._first: list[Branch] = []  # what leads to the condition on which it goes on
        steps = step.steps
        if self._ends is not None:
            read.add(self._ends.condition)
            self._first = fused_by_side(self._ends.before, step.own, read)
            steps = self._ends.after
        self._trees = fused_by_side(steps, step.own, read)
        every = [*self._first, *self._trees]
        rooms = private_rooms(every, step.own) | registers(step.steps, step.own)
        body, texts = step.body, dict[int, str]()
        backward = range(body.inputs.count, len(body.nodes))
        naming = Naming(body, around._sheet.names, texts, backward)
        super().__init__(around._sheet, step.own, body, naming, rooms)
        self.texts = texts
        self._around, self._step = around, step
        self._tensor_of = {(t.home, t.place): i for i, t in enumerate(step.own)}
        self._carried: dict[int, str] = {}  # numbers, by carry
        self._swapped: list[tuple[str, str]] = []  # pointers that change places
        self._turn = around._sheet.names.claim("t")
        self._local: list[str] = []  # lines that declare arrays of one turn

    def repeat(self) -> None:
        """Write the loop."""
        step, sheet = self._step, self._sheet
        for k in range(len(step.begins)):
            self._begin_carry(k)
        self._find_around()
        for k in [] if self._ends is None else self._ends.stacks:
            self._clear(k)
        if step.length:
            with sheet.block(self._head()):
                start = len(sheet.lines)
                self._arrive()
                self._turn_written()
                self._leave()
                sheet.insert(start, self._local)
        self._finish()

    def _turn_written(self) -> None:
        """What is computed in one turn."""
        self.prepare([*self._first, *self._trees], self._step.results)
        if self._ends is not None:
            condition = self._ends.condition
            self.write(self.planned(self._first, {condition}))
            text = self.read(Access(condition, 0, ())).text
            with self._sheet.block(f"if (!{text})"):
                self._sheet.add("break;" if self._ends.done else "continue;")
        self.write(self.planned(self._trees, tensors_in(self._step.results)), self._step.results)

    def _head(self) -> str:
        t, n = self._turn, self._step.length
        if self._step.reverse:
            return f"for (size_t {t} = {n}; {t}-- > 0;)"
        return self._sheet.loop(t, n)

    def place(self, tensor: int) -> Place:
        """Where a tensor begins; a short one is an array of the turn."""
        size = self._tensors[tensor].size
        if tensor not in self._places and size <= LOCAL:
            self._places[tensor] = self._of_turn(self.name(tensor), size)
        return super().place(tensor)

    def _of_turn(self, name: str, size: int) -> Place:
        if size > LOCAL:
            self._sheet.array(name, size)
        else:
            self._local.append(f"double {name}[{max(size, 1)}];")
        return Place(name)

    # --- before ---

    def _clear(self, k: int) -> None:
        """Zeros for what repetitions that do nothing leave out."""
        step = self._step
        place = self._around.place(step.targets[k])
        size = (
            step.length * step.own[self._tensor_of[Home.OUTPUT, k]].size
            if (Home.OUTPUT, k) in self._tensor_of
            else step.length
        )
        self._sheet.includes.add("string.h")
        self._sheet.add(f"memset({place.pointer}, 0, {size} * sizeof(double));")

    def _wish(self, tensor: int, otherwise: str) -> str:
        """A name for what comes into the body."""
        node = self._tensors[tensor].node
        known = node >= 0 and node < self._graph.inputs.count
        wish = self._graph.parameters[node][0] if known else otherwise
        name = self._sheet.names.claim(wish)
        if node >= 0:
            self.texts[node] = name
        return name

    def _begin_carry(self, k: int) -> None:
        step, around, sheet = self._step, self._around, self._sheet
        tensor = self._tensor_of[Home.CARRY, k]
        begin, size = step.begins[k], self._tensors[tensor].size
        name = self._wish(tensor, "carry")
        if size == 1:
            text = around.read(begin).number(sheet.target).text
            sheet.give(f"double {name}", text)
            self._carried[k] = name
            self._variables[tensor] = Term(name, reads=frozenset({tensor}))
            return
        assert not isinstance(begin, float)
        if self._is_copied(k, size):
            sheet.array(name, size)
        elif self._changes(k):
            self._change_places(k, name, size)
        else:
            self._places[tensor] = around.place(step.targets[k])
        place = self._places.setdefault(tensor, Place(name))
        self._copy(around.place_of(begin), place, size)

    def _is_copied(self, k: int, size: int) -> bool:
        """True if a carry is copied every turn, or at both ends as it is short.

        Of a loop that may end early nobody knows where one lies that changes places.
        """
        return size <= LOCAL or (self._ends is not None and self._changes(k))

    def _changes(self, k: int) -> bool:
        return (Home.OUTPUT, k) in self._tensor_of

    def _change_places(self, k: int, name: str, size: int) -> None:
        """Let a carry lie at two places in turn; where it begins, so that it ends at its target."""
        sheet = self._sheet
        other, after = sheet.names.claim(f"{name}_turn"), sheet.names.claim(f"{name}_next")
        sheet.array(other, size)
        target = self._around.place(self._step.targets[k]).pointer
        first, second = (target, other) if self._step.length % 2 == 0 else (other, target)
        sheet.add(f"double *{name} = {first};")
        sheet.add(f"double *{after} = {second};")
        self._swapped.append((name, after))
        self._places[self._tensor_of[Home.OUTPUT, k]] = Place(after)

    def _find_around(self) -> None:
        """Where streams, stacks and what stays the same lie."""
        step, around = self._step, self._around
        written = {tensor for one in step.steps for tensor in targets_of(one)}
        for tensor, known in enumerate(self._tensors):
            k = known.place
            if known.home is Home.OUTPUT and tensor not in written:
                continue  # a stack that nothing reads
            if known.home is Home.FIXED:
                access = step.fixed[k]
                if access.tensor in around._variables:
                    self._variables[tensor] = replace(around.read(access), reads=frozenset())
                else:
                    self._places[tensor] = around.place_of(access)
            elif known.home is Home.STREAM:
                (by,) = step.streams[k].strides
                place = around.place_of(step.streams[k]._replace(strides=()))
                self._places[tensor] = place.at([(self._turn, by)], 0)
            elif known.home is Home.OUTPUT and k >= len(step.begins):
                place = around.place(step.targets[k])
                self._places[tensor] = place.at([(self._turn, known.size)], 0)
            elif known.home is Home.OUTPUT and tensor not in self._places:
                carry = self._places[self._tensor_of[Home.CARRY, k]]
                name = self._sheet.names.claim(f"{carry.name}_next")
                self._places[tensor] = self._of_turn(name, known.size)

    # --- in every turn ---

    def _arrive(self) -> None:
        """Numbers that this turn reads."""
        read = {x.tensor for x in self._step.results if x is not None and not isinstance(x, float)}
        read |= set() if self._ends is None else {self._ends.condition}
        read.update(*map(reads_of, self._step.steps))
        for tensor, known in enumerate(self._tensors):
            if known.home is Home.STREAM and known.size == 1 and tensor in read:
                number = self._places[tensor].number
                name = self._wish(tensor, "element")
                self._sheet.give(f"const double {name}", number)
                self._variables[tensor] = Term(name)

    def _leave(self) -> None:
        """What the next turn, or what comes after, reads."""
        step, sheet, carries = self._step, self._sheet, len(self._step.begins)
        for k in range(carries, len(step.results)):
            result = step.results[k]
            if result is not None:
                text = self.read(result).number(sheet.target).text
                place = self._around.place(step.targets[k]).at([(self._turn, 1)], 0)
                sheet.give(place.number, text)
        self._assign_carries(
            {k: self.read(x).number(sheet.target) for k, x in enumerate(step.results[:carries])
             if x is not None}
        )  # fmt: skip
        self._pending.clear()
        for k in range(carries):
            tensor = self._tensor_of[Home.CARRY, k]
            made = self._places.get(self._tensor_of.get((Home.OUTPUT, k), -1))
            if made is not None and self._is_copied(k, self._tensors[tensor].size):
                self._copy(made, self._places[tensor], self._tensors[tensor].size)
        for name, after in self._swapped:
            swap = sheet.names.claim(f"{name}_last")
            sheet.add(f"double *const {swap} = {name};")
            sheet.add(f"{name} = {after};")
            sheet.add(f"{after} = {swap};")

    def _assign_carries(self, terms: Mapping[int, Term]) -> None:
        """Assign carries so that each is read before it is written over."""
        left = {k: term for k, term in terms.items() if term.text != self._carried[k]}
        while left:
            free = [k for k in left if not self._is_read(k, left)]
            if free:
                k = free[0]
                self._sheet.give(self._carried[k], left.pop(k).text)
                continue
            k = next(iter(left))
            held = self._sheet.names.claim(f"{self._carried[k]}_next")
            self._sheet.give(f"const double {held}", left[k].text)
            left[k] = Term(held)

    def _is_read(self, k: int, terms: Mapping[int, Term]) -> bool:
        tensor = self._tensor_of[Home.CARRY, k]
        return any(tensor in term.reads for other, term in terms.items() if other != k)

    # --- after ---

    def _finish(self) -> None:
        step = self._step
        for k in range(len(step.begins)):
            tensor = self._tensor_of[Home.CARRY, k]
            size, target = self._tensors[tensor].size, step.targets[k]
            if size == 1:
                self._around.receive(target, self._carried[k])
            elif self._is_copied(k, size):
                self._around.take(target, self._places[tensor], size)
