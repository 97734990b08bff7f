"""The NumPy target: the same straight-line text over arrays of points, block by block.

Blocks keep every temporary in cache: on Black-Scholes that is four times as fast as whole arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.leaves import Floats
from autodiff.graph.parse import packed, unpacked
from autodiff.graph.structure import Array, Structure, leaf_parts
from autodiff.graph.tree import Tree, tree_of
from autodiff.origins.origin import Stored
from autodiff.run.interpret import flatten_arguments
from autodiff.run.transform import Wrt
from codegen.call.compiled import CompiledGradient

__all__ = ["BLOCK", "BatchedGradient", "Floats", "apart"]

BLOCK = 6144  # points: 48 kB a temporary, small enough for the allocator to hand out again


class BatchedGradient(CompiledGradient):
    """Value and gradient at many points at once, over NumPy arrays.

    A batched argument has a leading axis of points in front of its own shape, a shared one has
    not.  Without ``reduce`` value and every gradient have the leading axis.  With "sum" or "mean"
    the value is one number, and the gradient of a shared argument has the argument's own shape.

    Args:
        graph: The traced function of one point.
        wrt: Positions or names of the arguments to differentiate.
        batch: Which arguments have the leading axis; None: none has, and nothing is batched.
        reduce: None, "sum" or "mean".
        profile: "exact" or "fast".
    """

    def __init__(
        self,
        graph: Graph,
        wrt: Wrt,
        batch: tuple[bool, ...] | None,
        reduce: str | None,
        profile: str = "exact",
    ) -> None:
        self.batch, self.reduce = batch, reduce
        super().__init__(graph, "numpy", wrt, profile)

    @property
    def _bare(self) -> bool:
        return False  # results come as a tuple of scalars and arrays, however many

    def _entry(self) -> Any:
        return self._run

    def _run(self, *args: Any, out: Any = None) -> Any:
        parts, count = self._inputs(args)
        single = self.batch is None
        shapes = [self._shape(position, part, count) for position, part in self._outputs()]
        if out is None:
            results = [np.zeros(shape) for shape in shapes]
        else:
            results = self._into(out, [shape[1:] for shape in shapes] if single else shapes)
            results = [r.reshape(shape) for r, shape in zip(results, shapes, strict=True)]
            parts = [(apart(array, results), part, batched) for array, part, batched in parts]
            for result in results:
                result[...] = 0.0
        value = np.zeros(count) if self.reduce is None else np.zeros(())
        compiled = self._loaded.functions["value_and_gradient"]
        with np.errstate(all="ignore"):
            for start, stop in _blocks(count):
                block = [
                    _slice(array, part, batched, start, stop) for array, part, batched in parts
                ]
                point_value, bars = compiled(*block)
                if self.reduce is None:
                    value[start:stop] = point_value
                else:
                    value += _total(point_value, stop - start)
                for result, bar, (position, part) in zip(
                    results, bars, self._outputs(), strict=True
                ):
                    self._store(result, bar, position, part, start, stop)
            if self.reduce == "mean":
                for summed in (value, *results):
                    summed[...] = summed / count
        gradient = self._rebuild_gradient(results, single) if out is None else out
        if single:
            return float(value[0]), gradient
        return (value if self.reduce is None else float(value)), gradient

    def _is_batched(self, position: int) -> bool:
        return self.batch is None or self.batch[position]

    def _outputs(self) -> list[tuple[int, Structure]]:
        """Argument position and structure of each scalar and array of the gradient."""
        return [
            (position, part)
            for position in self._positions
            for _, part in leaf_parts("", self.graph.parameters[position][1])
        ]

    def _shape(self, position: int, part: Structure, count: int) -> tuple[int, ...]:
        own = part.shape if isinstance(part, Array) else ()
        shared = self.reduce is not None and not self._is_batched(position)
        return own if shared else (count, *own)

    def _store(
        self, result: Floats, bar: Any, position: int, part: Structure, start: int, stop: int
    ) -> None:
        bars = bar if isinstance(part, Array) else [bar]
        if self.reduce is not None and not self._is_batched(position):
            totals = np.array([_total(g, stop - start) for g in bars])
            result += totals.reshape(result.shape)
            return
        columns = result.reshape(len(result), -1)
        for k, g in enumerate(bars):
            columns[start:stop, k] = g

    def _into(self, out: Any, shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
        """The caller's arrays, in the order of the gradient's parts."""
        return tree_of(self._mirror).into(out, shapes)

    def _rebuild_gradient(self, results: list[Floats], single: bool) -> Any:
        if not single:
            return tree_of(self._mirror).build(results)
        tree = tree_of(self._mirror)
        return tree.build(
            [
                float(result[0]) if scalar else result.reshape(shape)
                for result, scalar, shape in zip(results, tree.scalars, tree.shapes, strict=True)
            ]
        )

    # --- inputs ---

    def _inputs(self, args: Sequence[Any]) -> tuple[list[tuple[Any, Structure, bool]], int]:
        """Each scalar and array with its structure and whether it is batched; number of points."""
        graph = self.graph
        if len(args) != len(graph.parameters):
            flatten_arguments(graph, args)  # raises the error that says so
        parts: list[tuple[Any, Structure, bool]] = []
        counts: dict[str, int] = {}
        for position, (value, (name, structure)) in enumerate(
            zip(args, graph.parameters, strict=True)
        ):
            where = f"{graph.name}: argument {name}"
            batched = self.batch is not None and self.batch[position]
            take = tree_of(structure).points if batched else _shared_parts(tree_of(structure))
            for (path, part), array in zip(
                leaf_parts(where, structure), take(value, where), strict=True
            ):
                if batched:
                    counts[path] = len(array)
                parts.append((array, part, batched))
        if len(set(counts.values())) > 1:
            raise ArgumentError(f"{graph.name}: found different numbers of points: {counts}")
        return parts, next(iter(counts.values()), 1)

    def __reduce__(self) -> tuple[Any, ...]:
        made_from = (*packed(self.graph), self.wrt, self.batch, self.reduce, self.profile)
        return _rebuild, made_from, {"_check": self._check, "comments": self.comments}

    # --- halves: on whole arrays, because the residuals are kept ---

    def forward(self, *args: Any) -> tuple[Any, Any]:
        """``(value, residuals)`` at all points."""
        parts, count = self._inputs(args)
        block = [_slice(array, part, batched, 0, count) for array, part, batched in parts]
        with np.errstate(all="ignore"):
            value, residuals = self._split().functions["forward"](*block)
        return self._reduced(value, count), (count, residuals)

    def _reduced(self, value: Any, count: int) -> Any:
        if self.batch is None:
            return float(np.broadcast_to(value, (count,))[0])
        if self.reduce is None:
            return np.array(np.broadcast_to(value, (count,)))
        return _total(value, count) / (count if self.reduce == "mean" else 1)

    def backward(self, residuals: Any, cotangent: Any = 1.0) -> Any:
        """Gradient from the residuals of ``forward``, times ``cotangent`` (one, or one a point)."""
        count, kept = residuals
        seed = np.asarray(cotangent, dtype=np.float64) / (count if self.reduce == "mean" else 1)
        with np.errstate(all="ignore"):
            bars = self._split().functions["backward"](kept, seed)
        results = [np.zeros(self._shape(*output, count)) for output in self._outputs()]
        for result, bar, (position, part) in zip(results, bars, self._outputs(), strict=True):
            self._store(result, bar, position, part, 0, count)
        return self._rebuild_gradient(results, self.batch is None)


def apart(array: Any, results: Sequence[Floats]) -> Any:
    """An input; a copy of it if the caller's ``out`` lies over it."""
    shared = isinstance(array, np.ndarray) and any(np.shares_memory(array, r) for r in results)
    return array.copy() if shared else array


def _rebuild(text: str, origins: Stored | None, *options: Any) -> BatchedGradient:
    return BatchedGradient(unpacked(text, origins), *options)


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, BLOCK):
        yield start, min(start + BLOCK, count)


def _total(values: Any, count: int) -> float:
    """Sum over the points of a block; a constant counts once for each."""
    if type(values) is np.ndarray and values.shape == (count,):
        return float(np.add.reduce(values))  # np.sum without its detours
    return float(np.sum(np.broadcast_to(values, (count,))))


def _slice(array: Any, part: Structure, batched: bool, start: int, stop: int) -> Any:
    if not batched:
        return array
    if not isinstance(part, Array):
        return array[start:stop]
    return np.ascontiguousarray(array[start:stop].reshape(stop - start, -1).T)


def _shared_parts(tree: Tree) -> Callable[[Any, str], list[Any]]:
    """The scalars (as NumPy's, which do not raise) and flat arrays of an argument all share."""

    def take(value: Any, path: str) -> list[Any]:
        return [
            np.float64(part) if scalar else part.reshape(-1)
            for part, scalar in zip(tree.numbers(value, path), tree.scalars, strict=True)
        ]

    return take
