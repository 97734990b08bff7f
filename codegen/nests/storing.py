"""Where tensors in between lie: in registers, on the stack, or in memory that calls share.

A tensor that is written and read inside one loop alone needs room for one turn of it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from codegen.nests.fusing import Branch, Loop
from codegen.nests.lower.loop_statement import (
    Home,
    Opaque,
    Statement,
    Step,
    Tensor,
)

__all__ = ["Room", "private_rooms", "registers", "shared_places"]

_LINE = 8  # numbers of a cache line: each tensor begins with one


@dataclass(frozen=True)
class Room:
    """Room for one turn of the loops around all uses of a tensor.

    Args:
        depth: How many loops these are.
        size: Numbers of one turn.
    """

    depth: int
    size: int


def private_rooms(trees: Sequence[Branch], tensors: Sequence[Tensor]) -> dict[int, Room]:
    """The tensors that live inside loops of one tree each.

    Args:
        trees: The trees.
        tensors: All tensors.
    """
    uses = Counter(t for tree in trees for t in _used_by(tree))
    many = frozenset(t for t, count in uses.items() if count > 1)
    rooms: dict[int, Room] = {}
    for tree in trees:
        rooms |= _rooms_of(tree, tensors, many)
    return rooms


def registers(steps: Sequence[Step], tensors: Sequence[Tensor]) -> dict[int, Room]:
    """The numbers of what is repeated that need no memory: nothing asks where they lie.

    Args:
        steps: What is repeated.
        tensors: Its tensors.
    """
    asked = _asked(steps)
    return {
        tensor: Room(0, 1)
        for tensor, known in enumerate(tensors)
        if known.home is Home.WORK and known.size == known.written == 1 and tensor not in asked
    }


def _asked(steps: Sequence[Step]) -> set[int]:
    """The tensors that have to lie in memory."""
    asked: set[int] = set()
    for step in steps:
        if isinstance(step, Opaque):
            asked |= step.tensors()
        elif isinstance(step, Statement):
            asked |= {access.tensor for access in step.accesses() if access.pick}
            if step.accumulates:
                asked.add(step.target.tensor)
        else:
            asked |= {access.tensor for access in step.streams}
            asked.update(step.targets[len(step.begins) :])
            inside = _asked(step.steps)
            asked |= {
                step.fixed[known.place].tensor
                for tensor, known in enumerate(step.own)
                if known.home is Home.FIXED and tensor in inside
            }
    return asked


def _rooms_of(tree: Branch, tensors: Sequence[Tensor], others: frozenset[int]) -> dict[int, Room]:
    """The tensors that live inside loops of one tree, and which nothing else uses."""
    paths: dict[int, list[tuple[Loop, ...]]] = {}
    writers: dict[int, Statement] = {}
    picked: set[int] = set()
    for path, statement in _paths(tree, ()):
        for access in statement.accesses():
            paths.setdefault(access.tensor, []).append(path)
            if access.pick is not None:
                picked.add(access.tensor)
        writers[statement.target.tensor] = statement
    rooms = {}
    for tensor, writer in writers.items():
        known = tensors[tensor]
        if known.home is not Home.WORK or known.written != 1 or tensor in others:
            continue
        depth = _shared(paths[tensor])
        if depth == 0 or writer.accumulates:
            continue
        room = Room(depth, writer.target.strides[depth - 1])
        if room.size > 1 or tensor not in picked:  # one number is a register: no index finds it
            rooms[tensor] = room
    return rooms


def _paths(branch: Branch, path: tuple[Loop, ...]) -> Iterator[tuple[tuple[Loop, ...], Statement]]:
    if isinstance(branch, Loop):
        for inner in branch.body:
            yield from _paths(inner, (*path, branch))
    elif isinstance(branch, Statement):
        yield path, branch


def _shared(paths: Sequence[tuple[Loop, ...]]) -> int:
    """How many loops, from the outermost on, all paths have in common."""
    depth = 0
    for loops in zip(*paths, strict=False):
        if any(loop is not loops[0] for loop in loops):
            break
        depth += 1
    return depth


def shared_places(
    trees: Sequence[Branch], tensors: Sequence[Tensor], private: Mapping[int, object]
) -> tuple[dict[int, int], int]:
    """Where in the shared memory tensors lie, and how long that is.

    A tensor has its place from the first tree that touches it to the last.
    """
    life: dict[int, tuple[int, int]] = {}
    for k, tree in enumerate(trees):
        for tensor in _used_by(tree):
            if tensors[tensor].home is Home.WORK and tensor not in private:
                life[tensor] = (life.get(tensor, (k, k))[0], k)
    places: dict[int, int] = {}
    held: list[tuple[int, int, int]] = []  # a heap of last tree, start, end
    free, length = _Free(), 0
    for tensor in sorted(life, key=lambda t: life[t][0]):
        first, last = life[tensor]
        while held and held[0][0] < first:
            free.give_back(*heappop(held)[1:])
        need = -(-tensors[tensor].size // _LINE) * _LINE
        start = places[tensor] = free.take(need)
        heappush(held, (last, start, start + need))
        length = max(length, start + need)
    return places, length


class _Free:
    """The stretches of memory that nobody holds, the last of them without end."""

    def __init__(self) -> None:
        self._stretches: list[tuple[int, float]] = [(0, math.inf)]  # start, end; by start

    def take(self, size: int) -> int:
        """Where the first stretch that is long enough begins; so much of it is held from now on."""
        if size == 0:
            return 0
        place, (start, end) = next(
            (k, one) for k, one in enumerate(self._stretches) if one[1] - one[0] >= size
        )
        rest = [(start + size, end)] if start + size < end else []
        self._stretches[place : place + 1] = rest
        return start

    def give_back(self, start: int, end: int) -> None:
        """Let a stretch be free again, one with the stretches beside it."""
        if start == end:
            return
        place, joined = bisect_left(self._stretches, (start, end)), float(end)
        stop = place
        if place and self._stretches[place - 1][1] == start:
            place, start = place - 1, self._stretches[place - 1][0]
        if stop < len(self._stretches) and self._stretches[stop][0] == end:
            stop, joined = stop + 1, self._stretches[stop][1]
        self._stretches[place:stop] = [(start, joined)]


def _used_by(tree: Branch) -> set[int]:
    """Every tensor that a tree touches."""
    if isinstance(tree, Loop):
        return set().union(*(statement.tensors() for statement in tree.statements))
    return tree.tensors()
