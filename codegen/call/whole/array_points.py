"""Many points of a program of whole arrays: one call for each, results side by side or summed.

A point of whole arrays is work enough for a call; what a call costs beside is paid once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol, cast

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Structure
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.run.whole.whole_values import as_arguments
from autodiff.tracebacks import shortening
from codegen.call.blocks import Batch, apart
from codegen.call.code import FunctionCode, GradientCode, placed
from codegen.call.runner import Call, FunctionRunner, GradientRunner

__all__ = ["ArrayGradientPoints", "ArrayPoints"]


class OnePoint(FunctionRunner, Protocol):
    """Runs a program of whole arrays at one point."""

    def fill(self, inputs: Sequence[object], outputs: Sequence[Floats]) -> None:
        """Write the parts of the result, for those of the arguments."""

    def executed(self, parts: Sequence[Floats]) -> list[Floats]:
        """What machine code itself gives."""


class OneGradient(OnePoint, GradientRunner, Protocol):
    """Runs value and gradient of whole arrays at one point."""


class ArrayPoints:
    """A program of whole arrays at many points.

    A batched argument has a leading axis of points, a shared one has not.  Without ``reduce`` every
    result has the leading axis.  With "sum" or "mean" the value is one number, and derivatives by
    shared arguments alone have the shape they have at one point.

    Args:
        code: Its code.
        one: What runs one point.
        flags: Which arguments have the leading axis.
        reduce: None, "sum" or "mean".
    """

    def __init__(
        self,
        code: FunctionCode,
        one: Callable[[object], OnePoint],
        flags: tuple[bool, ...],
        reduce: str | None,
    ) -> None:
        self._code, self._one = code, one(code)
        self.batch = Batch(code.emission, flags, reduce)

    @property
    def machine(self) -> Graph | None:
        """The graph that the machine code of a point is written from."""
        return self._one.machine

    @property
    def llvm(self) -> str:
        """The program of a point as LLVM IR."""
        return self._one.llvm

    def executed(self, parts: Sequence[Floats]) -> list[Floats]:
        """What the machine code gives at one point."""
        return self._one.executed(parts)

    def entry(self) -> Call:
        """What a call is."""
        emission, batch = self._code.emission, self.batch
        arguments = len(emission.frame.parameters)

        @shortening
        def call(*args: object, out: object = None, **named: object) -> object:
            if named or len(args) != arguments:
                args = placed(emission, args, named)
            parts, count = self._parts(args)
            results = self._results(out, count)
            if out is not None:
                parts = [(apart(array, results), batched) for array, batched in parts]
            self._fill(parts, count, results)
            return batch.result(results, out)

        return call

    def bind(self, *args: object, out: object) -> Callable[[], object]:
        """A callable without arguments over the caller's arrays."""
        batch = self.batch
        if self._one.machine is None:
            return self._one.bind(*args, out=out)  # says that there is none
        arrays, count = batch.bound(args)
        given = [(part, batched) for _, part, batched in batch.inputs(args)[0]]
        parts = [_shaped(x, part, b) for x, (part, b) in zip(arrays, given, strict=True)]
        results = batch.into(out, count)

        def bound() -> object:
            self._fill(parts, count, results)
            found = batch.result(results, out)
            return found[0] if batch.leads else found

        return bound

    def _parts(self, args: Sequence[object]) -> tuple[list[tuple[Floats, bool]], int]:
        """Each scalar and array, and whether it has the leading axis; the number of points."""
        given, count = self.batch.inputs(args)
        parts = [
            _shaped(np.ascontiguousarray(array, dtype=np.float64), part, batched)
            for array, part, batched in given
        ]
        return parts, count

    def _results(self, out: object, count: int) -> list[Floats]:
        if out is None:
            return [np.empty(shape) for shape in self.batch.shapes(count)]
        return self.batch.into(out, count)

    def _fill(
        self, parts: Sequence[tuple[Floats, bool]], count: int, results: Sequence[Floats]
    ) -> None:
        """Run every point; a result is written where it stays, or added to a sum."""
        batch = self.batch
        summed = [is_sum for _, is_sum in batch.outputs]
        held = [np.empty(r.shape) if s else None for r, s in zip(results, summed, strict=True)]
        for result, is_sum in zip(results, summed, strict=True):
            if is_sum:
                result[...] = 0.0
        for k in range(count):
            outputs = [
                _point(result, k) if room is None else room
                for result, room in zip(results, held, strict=True)
            ]
            self._one.fill([_point(x, k) if batched else x for x, batched in parts], outputs)
            for result, room in zip(results, held, strict=True):
                if room is not None:
                    np.add(result, room, out=result)
        self._averaged(results, count)

    def _averaged(self, results: Sequence[Floats], count: int) -> None:
        """Means in place of sums, if these are wanted."""
        if self.batch.reduce == "mean":
            for result in results:
                np.divide(result, count, out=result)


def _point(array: Floats, k: int) -> Floats:
    """One point of an array, where it lies; a number as an array of one."""
    found: Floats = array[k : k + 1].reshape(array.shape[1:])
    return found


def _shaped(array: Floats, part: Structure, batched: bool) -> tuple[Floats, bool]:
    """A part in its own shape, behind the leading axis if it has one."""
    own = part.shape if isinstance(part, Array) else ()
    return array.reshape((len(array), *own) if batched else own), batched


class ArrayGradientPoints(ArrayPoints):
    """Value and gradient of whole arrays at many points; see ``ArrayPoints``."""

    _code: GradientCode
    _one: OneGradient

    @cached_property
    def _tree(self) -> Tree:
        return tree_of(self._code.derivative.mirror)

    def _arguments(self, parts: Sequence[object]) -> list[object]:
        return as_arguments(self._code.emission.frame, parts)

    def forward(self, *args: object) -> tuple[float | Floats, object]:
        """``(value, residuals)`` at ``args``; the residuals of every point."""
        parts, count = self._parts(args)
        points = [[_point(x, k) if b else x for x, b in parts] for k in range(count)]
        found = [self._one.forward(*self._arguments(point)) for point in points]
        values = np.array([value for value, _ in found])
        value: float | Floats = values
        if self.batch.reduce is not None:
            value = float(values.sum()) / (count if self.batch.reduce == "mean" else 1)
        return value, (count, tuple(kept for _, kept in found))

    def backward(self, residuals: object, cotangent: object) -> object:
        """Gradient from the residuals of ``forward``, times ``cotangent``."""
        try:
            count, kept = cast("tuple[int, tuple[object, ...]]", residuals)
            seeds = np.broadcast_to(np.asarray(cotangent, dtype=np.float64), (count,))
            given = list(zip(kept, seeds.tolist(), strict=True))
        except (TypeError, ValueError):
            return self._code.refuse("backward", (residuals, cotangent))
        results, batch = [np.zeros(shape) for shape in self.batch.shapes(count)], self.batch
        tree = self._tree
        for k, (one, seed) in enumerate(given):
            bars = tree.numbers(self._one.backward(one, seed))
            for result, bar, (_, is_sum) in zip(results[1:], bars, batch.outputs[1:], strict=True):
                target = result if is_sum else _point(result, k)
                np.add(target, bar, out=target)
        self._averaged(results, count)
        return batch.result(results)[1]
