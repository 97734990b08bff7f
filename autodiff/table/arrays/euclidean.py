"""Row: the Euclidean norm along axes; its derivative at zero is 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table import ops
from autodiff.table.arrays.array_row import ArrayRow, Same, Shape, Use
from autodiff.table.arrays.reshaping import broadcast_to, expand_dims, sum_over
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import Quantity

__all__ = ["norm_over"]


def _value(x: NDArray[np.float64], axes: Sequence[int]) -> object:
    """Scaled by the largest, so that squares neither overflow nor vanish."""
    largest = np.max(np.abs(x), axis=axes, keepdims=True, initial=0.0)
    scale = np.where((largest > 0.0) & np.isfinite(largest), largest, 1.0)
    with np.errstate(all="ignore"):
        root = np.sqrt(np.sum(np.square(x / scale), axis=axes, keepdims=True))
    return np.squeeze(root * scale, axis=axes)


def _elements(x: Any, axes: Sequence[int]) -> object:
    loop = np.frompyfunc(ops.hypot, 2, 1)
    if all(np.shape(x)[axis] == 1 for axis in axes):  # else hypot takes the size
        x = np.frompyfunc(abs, 1, 1)(x)
    for axis in sorted(axes, reverse=True):
        x = loop.reduce(x, axis=axis)
    return np.asarray(x, dtype=object)


def _direction(use: Use) -> Any:
    out = expand_dims(use.out, use.params["axes"], len(use.own))
    return use.operand / ops.where(ops.eq(out, 0.0), 1.0, out)


def _pull(g: Quantity, use: Use) -> object:
    return expand_dims(g, use.params["axes"], len(use.own)) * _direction(use)


def _push(t: Quantity, use: Use) -> object:
    return sum_over(_direction(use) * t, use.params["axes"])


def _reach(g: Quantity, use: Use) -> object:
    return broadcast_to(expand_dims(g, use.params["axes"], len(use.own)), use.own)


def _spell(params: RowParams, shapes: tuple[Shape, ...]) -> str:
    axes, ndim = params["axes"], len(shapes[0])
    if len(axes) == ndim:
        return "np.linalg.norm({0})" if ndim <= 2 else "np.linalg.norm({0}.ravel())"
    return f"np.linalg.norm({{0}}, axis={axes[0] if len(axes) == 1 else tuple(axes)})"


_norm = ArrayRow(
    "norm",
    _value,
    (_pull,),
    "", "", "",
    params=("axes",),
    infer=lambda x, *, axes: tuple(n for i, n in enumerate(x) if i not in axes),
    spell=_spell,
    pushes=(_push,),
    reaches=(_reach,),
    reaches_on=lambda t, use: sum_over(t, use.params["axes"]),
    elements=_elements,
    kinks=(("0", "0"),),
)  # fmt: skip


def norm_over(x: Same, axes: Sequence[int]) -> Same:
    """The root of the sum of squares along one or two axes, which disappear."""
    return _norm(x, axes=tuple(axes))
