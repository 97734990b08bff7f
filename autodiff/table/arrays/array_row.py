"""ArrayRow: one primitive of arrays, with its value, its shape, its derivative and its spelling.

A linear row has one rule per operand, its transpose, written with the functions of these sections:
on tracers it records, on NumPy arrays it computes.  Tangents go through a row by the row itself;
``pushes`` says it otherwise where the row is not linear in that operand alone.

A cotangent may be *lazy*: of a shape that broadcasts to that of its value.  ``2.0 * x`` needs no
array of twos.  Rows take cotangents of the full shape unless they say ``lazy``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Operand, Primitive

__all__ = [
    "ARRAY_ROWS",
    "ArrayRow",
    "Numbers",
    "Objects",
    "Pull",
    "Same",
    "Shape",
    "Use",
    "shape_of",
]

Shape: TypeAlias = tuple[int, ...]
Objects: TypeAlias = NDArray[np.object_]  # of scalars, which may be placeholders
Numbers: TypeAlias = NDArray[np.float64] | Objects
Same = TypeVar("Same")  # tracers for tracers, arrays for arrays
ARRAY_ROWS: dict[str, ArrayRow] = {}


class Use(NamedTuple):
    """One operand of one node, as a rule sees it."""

    position: int
    operands: tuple[Any, ...]
    out: Any
    params: RowParams
    shapes: tuple[Shape, ...]  # of the operands
    shape: Shape  # of the result

    @property
    def operand(self) -> Any:
        """The operand whose derivative is asked for."""
        return self.operands[self.position]

    @property
    def own(self) -> Shape:
        """Its shape."""
        return self.shapes[self.position]


Pull: TypeAlias = Callable[[Any, Use], Any]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ArrayRow(Primitive):
    """One primitive of arrays.

    Args:
        infer: Shapes of the operands and parameters -> shape of the result; ValueError if they do
            not fit.
        spell: Parameters and shapes of the operands -> text over NumPy; ``{0}`` is an operand.
        pushes: Per operand, how a tangent goes through; None: as the operand itself does.
        reaches: What carries the places that an open condition reaches backwards, where that is
            not the transpose: rules that scale by other operands.
        reaches_on: The same forwards, where it is not the row with ones for other operands.
        variadic: True if it takes any number of operands, all alike.
        lazy: True if its rules take lazy cotangents.
        integer: True if the result is an array of whole numbers, through which nothing flows.
        elements: The value over object arrays of scalars; None: ``impl``.
        numeric: True if it has no value over scalars, only NumPy's routine.
        work: Shapes of the operands -> how many scalar operations it takes, about; None: one for
            every element of operands and result.
    """

    impl: Callable[..., Any] = field(kw_only=False)  # arrays -> an array
    infer: Callable[..., Shape]
    spell: Callable[[RowParams, tuple[Shape, ...]], str]
    pushes: tuple[Pull | None, ...] | None = None
    reaches: tuple[Pull | None, ...] | None = None
    reaches_on: Pull | None = None
    variadic: bool = False
    lazy: bool = False
    integer: bool = False
    elements: Callable[..., object] | None = None
    numeric: bool = False
    work: Callable[..., int] | None = None

    def __post_init__(self) -> None:
        ARRAY_ROWS[self.name] = self

    def takes(self, count: int) -> bool:
        """True if it has so many operands."""
        return count >= 1 if self.variadic else count == len(self.partials)

    def rule(self, position: int) -> Pull | None:
        """The transpose in operand ``position``."""
        return self.partials[0 if self.variadic else position]

    def reach(self, position: int) -> Pull | None:
        """What carries open conditions back to operand ``position``."""
        return (self.reaches or self.partials)[0 if self.variadic else position]

    def push(self, tangent: object, use: Use) -> object:
        """The part of the result's tangent that comes from one operand's."""
        if self.pushes is not None:
            push = self.pushes[0 if self.variadic else use.position]
            if push is not None:
                return push(tangent, use)
        operands = [*use.operands]
        operands[use.position] = tangent
        return self(*operands, **use.params)

    def __call__(self, *operands: Same, **params: object) -> Same:
        """The result: an array for arrays, a tracer for tracers."""
        for operand in operands:
            if isinstance(operand, Operand) and not isinstance(operand, float):
                bind: Callable[..., Same] = operand.bind_row  # type: ignore[attr-defined]
                return bind(self, operands, params)
        made: Same = self.impl(*map(np.asarray, operands), **params)
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return _registered, (self.name,)


def _registered(name: str) -> ArrayRow:
    return ARRAY_ROWS[name]


def shape_of(x: object) -> Shape:
    """Shape of a tracer, an array or a number."""
    shape: Shape = getattr(x, "shape", ())
    return shape
