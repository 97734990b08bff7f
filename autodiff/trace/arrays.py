"""NumPy's functions on operands: ``np.sin(x)``, ``x @ w``, ``np.sum`` element by element.

Arrays of operands are object arrays of the class OperandArray.  NumPy hands every ufunc and every
array function that meets an Operand or an OperandArray to the two hooks below
(``__array_ufunc__``, ``__array_function__``); a ufunc finds its primitive by the ``ufunc`` column
of the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.primitive import _ARRAY_HOOKS, PUBLIC, REGISTRY, Operand

__all__ = ["OperandArray", "operand_array"]


class OperandArray(np.ndarray[Any, Any]):
    """An object array of operands, on which NumPy's functions record primitives."""

    __array_priority__ = 1000.0  # what is joined with one is one

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _returned(_ufunc(ufunc, method, inputs, kwargs))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in _FUNCTIONS:
            return _returned(_FUNCTIONS[func](*args, **kwargs))
        known = tuple(t for t in types if issubclass(t, np.ndarray))
        return _returned(super().__array_function__(func, known, _boxed(args), kwargs))

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise TraceError(
                f"{user_location()}: cannot assign to an element of an argument: the caller's "
                "array would change. Work on a copy: y = x.copy(); y[...] = ..."
            )
        super().__setitem__(key, value)


def operand_array(
    leaves: list[Any], shape: tuple[int, ...], writeable: bool = False
) -> OperandArray:
    """Array of this shape that holds ``leaves`` in row-major order."""
    # An assignment would ask every leaf whether it is a sequence; fromiter does not.
    flat = np.fromiter(leaves, dtype=object, count=len(leaves))
    array = flat.reshape(shape).view(OperandArray)
    array.flags.writeable = writeable
    return array


def _returned(result: Any) -> Any:
    """``result``; if it holds operands it is an OperandArray, and the first of them is told."""
    if isinstance(result, np.ndarray) and result.dtype.kind == "O":
        for element in result.flat:
            if isinstance(element, Operand):
                result = result.view(OperandArray)
                element.returned(result)
                break
    return result


def _boxed(value: Any) -> Any:
    """``value`` with bare operands as arrays of no dimension, which NumPy leaves alone."""
    if isinstance(value, Operand):
        box = np.empty((), dtype=object)
        box[()] = value
        return box.view(OperandArray)
    return type(value)(map(_boxed, value)) if type(value) in (tuple, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Operand):
        value = _boxed(value)
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else value


def _wrapped(result: Any) -> Any:
    """Result of an object loop: operands as OperandArray, numbers as a float array."""
    if not isinstance(result, np.ndarray) or result.dtype != object:
        return result
    if any(isinstance(element, Operand) for element in result.flat):
        return result.view(OperandArray)
    return result.astype(float)


def elementwise(function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    """``function`` over the broadcast elements of arrays, operands and numbers.

    Raises:
        TypeError: if an operand is neither a number, an operand nor an array of these.
    """
    for operand in operands:
        if not isinstance(operand, (np.ndarray, Operand, float, int, np.number, list, tuple)):
            raise TypeError(
                f"{user_location()}: {getattr(function, 'name', getattr(function, '__name__', ''))}"
                f": found {type(operand).__name__} {operand!r}; expected a number or an array"
            )
    loop = np.frompyfunc(function, len(operands), 1)
    return _wrapped(loop(*map(_plain, operands)))


_DEGREE = math.pi / 180.0
# Ufuncs that are no primitive but a short composition of some.
_COMPOSED: dict[str, Callable[..., Any]] = {
    "positive": lambda x: x,
    "conjugate": lambda x: x,
    "fabs": abs,
    "float_power": ops.pow,
    "power": ops.pow,
    "deg2rad": lambda x: x * _DEGREE,
    "radians": lambda x: x * _DEGREE,
    "rad2deg": lambda x: x / _DEGREE,
    "degrees": lambda x: x / _DEGREE,
    "isnan": lambda x: x != x,
    "bitwise_and": ops.logical_and,
    "bitwise_or": ops.logical_or,
    "invert": ops.logical_not,
    "logaddexp2": lambda x, y: ops.logaddexp(x * ops.LN2, y * ops.LN2) / ops.LN2,
    "heaviside": lambda x, y: ops.where(x == 0.0, y, ops.where(x > 0.0, 1.0, 0.0)),
}
# By identity: a ufunc somebody made (numba.vectorize, np.frompyfunc) may be called "square", too.
_UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    getattr(np, name): function
    for name, function in {
        **_COMPOSED,
        **{row.ufunc: PUBLIC[row.name] for row in REGISTRY.values() if row.ufunc},
    }.items()
}
_PRODUCTS = {
    getattr(np, name) for name in ("matmul", "vecdot", "matvec", "vecmat") if hasattr(np, name)
}


def _ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    out = kwargs.pop("out", None)
    kwargs.pop("casting", None)
    _check_dtype(kwargs.pop("dtype", None), f"np.{ufunc.__name__}")
    if kwargs.pop("where", True) is not True:
        raise TraceError(f"{user_location()}: np.{ufunc.__name__}(where=...) cannot be traced")
    result = _run_ufunc(ufunc, method, inputs, kwargs)
    if out is None or out[0] is None:
        return result
    return _store(out[0], result, ufunc)


def _check_dtype(dtype: Any, name: str) -> None:
    """Refuse to record in another number format than double.

    Raises:
        TraceError: for integers, float32, complex numbers, ...
    """
    if dtype is not None and np.dtype(dtype) not in (np.dtype(np.float64), np.dtype(object)):
        raise TraceError(
            f"{user_location()}: {name}(dtype={np.dtype(dtype).name}) cannot be traced: traced "
            "values are float64. Leave dtype out, or convert outside the function"
        )


def _store(out: Any, result: Any, ufunc: np.ufunc) -> Any:
    if out.dtype != object:
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__} cannot store traced values in an array of "
            f"dtype {out.dtype}. Assign the result to a new name instead of updating in place"
        )
    if not out.flags.writeable:
        raise TraceError(
            f"{user_location()}: cannot update an argument in place: the caller's array would "
            "change. Write x = x + y instead of x += y"
        )
    out[...] = result
    return out


def _run_ufunc(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if ufunc in _PRODUCTS:
        return _wrapped(getattr(ufunc, method)(*map(_plain, inputs), **kwargs))
    function = _UFUNCS.get(ufunc)
    if function is None:
        known = getattr(np, ufunc.__name__, None) is ufunc
        raise TraceError(
            f"{user_location()}: {'np.' if known else 'ufunc '}{ufunc.__name__} has no derivative "
            "rule. Write it with functions that have one (autodiff.ops lists them)"
            + ("" if known else ", or register it: autodiff.custom")
        )
    if method == "__call__":
        if any(isinstance(x, (np.ndarray, list, tuple)) for x in inputs):
            return _returned(elementwise(function, inputs))
        return function(*inputs)
    if method == "reduce":
        return _reduce(ufunc, function, *inputs, **kwargs)
    loop = np.frompyfunc(function, ufunc.nin, 1)
    return _wrapped(getattr(loop, method)(*map(_plain, inputs), **kwargs))


def _reduce(
    ufunc: np.ufunc,
    function: Callable[..., Any],
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    keepdims: bool = False,
    **kwargs: Any,
) -> Any:
    """Reduction from left to right, one axis after the other."""
    _check_dtype(dtype, f"np.{ufunc.__name__}.reduce")
    plain = _plain(array)
    axes = range(plain.ndim) if axis is None else np.atleast_1d(axis) % max(plain.ndim, 1)
    loop: Any = ufunc if ufunc in (np.add, np.multiply) else np.frompyfunc(function, 2, 1)
    result = plain
    for one in sorted(map(int, axes), reverse=True):
        result = loop.reduce(result, axis=one, keepdims=keepdims, **kwargs)
        kwargs.pop("initial", None)
    return _wrapped(result)


def _function(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """An array function that was given a bare operand."""
    if func in _FUNCTIONS:
        return _FUNCTIONS[func](*args, **kwargs)
    result = _returned(_wrapped(func(*_boxed(args), **kwargs)))
    return result[()] if isinstance(result, np.ndarray) and result.shape == () else result


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    # A chain of hypot: no overflow, and at zero the gradient 0 where sqrt(sum(x*x)) gives nan.
    array = np.asanyarray(_boxed(x))
    if ord not in (None, 2, "fro") or (ord == 2 and array.ndim > 1 and axis is None):
        raise TraceError(
            f"{user_location()}: np.linalg.norm(ord={ord!r}) has no derivative rule; only the "
            "Euclidean norm (ord=None, or 2 of a vector) has"
        )
    return _reduce(np.hypot, ops.hypot, np.abs(array), axis=axis, keepdims=keepdims)


def _where(condition: Any, *branches: Any) -> Any:
    if len(branches) != 2:
        raise TraceError(
            f"{user_location()}: np.where(condition) needs numbers to find indices; "
            "write np.where(condition, x, y)"
        )
    operands = (condition, *branches)
    if any(isinstance(x, (np.ndarray, list, tuple)) for x in operands):
        return elementwise(ops.where, operands)
    return ops.where(*operands)


def _select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = _where(condition, choice, result)
    return result


def _clip(a: Any, a_min: Any = None, a_max: Any = None, **bounds: Any) -> Any:
    low, high = bounds.get("min", a_min), bounds.get("max", a_max)
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    if any(isinstance(x, np.ndarray) for x in (a, low, high)):
        return elementwise(ops.clip, (a, low, high))
    return ops.clip(a, low, high)


def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    largest = float(np.finfo(float).max)
    high = largest if posinf is None else posinf
    low = -largest if neginf is None else neginf
    finite = _where(x == math.inf, high, _where(x == -math.inf, low, x))
    return _where(x != x, nan, finite)


def _unary(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: elementwise(function, (x,)) if isinstance(x, np.ndarray) else function(x)


def _round(a: Any, decimals: int = 0) -> Any:
    if decimals:
        raise TraceError(f"{user_location()}: np.round(decimals=...) cannot be traced")
    return _unary(ops.rint)(a)


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.select: _select,
    np.clip: _clip,
    np.linalg.norm: _norm,
    np.nan_to_num: _nan_to_num,
    np.i0: _unary(ops.i0),
    np.sinc: _unary(ops.sinc),
    np.round: _round,
    np.around: _round,
    np.real: lambda x: x,
}

_ARRAY_HOOKS.update(ufunc=_ufunc, function=_function, elementwise=elementwise)
