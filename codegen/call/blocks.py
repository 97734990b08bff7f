"""Batches: arguments with a leading axis of points, and results of all points or their sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.structure import Array, Structure, leaf_parts
from autodiff.graph.tree.leaves import Floats, shown
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.run.interpret import flatten_arguments
from autodiff.run.whole.whole_values import trees
from codegen.call.derivative import Derivative

__all__ = ["BLOCK", "Batch", "Floats", "apart", "blocks", "points_of", "total"]

BLOCK = 6144  # points: 48 kB a temporary, small enough for the allocator to hand out again


class Batch:
    """Which arguments have a leading axis of points, and what that makes of the results.

    Args:
        derivative: The gradient of one point.
        flags: Which arguments have the leading axis; None: none has, and nothing is batched.
        reduce: None, "sum" or "mean".
    """

    def __init__(
        self, derivative: Derivative, flags: tuple[bool, ...] | None, reduce: str | None
    ) -> None:
        self._derivative, self.flags, self.reduce = derivative, flags, reduce
        # A float that comes first is returned; the caller's arrays have no place for it.
        self.leads = derivative.kind.leads_with_value(derivative.graph)

    @cached_property
    def _tree(self) -> Tree:
        return tree_of(self._derivative.result)

    @cached_property
    def outputs(self) -> list[tuple[Structure, bool]]:
        """Structure of each scalar and array of the result, and whether it is summed."""
        derivative = self._derivative
        parts = leaf_parts("", derivative.result)
        by = derivative.kind.parts(derivative.graph, derivative.wrt)
        return [
            (part, self.reduce is not None and not any(map(self._is_batched, positions)))
            for (_, part), positions in zip(parts, by, strict=True)
        ]

    @cached_property
    def _own(self) -> list[tuple[tuple[int, ...], bool]]:
        """The shape that each result has at one point, and whether it is summed."""
        return [(_own(part), summed) for part, summed in self.outputs]

    def _is_batched(self, position: int) -> bool:
        return self.flags is None or self.flags[position]

    def shapes(self, count: int) -> list[tuple[int, ...]]:
        """Shape of each scalar and array of the results of ``count`` points."""
        return [own if summed else (count, *own) for own, summed in self._own]

    def store(self, results: Sequence[Floats], found: Sequence[Any], start: int, stop: int) -> None:
        """Put what a block of points gave into its place, or add it to a sum."""
        for result, one, (part, summed) in zip(results, found, self.outputs, strict=True):
            _store(result, one if isinstance(part, Array) else [one], summed, start, stop)

    def into(self, out: object, count: int) -> list[Floats]:
        """The caller's arrays, in the order of the result's parts, shaped as ``shapes`` says.

        Raises:
            ArgumentError: if results of ``count`` points cannot be written there.
        """
        shapes = self.shapes(count)[self.leads :]
        if self.flags is None:  # one point, which the caller's arrays have no axis for
            shapes = [shape[1:] for shape in shapes]
        arrays = tree_of(self._derivative.given).into(out, shapes)
        own = [array[None] for array in arrays] if self.flags is None else arrays
        return [np.zeros(self.shapes(count)[0]), *own] if self.leads else own

    def result(self, results: Sequence[Floats], out: object = None) -> Any:
        """The result that these arrays are; with ``out``, what a call returns instead."""
        if out is not None:
            return (self._leading(results[0]), out) if self.leads else out
        tree = self._tree
        if self.flags is not None:
            first = [self._leading(results[0])] if self.leads else []
            return tree.build([*first, *results[self.leads :]])
        return tree.build(
            [
                float(one[0]) if scalar else one.reshape(shape)
                for one, scalar, shape in zip(results, tree.scalars, tree.shapes, strict=True)
            ]
        )

    def _leading(self, value: Floats) -> object:
        if self.flags is None:
            return float(value[0])
        return float(value) if self.reduce is not None else value

    # --- inputs ---

    def inputs(self, args: Sequence[object]) -> tuple[list[tuple[Floats, Structure, bool]], int]:
        """Each scalar and array with its structure and whether it is batched; number of points."""
        graph = self._derivative.frame
        if len(args) != len(graph.parameters):
            flatten_arguments(graph, args)  # raises the error that says so
        parts: list[tuple[Floats, Structure, bool]] = []
        counts: dict[str, int] = {}
        flags = self.flags or (False,) * len(args)
        named = zip(args, flags, trees(graph), graph.parameters, strict=True)
        for value, batched, tree, (name, structure) in named:
            where = f"{graph.name}: argument {name}"
            take = tree.points if batched else _shared_parts(tree)
            for (path, part), array in zip(
                leaf_parts(where, structure), take(value, where), strict=True
            ):
                if batched:
                    counts[path] = len(array)
                parts.append((array, part, batched))
        if len(set(counts.values())) > 1:
            begin = len(f"{graph.name}: argument ")
            found = ", ".join(f"{count} of {path[begin:]}" for path, count in counts.items())
            raise ArgumentError(
                f"{graph.name}: found different numbers of points: {found}; expected as many of "
                "each argument that batch= says has some"
            )
        return parts, next(iter(counts.values()), 1)

    def bound(self, args: Sequence[object]) -> tuple[list[Floats], int]:
        """The inputs where they lie, and the number of points.

        Raises:
            ArgumentError: if one would have to be copied.
        """
        parts, count = self.inputs(args)
        graph, flags = self._derivative.frame, self.flags or (False,) * len(args)
        given = [
            (f"{graph.name}: argument {path}", part, batched)
            for value, batched, tree, (name, structure) in zip(
                args, flags, trees(graph), graph.parameters, strict=True
            )
            for part, (path, _) in zip(
                tree.parts(value, name), leaf_parts(name, structure), strict=True
            )
        ]
        arrays = [np.ascontiguousarray(array, dtype=np.float64) for array, _, _ in parts]
        for (path, part, batched), array in zip(given, arrays, strict=True):
            copied = (
                isinstance(part, np.ndarray) and part.size and not np.shares_memory(part, array)
            )
            if copied or (batched and not isinstance(part, np.ndarray)):
                raise ArgumentError(
                    f"bind: {path}: found {shown(part)}; expected a contiguous float64 array"
                )
        return arrays, count


def apart(array: Floats, results: Sequence[Floats]) -> Floats:
    """An input; a copy of it if the caller's ``out`` lies over it."""
    shared = isinstance(array, np.ndarray) and any(np.shares_memory(array, r) for r in results)
    return array.copy() if shared else array


def _own(part: Structure) -> tuple[int, ...]:
    return part.shape if isinstance(part, Array) else ()


def _store(result: Floats, bars: Sequence[Floats], summed: bool, start: int, stop: int) -> None:
    if summed:
        totals = np.array([total(g, stop - start) for g in bars])
        result += totals.reshape(result.shape)
        return
    columns = result.reshape(len(result), -1)
    for k, g in enumerate(bars):
        columns[start:stop, k] = g


def blocks(count: int) -> Iterator[tuple[int, int]]:
    """First and last point of each block."""
    for start in range(0, count, BLOCK):
        yield start, min(start + BLOCK, count)


def total(values: float | Floats, count: int) -> float:
    """Sum over the points of a block; a constant counts once for each."""
    if type(values) is np.ndarray and values.shape == (count,):
        return float(np.add.reduce(values))  # np.sum without its detours
    return float(np.sum(np.broadcast_to(values, (count,))))


def points_of(array: Floats, part: Structure, batched: bool, start: int, stop: int) -> object:
    """A block of a batched argument's part, by element; a shared one whole."""
    if not batched:
        return array
    if not isinstance(part, Array):
        return array[start:stop]
    return np.ascontiguousarray(array[start:stop].reshape(stop - start, -1).T)


def _shared_parts(tree: Tree) -> Callable[[object, str], list[Any]]:
    """The scalars (as NumPy's, which do not raise) and flat arrays of an argument all share."""

    def take(value: object, path: str) -> list[object]:
        return [
            np.float64(part) if scalar else part.reshape(-1)
            for part, scalar in zip(tree.numbers(value, path), tree.scalars, strict=True)
        ]

    return take
