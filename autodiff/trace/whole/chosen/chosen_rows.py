"""Selection: ``x[mask]`` where the mask depends on traced values, so that its length does, too.

It holds the whole array and the mask.  What is computed element by element is computed everywhere;
a sum, a mean, an extreme then sees only what the mask has chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, cast

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.arrays.array_row import shape_of
from autodiff.table.arrays.choosing import max_over, min_over
from autodiff.table.arrays.reshaping import cumsum, reshape, sum_over
from autodiff.table.primitive import Operand, Primitive, Quantity
from autodiff.trace import arrays
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.whole.chosen.in_front import (
    in_front,
    in_order,
    middle,
    row_at,
    rows_between,
    share_of,
)

__all__ = ["Selection", "selected"]


class Selection(Operand):
    """The rows of an array at which a mask holds.

    Args:
        whole: The array, with the axes of the mask as its first one.
        mask: A vector of truth values.
        count: How many hold, if they are the first ones.
    """

    __slots__ = ("count", "mask", "whole")
    takes_arrays = True  # operations with arrays are its own

    def __init__(self, whole: Any, mask: Any, count: Any = None) -> None:
        self.whole, self.mask, self.count = whole, mask, count

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The selection of what the primitive makes of whole arrays."""
        return self.beside(operands, primitive, primitive.name)

    def beside(
        self, operands: tuple[object, ...], function: Callable[..., object], name: str
    ) -> object:
        """The selection of what a function makes of whole arrays, element by element.

        An array of a known length beside it says how many rows there are.
        """
        chosen = [x for x in operands if isinstance(x, Selection)]
        if (n := max(map(chosen[0].length_beside, operands))) > 1:
            return function(*[x.first_rows(n) if isinstance(x, Selection) else x for x in operands])
        if len({x.mask.index for x in chosen}) > 1:  # in front they may stand side by side
            fronts = [x.in_front() if isinstance(x, Selection) else x for x in operands]
            chosen, operands = [x for x in fronts if isinstance(x, Selection)], tuple(fronts)
        one = chosen[0]
        return one._like(function(*[one._fitting(x, name) for x in operands]))

    def _like(self, whole: object) -> Selection:
        return Selection(whole, self.mask, self.count)

    def in_front(self) -> Selection:
        """The same rows, before all that are not chosen."""
        if self.count is not None:
            return self
        return self._first(in_front(self.whole, self.mask), self._count())

    def length_beside(self, x: object) -> int:
        """How many rows an array beside it lets it have; 0 for any number."""
        shape = () if isinstance(x, Selection) else shape_of(x)
        n = shape[-self.ndim] if len(shape) >= self.ndim else 0
        return n if n <= len(self.whole) else 0

    def first_rows(self, n: int) -> ArrayOperand:
        """So many rows, which are all; nan where a call has more or fewer."""
        fits = ops.eq(self._count(), float(n))
        return cast("ArrayOperand", ops.where(fits, self.in_front().whole[:n], math.nan))

    def _first(self, rows: ArrayOperand, count: Quantity) -> Selection:
        return Selection(rows, np.arange(float(len(rows))) < count, count)

    def in_order(self) -> Selection:
        """Its numbers, the smallest first."""
        if self.ndim > 1:
            self._refuse("np.sort of rows of it")
        return Selection(*in_order(self.whole, self.mask))

    def _fitting(self, x: Any, name: str) -> object:
        """An operand as it stands beside the whole array."""
        if isinstance(x, Selection):
            if x.mask.index != self.mask.index:
                self._refuse(f"{name} of parts that two masks choose")
            return x.whole
        ndim = max(self.ndim, 1)
        if np.ndim(x) > ndim or (np.ndim(x) == ndim and np.shape(x)[0] != 1):
            self._refuse(f"{name} of it with an array of shape {np.shape(x)}")
        return x

    def _refuse(self, what: str) -> NoReturn:
        raise TraceError(
            f"{user_location()}: x[mask] with a mask of traced values has no length that is known: "
            f"{what} cannot be traced. Use np.where(mask, x, neutral) on whole arrays, or sum, "
            "mean, max, min of it"
        )

    # --- parts ---

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return int(self.whole.ndim)

    @property
    def size(self) -> Quantity:
        """Number of elements, a traced value."""
        return self._count() * float(math.prod(self.whole.shape[1:]))

    @property
    def shape(self) -> tuple[object, ...]:
        """How many rows, a traced value, and the other axes."""
        return self._count(), *self.whole.shape[1:]

    def length(self) -> Quantity:
        """What ``len`` of it is in a traced function."""
        return self._count()

    @property
    def T(self) -> Selection:  # noqa: N802  # NumPy's name
        """Itself, if it is a vector."""
        return self if self.ndim == 1 else self._refuse(".T of it")

    def copy(self) -> Selection:
        """The same rows, of an array of their own."""
        return self._like(self.whole.copy())

    def flatten(self, order: str = "C") -> Selection:
        """Its elements, one after the other."""
        if self.ndim > 1:
            self._refuse(".flatten of rows")
        return self.copy()

    ravel = flatten

    def astype(self, dtype: object, **how: object) -> Selection:
        """The same rows as floats."""
        return self._like(self.whole.astype(dtype, **how))

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"x[mask] has no attribute {name!r}")
        self._refuse(f".{name} of it")

    def __len__(self) -> int:  # noqa: PLE0303  # it raises
        self._refuse("len() of it, but where the function itself says len(x[mask]),")

    def __setitem__(self, key: object, value: object) -> NoReturn:
        self._refuse("an assignment to part of it (x[mask] = ... is none)")

    def __iter__(self) -> NoReturn:
        self._refuse("a loop over it")

    def __getitem__(self, key: object) -> object:
        keys = key if isinstance(key, tuple) else (key,)
        first, rest = keys[0], keys[1:]
        if first is Ellipsis or first == slice(None):
            return self._like(self.whole[keys])
        if type(first) is int or isinstance(first, np.integer):
            front = self.in_front()
            row = row_at(front.whole, front.count, int(first))
            return row[rest] if rest and isinstance(row, ArrayOperand) else row
        if not isinstance(first, slice):
            self._refuse(f"the index {key!r:.40} of it")
        rows = self.between(first)
        return rows[(slice(None), *rest)] if rest else rows

    def between(self, key: slice) -> Selection:
        """Its rows from one place to another, or all of them backwards."""
        if key == slice(None, None, -1):
            backwards = Selection(self.whole[::-1], self.mask[::-1]).in_front()
            return self._first(backwards.whole, self._count())
        places = all(x is None or isinstance(x, int | np.integer) for x in (key.start, key.stop))
        if key.step not in (None, 1) or not places:
            self._refuse(f"the index {key!r:.40} of it")
        front = self.in_front()
        return self._first(*rows_between(front.whole, front.count, key))

    def __matmul__(self, other: object) -> object:
        if isinstance(other, Selection):
            return _total(self * other, (0,)) if self.ndim == 1 else self._refuse("@ of two of it")
        if self.ndim < 2:
            return self.first_rows(shape_of(other)[0]) @ other
        return self._like(self.whole @ other)

    def _after(self, other: object) -> object:
        return other @ self.first_rows(shape_of(other)[-1])  # type: ignore[operator]  # an array

    __rmatmul__ = _after

    # --- what it comes down to ---

    def _count(self) -> Quantity:
        made: Quantity = sum_over(self.mask, (0,)) if self.count is None else self.count
        return made

    def _known_where(self, neutral: float) -> object:
        """The whole array with a number where the mask does not hold."""
        mask = reshape(self.mask, (*self.mask.shape, *(1,) * (self.ndim - 1)))
        return ops.where(mask, self.whole, neutral)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> object:
        function = arrays.UFUNCS.get(ufunc)
        if method == "reduce" and ufunc in _REDUCED:
            return _REDUCED[ufunc](self, kwargs.get("axis", 0))
        if ufunc is np.matmul and method == "__call__":
            return self._after(inputs[0]) if inputs[1] is self else self @ inputs[1]
        if method != "__call__" or function is None or kwargs.get("out") is not None:
            self._refuse(f"np.{ufunc.__name__}.{method} of it")
        return function(*inputs)

    def __array_function__(self, func: Any, types: object, args: Any, kwargs: Any) -> object:
        function = _FUNCTIONS.get(func)
        if function is None:
            self._refuse(f"np.{func.__name__} of it")
        return function(*args, **kwargs)


def _axes(x: Selection, axis: object) -> tuple[int, ...]:
    given = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(int(i) % x.ndim for i in given))


def _reduced(
    neutral: float, reduce: Callable[[Any, tuple[int, ...]], object]
) -> Callable[..., Any]:
    """A reduction that leaves out what the mask does."""

    def function(x: Selection, axis: object = None, **kwargs: object) -> object:
        along = _axes(x, axis)
        if any(value is not None and value is not np._NoValue for value in kwargs.values()):
            x._refuse(f"a reduction of it with {', '.join(kwargs)}")
        if 0 not in along:
            return x._like(reduce(x.whole, along))
        return reduce(x._known_where(neutral), along)

    return function


_total = _reduced(0.0, sum_over)
_largest, _smallest = _reduced(-math.inf, max_over), _reduced(math.inf, min_over)
_product = _reduced(1.0, lambda x, along: np.prod(x, axis=along))


def _terms(x: Selection, along: tuple[int, ...]) -> Quantity:
    """How many elements a reduction adds up."""
    rest = float(math.prod(x.whole.shape[i] for i in along if i))
    return x._count() * rest if 0 in along else rest


def _mean(x: Selection, axis: object = None, **kwargs: object) -> Any:
    return _total(x, axis, **kwargs) / _terms(x, _axes(x, axis))


def _var(x: Selection, axis: object = None, ddof: float = 0, **kwargs: object) -> Any:
    if x.ndim > 1 and axis not in (None, 0):
        x._refuse("the variance of it along this axis")
    apart = x - _mean(x, axis)
    return _total(apart * apart, axis, **kwargs) / (_terms(x, _axes(x, axis)) - ddof)


def _std(x: Selection, axis: object = None, ddof: float = 0, **kwargs: object) -> object:
    return ops.sqrt(_var(x, axis, ddof, **kwargs))


def _running(x: Selection, axis: object = None, **kwargs: object) -> object:
    if x.ndim > 1:
        x._refuse("np.cumsum of several axes of it")
    return x._like(cumsum(x._known_where(0.0), 0))


def _norm(x: Selection, order: object = None, axis: object = None) -> Any:
    if order not in (None, 2) or (x.ndim > 1 and axis is None):
        x._refuse(f"np.linalg.norm(ord={order!r}) of it")
    return ops.sqrt(_total(x * x, axis))


def _dot(a: Any, b: object) -> object:
    return a @ b


def _bound(function: Callable[..., object]) -> Callable[..., object]:
    """An elementwise function of several operands, of which one is a selection."""

    def call(*operands: object) -> object:
        chosen = next(x for x in operands if isinstance(x, Selection))
        return chosen.beside(operands, function, "this")

    return call


def _sort(x: Selection, axis: object = -1, **how: object) -> Selection:
    return x.in_order()


def _median(x: Selection, axis: object = None) -> object:
    ordered = x.in_order().in_front()
    return middle(ordered.whole, ordered.count)


def _quantile(whole: float) -> Callable[..., object]:
    def quantile(x: Selection, q: float | Sequence[float], axis: object = None) -> object:
        if isinstance(q, Operand):
            x._refuse("quantiles at traced shares")
        ordered = x.in_order().in_front()
        shares = np.asarray(q, float) / whole
        found = [share_of(ordered.whole, ordered.count, float(one)) for one in shares.ravel()]
        if not shares.ndim:
            return found[0]
        return np.reshape(np.stack(found), shares.shape)  # type: ignore[arg-type]

    return quantile


def _differences(x: Selection, n: int = 1, axis: object = -1) -> Selection:
    if x.ndim > 1 and axis != 0:
        x._refuse("np.diff along this axis")
    for _ in range(n):
        after, before = x.between(slice(1, None)), x.between(slice(None, -1))
        x = after._like(after.whole - after._fitting(before, "np.diff"))
    return x


_REDUCED: dict[np.ufunc, Callable[..., object]] = {
    np.add: _total,
    np.multiply: _product,
    np.maximum: _largest,
    np.minimum: _smallest,
}
_FUNCTIONS: dict[object, Callable[..., object]] = {
    np.sum: _total,
    np.mean: _mean,
    np.average: _mean,
    np.var: _var,
    np.std: _std,
    np.max: _largest,
    np.amax: _largest,
    np.min: _smallest,
    np.amin: _smallest,
    np.prod: _product,
    np.cumsum: _running,
    np.dot: _dot,
    np.vdot: _dot,
    np.inner: _dot,
    np.linalg.norm: _norm,
    np.copy: Selection.copy,
    np.ravel: Selection.ravel,
    np.shape: lambda x: x.shape,
    np.ptp: lambda x, axis=None: _largest(x, axis) - _smallest(x, axis),
    np.size: lambda x: x.size,
    np.where: _bound(ops.where),
    np.clip: _bound(np.clip),
    np.sort: _sort,
    np.median: _median,
    np.quantile: _quantile(1.0),
    np.percentile: _quantile(100.0),
    np.diff: _differences,
    np.count_nonzero: lambda x: _total(ops.where(ops.ne(x, 0.0), 1.0, 0.0)),
}
for _name, _function in (
    ("sum", _total), ("mean", _mean), ("var", _var), ("std", _std), ("max", _largest),
    ("min", _smallest), ("prod", _product), ("cumsum", _running), ("dot", _dot),
):  # fmt: skip
    setattr(Selection, _name, _function)


def selected(x: ArrayOperand, mask: ArrayOperand) -> Selection:
    """``x[mask]``.

    Raises:
        TraceError: if the mask does not fit the first axes.
    """
    if x.shape[: mask.ndim] != mask.shape:
        raise TraceError(
            f"{user_location()}: mask of shape {mask.shape} does not fit an array of shape "
            f"{x.shape}"
        )
    rest = x.shape[mask.ndim :]
    return Selection(reshape(x, (mask.size, *rest)), reshape(mask, (mask.size,)))
