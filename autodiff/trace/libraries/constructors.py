"""NumPy's constructors as a traced function sees them: what they make can hold traced values.

``np.array([x, 0.0])`` would be a plain object array, on which half of NumPy fails, and ``np.zeros``
an array of floats, into which no traced value can be stored.  These give OperandArrays wherever the
original gives float64, and leave everything else (integers, strings, other types) to the original.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autodiff.errors import TraceError, user_location
from autodiff.graph.tree.leaves import items_within
from autodiff.table.primitive import Operand
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.array_tracer import BUILDING, ArrayTracer, constant_tracer
from autodiff.trace.arrays import OperandArray, is_double
from autodiff.trace.branching.objects.unsure import Unsure, is_unsure
from autodiff.trace.data import made_in_trace
from autodiff.trace.whole.moving import as_tracer, tracer_in
from autodiff.trace.whole.of_others import for_each_element
from autodiff.trace.whole.pairs.complex_array import ComplexArray
from autodiff.trace.whole.pairs.listed import complex_of, holds_complex

__all__ = ["CONSTRUCTORS", "as_array", "as_one", "holds_operands", "unwritten_is_nan"]


_COMPLEX = (complex, np.complex128, "complex", "complex128", np.dtype(complex))


def holds_operands(value: object) -> bool:
    """True if an operand is somewhere in nested lists, tuples and arrays."""
    return any(isinstance(one, Operand) for one in items_within(value))


def as_one(value: object) -> object:
    """A list that holds traced values as an array; anything else as it is."""
    if isinstance(value, Unsure) and is_unsure(value):
        return value.selection()
    return as_array(value) if isinstance(value, (list, tuple)) and holds_operands(value) else value


def _array(name: str) -> Callable[..., object]:
    original = getattr(np, name)

    def array(
        value: object, dtype: DTypeLike | None = None, *args: object, **kwargs: object
    ) -> object:
        if isinstance(value, Unsure) and is_unsure(value):
            return value.selection()
        if _is_complex(value, dtype):
            return complex_of(value, as_array)
        whole = _in_whole(value, dtype, name)
        if whole is not None:
            return whole
        if isinstance(value, OperandArray) or holds_operands(value):
            if dtype is not None and not is_double(dtype):
                raise TraceError(
                    f"{user_location()}: np.{name}(dtype={np.dtype(dtype).name}) cannot hold "
                    "traced values, which are float64. Leave dtype out"
                )
            made = original(value, object, *args, **kwargs)
            return made.view(OperandArray)
        return made_in_trace(original(value, dtype, *args, **kwargs), (value,))

    return array


def _is_complex(value: object, dtype: object) -> bool:
    """True for complex numbers of which some are traced."""
    if isinstance(value, ComplexArray):
        return True
    if BUILDING.get() is None or not isinstance(value, (list, tuple, Operand)):
        return False
    return holds_operands(value) if dtype in _COMPLEX else holds_complex(value)


def _in_whole(value: object, dtype: object, name: str) -> object:
    """``np.array`` of whole arrays; None if there are none."""
    whole = isinstance(value, ArrayOperand) or BUILDING.get() is not None
    like = tracer_in(value) if whole else None
    if like is None:
        return None
    made = as_tracer(value, like)
    if dtype is not None:
        made = made.astype(dtype)
    if made is value and name == "ascontiguousarray":
        return made.copy().may_share(made)
    return made.copy() if made is value and name == "array" else made


# What nobody wrote yet: the same each time, for the memory is not.
_UNWRITTEN: ContextVar[float] = ContextVar("unwritten", default=0.0)


@contextmanager
def unwritten_is_nan() -> Iterator[None]:
    """Inside, what ``np.empty`` makes holds nan until it is written."""
    before = _UNWRITTEN.set(math.nan)
    try:
        yield
    finally:
        _UNWRITTEN.reset(before)


def _filled(name: str) -> Callable[..., object]:
    original = getattr(np, name)

    def filled(*args: Any, dtype: DTypeLike | None = None, **kwargs: Any) -> object:
        # zeros(shape, dtype), full(shape, value, dtype): the dtype may come by position.
        before = 2 if name == "full" else 1
        if len(args) > before:
            args, dtype = args[:before], args[before]
        value = args[1] if name == "full" and len(args) > 1 else 0.0
        value = kwargs.get("fill_value", value)
        floats = dtype is None or is_double(dtype)
        builder = BUILDING.get()
        if builder is not None and name not in ("eye", "identity") and dtype in _COMPLEX:
            made = original(*args, dtype=dtype, **kwargs)  # to be filled with traced values
            parts = np.real(made).copy(), np.imag(made).copy()
            return ComplexArray(*(constant_tracer(builder, part) for part in parts))
        if not floats or (dtype is None and isinstance(value, (int, np.integer, str))):
            return original(*args, dtype=dtype, **kwargs)
        if isinstance(value, Operand) or holds_operands(value):
            shape = args[0] if args else kwargs["shape"]
            value = as_array(value)
            if isinstance(value, ArrayTracer):
                return np.broadcast_to(value, shape)
            made = np.empty(shape, object).view(OperandArray)
            made[...] = value
            return made
        made = original(*args, dtype=dtype, **kwargs)
        if name == "empty" and is_double(made.dtype):
            made = np.full_like(made, _UNWRITTEN.get())
        if builder is not None and is_double(made.dtype):
            return constant_tracer(builder, made)
        return made.astype(object).view(OperandArray) if is_double(made.dtype) else made

    return filled


def _like(name: str, value: float | None = None) -> Callable[..., object]:
    original = getattr(np, name)

    def like(prototype: Any, *args: Any, **kwargs: Any) -> object:
        dtype = kwargs.get("dtype")
        building = BUILDING.get() is not None and dtype in _COMPLEX
        if isinstance(prototype, ComplexArray) or building:
            make = CONSTRUCTORS[name.removesuffix("_like")]
            return make(np.shape(prototype), *args, dtype=complex)
        traced = isinstance(prototype, (OperandArray, Operand)) or holds_operands(prototype)
        if not traced and not (dtype is None and is_double(np.asarray(prototype).dtype)):
            return original(prototype, *args, **kwargs)
        if dtype is not None and not is_double(dtype):
            return original(np.zeros(np.shape(prototype)), *args, **kwargs)
        shape = kwargs.get("shape")
        shape = np.shape(prototype) if shape is None else shape
        filling = value if value is not None else args[0] if args else kwargs["fill_value"]
        if name == "empty_like":
            filling = _UNWRITTEN.get()
        builder = BUILDING.get()
        if builder is not None:
            filled = (
                filling
                if isinstance(filling, ArrayTracer)
                else constant_tracer(builder, np.broadcast_to(filling, shape))
            )
            return np.broadcast_to(filled, shape)
        if isinstance(prototype, ArrayOperand) and not isinstance(filling, Operand):
            return np.full(shape, filling, dtype=np.float64)
        made = np.empty(shape, object).view(OperandArray)
        made[...] = filling if isinstance(filling, (Operand, np.ndarray)) else float(filling)
        return made[()] if shape == () and isinstance(prototype, Operand) else made

    return like


def _vectorize(function: Callable[..., object], *args: Any, **kwargs: Any) -> object:
    """``np.vectorize`` that calls the function on each traced element."""
    vectorized = np.vectorize(function, *args, **kwargs)
    told = [name for name in ("signature", "excluded") if getattr(vectorized, name, None)]

    def call(*arrays: object) -> object:
        if told and holds_operands(arrays):
            raise TraceError(
                f"{user_location()}: np.vectorize with {told[0]} cannot be traced. Call the "
                "function on each row: np.array([f(row) for row in x])"
            )
        if any(isinstance(a, ArrayTracer) for a in arrays):
            return for_each_element(function, arrays)
        if any(isinstance(a, (Operand, OperandArray)) for a in arrays):
            return np.frompyfunc(function, len(arrays), 1)(*arrays)
        return vectorized(*arrays)

    return call


def _fromiter(
    iterable: Iterable[object], dtype: DTypeLike, count: int = -1, **kwargs: Any
) -> object:
    """``np.fromiter`` of items that may be traced."""
    items = list(islice(iterable, None if count < 0 else count))
    if holds_operands(items):
        return _array("array")(items, dtype)
    return np.fromiter(items, dtype, **kwargs)


def _isscalar(element: object) -> bool:
    """``np.isscalar``: of a traced number, what it is of the number."""
    return isinstance(element, Operand) or bool(np.isscalar(element))


CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    **{name: _array(name) for name in ("array", "asarray", "asanyarray", "ascontiguousarray")},
    **{name: _filled(name) for name in ("zeros", "ones", "empty", "full", "eye", "identity")},
    "zeros_like": _like("zeros_like", 0.0),
    "ones_like": _like("ones_like", 1.0),
    "empty_like": _like("empty_like", 0.0),
    "full_like": _like("full_like"),
    "vectorize": _vectorize,
    "fromiter": _fromiter,
    "isscalar": _isscalar,
}

# An array of what may hold traced values, as NumPy's ``asanyarray`` makes it inside a trace.
as_array = CONSTRUCTORS["asanyarray"]
