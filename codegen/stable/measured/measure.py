"""Measure: how many bits of a result are lost, on the sample points of a function."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.graph import Graph
from autodiff.table.provers import prover
from codegen.stable.many_forms import Column
from codegen.stable.measured.sample_points import Domain, Point, corners, draw

__all__ = ["WORSE", "Sample", "Truth", "as_good", "bits_lost", "loss", "sampled"]

Truth: TypeAlias = Callable[[Graph, Sequence[Point]], list[list[float]]]
WORSE = 0.06  # bits that a form may lose more than another on some kind of points
_FOR_GAIN, _LARGE = 2.0, 6.0  # bits that it may lose besides for such a gain in the mean
_CLOSE = 1e-9
_TRIES = 4  # points drawn for each that is wanted


def bits_lost(found: Column, true: Column) -> Column:
    """Per point the bits that a result lacks: 0 where it is the nearest double, 64 for nan."""
    x, y = _orders(found), _orders(true)
    with np.errstate(over="ignore"):
        near = np.abs(x - y).astype(np.float64)  # exact where both have one sign
    far = np.abs(x.astype(np.float64)) + np.abs(y.astype(np.float64))
    lost = np.log2(np.where((x >= 0) == (y >= 0), near, far) + 1.0)
    lost = np.where(np.isnan(found), 64.0, lost)
    return np.where(np.isnan(true), np.nan, lost)


def _orders(x: Column) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Doubles as numbers that count them."""
    bits = np.ascontiguousarray(x, np.float64).view(np.int64)
    return np.where(bits >= 0, bits, -(bits & 0x7FFFFFFFFFFFFFFF))


def loss(after: Sequence[float], before: Sequence[float]) -> float:
    """By how many bits one form is worse than another, given their means per kind of points.

    It may lose ``WORSE`` where it compares worst, and more where it gains bits elsewhere: what does
    not overflow is a step or two longer, and off by half a last bit more.
    """
    told = [a - b for a, b in zip(after, before, strict=True) if not math.isnan(a - b)]
    if not told:
        return 0.0
    gains = sorted(-x for x in told)[
        :-1
    ]  # one kind of points is no reason: a user may never go there
    gain = max(0.0, sum(gains) / len(gains)) if gains else 0.0
    return max(told) - _FOR_GAIN * min(1.0, gain / _LARGE)


class Sample:
    """Points of a function, and the true outputs there.

    Args:
        columns: Per input its values.
        truth: Per output its true values; nan where unknown.
        strata: Per kind of points its name and where it stands.
        special: Where special points stand, which are of no kind.
    """

    def __init__(
        self,
        columns: list[Column],
        truth: list[Column],
        strata: list[tuple[str, slice]],
        special: slice,
    ) -> None:
        self.columns, self.truth, self.strata, self.special = columns, truth, strata, special

    def lost(self, values: Column, output: int) -> Column:
        """Per point the bits that values of an output lack."""
        return bits_lost(values, self.truth[output])

    def means(self, lost: Column) -> list[float]:
        """The mean of bits lost on each kind of points; nan where none tells."""
        found = []
        for _, place in self.strata:
            part = lost[place]
            told = part[~np.isnan(part)]
            found.append(float(told.mean()) if told.size >= 4 else math.nan)
        return found

    def spoils(self, after: Column, before: Column, output: int) -> bool:
        """True if values are wrong at a special point where others are right."""
        place = self.special
        return not as_good(before[place], after[place], self.truth[output][place]).all()


def as_good(before: Column, after: Column, true: Column) -> NDArray[np.bool_]:
    """Where numbers are as good as others; where the truth is unknown they are what they were."""
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(after - true) <= _CLOSE * np.abs(true)
        right = near | (bits_lost(after, true) <= bits_lost(before, true) + 4.0)
        unmoved = np.abs(after - before) <= _CLOSE * np.abs(before)
    same = (after == before) | np.isnan(before)
    good: NDArray[np.bool_] = same | np.where(np.isfinite(true), right, unmoved)
    return good


class _Points:
    """Points where the first output of a graph is a number, and the true outputs there.

    Args:
        graph: The graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._truth: Truth = prover("true numbers")
        self._columns: list[list[float]] = [[] for _ in range(graph.inputs.count)]
        self._outputs: list[list[float]] = [[] for _ in graph.outputs]

    def __len__(self) -> int:
        return len(self._outputs[0])

    def add(self, points: Sequence[Point]) -> int:
        """Keep those of these points; how many there are."""
        before = len(self)
        for point, row in zip(points, self._truth(self._graph, points), strict=True):
            if not math.isfinite(row[0]):
                continue
            for column, x in zip(self._columns, point, strict=True):
                column.append(x)
            for output, y in zip(self._outputs, row, strict=True):
                output.append(y if math.isfinite(y) else math.nan)
        return len(self) - before

    def sample(self, strata: list[tuple[str, slice]], special: slice) -> Sample:
        """All of them, by their kinds."""
        found = [*map(np.array, self._columns)], [*map(np.array, self._outputs)]
        return Sample(*found, strata, special)


def sampled(graph: Graph, domain: Domain, each: int, seed: int) -> Sample | None:
    """A sample of a graph's inputs; None if the first output is nowhere defined."""
    points, size, numbers = _Points(graph), graph.inputs.count, random.Random(seed)
    strata: list[tuple[str, slice]] = []
    for stratum in draw(domain, size):
        start, left = len(points), each
        for _ in range(_TRIES):
            left -= points.add([stratum.draw(numbers) for _ in range(left)])
            if left == 0:
                break
        if len(points) - start >= max(4, each // 16):
            strata.append((stratum.name, slice(start, len(points))))
    if not strata:
        return None
    start = len(points)
    points.add(corners(domain, size, seed))
    return points.sample(strata, slice(start, len(points)))
