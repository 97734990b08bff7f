"""Elements that loops inside loops put into an array, each place known before the loops run.

``K[i, j] = K[j, i] = k(x[i], x[j])``: nothing reads the array meanwhile, so that what all
repetitions put there is stacked, loop by loop, and put there behind the outermost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.inner.known_tests import in_all
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.capture.variables import shape_of

__all__ = ["Put", "Scattered", "scattered"]

_Sides = tuple[tuple[int, bool], ...]  # conditions, and whether they hold


class _Repetition(Protocol):
    """One repetition, recorded, that stands for all."""

    count: int

    def known_at(self, node: int) -> NDArray[np.generic] | None:
        """The values of a node that stands for what is known, one for each repetition."""
        ...


class Put(NamedTuple):
    """What an assignment puts into an array, in all repetitions of some loops.

    Attributes:
        target: The array.
        parts: The index, as the user's code has it.
        sides: All sides of branches that run then.
        node: The value, or what loops inside stacked of it.
        places: The place on each axis, in all repetitions.
        holds: In which repetitions the assignment runs.
        left: How many loops there are around it yet.
    """

    target: ArrayTracer
    parts: Sequence[object]
    sides: _Sides
    node: int
    places: Sequence[NDArray[np.int64]]
    holds: NDArray[np.bool_]
    left: int


class Scattered:
    """What the repetitions of one loop put so."""

    def __init__(self) -> None:
        self._every: list[Put] = []

    @property
    def nodes(self) -> list[int]:
        """The nodes that are stacked."""
        return [one.node for one in self._every]

    def add(self, one: Put) -> None:
        """Note an assignment."""
        self._every.append(one)

    def found(self, x: ArrayTracer, parts: Sequence[object], sides: _Sides) -> int | None:
        """The node of an element that this repetition has put there, last of all; None if none."""
        own = [one for one in self._every if one.target is x]
        last = own[-1] if own else None
        if last is None or last.sides != sides or len(last.parts) != len(parts):
            return None
        return last.node if all(map(_is_one, last.parts, parts)) else None

    def require_unread(self, read: Iterable[ArrayTracer]) -> list[ArrayTracer]:
        """The arrays, which must not be among those that are read.

        Raises:
            UncapturableError: if they are, or where loops put different elements at one place.
        """
        targets = {id(one.target): one.target for one in self._every}
        if any(id(x) in targets for x in read):
            raise UncapturableError
        for k, one in enumerate(self._every):
            for other in self._every[:k]:
                alike = one.target is not other.target or one.holds.shape == other.holds.shape
                if not alike and not set(_flat(one)).isdisjoint(_flat(other)):
                    raise UncapturableError
        return [*targets.values()]

    def put(self, stacks: Sequence[ArrayTracer], outer: Scattered | None) -> None:
        """Leave what was stacked to the loop outside, or put it into the arrays.

        Args:
            stacks: The values of ``nodes`` in all repetitions.
            outer: What the loop outside puts.
        """
        final: dict[int, list[tuple[Put, ArrayTracer]]] = {}
        for one, values in zip(self._every, stacks, strict=True):
            if one.left > 1:
                assert outer is not None
                outer.add(one._replace(node=values.index, left=one.left - 1))
            else:
                final.setdefault(id(one.target), []).append((one, values))
        for pairs in final.values():
            for shape in {one.holds.shape: None for one, _ in pairs}:
                _put(pairs[0][0].target, [pair for pair in pairs if pair[0].holds.shape == shape])


def scattered(
    x: ArrayTracer,
    parts: Sequence[object],
    value: object,
    loops: Sequence[_Repetition],
    conditions: Sequence[tuple[int, bool]],
    sides: _Sides,
) -> Put | None:
    """``x[parts] = value``, if it is known where that is in all repetitions; else None.

    Args:
        x: The array.
        parts: The index.
        value: A number.
        loops: The loops under way, from the outermost in whose repetitions the index differs.
        conditions: The sides of branches that began in these.
        sides: All sides of branches.
    """
    counts = tuple(one.count for one in loops)

    def spread(values: object, depth: int) -> NDArray[np.generic]:
        shape = [1] * len(counts)
        shape[depth] = -1
        return np.asarray(values).reshape(shape)

    def given(node: int) -> NDArray[np.generic] | None:
        known = ((one.known_at(node), depth) for depth, one in enumerate(loops))
        return next((spread(values, depth) for values, depth in known if values is not None), None)

    plain = len(parts) == x.ndim and not shape_of(value)
    whole = all(isinstance(p, (int, np.integer, Known)) for p in parts)
    if not (plain and whole) or x.is_argument or x._parent is not None or x._doubtful:
        return None
    holds = np.ones(counts, bool)
    for condition, side in conditions:
        known = None if condition < 0 else in_all(x.builder, condition, given)
        if known is None:
            return None
        holds = holds & (known.astype(bool) == side)
    owners, places = [*loops], list[NDArray[np.int64]]()
    for size, p in zip(x.shape, parts, strict=True):
        at = (
            spread(p.values, owners.index(cast("_Repetition", p.owner)))
            if type(p) is Known
            else np.asarray(p)
        )
        every = np.broadcast_to(at, counts).astype(np.int64)
        if not np.all((every[holds] >= -size) & (every[holds] < size)):
            return None
        places.append(np.where(holds, every % size, 0))
    return Put(x, parts, sides, x.node_of(value, "assign"), places, holds, len(loops))


def _is_one(x: object, y: object) -> bool:
    if isinstance(x, Known) and isinstance(y, Known):
        return x.owner is y.owner and x.values == y.values
    return not isinstance(x, Known) and not isinstance(y, Known) and bool(x == y)


def _places(one: Put) -> NDArray[np.int64]:
    """Where elements are put, as places of the flat array."""
    return np.ravel_multi_index([p.ravel() for p in one.places], one.target.shape)


def _flat(one: Put) -> list[int]:
    """The places at which something is put."""
    found: list[int] = _places(one)[one.holds.ravel()].tolist()
    return found


def _put(target: ArrayTracer, pairs: Sequence[tuple[Put, ArrayTracer]]) -> None:
    """Put values into an array: the last of those at one place stays."""
    shape = target.shape
    every = np.stack([_places(one) for one, _ in pairs], 1).ravel()
    there = np.flatnonzero(np.stack([one.holds.ravel() for one, _ in pairs], 1))
    last = np.full(target.size, -1)
    last[every[there]] = there  # NumPy assigns from first to last
    for number, (_, values) in enumerate(pairs):
        places = np.flatnonzero((last >= 0) & (last % len(pairs) == number))
        rows = last[places] // len(pairs)
        line = values.reshape(-1)
        if places.size == target.size:
            target[...] = line[rows].reshape(shape)
        elif places.size:
            target[np.unravel_index(places, shape)] = line[rows]
