"""Functions of the subset as straight lines of LLVM IR, for registers of points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from autodiff.numbers.ieee import PORTABLE
from codegen.subset.branch_free import BranchFree
from codegen.subset.grammar import Expression, Function, Rows, Statement, Together, While, parts
from codegen.subset.read_python import SubsetError, function_of
from codegen.subset.to_llvm import NUMBER, Instructions, Needs, Operand

__all__ = ["flat"]

_LONGEST = 2000  # instructions; above, lane by lane is cheaper


def flat(function: Function) -> tuple[list[str], str]:
    """Lines of a function without branches, and the name of its result.

    Raises:
        SubsetError: if it branches in a way that this cannot say, or is too long.
    """
    line = _Line()
    walk = _Flat(function, line)
    result = walk.result()
    if line.needs.factorials:
        raise SubsetError(f"{function.name}: found a table, which is read lane by lane")
    return line.lines, result.text


class _Line(Instructions):
    """The instructions; variables are names of values."""

    def __init__(self) -> None:
        super().__init__(Needs(), "t")
        self.variables: dict[str, Operand] = {}

    def name(self, name: str) -> Operand:
        return self.variables.get(name) or super().name(name)

    def emit(self, instruction: str) -> str:
        if len(self.lines) > _LONGEST:
            raise SubsetError(f"found over {_LONGEST} instructions; lane by lane is cheaper")
        return super().emit(instruction)

    def call(self, name: str, arguments: Sequence[str]) -> str:
        # For a lane whose side is not taken the operands are anything: a loop might never end.
        if name in PORTABLE and _loops(PORTABLE[name]):
            raise SubsetError(f"found {name}, which loops; expected a straight line")
        return super().call(name, arguments)


@cache
def _loops(function: Callable[..., object]) -> bool:
    """True if a portable function runs until a condition fails."""
    return any(isinstance(part, While) for part in parts(function_of(function)))


class _Flat(BranchFree[Operand, str]):
    """The walk, in instructions."""

    def __init__(self, function: Function, line: _Line) -> None:
        super().__init__(function)
        self._line = line
        for position, name in enumerate(function.parameters):
            self.variables[name] = Operand(NUMBER, f"%a{position}")

    def evaluated(self, node: Expression) -> Operand:
        self._line.variables = self.variables
        return self._line.value(node)

    def returned(self, node: Expression) -> Operand:
        return Operand(NUMBER, self._line.as_number(self.evaluated(node)))

    def tested(self, node: Expression) -> str:
        return self._line.as_truth(self.evaluated(node))

    def kept(self, name: str, value: Operand) -> Operand:
        return value

    def chosen(self, test: str, yes: Operand, no: Operand) -> Operand:
        kind = yes.stored
        return Operand(
            yes.kind, self._line.emit(f"select i1 {test}, {kind} {yes.text}, {kind} {no.text}")
        )

    def merged(self, name: str, test: str, yes: Operand, no: Operand) -> Operand | None:
        return self.chosen(test, yes, no) if yes.kind == no.kind else None

    def rows(self, node: Rows) -> Sequence[Statement]:
        return [part for row in node.rows for part in (Together(node.names, row), *node.body)]
