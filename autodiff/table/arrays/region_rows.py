"""Rows with graphs inside: ``scan``, a loop over carries, streams and what is stacked.

A node is one result of its loop.  Nodes that differ in ``result`` alone are one loop, which is run
and written once (``autodiff/graph/loops/loop_nodes.py``).  What a region means is said where graphs
are known: its value, its derivatives and its text are found from those of the graph inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from autodiff.table.arrays.array_row import ArrayRow, Shape

__all__ = ["RegionRow", "scan_row"]


class Body(Protocol):
    """The graph inside, as far as shapes go."""

    @property
    def nodes(self) -> Sequence[Any]:
        """Its nodes, which have shapes; the inputs first."""
        ...

    @property
    def outputs(self) -> Sequence[int]:
        """Index of each output."""
        ...

    @property
    def inputs(self) -> Any:
        """Its inputs, which have a ``count`` and ``shapes``."""
        ...


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class RegionRow(ArrayRow):
    """A row whose parameters hold graphs."""


def _infer_scan(
    *shapes: Shape, body: Body, length: int, carries: int, streams: int, reverse: bool, result: int
) -> Shape:
    if len(shapes) != body.inputs.count or len(shapes) < carries + streams:
        raise ValueError(f"{len(shapes)} operands for a body of {body.inputs.count} inputs")
    if length < 0 or carries > len(body.outputs) or not 0 <= result < len(body.outputs):
        raise ValueError(f"result {result} of {len(body.outputs)}, {length} repetitions")
    for place, (found, inside) in enumerate(zip(shapes, body.inputs.shapes, strict=True)):
        streamed = carries <= place < carries + streams
        expected = (length, *inside) if streamed else inside
        if found != expected:
            raise ValueError(f"operand {place} has shape {found}; the body asks for {expected}")
    made: list[Shape] = [body.nodes[i].shape for i in body.outputs]
    for place in range(carries):
        if made[place] != shapes[place]:
            raise ValueError(
                f"carry {place} has shape {shapes[place]}, and {made[place]} after a repetition"
            )
    return made[result] if result < carries else (length, *made[result])


def _inside(what: str) -> Callable[..., NoReturn]:
    def refuse(*args: object, **params: object) -> NoReturn:
        raise NotImplementedError(f"{what} of a region is that of the graph inside")

    return refuse


scan_row = RegionRow(
    "scan",
    _inside("the value"),
    (_inside("the derivative"),),  # for every operand
    "", "", "",
    params=("body", "length", "carries", "streams", "reverse", "result"),
    infer=_infer_scan,
    spell=_inside("the text"),
    variadic=True,
)  # fmt: skip
