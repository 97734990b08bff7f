"""NumPy's protocols on whole arrays: which function records what.

A function is looked up among rows of arrays, then among the compositions that element-wise traces
use (``libraries``).  What is in neither runs as NumPy wrote it, element by element, where arrays
are small.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.arrays.reshaping import reshape
from autodiff.table.primitive import Operand
from autodiff.trace import arrays
from autodiff.trace.array_operand import ArrayOperand, value_of
from autodiff.trace.arrays import OperandArray, check_dtype, has_objects
from autodiff.trace.integers import holds_indices, whole_number
from autodiff.trace.libraries.followed import followed, name_of, require_usual
from autodiff.trace.placeholder import Tracer
from autodiff.trace.whole import (
    linear_algebra,
    masks,
    matrix_products,
    moving,
    of_others,
    reducing,
    stepping,
    taking,
)
from autodiff.trace.whole.chosen import chosen_places
from autodiff.trace.whole.chosen.at_places import at_places
from autodiff.trace.whole.in_order import Flat
from autodiff.trace.whole.indices import get_item, set_item
from autodiff.trace.whole.moving import as_tracer, reshaped, set_listed, tracer_in
from autodiff.trace.whole.operators import install_operators
from autodiff.trace.whole.pairs.complex_array import is_complex, pair_of
from autodiff.trace.whole.pairs.of_numpy import FOURIER
from autodiff.trace.whole.scipy import linear_maps

__all__ = ["FUNCTIONS"]

FUNCTIONS: dict[object, Callable[..., object]] = {
    **moving.FUNCTIONS,
    **matrix_products.FUNCTIONS,
    **reducing.FUNCTIONS,
    **stepping.FUNCTIONS,
    **linear_algebra.FUNCTIONS,
    **masks.FUNCTIONS,
    **taking.FUNCTIONS,
    **chosen_places.FUNCTIONS,
    np.where: lambda condition, *branches: (
        arrays.FUNCTIONS[np.where](condition, *branches)
        if branches
        else chosen_places.nonzero(condition)
    ),
    **of_others.FUNCTIONS,
    **linear_maps.FUNCTIONS,
    **FOURIER,
}
_PRODUCTS = {getattr(np, n) for n in ("matmul", "vecdot", "matvec", "vecmat") if hasattr(np, n)}
_MOST_ELEMENTS = 2000  # where a function of NumPy runs element by element


def _apply_elementwise(function: Callable[..., object], operands: tuple[object, ...]) -> object:
    """``function`` of array tracers, in which everything else became one."""
    like = tracer_in(operands)
    assert like is not None
    return function(*[_beside(x, like) for x in operands])


def _beside(x: object, like: ArrayOperand) -> object:
    if is_complex(x):
        return pair_of(x)
    return as_tracer(x, like) if isinstance(x, (np.ndarray, list, tuple)) else x


def _array_ufunc(
    self: ArrayOperand, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
) -> object:
    out = (kwargs.pop("out", None) or (None,))[0]
    kwargs.pop("casting", None)
    dtype = kwargs.pop("dtype", None)
    if dtype is not None and np.dtype(dtype) != np.dtype(bool):
        check_dtype(dtype, f"np.{ufunc.__name__}")
    mask = kwargs.pop("where", True)
    if any(map(is_complex, inputs)):
        asked = {"where": mask, "out": out} if mask is not True or out is not None else {}
        return pair_of(self).__array_ufunc__(
            ufunc, method, *map(pair_of, inputs), **asked, **kwargs
        )
    if ufunc in arrays.PAIRS and method == "__call__" and out is None and mask is True:
        return tuple([part(*inputs) for part in arrays.PAIRS[ufunc]])
    function = _function_of(ufunc)
    if method == "reduce":
        kwargs |= {"out": out, "where": mask}
        return reducing.reduced(ufunc, function, *inputs, **kwargs)
    if method in ("accumulate", "reduceat"):
        running = stepping.accumulated if method == "accumulate" else reducing.reduced_at
        return reducing.stored(out, running(ufunc, function, *inputs, **kwargs))
    if method == "at":
        at_places(ufunc, function, *inputs)
        return None
    if method == "outer":
        one, two = (as_tracer(x, self) for x in inputs)
        inputs = (reshape(one, one.shape + (1,) * two.ndim), two)
    elif method != "__call__":
        raise TraceError(f"{user_location()}: np.{ufunc.__name__}.{method} cannot be traced")
    require_usual(ufunc, kwargs)
    made = _apply_elementwise(function, inputs)
    if mask is not True:
        if out is None:
            raise TraceError(
                f"{user_location()}: np.{ufunc.__name__}(where=...) leaves elements undefined. "
                "Use np.where(mask, x, y), or give out="
            )
        made = ops.where(as_tracer(mask, self), made, out)
    if out is None:
        return _new(made, inputs)
    if not isinstance(out, ArrayOperand):
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__} cannot store traced values in an array of "
            f"dtype {out.dtype}. Assign the result to a new name instead of updating in place"
        )
    set_item(out, ..., made)
    return out


def _function_of(ufunc: np.ufunc) -> Callable[..., object]:
    if ufunc in _PRODUCTS:
        return _PRODUCT_FUNCTIONS[ufunc.__name__]
    function = arrays.UFUNCS.get(ufunc)
    if function is None:
        known = getattr(np, ufunc.__name__, None) is ufunc
        raise TraceError(
            f"{user_location()}: {'np.' if known else 'ufunc '}{ufunc.__name__} has no derivative "
            "rule. Write it with functions that have one (autodiff.ops lists them)"
        )
    return function


_PRODUCT_FUNCTIONS: dict[str, Callable[..., object]] = {
    "matmul": matrix_products.matmul,
    "vecdot": lambda x, y: reducing.FUNCTIONS[np.sum](x * y, axis=-1),
    "matvec": lambda x, y: matrix_products.matmul(x, y[..., None])[..., 0],
    "vecmat": lambda x, y: matrix_products.matmul(x[..., None, :], y)[..., 0, :],
}


def _array_function(
    self: ArrayOperand,
    func: Callable[..., object],
    types: object,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> object:
    out, args, kwargs = _without_out(func, args, kwargs)
    if out is not None:
        return reducing.stored(out, _array_function(self, func, types, args, kwargs))
    if any(map(is_complex, args)):
        pairs = [pair_of(x) if is_complex(x) else x for x in args]
        return pair_of(self).__array_function__(func, types, pairs, kwargs)
    function = FUNCTIONS.get(func) or arrays.FUNCTIONS.get(func)
    if function is not None:
        args, kwargs = followed(name_of(func), func, function, args, kwargs)
        made = function(*args, **kwargs)
        if func in _GIVE_THEIR_ARGUMENT:
            return made
        return _new(made, (*args, *kwargs.values()))
    made = _by_elements(self, func, args, kwargs)
    for given in (*args, *kwargs.values()):
        for one in given if isinstance(given, (tuple, list)) else (given,):
            if isinstance(one, ArrayOperand) and isinstance(made, ArrayOperand):
                made.may_share(one)
    return made


def _without_out(
    func: Callable[..., object], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> tuple[object, tuple[object, ...], dict[str, object]]:
    """What a call stores in, and its arguments without it."""
    place, rest = _place_of_out(func), {name: x for name, x in kwargs.items() if name != "out"}
    if place >= len(args):
        return kwargs.get("out"), args, rest
    gap = () if place + 1 == len(args) else (None,)
    return args[place], (*args[:place], *gap, *args[place + 1 :]), rest


@cache
def _place_of_out(func: Callable[..., object]) -> int:
    """Which argument of a function of NumPy is ``out``; further than any where none is."""
    try:
        given = inspect.signature(func).parameters
    except ValueError:  # it does not say
        return sys.maxsize
    known = given.get("out")
    if known is None or known.kind is not known.POSITIONAL_OR_KEYWORD:
        return sys.maxsize
    return list(given).index("out")


_GIVE_THEIR_ARGUMENT = {np.real, np.atleast_1d, np.atleast_2d}


def _new(made: object, given: tuple[object, ...]) -> object:
    """``made``; a copy where it is an argument itself, which may be assigned to apart."""
    if not isinstance(made, ArrayOperand) or not made.shape:
        return made
    flat = [y for x in given for y in (x if isinstance(x, (tuple, list)) else (x,))]
    return made.copy() if any(made is x for x in flat) else made


def _by_elements(
    self: ArrayOperand,
    func: Callable[..., object],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> object:
    """NumPy's own code on object arrays of elements."""

    def apart(value: object) -> object:
        if isinstance(value, ArrayOperand):
            known = value_of(value)
            if known is not None:
                return np.asarray(known)
            if value.size > _MOST_ELEMENTS:
                raise TraceError(
                    f"{user_location()}: np.{func.__name__} of {value.size} elements cannot be "
                    "traced as one operation. Write it with functions that can: sums, products, "
                    "indices, np.where; or trace with expand=True"
                )
            items = np.empty(value.size, dtype=object)
            flat = reshape(value, (value.size,))
            for i in range(value.size):
                items[i] = get_item(flat, i)
            return items.reshape(value.shape).view(OperandArray)
        if type(value) is tuple or type(value) is list:
            return type(value)(map(apart, value))
        return value

    def together(value: object) -> object:
        if isinstance(value, np.ndarray) and has_objects(value):
            return as_tracer(value, self)
        if type(value) is tuple or type(value) is list:
            return type(value)(map(together, value))
        return value

    given = {name: apart(value) for name, value in kwargs.items()}
    return together(func(*map(apart, args), **given))


# --- methods -----------------------------------------------------------------------------------


def _method(function: Callable[..., object]) -> Callable[..., object]:
    def method(self: ArrayOperand, *args: object, **kwargs: object) -> object:
        # Looked up when called: the compositions are filled in later.
        found = FUNCTIONS.get(function) or arrays.FUNCTIONS[function]
        out, given, rest = _without_out(function, (self, *args), kwargs)
        given, rest = followed(name_of(function), function, found, given, rest)
        return reducing.stored(out, found(*given, **rest))

    return method


def _matmul(self: ArrayOperand, other: object) -> object:
    if is_complex(other):
        return pair_of(self) @ other
    return matrix_products.matmul(self, other)


def _reflected_matmul(self: ArrayOperand, other: object) -> object:
    if is_complex(other):
        return pair_of(self).__rmatmul__(other)
    return matrix_products.matmul(other, self)


def _getitem(self: ArrayOperand, key: object) -> object:
    if not self.shape and key is not None and key is not ... and key != ():
        assert isinstance(self, Tracer)
        self._refuse("index", "It stands for one number; give an array as the example")
    return get_item(self, key)


def _sort_in_place(self: ArrayOperand, axis: int = -1, **_: object) -> None:
    self.assigned(np.sort(self, axis=axis))


def _fill(self: ArrayOperand, value: object) -> None:
    set_item(self, ..., value)


def _copy(self: ArrayOperand, order: object = "C") -> ArrayOperand:
    """A copy: what is assigned to it is not seen elsewhere."""
    return self.__copy__()


def _item(self: ArrayOperand, *place: int) -> object:
    """One element."""
    if place:
        return self[place if len(place) > 1 else np.unravel_index(place[0], self.shape)]
    return self.reshape(())


def _astype(self: ArrayOperand, dtype: DTypeLike, *args: object, **kwargs: object) -> object:
    """A copy; traced values are float64, or whole numbers to index with."""
    kind = np.dtype(dtype)
    if kind == np.dtype(np.float64) or (self.integer and kind.kind in "iu"):
        return self.__copy__()
    if kind.kind == "b":
        return ops.ne(self, 0.0)
    if kind.kind == "c":
        return pair_of(self.__copy__())
    if not (holds_indices(kind) or (self.truth and kind.kind in "iu")):
        check_dtype(kind, "astype")
    return whole_number(self)


def _rounded(rounding: Callable[[ArrayOperand], object]) -> Callable[..., object]:
    """``math.floor(x)`` and its like, which give whole numbers."""
    return lambda self: whole_number(rounding(self))


def _round(self: ArrayOperand, digits: int | None = None) -> object:
    made = Operand.__round__(self, digits)
    return whole_number(made) if digits is None else made


def _dot(self: ArrayOperand, other: object) -> object:
    return matrix_products.FUNCTIONS[np.dot](self, other)


_METHODS: dict[str, object] = {
    "__array_ufunc__": _array_ufunc,
    "__array_function__": _array_function,
    "__getitem__": _getitem,
    "__setitem__": set_listed,
    "__pos__": lambda self: self.__copy__() if self.shape else self,
    "__deepcopy__": _copy,
    "copy": _copy,
    "item": _item,
    "astype": _astype,
    "__floor__": _rounded(ops.floor),
    "__ceil__": _rounded(ops.ceil),
    "__trunc__": _rounded(ops.trunc),
    "__round__": _round,
    "__matmul__": _matmul,
    "__rmatmul__": _reflected_matmul,
    "T": property(FUNCTIONS[np.transpose]),
    "mT": property(lambda self: FUNCTIONS[np.swapaxes](self, -1, -2)),
    "flat": property(Flat),
    "reshape": reshaped,
    "ravel": lambda self, order="C": reshaped(self, self.size, order=order),
    "flatten": lambda self, order="C": reshaped(self.copy(), self.size, order=order).copy(),
    "transpose": lambda self, *axes: FUNCTIONS[np.transpose](
        self, *(axes if len(axes) != 1 else (axes[0],))
    ),
    "tolist": lambda self: [x.tolist() if x.shape else x for x in self] if self.shape else self,
    "sort": _sort_in_place,
    "fill": _fill,
    "dot": _dot,
    "round": lambda self, decimals=0, out=None: arrays.FUNCTIONS[np.round](self, decimals),
    **{
        name: _method(getattr(np, name))
        for name in (
            "sum", "prod", "mean", "var", "std", "max", "min", "all", "any", "cumsum", "cumprod",
            "argmax", "argmin", "argsort", "squeeze", "swapaxes", "repeat", "take", "clip",
            "diagonal", "trace", "searchsorted", "argpartition", "nonzero",
        )
    },
}  # fmt: skip
for _name, _made in _METHODS.items():
    setattr(ArrayOperand, _name, _made)
setattr(ArrayOperand, "strides", property(taking.strides_of))  # noqa: B010  # as the methods
install_operators()
arrays._WHOLE.update(elementwise=_apply_elementwise)
