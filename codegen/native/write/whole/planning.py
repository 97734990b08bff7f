"""Which loops run over registers of numbers, and which are written out turn by turn.

A loop in *lanes* takes as many turns at once as a register holds.  One loop on the way to a
statement is in lanes: the one that is cheapest by a rough count of instructions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autodiff.table.primitive import Primitive
from codegen.native.form import vector_math
from codegen.native.form.widen import WideLibrary
from codegen.nests.fusing import Branch, Loop
from codegen.nests.lower.loop_statement import Access, Statement
from codegen.nests.storing import Room

__all__ = ["COLUMNS", "MOST_ON_STACK", "Plan", "kept_loops", "turns", "waiting"]

MOST_ON_STACK = 32768  # numbers that one tree keeps beside its loops
_APART = 2.0  # an access of one lane, against one of a register
_TURNED = 4.0  # the same, where rows are read whole and turned
COLUMNS = 4  # columns from which that pays
_CALL = 20.0  # a function, against an instruction
_UNROLLED = 16  # turns that are written out
_WRITTEN, _OF_MANY = 300, 100  # statements that one loop becomes, written out; of so many below
_MANY = 600  # statements of a function from which LLVM takes much longer for each


def turns(extent: int) -> int:
    """Blocks of lanes that cover a loop."""
    return -(-extent // vector_math.lanes())


@dataclass
class Plan:
    """What is decided for the trees of a function.

    Args:
        library: The forms of primitives.
        rooms: Tensors that live inside loops.
        lanes: The loops in lanes.
        lane_of: Depth of the loop in lanes around a statement.
        most: Statements that one of its loops may become, written out.
    """

    library: WideLibrary
    rooms: Mapping[int, Room]
    lanes: set[Loop] = field(default_factory=set)
    lane_of: dict[Statement, int] = field(default_factory=dict)
    most: int = _WRITTEN

    def decide(self, trees: Sequence[Branch]) -> None:
        """Choose the loops in lanes, and which are written out."""
        for tree in trees:
            self._choose(tree)
        if sum(map(self._written, trees)) > _MANY:
            self.most = _OF_MANY

    def _choose(self, branch: Branch) -> None:
        if not isinstance(branch, Loop):
            return
        if self._in_lanes(branch) is not None and self._cost(branch) == self._in_lanes(branch):
            self.lanes.add(branch)
            self.lane_of.update(dict.fromkeys(branch.statements, branch.depth))
            return
        for inner in branch.body:
            self._choose(inner)

    def is_written_out(self, loop: Loop) -> bool:
        """True if the loop becomes its turns."""
        return (
            loop not in self.lanes
            and loop.extent <= _UNROLLED
            and self._instances(loop) <= self.most
        )

    def _written(self, branch: Branch) -> int:
        if not isinstance(branch, Loop):
            return 1
        inside = sum(map(self._written, branch.body))
        return inside * branch.extent if self.is_written_out(branch) else inside

    def _instances(self, branch: Branch) -> int:
        """Statements that are written."""
        if not isinstance(branch, Loop):
            return 1
        inside = sum(map(self._instances, branch.body))
        written = branch not in self.lanes and branch.extent <= _UNROLLED
        return inside * branch.extent if written else inside

    # --- costs ---

    def _cost(self, branch: Branch) -> float:
        if isinstance(branch, Statement):
            return self._statement(branch, None)
        if not isinstance(branch, Loop):
            return 0.0
        scalar = branch.extent * (1.0 + sum(map(self._cost, branch.body)))
        wide = self._in_lanes(branch)
        return scalar if wide is None else min(scalar, wide)

    def _in_lanes(self, loop: Loop) -> float | None:
        """What the loop costs in lanes; None if it cannot be."""
        depth = loop.depth
        if loop.extent < vector_math.lanes():
            return None
        for statement in loop.statements:
            target = statement.target
            alone = target.strides[depth] == 0 and target.pick is None
            if depth in statement.serial or (statement.accumulates and alone):
                return None
            if any(self._is_picked_inside(x, depth) for x in statement.accesses()):
                return None
        if self._on_stack(loop) > MOST_ON_STACK:
            return None
        return turns(loop.extent) * (1.0 + sum(self._wide(inner, depth) for inner in loop.body))

    def _is_picked_inside(self, access: Access, lane: int) -> bool:
        """True for an element of a tensor that stands in lanes, at a place that differs by lane."""
        room = self.rooms.get(access.tensor)
        return access.pick is not None and room is not None and room.depth > lane

    def _on_stack(self, loop: Loop) -> int:
        """Numbers of the registers that wait on the stack."""
        depth, found = loop.depth, 0
        for statement in loop.statements:
            room = self.rooms.get(statement.target.tensor)
            if room is not None and room.depth > depth:
                found += room.size
            if statement.reduction < len(statement.extents):
                found += waiting(statement, statement.reduction)
        return found * vector_math.lanes()

    def _wide(self, branch: Branch, lane: int) -> float:
        if isinstance(branch, Statement):
            return self._statement(branch, lane)
        assert isinstance(branch, Loop)
        return branch.extent * (0.5 + sum(self._wide(inner, lane) for inner in branch.body))

    def _statement(self, statement: Statement, lane: int | None) -> float:
        cost = self._operation(statement.primitive, lane is not None)
        accesses = [x for x in statement.operands if not isinstance(x, float)]
        if statement.fold is None or statement.accumulates:
            accesses.append(statement.target)
        return cost + sum(self._access(x, statement, lane) for x in accesses)

    def _access(self, access: Access, statement: Statement, lane: int | None) -> float:
        room = self.rooms.get(access.tensor)
        if room is not None and (room.size == 1 or (lane is not None and room.depth > lane)):
            return 0.0 if room.size == 1 else 1.0
        if lane is None:
            return 1.0
        if access.pick is None and access.strides[lane] in (0, 1):
            return 1.0
        if access is not statement.target and self._in_columns(access, statement, lane):
            return _TURNED
        return _APART * vector_math.lanes()

    def _in_columns(self, access: Access, statement: Statement, lane: int) -> bool:
        """True if rows are read whole, and turned in registers."""
        if 1 < access.strides[lane] < vector_math.lanes():
            return access.pick is None
        others = zip(access.strides, statement.extents, strict=True)
        return access.pick is None and any(
            stride == 1 and COLUMNS <= extent <= _UNROLLED for stride, extent in others
        )

    def _operation(self, primitive: Primitive | None, wide: bool) -> float:
        if primitive is None:
            return 0.0
        form = (self.library if wide else self.library.scalar).form(primitive)
        called = " call " in form.text and '@"' in form.text
        return _CALL if called or form.text.count("\n") > _CALL else 1.0


def waiting(statement: Statement, depth: int) -> int:
    """How many places a reduction that begins at a depth fills before it is done."""
    found = 1
    for inner in range(depth + 1, len(statement.extents)):
        if not statement.reduces(inner):
            found *= statement.extents[inner]
    return found


def kept_loops(statement: Statement, depth: int) -> Sequence[int]:
    """The loops inside ``depth`` over places that do not come together."""
    count = len(statement.extents)
    return [d for d in range(depth + 1, count) if not statement.reduces(d)]
