"""Batches: arguments with a leading axis of points, and results of all points or their sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.structure import Array, Structure, flatten, grouped, leaf_parts
from autodiff.run.interpret import flatten_arguments
from codegen.call.arguments import unpacker
from codegen.call.derivative import Derivative

__all__ = ["BLOCK", "Batch", "apart", "blocks", "points_of", "total"]

BLOCK = 6144  # points: 48 kB a temporary, small enough for the allocator to hand out again
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Part = tuple[str, Structure]


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

    def _is_batched(self, position: int) -> bool:
        return self.flags is None or self.flags[position]

    @cached_property
    def outputs(self) -> list[tuple[Structure, bool]]:
        """Structure of each scalar and array of the gradient, and whether it is summed."""
        return [
            (part, self.reduce is not None and not self._is_batched(position))
            for position in self._derivative.positions
            for _, part in leaf_parts("", self._derivative.frame.parameters[position][1])
        ]

    def shapes(self, count: int) -> list[tuple[int, ...]]:
        """Shape of each scalar and array of the gradient of ``count`` points."""
        return [_own(part) if summed else (count, *_own(part)) for part, summed in self.outputs]

    def store(self, results: Sequence[Floats], bars: Sequence[Any], start: int, stop: int) -> None:
        """Put what a block of points gave into its place, or add it to a sum."""
        for result, bar, (part, summed) in zip(results, bars, self.outputs, strict=True):
            _store(result, bar if isinstance(part, Array) else [bar], summed, start, stop)

    def into(self, out: Any, count: int) -> list[Floats]:
        """The caller's arrays, in the order of the gradient's parts, shaped as ``shapes`` says.

        Raises:
            ArgumentError: if results of ``count`` points cannot be written there.
        """
        arrays = list(_arrays(out))
        shapes = self.shapes(count)
        if self.flags is None:  # one point, which the caller's arrays have no axis for
            shapes = [shape[1:] for shape in shapes]
        found = [getattr(array, "shape", None) for array in arrays]
        if found != list(shapes) or any(array.dtype != np.float64 for array in arrays):
            raise ArgumentError(
                f"out: found arrays of shapes {found}; expected float64 arrays of shapes "
                f"{list(shapes)}, one for each scalar or array of the gradient"
            )
        for array in arrays:
            if not array.flags.c_contiguous or not array.flags.writeable:
                raise ArgumentError("out: found a read-only or strided array; pass np.empty(shape)")
        return [array[None] for array in arrays] if self.flags is None else arrays

    def gradient(self, results: Sequence[Floats]) -> Any:
        """The gradient that these arrays are."""
        rebuild = unpacker(self._derivative.mirror, made=True)
        if self.flags is not None:
            return rebuild(results)
        return rebuild([float(r[0]) if r.ndim == 1 else r[0] for r in results])

    # --- inputs ---

    def inputs(self, args: Sequence[Any]) -> tuple[list[tuple[Any, Structure, bool]], int]:
        """Each scalar and array with its structure and whether it is batched; number of points."""
        graph = self._derivative.frame
        if len(args) != len(graph.parameters):
            flatten_arguments(graph, args)  # raises the error that says so
        parts: list[tuple[Any, Structure, bool]] = []
        counts: dict[str, int] = {}
        for position, (value, (name, structure)) in enumerate(
            zip(args, graph.parameters, strict=True)
        ):
            where = f"{graph.name}: argument {name}"
            if self.flags is not None and self.flags[position]:
                for path, part, array in _batched_parts(value, structure, where):
                    counts[path] = len(array)
                    parts.append((array, part, True))
            else:
                parts += [(a, p, False) for a, p in _shared_parts(value, structure, where)]
        if len(set(counts.values())) > 1:
            raise ArgumentError(f"{graph.name}: found different numbers of points: {counts}")
        return parts, next(iter(counts.values()), 1)


def apart(array: Any, results: Sequence[Floats]) -> Any:
    """An input; a copy of it if the caller's ``out`` lies over it."""
    shared = isinstance(array, np.ndarray) and any(np.shares_memory(array, r) for r in results)
    return array.copy() if shared else array


def _own(part: Structure) -> tuple[int, ...]:
    return part.shape if isinstance(part, Array) else ()


def _store(result: Floats, bars: Sequence[Any], summed: bool, start: int, stop: int) -> None:
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


def total(values: Any, count: int) -> float:
    """Sum over the points of a block; a constant counts once for each."""
    if type(values) is np.ndarray and values.shape == (count,):
        return float(np.add.reduce(values))  # np.sum without its detours
    return float(np.sum(np.broadcast_to(values, (count,))))


def points_of(array: Any, part: Structure, batched: bool, start: int, stop: int) -> Any:
    """A block of a batched argument's part, by element; a shared one whole."""
    if not batched:
        return array
    if not isinstance(part, Array):
        return array[start:stop]
    return np.ascontiguousarray(array[start:stop].reshape(stop - start, -1).T)


def _batched_parts(
    value: Any, structure: Structure, path: str
) -> Iterator[tuple[str, Structure, Floats]]:
    """The scalars and arrays of a batched argument, each with its leading axis."""
    for (name, part), item in zip(
        leaf_parts(path, structure), _leaves(value, structure, path), strict=True
    ):
        try:
            if np.iscomplexobj(item):  # NumPy would drop the imaginary part
                raise TypeError("complex")
            array = np.asarray(item, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"{name}: found {type(item).__name__}; expected an array"
            ) from error
        own = part.shape if isinstance(part, Array) else ()
        if array.ndim != len(own) + 1 or array.shape[1:] != own:
            expected = ", ".join(["points", *map(str, own)])
            raise ArgumentError(f"{name}: found shape {array.shape}; expected ({expected})")
        yield name, part, array


def _leaves(value: Any, structure: Structure, path: str) -> Iterator[Any]:
    """The arrays that stand where ``structure`` has scalars and arrays."""
    if not hasattr(structure, "items"):
        yield value
        return
    items = structure.items  # tuple, list or dict
    if hasattr(structure, "keys"):
        if not isinstance(value, dict) or set(value) != set(structure.keys):
            raise ArgumentError(f"{path}: expected a dict with keys {list(structure.keys)}")
        children = [value[key] for key in structure.keys]
    elif not isinstance(value, (tuple, list)) or len(value) != len(items):
        raise ArgumentError(
            f"{path}: found {type(value).__name__}; expected {len(items)} items, each with its "
            "own leading axis"
        )
    else:
        children = list(value)
    for child, item in zip(children, items, strict=True):
        yield from _leaves(child, item, path)


def _shared_parts(value: Any, structure: Structure, path: str) -> Iterator[tuple[Any, Structure]]:
    """The scalars (as NumPy's, which do not raise) and flat arrays of an argument all share."""
    if isinstance(structure, Array) and _is_plain(value, structure.shape):
        yield value.reshape(-1), structure
        return
    parts = leaf_parts(path, structure)
    for (_, part), leaves in zip(
        parts, grouped(flatten(value, structure, path), parts), strict=True
    ):
        yield np.array(leaves, dtype=float) if isinstance(part, Array) else np.float64(leaves), part


def _is_plain(value: Any, shape: tuple[int, ...]) -> bool:
    """True for a float64 array of that shape, which is used where it lies."""
    return isinstance(value, np.ndarray) and value.dtype == np.float64 and value.shape == shape


def _arrays(out: Any) -> Iterator[Any]:
    if isinstance(out, dict):
        out = tuple(out.values())
    if isinstance(out, (tuple, list)):
        for item in out:
            yield from _arrays(item)
    else:
        yield out
