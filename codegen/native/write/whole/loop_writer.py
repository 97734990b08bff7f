"""Trees of loops as lines of LLVM IR.

A loop in lanes begins its last block early enough that the block is whole: the places of two blocks
overlap, where each computes the same again; sums leave out what is counted already.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.table.primitive import REGISTRY
from codegen.native.form import vector_math
from codegen.native.form.forms import Form
from codegen.native.form.widen import vector
from codegen.native.write.whole.folding import Folding, counts_twice
from codegen.native.write.whole.ir_lines import IRValue, Sheet
from codegen.native.write.whole.planning import Plan, turns
from codegen.nests.fusing import Branch, Loop, written_by
from codegen.nests.lower.loop_statement import (
    Fold,
    Opaque,
    Repeat,
    Statement,
    Tensor,
)

__all__ = ["LoopWriter"]

_MUL = REGISTRY["mul"]


class LoopWriter(Folding):
    """Loops and statements, tree by tree.

    Args:
        tensors: All tensors.
        plan: What is decided for the trees.
        sheet: Where they are written.
    """

    def __init__(self, tensors: Sequence[Tensor], plan: Plan, sheet: Sheet) -> None:
        super().__init__(tensors, plan, sheet)
        self._library = plan.library

    def _trees(self, trees: Sequence[Branch]) -> None:
        for tree in trees:
            self._written = self._changing | set(written_by(tree))
            self._branch(tree)

    def _other(self, step: Opaque | Repeat) -> None:
        """What is neither a loop nor a statement."""
        raise NotImplementedError

    # --- branches ---

    def _branch(self, branch: Branch) -> None:
        if isinstance(branch, Loop):
            self._whole_loop(branch)
        elif isinstance(branch, Statement):
            self._statement(branch)
        else:
            self._other(branch)

    def _whole_loop(self, loop: Loop) -> None:
        begun = [s for s in loop.statements if s.reduction == loop.depth]
        for statement in begun:
            self._begin(statement, loop.depth)
        if loop in self._plan.lanes:
            self._in_lanes(loop)
        elif self._plan.is_written_out(loop):
            for turn in range(loop.extent):
                self._turn(loop, turn)
        else:
            self._ahead(loop)
            with self._loop(loop.extent) as variable:
                self._turn(loop, variable)
        for statement in begun:
            self._end(statement, loop.depth)

    def _turn(self, loop: Loop, variable: int | str) -> None:
        self._vars.append(variable)
        self._extents.append(loop.extent)
        for inner in loop.body:
            self._branch(inner)
        self._vars.pop()
        self._extents.pop()

    def _in_lanes(self, loop: Loop) -> None:
        width, n = vector_math.lanes(), loop.extent
        self._wide = loop.depth
        if turns(n) == 1:
            self._turn(loop, 0)
        else:
            self._ahead(loop)
            with self._loop(n, width) as variable:
                self._turn(loop, self._block_start(loop, variable))
        self._wide, self._mask = None, ""

    def _block_start(self, loop: Loop, variable: str) -> str:
        """Where the block begins; the last one not beyond the last whole block."""
        width, n = vector_math.lanes(), loop.extent
        if n % width == 0:
            return variable
        late = self._new(f"icmp ugt i64 {variable}, {n - width}")
        start = self._new(f"select i1 {late}, i64 {n - width}, i64 {variable}")
        if any(counts_twice(s, loop.depth) for s in loop.statements):
            again = self._new(f"sub i64 {variable}, {start}")
            wide = vector("i64")
            one = self._new(f"insertelement {wide} poison, i64 {again}, i32 0")
            every = self._new(
                f"shufflevector {wide} {one}, {wide} poison, {vector('i32')} zeroinitializer"
            )
            lanes = ", ".join(f"i64 {lane}" for lane in range(width))
            self._mask = self._new(f"icmp uge {wide} <{lanes}>, {every}")
        return start

    def _ahead(self, loop: Loop) -> None:
        """Load what is the same in every turn before the loop."""
        wide = self._wide is not None
        for statement in loop.statements:
            for operand in statement.operands:
                if isinstance(operand, float) or operand.tensor in self._written or operand.pick:
                    continue
                if operand.tensor in self._registers:
                    continue
                own = self._plan.lane_of.get(statement)
                if own is not None and own > loop.depth:
                    continue
                if not any(operand.strides[loop.depth :]):
                    self._loaded(operand, wide)

    # --- statements ---

    def _statement(self, statement: Statement) -> None:
        wide = self._wide is not None
        fold = statement.fold
        if fold is Fold.ADD and statement.fuses and statement.primitive is _MUL:
            x, y = (self._number(self._operand(o, wide), wide) for o in statement.operands)
            kind = self._kind(wide)
            product = self._new(f"fmul contract {kind} {x}, {y}")
            self._fold(statement, product, " contract")
            return
        value = self._computed(statement, wide)
        if fold is not None:
            self._fold(statement, self._number(value, wide), "")
            return
        room = self._rooms.get(statement.target.tensor)
        if room is not None and room.size == 1:
            self._registers[statement.target.tensor] = value
        else:
            self._store(statement.target, self._number(value, wide))

    def _computed(self, statement: Statement, wide: bool) -> IRValue:
        operands = [self._operand(x, wide) for x in statement.operands]
        if statement.primitive is None:
            return operands[0]
        library = self._library if wide else self._library.scalar
        form: Form = library.form(statement.primitive)
        texts = [
            self._condition(x, wide) if k in form.conditions else self._number(x, wide)
            for k, x in enumerate(operands)
        ]
        name = f"v{next(self._sheet.count)}"
        self._sheet.lines.append(form.text.format(*texts, r=name))
        return IRValue(f"%{name}", wide, form.truth)
