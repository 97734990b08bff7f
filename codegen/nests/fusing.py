"""Statements to trees of loops: what runs over the same places runs in one loop.

A statement joins a loop if every turn of it reads of what the loop makes only what the same turn
has made.  What a loop sums is there after the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from codegen.nests.lower.loop_statement import (
    Access,
    Opaque,
    Repeat,
    Statement,
    Step,
)

__all__ = ["Branch", "Loop", "fused", "statements_in", "written_by"]


@dataclass(eq=False)
class Loop:
    """A loop over statements and loops.

    Args:
        extent: How many turns.
        depth: How many loops are around it.
        body: What is inside, in order.
        statements: Every statement inside.
    """

    extent: int
    depth: int
    body: list[Branch] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


Branch: TypeAlias = Loop | Statement | Opaque | Repeat


def statements_in(branch: Branch) -> Sequence[Statement]:
    """Every statement of a branch, in order."""
    if isinstance(branch, Loop):
        return branch.statements
    return [branch] if isinstance(branch, Statement) else []


def written_by(branch: Branch) -> Sequence[int]:
    """The tensors that a branch stores in, once for each step that does."""
    if isinstance(branch, Loop):
        return [statement.target.tensor for statement in branch.statements]
    return _written(branch)


def fused(steps: Sequence[Step], depth: int = 0) -> list[Branch]:
    """Trees of loops that compute the steps.

    Args:
        steps: In order.
        depth: How many loops are around them.
    """
    groups: list[list[Step]] = []
    made: dict[int, int] = {}  # the last group that writes a tensor
    read: dict[int, int] = {}  # the last group that reads one
    for step in steps:
        place = _place(step, groups, made, read, depth)
        if place is None and depth == 0 and _needs_nothing(step, {**made, **read}):
            groups.insert(0, [step])
            made = {tensor: group + 1 for tensor, group in made.items()}
            read = {tensor: group + 1 for tensor, group in read.items()}
            place = 0
        elif place is None:
            groups.append([step])
            place = len(groups) - 1
        else:
            groups[place].append(step)
        made.update(dict.fromkeys(_written(step), place))
        read.update((t, max(place, read.get(t, 0))) for t in _read(step))
    found: list[Branch] = []
    for group in groups:
        first = group[0]
        if not isinstance(first, Statement) or len(first.extents) == depth:
            found += group
            continue
        inside = [step for step in group if isinstance(step, Statement)]
        loop = Loop(first.extents[depth], depth, statements=inside)
        loop.body = fused(inside, depth + 1)
        found.append(loop)
    return found


def _place(
    step: Step, groups: Sequence[Sequence[Step]], made: Mapping[int, int],
    read: Mapping[int, int], depth: int,
) -> int | None:  # fmt: skip
    """The group that a step joins; None if it needs one of its own."""
    if not isinstance(step, Statement) or len(step.extents) == depth:
        return None
    needed = [made[t] for t in _touched(step) if t in made]
    if step.target.tensor in read:  # which changes where it lies: behind all that read it
        needed.append(read[step.target.tensor] + 1)
    first = max(needed, default=0)
    for place in range(first, len(groups)):
        if _joins(step, groups[place], depth):
            return place
    return None


def _needs_nothing(step: Step, made: Mapping[int, int]) -> bool:
    """True for what fills a new tensor with a number: everything else can come after it."""
    if not isinstance(step, Statement) or step.target.tensor in made:
        return False
    return step.fold is None and not any(True for _ in step.reads())


def _written(step: Step) -> Sequence[int]:
    """The tensors that a step stores in."""
    if isinstance(step, Repeat):
        return step.targets
    return [step.target.tensor if isinstance(step, Statement) else step.target]


def _read(step: Step) -> Iterator[int]:
    """The tensors that a step reads, of those that it stands among."""
    if isinstance(step, Opaque):
        yield from step.operands
    else:
        yield from (access.tensor for access in step.reads())


def _touched(step: Statement) -> Iterator[int]:
    for access in step.reads():
        yield access.tensor
    yield step.target.tensor


def _joins(step: Statement, group: Sequence[Step], depth: int) -> bool:
    first = group[0]
    if not isinstance(first, Statement) or len(first.extents) == depth:
        return False
    if first.extents[depth] != step.extents[depth] or depth in step.serial:
        return False
    for other in group:
        assert isinstance(other, Statement)
        if depth in other.serial or other.target.tensor == step.target.tensor:
            return False
        for access in step.reads():
            if access.tensor == other.target.tensor and not _follows(step, access, other, depth):
                return False
    return True


def _follows(step: Statement, access: Access, other: Statement, depth: int) -> bool:
    """True if each turn reads only what the same turn of ``other`` has made."""
    target = other.target
    stride = target.strides[depth]
    if stride <= 0 or access.strides[depth] != stride or other.accumulates or target.pick:
        return False
    low, high = target.span(other.extents, depth + 1)
    if low < 0 or high >= stride:
        return False
    low, high = access.span(step.extents, depth + 1)
    ahead = access.offset - target.offset
    return ahead + low >= 0 and ahead + high < stride
