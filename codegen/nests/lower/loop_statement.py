"""Statements: one primitive at every place of a few nested loops.

What a loop of the graph repeats are statements over tensors of its own (``Repeat``).

A tensor is a stretch of float64 numbers: an argument, a result, a constant, or memory for a value
in between.  A statement reads its operands at places that are linear in its loops, computes, and
stores the result at such a place, or folds it into what is there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple, TypeAlias

from autodiff.graph.graph import Graph
from autodiff.table.arrays.array_row import ArrayRow, Shape
from autodiff.table.primitive import Primitive

__all__ = [
    "Access",
    "Fold",
    "Home",
    "Opaque",
    "Operand",
    "Pick",
    "Product",
    "Repeat",
    "Statement",
    "Step",
    "Tensor",
]


class Home(Enum):
    """Where a tensor lies."""

    INPUT = "x"
    OUTPUT = "y"
    DATA = "d"
    WORK = "t"
    # In what is repeated:
    CARRY = "c"
    STREAM = "s"
    FIXED = "f"


@dataclass
class Tensor:
    """A stretch of numbers.

    Args:
        size: How many.
        home: Where it lies.
        place: Which of its home, for all but what is in between.
        written: How many statements store there.
        node: Whose value it is, of the graph; -1 for what no node stands for.
    """

    size: int
    home: Home
    place: int = 0
    written: int = 0
    node: int = -1


class Access(NamedTuple):
    """A place in a tensor, linear in the loops of a statement."""

    tensor: int
    offset: int
    strides: tuple[int, ...]  # per loop
    pick: Pick | None = None

    def span(self, extents: tuple[int, ...], depth: int) -> tuple[int, int]:
        """The first and last place that the loops from ``depth`` on reach, without ``offset``."""
        low = high = 0
        for stride, n in zip(self.strides[depth:], extents[depth:], strict=True):
            reach = stride * (n - 1)
            low, high = low + min(reach, 0), high + max(reach, 0)
        if self.pick is not None:
            reach = self.pick.stride * (self.pick.size - 1)
            low, high = low + min(reach, 0), high + max(reach, 0)
        return low, high


class Pick(NamedTuple):
    """A step that a number says: an index map at work."""

    places: Access
    stride: int
    size: int  # of the axis; the places are checked against it
    checked: bool = False  # True if all of the map are known to fit


Operand: TypeAlias = Access | float


class Fold(Enum):
    """How values come together at one place."""

    ADD = "add"
    MAX = "max"
    MIN = "min"

    @property
    def start(self) -> float:
        """What nothing folds to."""
        return {"add": 0.0, "max": -math.inf, "min": math.inf}[self.value]


@dataclass(frozen=True, eq=False)
class Statement:
    """``target = primitive(operands)``, or folded into it, for all places of the loops.

    Args:
        extents: Of the loops, the outermost first.
        target: Where the result goes.
        primitive: What is computed; None: the operand as it is.
        operands: What of.
        fold: How results of one place come together; None: there is one.
        starts: True if a fold begins with nothing; else with what is there.
        fuses: True if the product may be added without being rounded.
        serial: Loops, by position, that must run in order.
    """

    extents: tuple[int, ...]
    target: Access
    primitive: Primitive | None
    operands: tuple[Operand, ...]
    fold: Fold | None = None
    starts: bool = True
    fuses: bool = False
    serial: frozenset[int] = frozenset()

    @property
    def accumulates(self) -> bool:
        """True if it folds into numbers that other statements put there."""
        return self.fold is not None and not self.starts

    def reduces(self, depth: int) -> bool:
        """True if the loop at a depth runs over places that come together."""
        return self.fold is not None and self.starts and self.target.strides[depth] == 0

    @property
    def reduction(self) -> int:
        """Depth of the outermost loop of the reduction; the number of loops if it is none."""
        for depth in range(len(self.extents)):
            if self.reduces(depth):
                return depth
        return len(self.extents)

    def reads(self) -> Iterator[Access]:
        """Every access that reads, index maps among them."""
        for operand in (*self.operands, self.target):
            access = operand
            if isinstance(access, float):
                continue
            if operand is not self.target:
                yield access
            if access.pick is not None:
                yield access.pick.places

    def accesses(self) -> Iterator[Access]:
        """Every access."""
        yield from self.reads()
        yield self.target

    def tensors(self) -> set[int]:
        """Every tensor that it touches."""
        return {access.tensor for access in self.accesses()}

    def reordered(self, order: tuple[int, ...]) -> Statement:
        """The same with its loops in another order, or without some."""

        def moved(access: Access) -> Access:
            pick = access.pick
            return Access(
                access.tensor,
                access.offset,
                tuple(access.strides[i] for i in order),
                None if pick is None else pick._replace(places=moved(pick.places)),
            )

        return replace(
            self,
            extents=tuple(self.extents[i] for i in order),
            target=moved(self.target),
            operands=tuple(x if isinstance(x, float) else moved(x) for x in self.operands),
            serial=frozenset(k for k, i in enumerate(order) if i in self.serial),
        )


class Product(NamedTuple):
    """A product of matrices that lie row by row, as BLAS is told of it.

    Each operand has the numbers from one row to the next as it lies, and whether it is turned.
    """

    rows: int
    columns: int
    inner: int
    left: tuple[int, bool]
    right: tuple[int, bool]


@dataclass(frozen=True, eq=False)
class Opaque:
    """A whole row of arrays that something else computes, on contiguous arrays.

    Args:
        target: The tensor of the result.
        operands: The tensors of the operands.
        row: The row.
        params: Its parameters.
        shapes: Of the operands and, last, of the result.
        starts: Where in its tensor each operand begins.
        product: Of a product of matrices: what BLAS is told.
    """

    target: int
    operands: tuple[int, ...]
    row: ArrayRow | None = None
    params: Mapping[str, object] | None = None
    shapes: tuple[Shape, ...] = ()
    starts: tuple[int, ...] = ()
    product: Product | None = None

    def tensors(self) -> set[int]:
        """Every tensor that it touches."""
        return {self.target, *self.operands}


@dataclass(frozen=True, eq=False)
class Repeat:
    """A body that runs again and again, each time on what it gave the time before.

    Its tensors are its own: carries, elements of streams, what stays the same, results.  The
    accesses of ``begins``, ``streams`` and ``fixed`` are places in the tensors around it.

    Args:
        body: What is repeated, as a graph.
        length: How often it runs.
        reverse: True: from the last element of streams and stacks to the first.
        own: The tensors of the body.
        steps: What the body does.
        begins: Where each carry begins; its numbers lie row by row.
        streams: Of each stream, the first element, with the step to the next.
        fixed: What stays the same.
        targets: The tensors around it where results go: the last carries, then the stacks.
        results: A result of one number; None: statements write it, or the carry never changes, or
            changes where it lies.
        switch: The tensor that says whether a repetition does anything, if carries change so.
    """

    body: Graph
    length: int
    reverse: bool
    own: Sequence[Tensor]
    steps: Sequence[Step]
    begins: tuple[Operand, ...]
    streams: tuple[Access, ...]
    fixed: tuple[Access, ...]
    targets: tuple[int, ...]
    results: tuple[Operand | None, ...]
    switch: int | None = None

    def reads(self) -> Iterator[Access]:
        """Every access to what is around it that reads."""
        for operand in (*self.begins, *self.streams, *self.fixed):
            if not isinstance(operand, float):
                yield operand

    def tensors(self) -> set[int]:
        """Every tensor around it that it touches."""
        return {*self.targets, *(access.tensor for access in self.reads())}


Step: TypeAlias = "Statement | Opaque | Repeat"
