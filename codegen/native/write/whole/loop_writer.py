"""Trees of loops as a function in LLVM IR.

A loop in lanes begins its last block early enough that the block is whole: the places of two blocks
overlap, where each computes the same again; sums leave out what is counted already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autodiff.table.primitive import REGISTRY
from codegen.native.form import vector_math
from codegen.native.form.forms import Form
from codegen.native.form.widen import WideLibrary, vector
from codegen.native.write.whole.folding import Folding, counts_twice
from codegen.native.write.whole.fusing import Branch, Loop, statements_in
from codegen.native.write.whole.ir_lines import IRValue
from codegen.native.write.whole.lower.loop_statement import Fold, Home, Statement, Tensor
from codegen.native.write.whole.planning import Plan, turns
from codegen.native.write.whole.storing import Room

__all__ = ["tree_function"]

_MUL = REGISTRY["mul"]


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
    library: WideLibrary,
) -> LoopFunction:
    """``i32 @NAME(ptr beside, ptr, ...)``, which returns 0, or 2 where an index does not fit."""
    plan = Plan(library, rooms)
    for tree in trees:
        plan.decide(tree)
    return _TreeWriter(trees, tensors, plan).function(name)


class _TreeWriter(Folding):
    def __init__(self, trees: Sequence[Branch], tensors: Sequence[Tensor], plan: Plan) -> None:
        super().__init__(tensors, plan)
        self._trees, self._library = trees, plan.library
        used = [a.tensor for s in map(statements_in, trees) for one in s for a in one.accesses()]
        self._parameters = [t for t in dict.fromkeys(used) if t not in self._rooms]

    def function(self, name: str) -> LoopFunction:
        """The function."""
        for tree in self._trees:
            self._written = {s.target.tensor for s in statements_in(tree)}
            self._branch(tree)
        taken = ", ".join(["ptr noalias %beside", *map(self._parameter, self._parameters)])
        returned = "ret i32 0\n"
        if self._faults:
            self._slots.insert(0, "%fault = alloca i1\nstore i1 false, ptr %fault\n")
            returned = (
                "%faulty = load i1, ptr %fault\n%status = select i1 %faulty, i32 2, i32 0\n"
                "ret i32 %status\n"
            )
        body = "".join((*self._slots, *self._lines))
        text = f"define internal i32 @{name}({taken}) #2 {{\nentry:\n{body}{returned}}}\n"
        return LoopFunction(text, self._parameters, self._beside)

    def _parameter(self, tensor: int) -> str:
        """Memory in between may be that of an earlier tensor."""
        home = self._tensors[tensor].home
        alone = (
            "" if home is Home.WORK else " noalias" if home is Home.OUTPUT else " noalias readonly"
        )
        return f"ptr{alone} %b{tensor}"

    # --- branches ---

    def _branch(self, branch: Branch) -> None:
        if isinstance(branch, Loop):
            self._whole_loop(branch)
        else:
            assert isinstance(branch, Statement)
            self._statement(branch)

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
        name = f"v{next(self._count)}"
        self._lines.append(form.text.format(*texts, r=name))
        return IRValue(f"%{name}", wide, form.truth)
