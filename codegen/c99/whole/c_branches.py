"""Which steps are computed on one side of a condition alone, and where their ``if`` stands.

The sides of the user's branches meet in ``where``.  C computes one side of ``c ? x : y``; what
leads to that side, and to nothing else, stands in an ``if`` before it where it takes a call or a
loop.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple, TypeAlias

from autodiff.table.primitive import REGISTRY
from codegen.nests.fusing import Branch, Loop, fused, statements_in, written_by
from codegen.nests.lower.loop_statement import Home, Opaque, Repeat, Statement, Step, Tensor
from codegen.nests.storing import registers

__all__ = ["Guarded", "Path", "fused_by_side", "guarded", "reads_in"]

Path: TypeAlias = tuple[tuple[int, bool], ...]  # conditions, the outermost first, and their sides
_WHERE = REGISTRY["where"]


class Guarded(NamedTuple):
    """A branch of a tree, and the sides that it stands on."""

    path: Path
    branch: Branch


def guarded(
    branches: Sequence[Branch], conditions: Set[int], is_free: Callable[[int], bool],
    is_dear: Callable[[Statement], bool], behind: Set[int],
) -> list[Guarded]:  # fmt: skip
    """Branches in an order in which those of one side stand together.

    Args:
        branches: In order.
        conditions: The tensors that are truth values.
        is_free: Whether a tensor is nothing but what a branch computes.
        is_dear: Whether a statement takes a call.
        behind: The tensors that are read behind all of them.
    """
    if not conditions:
        return [Guarded((), branch) for branch in branches]
    paths = _paths(branches, conditions, is_free, behind)
    dear = {
        path[:k]
        for path, branch in zip(paths, branches, strict=True)
        if not isinstance(branch, Statement) or is_dear(branch)
        for k in range(1, len(path) + 1)
    }
    made = []
    for path, branch in zip(paths, branches, strict=True):
        depth = max((k for k in range(1, len(path) + 1) if path[:k] in dear), default=0)
        made.append(Guarded(path[:depth], branch))
    return _gathered(made)


def fused_by_side(
    steps: Sequence[Step], tensors: Sequence[Tensor], behind: Set[int]
) -> list[Branch]:
    """Trees of loops that compute the steps; what stands on different sides is in different loops.

    Args:
        steps: In order.
        tensors: All tensors.
        behind: The tensors that are read behind them.
    """
    variables = registers(steps, tensors)
    conditions = {
        step.target.tensor
        for step in steps
        if isinstance(step, Statement)
        and step.primitive is not None
        and step.primitive.predicate
        and step.target.tensor in variables
    }

    def is_free(tensor: int) -> bool:
        return tensors[tensor].home is Home.WORK and tensors[tensor].written == 1

    given = guarded(steps, conditions, is_free, lambda step: bool(step.extents), behind)
    runs = itertools.groupby(given, key=lambda one: one.path)
    return [
        tree
        for _, run in runs
        for tree in fused([one.branch for one in run if not isinstance(one.branch, Loop)])
    ]


def reads_in(branch: Branch) -> set[int]:
    """The tensors that a branch reads."""
    return {tensor for tensor, _ in _uses(branch, frozenset())}


def _paths(
    branches: Sequence[Branch], conditions: Set[int], is_free: Callable[[int], bool],
    behind: Set[int],
) -> list[Path]:  # fmt: skip
    """The sides that every use of what a branch computes stands on."""
    uses: dict[int, Path] = dict.fromkeys(behind, ())
    found: list[Path] = []
    for branch in reversed(branches):
        written = set(written_by(branch))
        known = [uses[tensor] for tensor in written if tensor in uses]
        path: Path = ()
        if known and all(map(is_free, written)):
            path = known[0]
            for other in known[1:]:
                path = _common(path, other)
        found.append(path)
        for tensor, side in _uses(branch, conditions):
            own = path if side is None or side in path else (*path, side)
            uses[tensor] = _common(uses[tensor], own) if tensor in uses else own
    return found[::-1]


def _common(one: Path, other: Path) -> Path:
    count = 0
    for x, y in zip(one, other, strict=False):
        if x != y:
            break
        count += 1
    return one[:count]


def _uses(branch: Branch, conditions: Set[int]) -> Iterator[tuple[int, tuple[int, bool] | None]]:
    """The tensors that a branch reads, and on which side of a condition."""
    if isinstance(branch, (Opaque, Repeat)):
        operands = branch.operands if isinstance(branch, Opaque) else ()
        yield from ((tensor, None) for tensor in operands)
        if isinstance(branch, Repeat):
            yield from ((access.tensor, None) for access in branch.reads())
        return
    for statement in statements_in(branch):
        sides: list[tuple[int, bool] | None] = [None] * len(statement.operands)
        test = statement.operands[0] if statement.primitive is _WHERE else 0.0
        if not isinstance(test, float) and test.pick is None and test.tensor in conditions:
            sides = [None, (test.tensor, True), (test.tensor, False)]
        for operand, side in zip(statement.operands, sides, strict=True):
            if not isinstance(operand, float):
                yield operand.tensor, side
                if operand.pick is not None:
                    yield operand.pick.places.tensor, side
        if statement.target.pick is not None:
            yield statement.target.pick.places.tensor, None
        if statement.accumulates:
            yield statement.target.tensor, None


def _gathered(given: Sequence[Guarded]) -> list[Guarded]:
    """What stands on a side waits for the first that reads it, so that one ``if`` holds it all."""
    made: list[Guarded] = []
    held: list[Guarded] = []
    computed: set[int] = set()  # by what waits
    read: set[int] = set()  # likewise
    for one in given:
        reads, writes = reads_in(one.branch), set(written_by(one.branch))
        if not one.path:
            if not reads.isdisjoint(computed) or not writes.isdisjoint(read):
                made += _by_side(held)
                held, computed, read = [], set(), set()
            made.append(one)
            continue
        held.append(one)
        computed |= writes
        read |= reads
    return [*made, *_by_side(held)]


def _by_side(held: Sequence[Guarded]) -> list[Guarded]:
    """Those of one side together; none reads what another side computes."""
    order: dict[tuple[int, bool], int] = {}
    for one in held:
        order.setdefault(one.path[0], len(order))
    return sorted(held, key=lambda one: order[one.path[0]])
