"""Elementwise primitives on NumPy arrays: each element is the primitive's value on floats.

``elementwise_value`` has the bits of scalars: what NumPy computes with the same bits it computes;
anything else goes element by element through the primitive's own function.  ``vector_form`` is as
quick as NumPy is, within 4 ulp of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["elementwise_value", "is_exact", "reference_form", "vector_form"]


def _truth(ufunc: Callable[..., Any]) -> Callable[..., object]:
    return lambda *operands: ufunc(*operands).astype(np.float64)


# The sums, products, quotients, roots and comparisons of IEEE 754 are the same everywhere.
_SAME: dict[Primitive, Callable[..., object]] = {
    REGISTRY["add"]: np.add,
    REGISTRY["sub"]: np.subtract,
    REGISTRY["mul"]: np.multiply,
    REGISTRY["div"]: np.divide,
    REGISTRY["neg"]: np.negative,
    REGISTRY["square"]: lambda x: x * x,
    REGISTRY["reciprocal"]: lambda x: 1.0 / x,
    REGISTRY["sqrt"]: np.sqrt,
    REGISTRY["root_of_squares"]: np.sqrt,
    REGISTRY["abs"]: np.abs,
    REGISTRY["floor"]: np.floor,
    REGISTRY["ceil"]: np.ceil,
    REGISTRY["rint"]: np.rint,
    REGISTRY["where"]: lambda c, x, y: np.where(c != 0.0, x, y),
    REGISTRY["lt"]: _truth(np.less),
    REGISTRY["le"]: _truth(np.less_equal),
    REGISTRY["gt"]: _truth(np.greater),
    REGISTRY["ge"]: _truth(np.greater_equal),
    REGISTRY["eq"]: _truth(np.equal),
    REGISTRY["ne"]: _truth(np.not_equal),
    REGISTRY["logical_and"]: _truth(np.logical_and),
    REGISTRY["logical_or"]: _truth(np.logical_or),
    REGISTRY["logical_not"]: _truth(np.logical_not),
}


def elementwise_value(primitive: Primitive, operands: tuple[object, ...]) -> object:
    """``primitive`` over the broadcast elements of numbers and arrays, as a float64 array."""
    with np.errstate(all="ignore"):
        return reference_form(primitive)(*operands)


def reference_form(primitive: Primitive) -> Callable[..., object]:
    """``elementwise_value`` of a primitive, for who calls it often; it warns as NumPy does."""
    same = _SAME.get(primitive)
    number, each = np.float64, same or np.frompyfunc(primitive.impl, primitive.arity, 1)

    def form(*operands: object) -> object:
        return np.asarray(each(*[np.asarray(x, number) for x in operands]), number)

    return form


def is_exact(value: object) -> bool:
    """True for whole numbers so small that sums and products of them are exact."""
    array = np.asarray(value)
    return array.dtype.kind in "ib" or bool(np.all((np.rint(array) == array) & (abs(array) < 1e4)))


def vector_form(primitive: Primitive) -> Callable[..., object]:
    """``primitive`` over the broadcast elements of numbers and arrays, as quick as NumPy is.

    What it gives of operands whose shapes do not broadcast is a ValueError.  It warns as NumPy
    does; who calls it ignores that (``np.errstate``).
    """
    quick = _VECTORS.get(primitive)
    if quick is None:
        quick = _VECTORS[primitive] = _vector_form(primitive)
    return quick


def _vector_form(primitive: Primitive) -> Callable[..., object]:
    """The row's text over NumPy, where that names nothing but NumPy; else one by one."""
    if set(_NAMES.findall(primitive.numpy)) <= {"np"}:
        names = [f"x{i}" for i in range(primitive.arity)]
        text = f"lambda {', '.join(names)}: {primitive.numpy.format(*names)}"
        form: Callable[..., object] = eval(text, {"np": np})
        return _truth(form) if primitive.predicate else form
    return lambda *operands: elementwise_value(primitive, operands)


def _sigmoid(x: NDArray[np.float64]) -> object:
    e = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0.0, 1.0, e) / (1.0 + e)


_NAMES = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
# The forms of Python's precedence, and functions whose text names more than NumPy.
_VECTORS: dict[Primitive, Callable[..., object]] = {
    **_SAME,
    REGISTRY["sigmoid"]: _sigmoid,
    REGISTRY["softplus"]: lambda x: np.logaddexp(0.0, x),
    REGISTRY["silu"]: lambda x: x * _sigmoid(x),
}
