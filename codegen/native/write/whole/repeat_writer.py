"""What is repeated, as one loop of machine code, and functions that hold trees and loops.

A carry of one number, or of few, is a slot of the stack, which becomes registers.  Of a large one
there are two stretches of memory that change places after every turn; the last turn leaves it where
it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from codegen.native.form.widen import WideLibrary
from codegen.native.write.whole.calling import Calling
from codegen.native.write.whole.ir_lines import IRValue, Sheet
from codegen.native.write.whole.loop_writer import LoopWriter
from codegen.native.write.whole.planning import Plan
from codegen.nests.fusing import Branch, fused, statements_in
from codegen.nests.lower.loop_statement import (
    Access,
    Home,
    Opaque,
    Repeat,
    Tensor,
)
from codegen.nests.skipped_turns import Ending, ending
from codegen.nests.storing import Room, private_rooms, registers

__all__ = ["LoopFunction", "tree_function"]

_FEW = 64  # numbers of a carry that is copied rather than changes places


@dataclass(frozen=True)
class LoopFunction:
    """A function that runs trees of loops.

    Args:
        text: Its text.
        tensors: Those whose memory it takes, in order, behind a first pointer.
        beside: Numbers of memory that it needs there for itself.
    """

    text: str
    tensors: list[int]
    beside: int


def tree_function(
    name: str,
    trees: Sequence[Branch],
    tensors: Sequence[Tensor],
    rooms: Mapping[int, Room],
    calling: Calling,
    library: WideLibrary,
) -> LoopFunction:
    """``i32 @NAME(ptr beside, ptr, ...)``, which returns 0, or 2 where an index does not fit."""
    writer = _Writer(tensors, _plan(trees, rooms, library), Sheet(), calling)
    return writer.function(name, trees)


def _plan(trees: Sequence[Branch], rooms: Mapping[int, Room], library: WideLibrary) -> Plan:
    plan = Plan(library, rooms)
    plan.decide(trees)
    return plan


class _Writer(LoopWriter):
    """Trees, and what is repeated, among the tensors of a function."""

    def __init__(
        self, tensors: Sequence[Tensor], plan: Plan, sheet: Sheet, calling: Calling
    ) -> None:
        super().__init__(tensors, plan, sheet)
        self._calling = calling

    def function(self, name: str, trees: Sequence[Branch]) -> LoopFunction:
        """The function of these trees."""
        parameters = self._parameters(trees)
        self._trees(trees)
        sheet = self._sheet
        taken = ", ".join(["ptr noalias %beside", *map(self._parameter, parameters)])
        returned = "ret i32 0\n"
        if sheet.faults:
            sheet.slots.insert(0, "%fault = alloca i1\nstore i1 false, ptr %fault\n")
            returned = (
                "%faulty = load i1, ptr %fault\n%status = select i1 %faulty, i32 2, i32 0\n"
                "ret i32 %status\n"
            )
        body = "".join((*sheet.slots, *sheet.lines))
        text = f"define internal i32 @{name}({taken}) #2 {{\nentry:\n{body}{returned}}}\n"
        return LoopFunction(text, parameters, sheet.beside)

    def _parameters(self, trees: Sequence[Branch]) -> list[int]:
        used: dict[int, None] = {}
        for tree in trees:
            for statement in statements_in(tree):
                used |= dict.fromkeys(access.tensor for access in statement.accesses())
            if isinstance(tree, Repeat):
                used |= dict.fromkeys(sorted(tree.tensors()))
        return [t for t in used if t not in self._rooms]

    def _parameter(self, tensor: int) -> str:
        """Memory in between may be that of an earlier tensor."""
        home = self._tensors[tensor].home
        alone = (
            "" if home is Home.WORK else " noalias" if home is Home.OUTPUT else " noalias readonly"
        )
        return f"ptr{alone} %b{tensor}"

    def _other(self, step: Opaque | Repeat) -> None:
        if isinstance(step, Opaque):
            self._call(step)
            return
        ends = ending(step)
        first = [] if ends is None else fused(ends.before)
        rest = fused(step.steps if ends is None else ends.after)
        trees = [*first, *rest]
        rooms = private_rooms(trees, step.own) | registers(step.steps, step.own)
        plan = _plan(trees, rooms, self._plan.library)
        _Inside(self, step, plan, self._calling, ends).write(first, rest)

    def _call(self, step: Opaque) -> None:
        operands = [self._base(tensor) for tensor in step.operands]
        called = self._calling.call(step, operands, self._base(step.target))
        self._sheet.slots.append(called.slots)
        self._sheet.lines.append(called.lines)
        if called.status:
            self._blame(self._new(f"icmp ne i32 {called.status}, 0"))

    # --- as seen by what is repeated inside ---

    def place_of(self, access: Access) -> str:
        """Where something lies."""
        return self._address(access)

    def value_of(self, access: Access) -> IRValue:
        """A number that has been computed, or is loaded."""
        return self._operand(access, False)

    def number_of(self, access: Access | float) -> str:
        """The same, as a double."""
        return self._number(self._operand(access, False), False)

    def keeps(self, tensor: int) -> bool:
        """True if a number is in a register, and lies nowhere."""
        return tensor in self._rooms

    def receive(self, tensor: int, name: str) -> None:
        """Keep a number that has been computed inside."""
        if tensor in self._rooms:
            self._registers[tensor] = IRValue(name, False)
        else:
            self._add(f"store double {name}, ptr {self._base(tensor)}, align 8")


class _Inside(_Writer):
    """One loop, among the tensors of its body.

    Args:
        around: What writes that which is around it.
        step: What is repeated.
        plan: What is decided for the trees of the body.
        calling: The calls of the module.
        ends: How repetitions end that do nothing; None if all do something.
    """

    def __init__(
        self, around: _Writer, step: Repeat, plan: Plan, calling: Calling, ends: Ending | None
    ) -> None:
        super().__init__(step.own, plan, around._sheet, calling)
        self._around, self._step, self._ends = around, step, ends
        self._bases: dict[int, str] = {}
        self._tensor_of = {(t.home, t.place): i for i, t in enumerate(step.own)}
        self._turning: dict[int, tuple[str, str]] = {}  # carries that change places
        self._streams: list[str] = []
        self._stacks: dict[int, str] = {}

    def _base(self, tensor: int) -> str:
        if tensor in self._rooms:
            return super()._base(tensor)
        if tensor not in self._bases:
            size = self._tensors[tensor].size
            self._bases[tensor] = self._reserved(max(size, 1), False)
        return self._bases[tensor]

    def write(self, first: Sequence[Branch], rest: Sequence[Branch]) -> None:
        """The loop: what decides whether a repetition does anything, and what it does."""
        step = self._step
        for k in range(len(step.begins)):
            self._begin_carry(k)
        self._find_around()
        for k in [] if self._ends is None else self._ends.stacks:
            self._clear(k)
        with self._loop(step.length) as turn:
            place = turn
            if step.reverse:
                place = self._new(f"sub i64 {step.length - 1}, {turn}")
            self._arrive(place)
            self._trees(first)
            with self._going(turn):
                self._trees(rest)
                self._leave(place)
        self._finish()

    @contextmanager
    def _going(self, turn: str) -> Iterator[None]:
        """What runs in a repetition that does something."""
        if self._ends is None:
            yield
            return
        k, condition = turn.removeprefix("%i"), Access(self._ends.condition, 0, ())
        test = self._condition(self._operand(condition, False), False)
        other = f"past{k}" if self._ends.done else f"next{k}"
        self._add(f"br i1 {test}, label %going{k}, label %{other}")
        self._add(f"going{k}:")
        self._sheet.block = f"going{k}"
        self._memo.append({})
        yield
        self._memo.pop()
        self._add(f"br label %next{k}")
        self._add(f"next{k}:")
        self._sheet.block = f"next{k}"

    def _clear(self, k: int) -> None:
        """Zeros for what repetitions that do nothing leave out."""
        place = self._tensor_of.get((Home.OUTPUT, k))
        size = self._step.length * (1 if place is None else self._tensors[place].size)
        self._add(
            f"call void @llvm.memset.p0.i64(ptr {self._stacks[k]}, i8 0, i64 {8 * size}, i1 false)"
        )

    def _is_copied(self, k: int, size: int) -> bool:
        """True if a carry is copied every turn, or at both ends as it is short.

        Of a loop that may end early nobody knows where one lies that changes places.
        """
        return size <= _FEW or (self._ends is not None and self._changes(k))

    # --- before ---

    def _begin_carry(self, k: int) -> None:
        step, around = self._step, self._around
        tensor = self._tensor_of[Home.CARRY, k]
        begin, size = step.begins[k], self._tensors[tensor].size
        if size == 1:
            cell = self._bases[tensor] = self._reserved(1, False)
            self._add(f"store double {around.number_of(begin)}, ptr {cell}, align 8")
            return
        assert not isinstance(begin, float)
        if self._is_copied(k, size):
            cell = self._reserved(max(size, 1), False)
        else:
            cell = around.place_of(Access(step.targets[k], 0, ()))
            if self._changes(k):
                cell = self._change_places(k, cell, size)
        self._bases[tensor] = cell
        self._copy(around.place_of(begin), cell, size)

    def _changes(self, k: int) -> bool:
        return (Home.OUTPUT, k) in self._tensor_of

    def _change_places(self, k: int, target: str, size: int) -> str:
        """Let a carry lie at two places in turn; where it begins, so that it ends at the target."""
        count = self._sheet.count
        other, here, there = self._reserved(size, False), f"%q{next(count)}", f"%q{next(count)}"
        self._sheet.slots.append(f"{here} = alloca ptr\n{there} = alloca ptr\n")
        first, second = (target, other) if self._step.length % 2 == 0 else (other, target)
        self._add(f"store ptr {first}, ptr {here}")
        self._add(f"store ptr {second}, ptr {there}")
        self._turning[k] = here, there
        return first

    def _copy(self, source: str, target: str, size: int) -> None:
        if size and source != target:
            self._add(
                f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {8 * size}, "
                "i1 false)"
            )

    def _find_around(self) -> None:
        step, place_of = self._step, self._around.place_of
        self._streams = [place_of(access._replace(strides=())) for access in step.streams]
        for k in range(len(step.begins), len(step.targets)):
            self._stacks[k] = place_of(Access(step.targets[k], 0, ()))
        for tensor, known in enumerate(self._tensors):
            if known.home is not Home.FIXED:
                continue
            access = self._step.fixed[known.place]
            if known.size == 1:
                self._registers[tensor] = self._around.value_of(access)
            if known.size > 1 or not self._around.keeps(access.tensor):
                self._bases[tensor] = self._around.place_of(access)

    # --- in every turn ---

    def _arrive(self, place: str) -> None:
        """What this turn reads and writes."""
        step = self._step
        for tensor, known in enumerate(self._tensors):
            k = known.place
            if known.home is Home.STREAM:
                (by,) = step.streams[k].strides
                self._bases[tensor] = self._stepped(self._streams[k], by, place)
            elif known.home is Home.CARRY and k in self._turning:
                self._bases[tensor] = self._new(f"load ptr, ptr {self._turning[k][0]}")
            elif known.home is Home.OUTPUT:
                self._bases[tensor] = self._where(k, known.size, place)
            if known.home in (Home.STREAM, Home.CARRY) and known.size == 1:
                name = self._new(f"load double, ptr {self._bases[tensor]}, align 8")
                self._registers[tensor] = IRValue(name, False)

    def _stepped(self, base: str, step: int, place: str) -> str:
        """The address of one element."""
        if not step:
            return base
        return self._new(f"getelementptr double, ptr {base}, i64 {self._scaled(place, step)}")

    def _where(self, k: int, size: int, place: str) -> str:
        """Where an array goes: the next carry, or its place in a stack."""
        if k < len(self._step.begins):
            if k in self._turning:
                return self._new(f"load ptr, ptr {self._turning[k][1]}")
            return self._reserved(max(size, 1), False)
        return self._stepped(self._stacks[k], size, place)

    def _leave(self, place: str) -> None:
        """What the next turn, or what comes after, reads."""
        step, carries = self._step, len(self._step.begins)
        numbers = {k: self.number_of(x) for k, x in enumerate(step.results) if x is not None}
        for k, name in numbers.items():
            if k < carries:
                cell = self._bases[self._tensor_of[Home.CARRY, k]]
            else:
                cell = self._stepped(self._stacks[k], 1, place)
            self._add(f"store double {name}, ptr {cell}, align 8")
        for k in range(carries):
            if k in self._turning:
                self._turn_over(*self._turning[k])
            elif self._changes(k):
                tensor = self._tensor_of[Home.CARRY, k]
                made = self._bases[self._tensor_of[Home.OUTPUT, k]]
                self._copy(made, self._bases[tensor], self._tensors[tensor].size)

    def _turn_over(self, here: str, there: str) -> None:
        one, other = (self._new(f"load ptr, ptr {name}") for name in (here, there))
        self._add(f"store ptr {other}, ptr {here}")
        self._add(f"store ptr {one}, ptr {there}")

    # --- after ---

    def _finish(self) -> None:
        step = self._step
        for k in range(len(step.begins)):
            tensor = self._tensor_of[Home.CARRY, k]
            size, target = self._tensors[tensor].size, step.targets[k]
            if size == 1:
                name = self._new(f"load double, ptr {self._bases[tensor]}, align 8")
                self._around.receive(target, name)
            elif self._is_copied(k, size):
                self._copy(self._bases[tensor], self._around.place_of(Access(target, 0, ())), size)
