"""Trees whose sides of a condition stand in an ``if``."""

from __future__ import annotations

from collections.abc import Sequence, Set

from codegen.c99.whole.c_branches import Guarded, guarded, reads_in
from codegen.c99.whole.c_trees import Trees
from codegen.nests.fusing import Branch, statements_in
from codegen.nests.lower.loop_statement import Access, Home, Operand, Repeat, Statement

__all__ = ["TreesWithSides", "tensors_in"]


class TreesWithSides(Trees):
    """Trees, of which a path that is not taken is not computed."""

    def planned(self, trees: Sequence[Branch], behind: Set[int]) -> list[Guarded]:
        """The order in which trees are written, and the sides that they stand on."""
        return guarded(trees, self._truths, self._is_free, self._is_dear, behind)

    def write(self, given: Sequence[Guarded], read: Sequence[Operand | None] = ()) -> None:
        """Write what has been planned."""
        self._sides(given, 0, tensors_in(read))

    def _body(self, branches: Sequence[Branch], behind: Set[int]) -> None:
        """Branches of one body; what leads to one side of a choice alone stands in an ``if``."""
        self._sides(self.planned(branches, behind), 0, behind)

    def _is_free(self, tensor: int) -> bool:
        known = self._tensors[tensor]
        return known.home is Home.WORK and known.written == 1

    def _is_dear(self, statement: Statement) -> bool:
        """True for a call that is not written inside the choice itself."""
        if statement.primitive is None or statement.target.tensor in self._alone:
            return False
        return bool(self._sheet.target.template(statement.primitive).calls)

    def _sides(self, given: Sequence[Guarded], depth: int, behind: Set[int]) -> None:
        """Branches whose paths begin alike, up to a depth."""
        at = 0
        while at < len(given):
            side = _side(given, at, depth)
            if side is None or side[0] not in self._variables:
                self._branch(given[at].branch)
                at += 1
                continue
            end = _end(given, at, depth)
            other = end
            if end < len(given) and _side(given, end, depth) == (side[0], not side[1]):
                other = _end(given, end, depth)
            after = set(behind).union(*(reads_in(one.branch) for one in given[other:]))
            self._if(side, given[at:end], given[end:other], depth, after)
            at = other

    def _if(
        self, side: tuple[int, bool], given: Sequence[Guarded], other: Sequence[Guarded],
        depth: int, behind: Set[int],
    ) -> None:  # fmt: skip
        """What is computed where a condition holds, or does not, and on its other side."""
        condition, holds = side
        for one in (*given, *other):
            for statement in statements_in(one.branch):
                self._declare_ahead(statement, behind)
            if isinstance(one.branch, Repeat):
                self._numbers_ahead(one.branch.targets, behind)
        text = self.read(Access(condition, 0, ())).text
        with self._sheet.block(f"if ({text})" if holds else f"if (!{text})"):
            self._sides(given, depth + 1, behind)
        if other:
            self._sheet.lines.pop()
            with self._sheet.block("} else"):
                self._sides(other, depth + 1, behind)

    def _declare_ahead(self, statement: Statement, behind: Set[int]) -> None:
        is_truth = statement.target.tensor in self._truths
        self._numbers_ahead([statement.target.tensor], behind, "int" if is_truth else "double")

    def _numbers_ahead(
        self, tensors: Sequence[int], behind: Set[int], kind: str = "double"
    ) -> None:
        """Declare the variables that are read behind an ``if`` in front of it."""
        for tensor in tensors:
            if tensor in behind and tensor not in self._ahead and self.is_variable(tensor):
                name = self._ahead[tensor] = self.name(tensor)
                self._sheet.add(f"{kind} {name} = {'0' if kind == 'int' else '0.0'};")


def _side(given: Sequence[Guarded], at: int, depth: int) -> tuple[int, bool] | None:
    path = given[at].path
    return path[depth] if len(path) > depth else None


def _end(given: Sequence[Guarded], at: int, depth: int) -> int:
    """Where the branches end that stand on one side together."""
    end = at + 1
    while end < len(given) and _side(given, end, depth) == _side(given, at, depth):
        end += 1
    return end


def tensors_in(read: Sequence[Operand | None]) -> set[int]:
    """The tensors among operands."""
    return {x.tensor for x in read if x is not None and not isinstance(x, float)}
