"""Calls with containers of usual values: their numbers lie in one buffer, which calls take in turn.

An address from NumPy costs more than most gradients; so each frame holds its own for good, and the
numbers of a call are copied into it and out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from struct import Struct
from typing import Any

import numpy as np

from autodiff.graph.structure import Array, Scalar, Structure, Tuple
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.straight import USUAL, Constants, apart
from autodiff.graph.tree.tree import tree_of

__all__ = ["Frames"]

_LARGEST = 20_000  # numbers: of more, copying would take longer than finding addresses


class _Buffer:
    """Scalars, then arrays, one behind the other; each part has its place for good."""

    def __init__(self, structure: Structure) -> None:
        tree = tree_of(structure)
        scalars = sum(tree.scalars)
        self.numbers = np.zeros(max(tree.size, 1))
        self.memory: memoryview = self.numbers.data
        self.arrays: list[Floats] = []
        self.parts: list[Floats] = []
        place, start = 0, scalars
        for scalar, shape in zip(tree.scalars, tree.shapes, strict=True):
            if scalar:
                self.parts.append(self.numbers[place : place + 1].reshape(()))
                place += 1
                continue
            count = int(np.prod(shape))
            array = self.numbers[start : start + count].reshape(shape)
            self.arrays.append(array)
            self.parts.append(array)
            start += count


class _Frame:
    """Room for one call at a time."""

    def __init__(
        self, arguments: Structure, result: Structure, table_of: Callable[..., object]
    ) -> None:
        self.given, self.found = _Buffer(arguments), _Buffer(result)
        self.table = table_of((*self.given.parts, *self.found.parts))


class Frames:
    """Runs calls whose arguments are floats and float64 arrays, in whatever containers.

    Args:
        arguments: Structures of the arguments.
        result: Structure of the result.
        run: Runs the program with a table of addresses, and with its inputs and outputs.
        table_of: Makes a table of addresses.
    """

    def __init__(
        self,
        arguments: Sequence[Structure],
        result: Structure,
        run: Callable[[object, Sequence[Floats], Sequence[Floats]], None],
        table_of: Callable[..., object],
    ) -> None:
        self._arguments, self._result = Tuple(tuple(arguments)), result
        self._run, self._table_of = run, table_of
        taken, made = tree_of(self._arguments), tree_of(result)
        self.fits = taken.size + made.size <= _LARGEST
        self._free: list[_Frame] = []
        self._is_scalar, self._is_array = taken.scalars, [not one for one in taken.scalars]
        self._given, self._found = (Struct(f"{sum(tree.scalars)}d") for tree in (taken, made))
        self._order, self._build = made.scalars, made.build
        self._split: Callable[[object, str], list[object]] | None = None

    def __call__(self, args: tuple[object, ...]) -> object:
        """The result; None if the arguments are not as usual."""
        if self._split is None:
            self._split = apart(self._arguments, _usual, _unusual, _ROW, **USUAL)
        parts = self._split(args, "")
        if parts is None:
            return None
        try:
            frame = self._free.pop()  # each thread, and each call inside a call, has its own
        except IndexError:
            frame = _Frame(self._arguments, self._result, self._table_of)
        try:
            return self._called(frame, parts)
        finally:
            self._free.append(frame)

    def _called(self, frame: _Frame, parts: Sequence[Any]) -> object:
        given, found = frame.given, frame.found
        if not given.arrays:
            self._given.pack_into(given.memory, 0, *parts)
        else:
            self._given.pack_into(given.memory, 0, *compress(parts, self._is_scalar))
            for array, part in zip(given.arrays, compress(parts, self._is_array), strict=True):
                array[...] = part
        self._run(frame.table, given.parts, found.parts)
        numbers = self._found.unpack_from(found.memory)
        if not found.arrays:
            return self._build(numbers)
        scalars, arrays = iter(numbers), iter(found.arrays)
        return self._build([next(scalars) if one else next(arrays).copy() for one in self._order])


def _usual(part: Scalar | Array, name: str, _: Constants) -> tuple[str, str]:
    if isinstance(part, Scalar):
        return f"type({name}) is float", name
    usual = f"type({name}) is ndarray and {name}.dtype is float64"
    return f"{usual} and {name}.shape == {part.shape}", name


def _unusual(value: object, path: str) -> None:
    """Somebody else converts them, or says what is wrong."""


_ROW = "{{*map(type, {})}} == floats"
