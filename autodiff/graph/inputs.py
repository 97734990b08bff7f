"""Inputs: where the arguments of a graph lie, and what they are called; the only place that counts.

An argument has parts, scalars and arrays.  A part's floats stand side by side among the floats of
all arguments: from ``offset`` on, ``size`` of them.  In an expanded graph every float is a node of
its own, in a graph of arrays every part is; who asks says whether nodes or floats are meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autodiff.graph.structure import Array, Structure, leaf_names, leaf_parts, size

__all__ = ["Input", "Inputs"]


@dataclass(frozen=True, slots=True)
class Input:
    """A scalar or an array among the arguments."""

    name: str
    shape: tuple[int, ...]
    offset: int
    size: int

    @property
    def floats(self) -> range:
        """Where its floats lie among all floats."""
        return range(self.offset, self.offset + self.size)


class Inputs:
    """The inputs of a graph with these parameters.

    Attributes:
        count: Number of input nodes; they are the first nodes of a graph.
        size: Number of floats.
        expanded: True if every float is a node, False if every part is.
    """

    def __init__(self, parameters: Sequence[tuple[str, Structure]], expanded: bool = True) -> None:
        self._parameters, self.expanded = parameters, expanded
        self.size = sum(size(structure) for _, structure in parameters)
        self.count = self.size if expanded else len(self.parts)

    @cached_property
    def parts(self) -> tuple[Input, ...]:
        """Every scalar and array, in order."""
        parts, offset = [], 0
        for argument, structure in self._parameters:
            for name, part in leaf_parts(argument, structure):
                shape = part.shape if isinstance(part, Array) else ()
                parts.append(Input(name, shape, offset, size(part)))
                offset += size(part)
        return tuple(parts)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each float: ``x``, ``x[0]``, ``p.w[1,2]``."""
        return tuple(name for p, structure in self._parameters for name in leaf_names(p, structure))

    @cached_property
    def node_names(self) -> tuple[str, ...]:
        """Name of each input node."""
        return self.names if self.expanded else tuple(part.name for part in self.parts)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shape of each input node."""
        return ((),) * self.count if self.expanded else tuple(part.shape for part in self.parts)

    @cached_property
    def nodes(self) -> range:
        """The input nodes."""
        return range(self.count)

    def of(self, positions: Sequence[int]) -> list[int]:
        """The input nodes of the arguments at these positions, in the order asked for."""
        starts = [0]
        for _, structure in self._parameters:
            nodes = size(structure) if self.expanded else len(leaf_parts("", structure))
            starts.append(starts[-1] + nodes)
        return [i for p in positions for i in range(starts[p], starts[p + 1])]
