"""Arguments of a call <-> parameters of an emitted function.

An emitted function takes and returns floats, and arrays as flat lists.  Floats and float64 arrays
go through without detour; anything else through ``flatten``, which converts or explains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.structure import (
    Array,
    Dict,
    Scalar,
    Structure,
    Tuple,
    flatten,
    grouped,
    leaf_parts,
)
from autodiff.run.interpret import flatten_arguments

__all__ = ["pack", "packers", "unpacker"]

_FLOAT64 = np.dtype(np.float64)
Packer = Callable[[Any], Sequence[Any]]


def pack(graph: Graph, args: Sequence[Any]) -> list[Any]:
    """The parameters of an emitted function from the arguments of a call.

    Raises:
        ArgumentError: if the arguments differ from the examples.
    """
    if len(args) != len(graph.parameters):
        flatten_arguments(graph, args)  # raises the error that says so
    packed: list[Any] = []
    for packer, value in zip(packers(graph), args, strict=True):
        packed += packer(value)
    return packed


def packers(graph: Graph) -> list[Packer]:
    """Per argument, the function that gives its scalars and flat arrays."""
    found: list[Packer] | None = graph.plans.get("packers")
    if found is None:
        found = graph.plans["packers"] = [
            _packer(structure, f"{graph.name}: argument {name}")
            for name, structure in graph.parameters
        ]
    return found


def _packer(structure: Structure, path: str) -> Packer:
    def general(value: Any) -> Sequence[Any]:
        return grouped(flatten(value, structure, path), leaf_parts("", structure))

    if isinstance(structure, Scalar):
        return lambda value: (value,) if type(value) is float else general(value)
    if not isinstance(structure, Array):
        return general
    shape, flat = structure.shape, len(structure.shape) == 1

    def array(value: Any) -> Sequence[Any]:
        if type(value) is np.ndarray and value.dtype is _FLOAT64 and value.shape == shape:
            return (value.tolist() if flat else value.ravel().tolist(),)
        return general(value)

    return array


def unpacker(structure: Structure, made: bool = False) -> Callable[[Sequence[Any]], Any]:
    """Function that makes a value of this structure from its scalars and flat arrays.

    With ``made`` the parts are what shall stand there already.
    """
    return _unpacker(structure, iter(range(len(leaf_parts("", structure)))), made)


def _unpacker(
    structure: Structure, places: Iterator[int], made: bool
) -> Callable[[Sequence[Any]], Any]:
    """As ``unpacker``, taking the parts at the next ``places``."""
    if isinstance(structure, Scalar) or (made and isinstance(structure, Array)):
        return itemgetter(next(places))
    if isinstance(structure, Array):
        place, shape = next(places), structure.shape
        if len(shape) == 1:
            return lambda parts: np.array(parts[place], _FLOAT64)
        return lambda parts: np.array(parts[place], _FLOAT64).reshape(shape)
    makers = [_unpacker(item, places, made) for item in structure.items]
    if isinstance(structure, Dict):
        keys = structure.keys
        return lambda parts: {k: make(parts) for k, make in zip(keys, makers, strict=True)}
    if isinstance(structure, Tuple):
        return lambda parts: tuple([make(parts) for make in makers])
    return lambda parts: [make(parts) for make in makers]
