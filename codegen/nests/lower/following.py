"""Values in between in the order in which they are read.

What one statement alone reads, in another order of its loops, is computed in that order and lies
so: the two can be one loop, and nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from codegen.nests.lower.loop_statement import (
    Access,
    Home,
    Opaque,
    Statement,
    Step,
    Tensor,
)
from codegen.nests.lower.views import strides_of

__all__ = ["follow_readers"]


def follow_readers(steps: list[Step], tensors: Sequence[Tensor]) -> None:
    """Put the loops of values in between, in place, in the order of their one reader's."""
    reads = Counter(tensor for step in steps for tensor in _read_by(step))
    reader = {tensor: k for k, step in enumerate(steps) for tensor in _read_by(step)}
    for k in range(len(steps) - 1, -1, -1):
        step = steps[k]
        if not isinstance(step, Statement) or step.fold is not None or step.target.pick:
            continue
        tensor = tensors[step.target.tensor]
        if tensor.home is not Home.WORK or tensor.written != 1 or reads[step.target.tensor] != 1:
            continue
        place = reader[step.target.tensor]
        other = steps[place]
        if isinstance(other, Statement):
            changed = _followed(step, other)
            if changed is not None:
                steps[k], steps[place] = changed


def _read_by(step: Step) -> list[int]:
    if isinstance(step, Opaque):
        return list(step.operands)
    return [access.tensor for access in step.reads()]


def _followed(step: Statement, reader: Statement) -> tuple[Statement, Statement] | None:
    """Both with the loops of ``step`` in the order of the reader's; None if these are others."""
    access = next(a for a in reader.reads() if a.tensor == step.target.tensor)
    if access.pick or access.offset != step.target.offset or access not in reader.operands:
        return None
    own = step.target.strides
    if len(set(own)) != len(own) or sorted(own) != sorted(access.strides):
        return None
    order = tuple(own.index(stride) for stride in access.strides)
    if order == tuple(sorted(order)) or tuple(step.extents[i] for i in order) != reader.extents:
        return None
    strides = strides_of(reader.extents)
    moved = step.reordered(order)
    moved = replace(moved, target=Access(step.target.tensor, step.target.offset, strides))
    operands = tuple(x._replace(strides=strides) if x is access else x for x in reader.operands)
    return moved, replace(reader, operands=operands)
