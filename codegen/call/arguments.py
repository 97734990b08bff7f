"""Arguments of a call <-> parameters of an emitted function.

An emitted function takes and returns floats, and arrays as flat lists.  Floats and float64 arrays
go through without detour; anything else is converted, or explained, by the arguments' ``Tree``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Scalar, Structure, Tuple
from autodiff.graph.tree.straight import USUAL, Constants, apart, together
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.run.interpret import flatten_arguments
from autodiff.run.whole.whole_values import trees

__all__ = ["by_position", "pack", "unpacker"]

_FLOAT64 = np.dtype(np.float64)


def pack(graph: Graph, args: Sequence[object]) -> Sequence[Any]:
    """The parameters of an emitted function from the arguments of a call.

    Raises:
        ArgumentError: if the arguments differ from the examples.
    """
    whole: Callable[..., Sequence[object]] | None = graph.plans.get(pack)
    if whole is None:
        whole = graph.plans[pack] = _whole_packer(graph)
    return whole(args, "")


def _whole_packer(graph: Graph) -> Callable[..., Sequence[object]]:
    """Packer of the tuple of all arguments."""

    def slow(args: Any, path: str) -> Sequence[object]:
        if len(args) != len(graph.parameters):
            flatten_arguments(graph, args)  # raises the error that says so
        named = zip(args, trees(graph), graph.parameters, strict=True)
        return [
            part
            for value, tree, (name, _) in named
            for part in _converted(tree, value, f"{graph.name}: argument {name}")
        ]

    return _straight(Tuple(tuple(structure for _, structure in graph.parameters)), slow)


def by_position(
    graph: Graph,
    args: Sequence[object],
    named: Mapping[str, object],
    defaults: Mapping[str, object],
) -> tuple[object, ...] | None:
    """All arguments by position, from a call that gives some by name; None if it does not fit.

    Args:
        graph: Has the arguments' names.
        args: What comes by position.
        named: What comes by name.
        defaults: What stands for arguments that do not come.
    """
    rest = [name for name, _ in graph.parameters[len(args) :]]
    known = {name: defaults[name] for name in rest if name in defaults} | dict(named)
    if len(args) > len(graph.parameters) or set(rest) != known.keys():
        return None
    return (*args, *[known[name] for name in rest])


def _converted(tree: Tree, value: object, path: str) -> list[object]:
    return [
        part if scalar else part.ravel().tolist()
        for part, scalar in zip(tree.numbers(value, path), tree.scalars, strict=True)
    ]


def _straight(
    structure: Structure, slow: Callable[[object, str], Sequence[object]]
) -> Callable[..., Sequence[object]]:
    def taken(part: Scalar | Array, name: str, constants: Constants) -> tuple[str, str]:
        if isinstance(part, Scalar):
            return f"type({name}) is float", name
        usual = f"type({name}) is ndarray and {name}.dtype is float64"
        flat = f"{name}.tolist()" if len(part.shape) == 1 else f"{name}.ravel().tolist()"
        return f"{usual} and {name}.shape == {part.shape}", flat

    return apart(structure, taken, slow, "{{*map(type, {})}} == floats", **USUAL)


def unpacker(structure: Structure) -> Callable[[Sequence[object]], object]:
    """Function that makes a value of this structure from its scalars and flat arrays."""
    if isinstance(structure, Scalar):
        return itemgetter(0)
    if isinstance(structure, Array):
        shape = structure.shape
        if len(shape) == 1:
            return lambda parts: np.array(parts[0], _FLOAT64)
        return lambda parts: np.array(parts[0], _FLOAT64).reshape(shape)
    return _Unpacker(tree_of(structure))


class _Unpacker:
    """Makes containers from their scalars and flat arrays; its text is written at the first."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def __call__(self, parts: Sequence[object]) -> object:
        return self._made(parts)

    @cached_property
    def _made(self) -> Callable[[Sequence[object]], object]:
        def made(part: Scalar | Array, name: str, constants: Constants) -> str:
            if isinstance(part, Scalar):
                return name
            array = f"array({name}, float64)"
            return array if len(part.shape) == 1 else f"{array}.reshape({part.shape})"

        straight = together(self._tree.structure, made, array=np.array, float64=_FLOAT64)
        return straight or self._slowly

    def _slowly(self, parts: Sequence[object]) -> object:
        tree = self._tree
        return tree.build(
            [
                part if scalar else np.array(part, _FLOAT64).reshape(shape)
                for part, scalar, shape in zip(parts, tree.scalars, tree.shapes, strict=True)
            ]
        )
