"""NumPy's functions on operands: ``np.sin(x)``, ``x @ w``, ``np.sum`` element by element.

Arrays of operands are object arrays of the class OperandArray.  NumPy hands every ufunc and every
array function that meets an Operand or an OperandArray to the two hooks below
(``__array_ufunc__``, ``__array_function__``); a ufunc finds its primitive by the table's column.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autodiff.errors import ArgumentError, TraceError, library_called, user_location
from autodiff.graph.tree.leaves import numbers_of, shown
from autodiff.table import ops
from autodiff.table.primitive import _ARRAY_HOOKS, PUBLIC, REGISTRY, TOO_LARGE, Operand
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.branching.growth import met_an_array
from autodiff.trace.integers import as_truth, holds_indices, whole_number
from autodiff.trace.libraries.followed import followed, name_of, require_usual
from autodiff.trace.memory.layouts import in_known_order
from autodiff.trace.number_like import DOUBLE
from autodiff.trace.whole.fitting import Axes, axes, require_fit

__all__ = [
    "FUNCTIONS",
    "UFUNCS",
    "ObjectArray",
    "OperandArray",
    "check_dtype",
    "elementwise",
    "has_objects",
    "is_double",
    "operand_array",
    "reduced",
]


class ObjectArray(np.ndarray[Any, Any]):
    """An object array of operands, on which NumPy's functions record primitives.

    This is what NumPy's own code works on: its ``dtype`` is that of objects.
    """

    __array_priority__, __pandas_priority__ = 2000.0, 5000  # what is joined with one is one

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> object:
        if ufunc is np.matmul:  # of a sparse matrix of SciPy's on the right, its numbers
            inputs = tuple(getattr(x, "toarray", lambda x=x: x)() for x in inputs)
        return self._of_this_kind(_returned(_ufunc(ufunc, method, inputs, kwargs)))

    def __array_function__(self, func: object, types: object, args: Any, kwargs: Any) -> object:
        return self._of_this_kind(_returned(_function(func, args, kwargs)))

    def _of_this_kind(self, result: object) -> object:
        if type(self) is not OperandArray and isinstance(result, OperandArray):
            return result.view(ObjectArray)
        return result

    def __setitem__(self, key: Any, value: object) -> None:
        if not self.flags.writeable:
            raise TraceError(
                f"{user_location()}: cannot assign to an element of an argument: the caller's "
                "array would change. Work on a copy: y = x.copy(); y[...] = ..."
            )
        met_an_array("an assignment")
        super().__setitem__(key, value)


class OperandArray(ObjectArray):
    """The same as the user sees it: an array of float64, which is what it stands for."""

    @property
    def dtype(self) -> Any:
        """float64."""
        return DOUBLE

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A copy; traced values are float64, or whole numbers."""
        if holds_indices(dtype):
            return elementwise(whole_number, (self,))
        check_dtype(dtype, "astype")
        return super().astype(object, *args, **kwargs)

    def clip(self, *args: object, **kwargs: object) -> Any:
        """As ``np.clip``."""
        return _returned(FUNCTIONS[np.clip](self, *args, **kwargs))

    def sort(self, *args: Any, **kwargs: Any) -> None:
        """As ``np.sort``, in place."""
        self[...] = np.sort(self, *args, **kwargs)

    def partition(self, *args: Any, **kwargs: Any) -> None:
        """As ``np.partition``, in place."""
        self[...] = np.partition(self, *args, **kwargs)


def _as_function(name: str) -> Callable[..., object]:
    """A method of arrays that does what NumPy's function does, or is refused like it."""

    def method(self: OperandArray, *args: object, **kwargs: object) -> object:
        return getattr(np, name)(self, *args, **kwargs)

    return method


for _name in ("ravel", "flatten", "reshape"):
    setattr(ObjectArray, _name, in_known_order(_name))
for _name in ("argmax", "argmin", "argsort", "argpartition", "nonzero", "searchsorted"):
    setattr(OperandArray, _name, _as_function(_name))


def operand_array(
    leaves: list[object], shape: tuple[int, ...], writeable: bool = False
) -> OperandArray:
    """Array of this shape that holds ``leaves`` in row-major order."""
    # An assignment would ask every leaf whether it is a sequence; fromiter does not.
    array = np.fromiter(leaves, dtype=object, count=len(leaves)).reshape(shape).view(OperandArray)
    array.flags.writeable = writeable
    return array


def has_objects(array: NDArray[np.generic]) -> bool:
    """True for an array of objects, whatever its ``dtype`` says."""
    return isinstance(array, ObjectArray) or array.dtype.kind == "O"


def _has_array(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_array, value))
    return isinstance(value, OperandArray)


def _has_operand(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_operand, value))
    if isinstance(value, np.ndarray) and has_objects(value):
        return any(isinstance(x, Operand) for x in value.flat)
    return isinstance(value, Operand)


def _numeric(value: object) -> object:
    """``value`` with arrays of objects that are numbers as float arrays."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_numeric, value))
    if isinstance(value, np.ndarray) and has_objects(value):
        return value.view(np.ndarray).astype(float)
    return value


def is_double(dtype: DTypeLike) -> bool:
    """True for float64 and for objects, which is what traced values are."""
    return np.dtype(dtype) in (np.dtype(np.float64), np.dtype(object))


def check_dtype(dtype: DTypeLike | None, name: str) -> None:
    """Refuse to record in another number format than double.

    Raises:
        TraceError: for integers, float32, complex numbers, ...
    """
    if dtype is not None and not is_double(dtype):
        raise TraceError(
            f"{user_location()}: {name}(dtype={np.dtype(dtype).name}) cannot be traced: traced "
            "values are float64. Leave dtype out, or convert outside the function"
        )


def _returned(result: object) -> object:
    """``result``; if it holds operands it is an OperandArray, and the first of them is told."""
    met_an_array("a function of NumPy's")
    if isinstance(result, np.ndarray) and has_objects(result):
        for first in filter(lambda x: isinstance(x, Operand), result.flat):
            result = result.view(OperandArray)
            first.returned(result)
            break
    return result


def _honest(value: object) -> object:
    """``value`` with operands as ObjectArrays of no dimension, OperandArrays as ObjectArrays."""
    box = operand_array([value], (), writeable=True) if isinstance(value, Operand) else value
    return _honest_array(box)


def _honest_array(value: Any) -> object:
    """The same in lists, of which NumPy makes arrays: boxes would stay the elements of these."""
    if isinstance(value, OperandArray):
        return value.view(ObjectArray)
    return type(value)(map(_honest_array, value)) if type(value) in (tuple, list) else value


def _plain(value: object) -> Any:
    value = _honest(value) if isinstance(value, Operand) else value
    return value.view(np.ndarray) if isinstance(value, np.ndarray) else value


def _wrapped(result: object) -> object:
    """Result of an object loop: operands as OperandArray, numbers as a float array."""
    if not isinstance(result, np.ndarray) or not has_objects(result):
        return result
    return result.view(OperandArray) if _has_operand(result) else _numeric(result)


# Filled in by ``whole/protocols.py``: what whole arrays do where these are element by element.
_WHOLE: dict[str, Callable[..., object]] = {}
_OPERANDS = (np.ndarray, Operand, float, int, np.number, np.bool_, list, tuple)


def elementwise(function: Callable[..., object], operands: tuple[object, ...]) -> object:
    """``function`` over the broadcast elements of arrays, operands and numbers.

    Raises:
        ArgumentError: if an operand is neither a number, an operand nor an array of these.
    """
    if any(isinstance(operand, ArrayOperand) for operand in operands):
        return _WHOLE["elementwise"](function, operands)
    for operand in operands:
        kind = str(getattr(operand, "dtype", DOUBLE).kind)
        if not isinstance(operand, _OPERANDS) or kind in "SUVMm":
            raise ArgumentError(
                f"{user_location()}: {_name_of(function)}: found {shown(operand)}; expected a "
                "number or an array"
            ).of("complex" if isinstance(operand, complex) else None)
    loop = np.frompyfunc(function, len(operands), 1)
    arrays: list[Any] = [_rectangular(function, operand) for operand in operands]
    require_fit(_name_of(function), [np.shape(a) for a in arrays])
    try:
        with np.errstate(all="ignore"):  # a nan that is recorded is no operation on nan
            return _wrapped(loop(*arrays))
    except OverflowError:
        raise ArgumentError(f"{user_location()}: {_name_of(function)}: {TOO_LARGE}") from None


def _name_of(function: object) -> str:
    return str(getattr(function, "name", getattr(function, "__name__", "")))


def _rectangular(function: object, operand: object) -> object:
    """The operand as NumPy takes it; lists must have one shape."""
    if not isinstance(operand, (list, tuple)):
        return _plain(operand)
    try:
        return np.asarray(operand)
    except ValueError:
        raise ArgumentError(
            f"{user_location()}: {_name_of(function)}: found lists of different lengths, "
            f"{shown(operand)}; expected a number or an array"
        ) from None


# By identity: a ufunc somebody made (numba.vectorize, np.frompyfunc) may be called "square", too.
# libraries/ufuncs.py adds those that are compositions, numpy_functions.py the array functions.
UFUNCS: dict[np.ufunc, Callable[..., object]] = {
    getattr(np, row.ufunc): PUBLIC[row.name] for row in REGISTRY.values() if row.ufunc
}
FUNCTIONS: dict[object, Callable[..., object]] = {}
PAIRS: dict[np.ufunc, tuple[Callable[..., object], ...]] = {}  # of two results
_TRUTHS = {np.logical_and, np.logical_or, np.not_equal, np.equal, np.isnan, np.isfinite, np.isinf}
_PRODUCTS = {
    getattr(np, name) for name in ("matmul", "vecdot", "matvec", "vecmat") if hasattr(np, name)
}


def _ufunc(
    ufunc: np.ufunc, method: str, inputs: tuple[object, ...], kwargs: dict[str, Any]
) -> object:
    out = (kwargs.pop("out", None) or (None,))[0]
    kwargs.pop("casting", None)
    dtype = kwargs.pop("dtype", None)
    if ufunc not in _TRUTHS or dtype is None or np.dtype(dtype) != np.dtype(bool):
        check_dtype(dtype, f"np.{ufunc.__name__}")
    mask = kwargs.pop("where", True)
    if mask is True:
        result = _run_ufunc(ufunc, method, inputs, kwargs)
        return result if out is None else _store(out, result, ufunc)
    if method == "reduce":
        neutral = kwargs.get("initial") if ufunc.identity is None else ufunc.identity
        if neutral is not None and neutral is not np._NoValue:
            masked = elementwise(ops.where, (mask, inputs[0], float(neutral)))
            return _run_ufunc(ufunc, method, (masked, *inputs[1:]), kwargs)
    if method != "__call__" or out is None:
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__}(where=...) leaves elements undefined. Use "
            "np.where(mask, x, y), or give out="
        )
    result = elementwise(ops.where, (mask, _run_ufunc(ufunc, method, inputs, kwargs), out))
    return _store(out, result, ufunc)


def _store(out: object, result: object, ufunc: np.ufunc) -> object:
    if not isinstance(out, np.ndarray):
        raise TraceError(
            f"{user_location()}: np.{ufunc.__name__}: out: found {type(out).__name__}; expected an "
            "array"
        )
    if not has_objects(out):
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
) -> object:
    inputs = tuple(map(numbers_of, inputs))
    if ufunc in _PRODUCTS:
        return _wrapped(getattr(ufunc, method)(*map(_plain, inputs), **kwargs))
    if ufunc in PAIRS and method == "__call__":
        return tuple([part(*inputs, **kwargs) for part in PAIRS[ufunc]])
    function = UFUNCS.get(ufunc)
    if function is None and set("".join(ufunc.types)) <= set("O->"):
        # np.frompyfunc: a Python function that is called with the elements.
        return _wrapped(getattr(ufunc, method)(*map(_plain, inputs), **kwargs))
    if function is None:
        raise TraceError(
            f"{user_location()}: {_spelled(ufunc)} has no derivative rule. Write it with functions "
            "that have one (autodiff.ops lists them), or register it: autodiff.custom"
        )
    if method == "__call__":
        require_usual(ufunc, kwargs)
        if any(isinstance(x, (np.ndarray, list, tuple)) for x in inputs):
            return _returned(elementwise(function, inputs))
        return function(*inputs)
    if ufunc.__name__.startswith("logical_"):  # of one element alone as well
        inputs = (elementwise(as_truth, inputs[:1]), *inputs[1:])
    if method == "reduce":
        return reduced(ufunc, function, *inputs, **kwargs)
    loop = np.frompyfunc(function, ufunc.nin, 1)
    return _wrapped(getattr(loop, method)(*map(_plain, inputs), **kwargs))


def _spelled(ufunc: np.ufunc) -> str:
    """The name of a ufunc, as the user would write it."""
    if getattr(np, ufunc.__name__, None) is ufunc:
        return f"np.{ufunc.__name__}"
    if getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is ufunc:
        return f"scipy.special.{ufunc.__name__}"
    return library_called() or f"ufunc {ufunc.__name__}"


def reduced(
    ufunc: np.ufunc,
    function: Callable[..., object],
    array: object,
    axis: Axes = 0,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
    **kwargs: object,
) -> object:
    """Reduction from left to right, one axis after the other."""
    check_dtype(dtype, f"np.{ufunc.__name__}.reduce")
    plain = _plain(array)
    named = axes(axis, plain.ndim if axis is None else max(plain.ndim, 1))
    loop: Any = ufunc if ufunc in (np.add, np.multiply) else np.frompyfunc(function, 2, 1)
    result = plain if named else plain.copy()  # NumPy may write into what it gets
    for left, one in reversed([*enumerate(named)]):
        once = kwargs if not left else {k: v for k, v in kwargs.items() if k != "initial"}
        result = loop.reduce(result, axis=one, keepdims=keepdims, **once)
    if not named and kwargs.get("initial", np._NoValue) not in (None, np._NoValue):
        result = np.frompyfunc(function, 2, 1)(kwargs["initial"], result)
    return _wrapped(result)


def _function(func: Any, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """An array function that was given arrays of operands."""
    given = (*args, *kwargs.values())
    if _has_array(given) and not _has_operand(given):
        # Nothing traced in it: an array that a constructor made, of numbers so far.
        return func(*map(_numeric, args), **{k: _numeric(v) for k, v in kwargs.items()})
    if func in FUNCTIONS:
        args, kwargs = followed(name_of(func), func, FUNCTIONS[func], args, kwargs)
        return FUNCTIONS[func](*args, **kwargs)
    # NumPy's own code, on arrays that say what they are.
    return func._implementation(*map(_honest, args), **{k: _honest(v) for k, v in kwargs.items()})


def _scalar_function(func: object, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """An array function that was given a bare operand."""
    result = _returned(_wrapped(_function(func, args, kwargs)))
    return result[()] if isinstance(result, np.ndarray) and result.shape == () else result


def put_protocols() -> None:
    """Let every operand have these protocols, once the tables are filled."""
    _ARRAY_HOOKS.update(ufunc=_ufunc, function=_scalar_function, elementwise=elementwise)
