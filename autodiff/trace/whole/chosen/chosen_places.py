"""Places that a mask of traced values chooses: ``np.nonzero``, ``np.where(mask)``.

Their number depends on values, so they are a ``Selection`` of all places.  An array takes them as
what they were made of: ``x[np.where(mask)]`` is ``x[mask]``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NoReturn

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.whole.chosen.chosen_rows import Selection

__all__ = ["FUNCTIONS", "ChosenPlaces", "as_masks", "nonzero"]


class ChosenPlaces(Selection):
    """The places along one axis at which a mask holds.

    Args:
        every: All places of the mask along that axis, row by row.
        of: The mask, with its axes.
        axis: The axis.
    """

    __slots__ = ("axis", "of")

    def __init__(self, every: ArrayOperand, of: ArrayTracer, axis: int) -> None:
        super().__init__(every, reshape(of, (of.size,)))
        self.of, self.axis = of, axis


class _Places:
    """What ``np.argwhere`` gives: a row for each place, of which columns may be asked for."""

    def __init__(self, along: tuple[ChosenPlaces, ...]) -> None:
        self.T = along

    def __getitem__(self, key: object) -> ChosenPlaces:
        match key:
            case (slice() as rows, int() as axis) if rows == slice(None):
                return self.T[axis]
            case _:
                return _refused(f"np.argwhere(mask)[{key}]")

    def ravel(self) -> ChosenPlaces:
        """The places of a vector."""
        return self.T[0] if len(self.T) == 1 else _refused("np.argwhere(mask).ravel()")

    flatten = squeeze = ravel

    def __iter__(self) -> NoReturn:
        _refused("a loop over np.argwhere(mask)")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        _refused(f"np.argwhere(mask).{name}")


def _refused(what: str) -> NoReturn:
    raise TraceError(
        f"{user_location()}: {what} cannot be traced: how many places there are depends on traced "
        "values. Index with x[mask], x[np.where(mask)] or x[np.argwhere(mask)[:, 0]], or use "
        "np.where(mask, x, y)"
    )


def nonzero(x: ArrayTracer) -> tuple[ChosenPlaces, ...]:
    """``np.nonzero``: for each axis, the places at which an array is not zero."""
    mask: ArrayTracer = x if x.dtype == bool else x != 0.0
    places = np.unravel_index(np.arange(x.size), x.shape)
    return tuple(ChosenPlaces(x.known(p, True), mask, k) for k, p in enumerate(places))


def _flat(a: ArrayTracer) -> ChosenPlaces:
    return nonzero(reshape(a, (math.prod(a.shape),)))[0]


def as_masks(key: Sequence[object]) -> list[object]:
    """An index with masks in place of what they chose.

    Raises:
        TraceError: if places are not those of one mask, axis by axis.
    """
    parts: list[object] = []
    left = list(key)
    while left:
        one = left[0]
        if not isinstance(one, Selection):
            parts.append(left.pop(0))
            continue
        mask = one.of if isinstance(one, ChosenPlaces) else None
        count = 1 if mask is None else mask.ndim
        own = [(x.of.index, x.axis) for x in left[:count] if isinstance(x, ChosenPlaces)]
        if mask is None or own != [(mask.index, axis) for axis in range(count)]:
            raise TraceError(
                f"{user_location()}: places that a mask of traced values chooses are an index as "
                "np.where(mask) gives them, all of one mask; use np.where(mask, x, y)"
            )
        parts.append(mask)
        del left[:count]
    return parts


FUNCTIONS: dict[object, Callable[..., object]] = {
    np.argwhere: lambda a: _Places(nonzero(a)),
    np.nonzero: nonzero,
    np.flatnonzero: _flat,
}
