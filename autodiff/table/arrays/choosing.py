"""Rows: what depends on which number is larger: extremes, orders.

At a tie of an extreme every largest element gets an equal share of the cotangent.  Orders are
whole numbers, through which nothing flows; equal numbers stay in their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.numbers.of_matrices import places_in
from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Same, Shape, Use
from autodiff.table.arrays.indexing import take_along
from autodiff.table.arrays.reshaping import broadcast_to, expand_dims, sum_over
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Quantity

__all__ = ["argmax", "argsort", "max_over", "min_over", "places_of", "running_place", "search",
           "sort"]  # fmt: skip


def _without(shape: Shape, axes: Sequence[int]) -> Shape:
    if any(shape[i] == 0 for i in axes):
        raise ValueError(f"no largest or smallest element in an empty axis of shape {shape}")
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def _axis_text(axes: Sequence[int], ndim: int) -> str:
    if len(axes) == ndim:
        return ""
    return f", axis={axes[0] if len(axes) == 1 else tuple(axes)}"


def _share(use: Use) -> Any:
    """Per element its part of the cotangent: 1 over the number of equals, 0 if it is smaller."""
    axes = use.params["axes"]
    out = broadcast_to(expand_dims(use.out, axes, len(use.own)), use.own)
    equal = ops.where(ops.eq(use.operand, out), 1.0, 0.0)
    count = expand_dims(sum_over(equal, axes), axes, len(use.own))
    return ops.div(equal, count)


def _pull(g: Quantity, use: Use) -> object:
    return _share(use) * expand_dims(g, use.params["axes"], len(use.own))


def _push(t: Quantity, use: Use) -> object:
    return sum_over(_share(use) * t, use.params["axes"])


def _reach(g: Quantity, use: Use) -> object:
    return broadcast_to(expand_dims(g, use.params["axes"], len(use.own)), use.own)


def _elements(larger: Callable[[object, object], object]) -> Callable[..., object]:
    def reduced(x: Any, axes: Sequence[int]) -> object:
        loop = np.frompyfunc(larger, 2, 1)
        for axis in sorted(axes, reverse=True):
            x = loop.reduce(x, axis=axis)
        return np.asarray(x, dtype=object)

    return reduced


def _extreme(
    name: str, value: Callable[..., object], larger: Callable[[object, object], object]
) -> ArrayRow:
    def spell(params: RowParams, shapes: tuple[Shape, ...]) -> str:
        return f"np.{name}({{0}}{_axis_text(params['axes'], len(shapes[0]))})"

    return ArrayRow(
        name,
        lambda x, axes: value(x, axis=axes),
        (_pull,),
        "", "", "",
        params=("axes",),
        infer=lambda x, *, axes: _without(x, axes),
        spell=spell,
        pushes=(_push,),
        reaches=(_reach,),
        reaches_on=lambda t, use: sum_over(t, use.params["axes"]),
        elements=_elements(larger),
        kinks=(("tie", "equal shares"),),
    )  # fmt: skip


_max = _extreme("max", np.max, ops.maximum)
_min = _extreme("min", np.min, ops.minimum)


def max_over(x: Same, axes: Sequence[int]) -> Same:
    """The largest along axes, which disappear."""
    return _max(x, axes=tuple(axes)) if len(axes) else x


def min_over(x: Same, axes: Sequence[int]) -> Same:
    """The smallest along axes, which disappear."""
    return _min(x, axes=tuple(axes)) if len(axes) else x


def _whole(
    name: str, value: Callable[..., object], spell: str, infer: Callable[..., Shape], *params: str
) -> ArrayRow:
    def spelled(given: Mapping[str, object], shapes: tuple[Shape, ...]) -> str:
        return spell.format("{0}", "{1}", **given)

    operands = 2 if "{1}" in spell else 1
    return ArrayRow(
        name, value, (None,) * operands, "", "", "",
        params=params, infer=infer, spell=spelled, integer=True,
        work=_network if name == "argsort" else None,
    )  # fmt: skip


def _network(shape: Shape) -> int:
    """How many scalar comparisons sort rows: as many for each number as log n squared."""
    return math.prod(shape) * max(shape, default=0).bit_length() ** 2 // 2


_argsort = _whole(
    "argsort",
    lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    "np.argsort({0}, {axis}, 'stable')",
    lambda x, *, axis: x,
    "axis",
)
_argmax = _whole(
    "argmax",
    lambda x, axis: np.argmax(x, axis=axis),
    "np.argmax({0}, {axis})",
    lambda x, *, axis: _without(x, (axis,)),
    "axis",
)
_search = _whole(
    "searchsorted",
    lambda x, places, side: np.searchsorted(places, x, side),
    "np.searchsorted({1}, {0}, '{side}')",
    lambda x, places, *, side: x,
    "side",
)


def _running_value(x: NDArray[np.float64], axis: int) -> object:
    rows = np.moveaxis(x, axis, 0)
    largest = np.maximum.accumulate(rows, axis=0)
    index = np.arange(len(rows)).reshape(-1, *[1] * (x.ndim - 1))
    before, after = largest[:-1], largest[1:]
    more = ~(after <= before) & (before == before)  # a nan is the largest from then on
    first = np.concatenate([np.ones_like(rows[:1], bool), more])
    return np.moveaxis(np.maximum.accumulate(np.where(first, index, 0), axis=0), 0, axis)


_running = _whole(
    "running_place", _running_value, "running_place({0}, {axis})", lambda x, *, axis: x, "axis"
)


def argsort(x: Same, axis: int) -> Same:
    """The order that sorts an axis; equal numbers stay in theirs."""
    return _argsort(x, axis=axis)


def argmax(x: Same, axis: int) -> Same:
    """The place of the first largest element along an axis, which disappears."""
    return _argmax(x, axis=axis)


def search(places: Same, x: Same, side: str) -> Same:
    """``np.searchsorted``."""
    return _search(x, places, side=side)


def running_place(x: Same, axis: int) -> Same:
    """The place of the largest element so far along an axis, the first of equals."""
    return _running(x, axis=axis)


def sort(x: Same, axis: int) -> Same:
    """``np.sort``."""
    return take_along(x, argsort(x, axis), axis)


def _infer_places(*indices: Shape, shape: Shape) -> Shape:
    if len(indices) != len(shape):
        raise ValueError(f"{len(indices)} index arrays do not fit shape {shape}")
    return np.broadcast_shapes(*indices)


_places = ArrayRow(
    "places",
    lambda *indices, shape: places_in(shape, *indices),
    (None,),
    "", "", "",
    params=("shape",),
    infer=_infer_places,
    spell=lambda params, shapes: _spell_places(params, len(shapes)),
    variadic=True,
    integer=True,
)  # fmt: skip


def _spell_places(params: Mapping[str, object], count: int) -> str:
    return f"places_in({params['shape']}, {', '.join(f'{{{i}}}' for i in range(count))})"


def places_of(shape: Shape, indices: Sequence[object]) -> object:
    """Flat places in an array of a shape from one index array for each axis, negative ones too."""
    return _places(*indices, shape=shape)
