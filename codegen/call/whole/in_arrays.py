"""The NumPy target over whole arrays: the emitted functions, called with NumPy's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ArgumentError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.tree import tree_of
from autodiff.run.whole.whole_values import as_arguments, numeric_parts
from autodiff.tracebacks import shortening
from codegen.call.code import FunctionCode, GradientCode, placed
from codegen.call.runner import Call
from codegen.call.symbolic import recorded_or_raise
from codegen.call.whole.settled_at_ties import AtTies, ties_of
from codegen.language.numpy.in_floats import called
from codegen.text.whole.array_writer import index_inputs

__all__ = ["ArrayFunction", "ArrayGradient", "Kept"]

_FLOAT64 = np.dtype(np.float64)


class ArrayFunction:
    """A graph of arrays as NumPy.

    Args:
        code: Its code.
    """

    machine = None

    def __init__(self, code: FunctionCode) -> None:
        self._code = code
        emission = code.emission
        self._frame = emission.frame
        self._maps = index_inputs(emission.graph)  # a part that the passes drop may be watched
        structures = [structure for _, structure in self._frame.parameters]
        # The shapes of the arguments, if these are arrays that may be taken as they come.
        self._simple: list[tuple[int, ...]] | None = None
        arrays = [s.shape for s in structures if isinstance(s, Array)]
        if len(arrays) == len(structures) and not self._maps:
            self._simple = arrays
        watched = code.watched
        self._watches = watched is not None
        text, entry = (code.main, emission.kind.entry) if watched is None else (watched, "watched")
        self._run = text.functions[entry]

    @property
    def llvm(self) -> NoReturn:
        """There is none."""
        raise UnsupportedError(
            f"{self._frame.name}: llvm: target 'numpy' has no machine code; read source, or "
            "compile with target='native'"
        )

    def bind(self, *args: object, out: object) -> NoReturn:
        """There is no such callable."""
        raise UnsupportedError(
            f"{self._frame.name}: bind: target 'numpy' reads no arrays where they lie; "
            "compile with target='native'"
        )

    def _parts(self, args: Sequence[object]) -> list[object]:
        """The parameters of the emitted function."""
        if self._simple is not None and len(args) == len(self._simple):
            for x, shape in zip(args, self._simple, strict=True):
                if type(x) is not np.ndarray or x.dtype is not _FLOAT64 or x.shape != shape:
                    break
            else:
                return list(args)
        parts = numeric_parts(self._frame, args)
        for i in self._maps:
            parts[i] = _whole_numbers(self._frame, parts[i], i)
        return parts

    def _called(self, function: Call, parts: Sequence[object]) -> Any:
        try:
            return called(function, parts)
        except (IndexError, np.linalg.LinAlgError) as error:
            raise ArgumentError(f"{self._frame.name}: at these arguments: {error}") from None

    def entry(self) -> Call:
        """What a call is."""
        emission = self._code.emission
        tree, given = tree_of(emission.result), tree_of(emission.given)
        leads = emission.given is not emission.result
        count = len(emission.frame.parameters)

        @shortening
        def call(*args: object, out: object = None, **named: object) -> object:
            if named or len(args) != count:
                args = placed(emission, args, named)
            try:
                parts = self._parts(args)
            except ArgumentError:
                return recorded_or_raise(emission, args)
            items = self._found(parts, args)
            if out is None:
                return tree.build(_owned(items, tree.scalars, parts))
            _write(given.into(out), items[leads:])
            return (float(items[0]), out) if leads else out

        return call

    def fill(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Write the parts of the result, for those of the arguments: a point of many."""
        parts: list[object] = [x if x.shape else float(x) for x in inputs]
        for i in self._maps:
            parts[i] = _whole_numbers(self._frame, parts[i], i)
        items = self._found(parts, None)
        for array, item in zip(outputs, items, strict=True):
            array[...] = item

    def _found(self, parts: list[object], args: Sequence[object] | None) -> Sequence[Any]:
        """The parts of the result, settled where switches tie; arguments are made if need be."""
        items: list[Any]
        made, settles = self._called(self._run, parts), self._settles
        if self._watches:
            *items, ties = made
            if not ties > 0.0:
                return items
        else:
            items = list(self._items(made))
        if settles is None:
            return items
        args = as_arguments(self._frame, parts) if args is None else args
        ask = settles.settle if self._watches else settles.settled
        better = ask(parts, items, args)
        return items if better is None else better

    @cached_property
    def _settles(self) -> AtTies | None:
        """What settles derivatives, if any call needs to ask."""
        return ties_of(self._code.derivative)

    def _items(self, made: object) -> Sequence[object]:
        """The parts of what the emitted function gave."""
        return made if isinstance(made, tuple) else (made,)

    def executed(self, parts: Sequence[Floats]) -> NoReturn:
        """There is no machine code."""
        raise UnsupportedError(f"{self._frame.name}: target 'numpy' has no machine code")


class ArrayGradient(ArrayFunction):
    """Value and gradient of arrays as NumPy.

    Args:
        code: Its code.
    """

    _code: GradientCode

    def __init__(self, code: GradientCode) -> None:
        super().__init__(code)
        self._tree = tree_of(code.derivative.mirror)

    def _gradient(self, bars: Any, parts: Sequence[object]) -> object:
        items = (bars,) if self._code.derivative.bare else bars
        return self._tree.build(_owned(items, self._tree.scalars, parts))

    def entry(self) -> Call:
        """What a call is."""
        emission, tree = self._code.emission, self._tree
        count = len(emission.frame.parameters)

        @shortening
        def call(*args: object, out: object = None, **named: object) -> object:
            if named or len(args) != count:
                args = placed(emission, args, named)
            try:
                parts = self._parts(args)
            except ArgumentError:
                return recorded_or_raise(emission, args)
            value, *items = self._found(parts, args)
            if out is None:
                return float(value), tree.build(_owned(items, tree.scalars, parts))
            _write(tree.into(out), items)
            return float(value), out

        return call

    def _items(self, made: Any) -> Sequence[Any]:
        value, bars = made
        return (value, bars) if self._code.derivative.bare else (value, *bars)

    def forward(self, *args: object) -> tuple[float, object]:
        """``(value, residuals)`` at ``args``."""
        run = self._code.halves.functions["forward"]
        parts = self._parts(args)
        value, residuals = self._called(run, parts)
        return float(value), residuals if self._settles is None else Kept(residuals, parts)

    def backward(self, residuals: object, cotangent: object) -> object:
        """Gradient from the residuals of ``forward``, times ``cotangent``."""
        run = self._code.halves.functions["backward"]
        try:
            with np.errstate(all="ignore"):
                bars = called(run, (residuals, float(cotangent)))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            self._code.refuse("backward", (residuals, cotangent))
        if isinstance(residuals, Kept) and self._settles is not None:
            items = (bars,) if self._code.derivative.bare else bars
            point = residuals.point
            args = as_arguments(self._frame, point)
            settled = self._settles.settled(point, (0.0, *items), args)
            if settled is not None:
                bars = [x * float(cotangent) for x in settled[1:]]  # type: ignore[arg-type]
                bars = bars[0] if self._code.derivative.bare else bars
        return self._gradient(bars, residuals if isinstance(residuals, tuple) else ())


class Kept(tuple[object, ...]):
    """Residuals, and the point that they are from: where switches tie, backward asks for it."""

    point: list[object]

    def __new__(cls, residuals: Sequence[object], point: list[object]) -> Kept:
        """Residuals with a point."""
        made = super().__new__(cls, residuals)
        made.point = point
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return Kept, (tuple(self), self.point)


def _write(arrays: Sequence[Floats], items: Sequence[float | Floats]) -> None:
    """Fill the caller's arrays, which may lie where a result does: an argument may be one."""
    held = [
        x.copy() if isinstance(x, np.ndarray) and any(np.may_share_memory(x, y) for y in arrays)
        else x
        for x in items
    ]  # fmt: skip
    for array, item in zip(arrays, held, strict=True):
        array[...] = item


def _owned(
    items: Sequence[float | Floats], scalars: Sequence[bool], parts: Sequence[object]
) -> list[object]:
    """Floats, and arrays that are the caller's alone to write into, row by row, as ``out=`` takes.

    A result may be an argument or a residual itself, a view of one or of a constant, or another
    part of the result once more.
    """
    taken = set(map(id, parts))
    owned: list[object] = []
    for x, scalar in zip(items, scalars, strict=True):
        if scalar:
            owned.append(float(x))
            continue
        array = np.asarray(x, dtype=np.float64, order="C")
        if array.base is not None or not array.flags.writeable or id(array) in taken:
            array = array.copy()
        taken.add(id(array))
        owned.append(array)
    return owned


def _whole_numbers(frame: Graph, array: Any, index: int) -> NDArray[np.intp]:
    """An index map as NumPy takes it.

    Raises:
        ArgumentError: if it holds what is no whole number.
    """
    whole: NDArray[np.intp] = array.astype(np.intp)
    if not np.array_equal(whole, array):
        raise ArgumentError(
            f"{frame.name}: argument {frame.inputs.node_names[index]}: found an index that is no "
            "whole number; it is used as indices"
        )
    return whole
