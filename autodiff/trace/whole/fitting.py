"""Shapes and axes that do not fit: the user's line, what was found, what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.graph.typed_node import Shape
from autodiff.table.arrays.reshaping import axes_of

__all__ = ["Axes", "Ints", "axes", "mismatch", "require_fit"]

Ints: TypeAlias = int | Sequence[int]
Axes: TypeAlias = int | tuple[int, ...] | None  # what NumPy takes as axis=
_MOST = 10_000_000  # numbers of an array that is traced element by element: a gigabyte


def mismatch(name: str, shapes: list[Shape]) -> TraceError:
    """The error of shapes that do not broadcast."""
    return TraceError(
        f"{user_location()}: {name}: shapes {' and '.join(map(str, shapes))} do not broadcast. "
        "Reshape one of them: x[:, None] adds an axis"
    )


def axes(axis: object, ndim: int) -> tuple[int, ...]:
    """The axes that ``axis=`` names.

    Raises:
        TraceError: if there is no such axis.
    """
    try:
        return axes_of(axis, ndim)
    except ValueError as error:
        raise TraceError(f"{user_location()}: {error}") from None


def require_fit(name: str, shapes: list[Shape]) -> None:
    """Refuse arrays that do not broadcast, or to more elements than memory has placeholders for.

    Raises:
        ArgumentError: if they do not broadcast.
        TraceError: if they are too many.
    """
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise ArgumentError(
            f"{user_location()}: {name}: found arrays of shapes {', '.join(map(str, shapes))}; "
            "expected shapes that NumPy broadcasts together"
        ) from None
    if math.prod(shape) > _MOST:
        raise TraceError(
            f"{user_location()}: {name}: found an array of shape {shape}; expected at most {_MOST} "
            "numbers where each is a value of its own. Keep arrays whole: target='numpy' or "
            "'native', expand=False"
        )
