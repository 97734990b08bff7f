"""Arguments and results of native code as contiguous float64 arrays, one per scalar or array."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.run.interpret import flatten_arguments
from codegen.call.arguments import by_position
from codegen.native.host import LAYOUT

__all__ = ["Buffers", "table_of"]

_FLOAT64 = np.dtype(np.float64)


class Buffers:
    """Converts and checks what goes in and out of one program.

    Args:
        graph: The function as the user knows it: its parameters are the arguments.
        result: Structure of the result.
        given: Structure of the arrays that a caller may hand over for results.
    """

    def __init__(self, graph: Graph, result: Structure, given: Structure) -> None:
        # A native callable holds this where the garbage collector does not look: keep it small.
        self._graph = Graph(graph.name, graph.parameters, (), (), graph.result)
        self._trees = [tree_of(structure) for _, structure in graph.parameters]
        self._paths = [f"{graph.name}: argument {name}" for name, _ in graph.parameters]
        self._result, self._given = tree_of(result), tree_of(given)

    @property
    def count(self) -> int:
        """The number of arguments."""
        return len(self._trees)

    def placed(
        self, args: Sequence[object], named: Mapping[str, object], defaults: Mapping[str, object]
    ) -> tuple[object, ...] | None:
        """All arguments by position; None if they do not fit."""
        return by_position(self._graph, args, named, defaults)

    def inputs(self, args: Sequence[object]) -> list[Floats]:
        """The arguments, converted where they need it.

        Raises:
            ArgumentError: if they differ from the examples.
        """
        return [
            _contiguous(part)
            for value, tree, path in self._named(args)
            for part in tree.numbers(value, path)
        ]

    def _named(self, args: Sequence[object]) -> Iterator[tuple[object, Tree, str]]:
        """Each argument with its tree and how to call it."""
        if len(args) != len(self._graph.parameters):
            flatten_arguments(self._graph, args)  # raises the error that says so
        yield from zip(args, self._trees, self._paths, strict=True)

    def new(self) -> list[Floats]:
        """Arrays for the result."""
        return [np.empty(shape) for shape in self._result.shapes]

    def result(self, outputs: Sequence[Floats]) -> object:
        """The result that these arrays are."""
        return self._result.build(
            [
                float(array) if scalar else array
                for array, scalar in zip(outputs, self._result.scalars, strict=True)
            ]
        )

    # --- the caller's own arrays ---

    def given(self, out: object) -> list[Floats]:
        """The arrays of ``out``: a result, without a float value that comes first.

        Raises:
            ArgumentError: if native code cannot write there.
        """
        return self._given.into(() if out is None and not self._given.size else out)

    def own(self) -> tuple[list[Floats], object]:
        """Zeros for results, and what they are in, which can be read only."""
        arrays = [np.zeros(shape) for shape in self._given.shapes]
        shown = [array.view() for array in arrays]
        for array in shown:
            array.flags.writeable = False
        return arrays, self._given.build(shown)

    def bound(self, args: Sequence[object]) -> list[Floats]:
        """The arguments where they lie; floats become arrays of our own.

        Raises:
            ArgumentError: if native code cannot read there.
        """
        return [
            part for value, tree, path in self._named(args) for part in tree.in_place(value, path)
        ]

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


def _contiguous(array: object) -> Floats:
    """The array itself if native code can read it, else a copy; C order, aligned."""
    if type(array) is np.ndarray and array.dtype is _FLOAT64:
        flags = array.flags
        if flags.c_contiguous and flags.aligned:
            return array
    return np.require(np.asarray(array), np.float64, ("C", "A"))


def table_of(arrays: Sequence[Floats]) -> ctypes.Array[ctypes.c_void_p]:
    """The addresses of the arrays' data."""
    if LAYOUT is None:
        addresses = [array.ctypes.data for array in arrays]
    else:  # read as machine code reads them: a third of the time
        data, at = LAYOUT.data, ctypes.c_void_p.from_address
        addresses = [at(id(array) + data).value or 0 for array in arrays]
    return (ctypes.c_void_p * max(len(arrays), 1))(*addresses)
