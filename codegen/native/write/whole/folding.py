"""Reductions: where they come together, and where they go when they are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codegen.native.form import vector_math
from codegen.native.form.widen import vector
from codegen.native.write.whole.ir_lines import IRValue, Sheet
from codegen.native.write.whole.planning import MOST_ON_STACK, Plan, kept_loops
from codegen.native.write.whole.tensor_memory import TensorMemory
from codegen.nests.lower.loop_statement import Fold, Statement, Tensor

__all__ = ["Folding", "counts_twice"]

_FEW = 16  # places that are cleared or stored one by one


@dataclass(frozen=True)
class _Waiting:
    """Where a reduction comes together until it is done.

    Args:
        name: Memory on the stack; "" if it is the target itself.
        wide: True if every place has a register of lanes.
        strides: Per loop of the statement.
        sums: True if lanes are put together at the end.
    """

    name: str
    wide: bool
    strides: tuple[int, ...]
    sums: bool


def counts_twice(statement: Statement, lane: int) -> bool:
    """True if a place that two blocks have in common is folded twice, unless one leaves it out."""
    return statement.accumulates or statement.reduction <= lane < len(statement.extents)


class Folding(TensorMemory):
    """Folds values into places."""

    def __init__(self, tensors: Sequence[Tensor], plan: Plan, sheet: Sheet) -> None:
        super().__init__(tensors, plan, sheet)
        self._mask = ""  # lanes that the block before has not had
        self._waiting: dict[Statement, _Waiting] = {}

    def _begin(self, statement: Statement, depth: int) -> None:
        """Make the place where a reduction comes together, and put what nothing folds to there."""
        lane = self._plan.lane_of.get(statement)
        wide = lane is not None and (lane < depth or statement.reduces(lane))
        kept = kept_loops(statement, depth)
        strides, size = [0] * len(statement.extents), 1
        # The places of a loop in lanes stand beside each other.
        for inner in sorted(kept, key=lambda d: (d != lane, -d)):
            strides[inner] = size
            size *= statement.extents[inner]
        assert statement.fold is not None
        if not wide and size > MOST_ON_STACK // 4:
            waiting = _Waiting("", False, statement.target.strides, False)
        else:
            name = self._reserved(size, wide)
            sums = wide and lane is not None and lane >= depth
            waiting = _Waiting(name, wide, tuple(strides), sums)
        self._waiting[statement] = waiting
        start = statement.fold.start

        def clear() -> None:
            place = self._waiting_address(statement, waiting)
            kind = self._kind(waiting.wide)
            self._add(f"store {kind} {self._literal(start, waiting.wide)}, ptr {place}, align 8")

        self._over(statement, depth, kept, clear)

    def _waiting_address(self, statement: Statement, waiting: _Waiting) -> str:
        if not waiting.name:
            return self._address(statement.target)
        return self._address(statement.target, waiting.strides, waiting.name, waiting.wide)

    def _over(
        self, statement: Statement, depth: int, kept: Sequence[int], body: Callable[[], None]
    ) -> None:
        """Run ``body`` for every place of a reduction, in loops of their own."""
        count, extents = len(statement.extents), statement.extents
        few = 1
        for inner in kept:
            few *= extents[inner]
        opened = len(self._vars)

        def nest(inner: int) -> None:
            if inner == count:
                body()
                return
            self._vars.append(0)
            if inner not in kept:
                nest(inner + 1)
            elif few <= _FEW:
                for turn in range(extents[inner]):
                    self._vars[inner] = turn
                    nest(inner + 1)
            else:
                with self._loop(extents[inner]) as variable:
                    self._vars[inner] = variable
                    nest(inner + 1)
            del self._vars[inner:]

        assert opened == depth
        nest(depth)

    def _fold(self, statement: Statement, value: str, flags: str) -> None:
        """Fold a value into what is there."""
        assert statement.fold is not None
        fold, wide = statement.fold, self._wide is not None
        if self._mask and self._wide is not None and counts_twice(statement, self._wide):
            kind = vector("double")
            nothing = self._literal(fold.start, True)
            value = self._new(
                f"select {vector('i1')} {self._mask}, {kind} {value}, {kind} {nothing}"
            )
        waiting = self._waiting.get(statement)
        if waiting is None:
            self._accumulated(statement, value)
        elif waiting.name and (waiting.wide or not wide):
            place = self._waiting_address(statement, waiting)
            self._folded_at(place, waiting.wide, fold, value, flags)
        else:  # lanes are places beside each other
            assert self._wide is not None or not waiting.name
            self._beside_each_other(statement, waiting, value, flags)

    def _folded_at(self, place: str, wide: bool, fold: Fold, value: str, flags: str = "") -> None:
        kind = self._kind(wide)
        before = self._new(f"load {kind}, ptr {place}, align 8")
        after = self._together(fold, before, value, vector_math.lanes() if wide else 0, flags)
        self._add(f"store {kind} {after}, ptr {place}, align 8")

    def _beside_each_other(
        self, statement: Statement, waiting: _Waiting, value: str, flags: str
    ) -> None:
        assert statement.fold is not None
        place = self._waiting_address(statement, waiting)
        if self._wide is None:
            self._folded_at(place, False, statement.fold, value, flags)
            return
        stride = waiting.strides[self._wide]
        if stride == 1:
            self._folded_at(place, True, statement.fold, value, flags)
            return
        for lane in range(vector_math.lanes()):
            own = self._shifted(place, lane * stride)
            self._folded_at(own, False, statement.fold, self._lane(value, lane), flags)

    def _accumulated(self, statement: Statement, value: str) -> None:
        """Add to what other statements put there."""
        assert statement.fold is not None
        target, fold = statement.target, statement.fold
        wide = self._wide is not None
        stride = 0 if self._wide is None else target.strides[self._wide]
        if target.pick is not None:
            places = self._addresses(target, target.pick, wide)
        elif stride == 1:
            self._folded_at(self._address(target), True, fold, value)
            return
        elif wide:
            address = self._address(target)
            places = [self._shifted(address, k * stride) for k in range(vector_math.lanes())]
        else:
            places = [self._address(target)]
        for lane, place in enumerate(places):
            self._folded_at(place, False, fold, self._lane(value, lane) if wide else value)

    def _end(self, statement: Statement, depth: int) -> None:
        """Store what came together."""
        waiting = self._waiting.pop(statement)
        if not waiting.name:
            return
        assert statement.fold is not None
        fold, target = statement.fold, statement.target
        room = self._rooms.get(target.tensor)

        def store() -> None:
            place = self._waiting_address(statement, waiting)
            value = self._new(f"load {self._kind(waiting.wide)}, ptr {place}, align 8")
            if waiting.sums:
                value = self._lanes_together(fold, value)
            if room is not None and room.size == 1:
                self._registers[target.tensor] = IRValue(value, waiting.wide and not waiting.sums)
            else:
                self._store(target, value)

        self._over(statement, depth, kept_loops(statement, depth), store)
