"""NumPy's functions that choose by a mask, on whole arrays: compress, extract, putmask, copyto."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.table import ops
from autodiff.table.arrays.reshaping import reshape
from autodiff.trace.whole.fitting import axes
from autodiff.trace.whole.indices import get_item, set_item
from autodiff.trace.whole.moving import as_tracer, tracer_in

__all__ = ["FUNCTIONS"]


def _compressed(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    x = _like_first(a, condition)
    if axis is None:
        x, axis = reshape(x, (x.size,)), 0
    return get_item(x, (*(slice(None),) * axes(axis, x.ndim)[0], condition))


def _extracted(condition: Any, arr: Any) -> Any:
    x = _like_first(arr, condition)
    return get_item(reshape(x, (x.size,)), reshape(_like_first(condition, x), (x.size,)))


def _like_first(a: object, b: object) -> Any:
    like = tracer_in((a, b))
    assert like is not None
    return as_tracer(a, like)


def _put_where(a: Any, mask: Any, values: Any) -> None:
    whole = np.ndim(values) and np.shape(values) == np.shape(a)
    if whole:
        set_item(a, ..., ops.where(mask, values, a))
    else:
        set_item(a, mask, values)


def _copied_to(dst: Any, src: object, casting: str = "same_kind", where: object = True) -> None:
    set_item(dst, ..., src if where is True else ops.where(where, src, dst))


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.compress: _compressed,
    np.extract: _extracted,
    np.putmask: _put_where,
    np.place: _put_where,
    np.copyto: _copied_to,
}
