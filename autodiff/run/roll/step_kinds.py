"""The steps of a repetition, sorted by what becomes of them.

A step that is the same in all repetitions is computed once, before.  One that depends on no other
repetition is an operation on arrays, before the loop, or behind it if it needs what the loop gives.
A step that adds up, and nothing else, is a sum.  What is left is the loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autodiff.run.roll.columns import Carried, Column, Same, Within
from autodiff.run.roll.in_numbers import Operations
from autodiff.run.roll.repetition import Repetition

__all__ = ["Slots", "sorted_slots"]


@dataclass(frozen=True)
class Slots:
    """The steps of a repetition by kind, each in order."""

    fixed: tuple[int, ...]
    before: tuple[int, ...]
    core: tuple[int, ...]
    behind: tuple[int, ...]
    sums: dict[int, int]  # a step that adds up -> which of its operands is added


def sorted_slots(
    operations: Operations, found: Repetition, used: Iterable[tuple[int, int]]
) -> Slots:
    """The steps of ``found``, sorted.

    Args:
        operations: The trace.
        found: What repeats.
        used: Steps and repetitions whose results are taken outside.
    """
    columns = found.columns
    sums = _sums(operations, found, used)
    fixed: set[int] = set()
    before: set[int] = set()
    for slot, row in enumerate(columns):
        if slot in sums:
            continue
        if all(isinstance(c, Same) or _within(c, fixed) for c in row):
            fixed.add(slot)
        elif _is_scalar(operations, found, slot) and all(
            not isinstance(c, Carried) and (not isinstance(c, Within) or _within(c, fixed | before))
            for c in row
        ):
            before.add(slot)
    done = fixed | before | sums.keys()
    core = _core(columns, done)
    behind: list[int] = []
    for slot in range(len(columns)):
        if slot in done or slot in core:
            continue
        if _is_scalar(operations, found, slot):
            behind.append(slot)
        else:
            core.add(slot)
    moved = _needing(columns, core, set(behind))
    core |= moved
    behind = [slot for slot in behind if slot not in moved]
    return Slots(
        tuple(sorted(fixed)), tuple(sorted(before)), tuple(sorted(core)), tuple(behind), sums
    )


def _within(column: Column, slots: set[int]) -> bool:
    return isinstance(column, Within) and column.slot in slots


def _is_scalar(operations: Operations, found: Repetition, slot: int) -> bool:
    """True for an operation on scalars, which arrays of them have as well."""
    graph = operations.graph
    node = operations.node(found.start + slot)
    plain = not node.params and not node.shape
    return plain and all(not graph.nodes[i].shape for i in node.operands)


def _core(columns: tuple[tuple[Column, ...], ...], done: set[int]) -> set[int]:
    """Steps that are carried or take what is carried, and all that these need."""
    core: set[int] = set()
    waiting: list[int] = []
    for slot, row in enumerate(columns):
        if slot in done:
            continue
        carried = [c.slot for c in row if isinstance(c, Carried)]
        if carried:
            waiting += [slot, *carried]
    while waiting:
        slot = waiting.pop()
        if slot in core or slot in done:
            continue
        core.add(slot)
        waiting += [c.slot for c in columns[slot] if isinstance(c, (Within, Carried))]
    return core


def _needing(columns: tuple[tuple[Column, ...], ...], core: set[int], behind: set[int]) -> set[int]:
    """Of the steps behind the loop those that steps in it need."""
    moved: set[int] = set()
    for slot in sorted(core, reverse=True):
        waiting = [c.slot for c in columns[slot] if isinstance(c, Within)]
        while waiting:
            one = waiting.pop()
            if one in behind and one not in moved:
                moved.add(one)
                waiting += [c.slot for c in columns[one] if isinstance(c, Within)]
    return moved


def _sums(
    operations: Operations, found: Repetition, used: Iterable[tuple[int, int]]
) -> dict[int, int]:
    """Steps that add something to what they were, while nothing else looks at them."""
    looked: set[int] = set()
    for slot, row in enumerate(found.columns):
        looked |= {
            c.slot
            for c in row
            if isinstance(c, Within) or (isinstance(c, Carried) and c.slot != slot)
        }
    looked |= {slot for slot, repetition in used if repetition != found.times - 1}
    sums: dict[int, int] = {}
    for slot, row in enumerate(found.columns):
        node = operations.node(found.start + slot)
        if slot in looked or node.shape or node.primitive is None:
            continue
        own = [isinstance(c, Carried) and c.slot == slot and c.lag == 1 for c in row]
        if sum(isinstance(c, Carried) for c in row) != 1:
            continue
        if node.primitive.name == "add" and own.count(True) == 1:
            sums[slot] = own.index(False)
        elif node.primitive.name == "sub" and own == [True, False]:
            sums[slot] = 1
    return sums
