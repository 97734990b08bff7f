"""Arguments and results of native code as contiguous float64 arrays, one per scalar or array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Scalar, Structure, flatten, grouped, leaf_parts
from autodiff.run.interpret import flatten_arguments
from codegen.call.arguments import unpacker

__all__ = ["Buffers"]

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


class Buffers:
    """Converts and checks what goes in and out of one program.

    Args:
        graph: The function as the user knows it: its parameters are the arguments.
        result: Structure of the result.
    """

    def __init__(self, graph: Graph, result: Structure) -> None:
        # A native callable holds this where the garbage collector does not look: keep it small.
        self._graph = Graph(graph.name, graph.parameters, (), (), graph.result)
        self._parts = leaf_parts("result", result)
        self._unpack = unpacker(result, made=True)

    def inputs(self, args: Sequence[Any]) -> list[Floats]:
        """The arguments, converted where they need it.

        Raises:
            ArgumentError: if they differ from the examples.
        """
        self._counted(args)
        made: list[Floats] = []
        for value, (name, structure) in zip(args, self._graph.parameters, strict=True):
            if isinstance(structure, Array) and _is_real(value, structure.shape):
                made.append(_contiguous(value))
            else:
                made += self._converted(value, structure, name)
        return made

    def _counted(self, args: Sequence[Any]) -> None:
        if len(args) != len(self._graph.parameters):
            flatten_arguments(self._graph, args)  # raises the error that says so

    def _converted(self, value: Any, structure: Structure, name: str) -> list[Floats]:
        path = f"{self._graph.name}: argument {name}"
        parts = leaf_parts("", structure)
        try:
            return [
                np.array(leaves, np.float64).reshape(_shape(part))
                for leaves, (_, part) in zip(
                    grouped(flatten(value, structure, path), parts), parts, strict=True
                )
            ]
        except ArgumentError:
            raise
        except (TypeError, OverflowError) as error:
            raise ArgumentError(f"{path}: {error}; expected real numbers") from error

    def new(self) -> list[Floats]:
        """Arrays for the result."""
        return [np.empty(_shape(part)) for _, part in self._parts]

    def result(self, outputs: Sequence[Floats]) -> Any:
        """The result that these arrays are."""
        return self._unpack(
            [
                float(array) if isinstance(part, Scalar) else array
                for array, (_, part) in zip(outputs, self._parts, strict=True)
            ]
        )

    # --- the caller's own arrays ---

    def given(self, out: Any) -> list[Floats]:
        """The arrays of ``out``, which mirrors the gradient (all of the result but the value).

        Raises:
            ArgumentError: if native code cannot write there.
        """
        arrays = list(_leaves(out))
        parts = self._parts[1:]
        shapes = [_shape(part) for _, part in parts]
        found = [getattr(array, "shape", type(array).__name__) for array in arrays]
        if found != shapes:
            raise ArgumentError(
                f"out: found arrays of shapes {found}; expected float64 arrays of shapes "
                f"{shapes}, one for each scalar or array of the gradient"
            )
        for array in arrays:
            _usable(array, "out")
            if not array.flags.writeable:
                raise ArgumentError("out: found a read-only array; pass np.empty(shape)")
        if _overlapping(arrays):
            raise ArgumentError("out: two of its arrays overlap; pass separate ones")
        return arrays

    def bound(self, args: Sequence[Any]) -> list[Floats]:
        """The arguments where they lie; floats become arrays of our own.

        Raises:
            ArgumentError: if native code cannot read there.
        """
        self._counted(args)
        made: list[Floats] = []
        for value, (name, structure) in zip(args, self._graph.parameters, strict=True):
            path = f"{self._graph.name}: argument {name}"
            if not any(isinstance(leaf, np.ndarray) for leaf in _leaves(value)):
                made += self._converted(value, structure, name)
                continue
            parts = leaf_parts(path, structure)
            leaves = list(_leaves(value))
            for leaf, (where, part) in zip(leaves, parts, strict=len(leaves) == len(parts)):
                made.append(_in_place(leaf, where, part))
            if len(leaves) != len(parts):
                flatten(value, structure, path)
                raise ArgumentError(f"{path}: expected {structure}")
        return made

    def apart(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> list[Floats]:
        """``inputs``, those that share memory with an output copied."""
        return [
            array.copy() if any(np.may_share_memory(array, out) for out in outputs) else array
            for array in inputs
        ]

    def check_apart(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Refuse outputs that share memory with an input.

        Raises:
            ArgumentError: if one does.
        """
        for array in inputs:
            if any(np.may_share_memory(array, out) for out in outputs):
                raise ArgumentError(
                    "out: overlaps an argument, which each call reads again; pass separate arrays"
                )


def _shape(part: Structure) -> tuple[int, ...]:
    return part.shape if isinstance(part, Array) else ()


def _is_real(value: Any, shape: tuple[int, ...]) -> bool:
    return isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "fiub"


def _contiguous(array: Any) -> Floats:
    """The array itself if native code can read it, else a copy; C order, aligned."""
    return np.require(np.asarray(array), np.float64, ("C", "A"))


def _leaves(value: Any) -> Iterator[Any]:
    """What stands where a structure has scalars and arrays."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _usable(array: Any, where: str) -> None:
    """Refuse an array that native code cannot use where it lies."""
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        raise ArgumentError(f"{where}: found {_described(array)}; expected a float64 array")
    if not array.flags.c_contiguous or not array.flags.aligned or not array.dtype.isnative:
        raise ArgumentError(
            f"{where}: found a strided or misaligned array; pass np.ascontiguousarray(...)"
        )


def _described(value: Any) -> str:
    dtype = getattr(value, "dtype", None)
    return f"an array of {dtype}" if dtype is not None else type(value).__name__


def _in_place(leaf: Any, where: str, part: Structure) -> Floats:
    if not isinstance(leaf, np.ndarray) and isinstance(part, Scalar):
        return np.array(float(leaf))
    _usable(leaf, where)
    if leaf.shape != _shape(part):
        raise ArgumentError(f"{where}: found shape {leaf.shape}; expected {_shape(part)}")
    array: Floats = leaf
    return array


def _overlapping(arrays: Sequence[Floats]) -> bool:
    """True if two contiguous arrays share memory."""
    spans = sorted((a.ctypes.data, a.ctypes.data + a.nbytes) for a in arrays if a.nbytes)
    return any(first[1] > second[0] for first, second in pairwise(spans))
