"""Reach: which inputs a node depends on, which outputs depend on it, as sets of bits.

A set is an integer whose bits are the places among the inputs (or outputs); the union of two is one
operation.  A set is let go as soon as nothing asks for it any more, so memory stays small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from autodiff.run.sparse.flow import Flow

__all__ = ["from_inputs", "places_of", "to_outputs"]


def from_inputs(flow: Flow, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each node that depends on an input, in order, and the set of these inputs.

    Args:
        flow: How derivatives pass.
        places: The bit of each input.
    """
    sets: list[int] = [0] * len(flow.edges)
    for index, place in zip(flow.inputs, places, strict=True):
        sets[index] |= 1 << place
    for index in sorted(set(flow.inputs)):
        yield index, sets[index]
    ends = flow.last_uses
    for index, edges in enumerate(flow.edges):
        if edges:
            found = 0
            for edge in edges:
                found |= sets[edge[0]]
            sets[index] = found
            yield index, found
            for operand in ends.get(index, ()):
                sets[operand] = 0


def to_outputs(flow: Flow, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each node that outputs depend on, last first, and the set of these outputs.

    Args:
        flow: How derivatives pass.
        places: The bit of each output.
    """
    sets: list[int] = [0] * len(flow.edges)
    for index, place in zip(flow.outputs, places, strict=True):
        sets[index] |= 1 << place
    for index in range(len(sets) - 1, -1, -1):
        found = sets[index]
        if found:
            yield index, found
            sets[index] = 0
            for edge in flow.edges[index]:
                sets[edge[0]] |= found


def places_of(bits: int) -> npt.NDArray[np.intp]:
    """The places in a set, in order."""
    if not bits:
        return np.empty(0, np.intp)
    first = (bits & -bits).bit_length() - 1
    bits >>= first  # sets of neighbours are short, wherever they lie
    packed = np.frombuffer(bits.to_bytes(bits.bit_length() + 7 >> 3, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little")) + first
