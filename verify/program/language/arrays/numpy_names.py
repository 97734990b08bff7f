"""NumPy's functions by name, each with the arguments of which it is read."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Mapping

from verify.program.language.arrays.by_determinants import Equations
from verify.program.language.arrays.by_numpy import COUNTING, MOVING
from verify.program.language.read_values import Array, Given, Number, Value
from verify.program.language.refusal import RefusedError

__all__ = ["METHODS", "NAMED", "call_named"]


def call_named(
    name: str, arrays: Equations, arguments: list[Value], keywords: Mapping[str, Value]
) -> Value:
    """What one of NumPy's functions gives.

    Raises:
        RefusedError: if it does not take these arguments here.
    """
    try:
        bound = _signature(name).bind(arrays, *arguments, **keywords)
    except TypeError:
        told = ", ".join([*_signature(name).parameters][1:])
        raise RefusedError(f"{name} is read with {told}") from None
    return NAMED[name](*bound.args, **bound.kwargs)


@functools.cache
def _signature(name: str) -> inspect.Signature:
    return inspect.signature(NAMED[name])


def _as_array(arrays: Equations, a: Value, *, dtype: str = "") -> Array:
    """``numpy.asarray``: the array itself, if it is one."""
    if isinstance(a, Given):
        raise RefusedError("an array or list of the caller's, nobody knows which")
    if dtype and not (isinstance(a, Array) and a.kind == dtype):
        return arrays.array(a, dtype)
    return arrays.as_array(a)


def _copied(arrays: Equations, a: Value, dtype: str, copy: Value) -> Array:
    """``numpy.array``: a new one."""
    if copy is not True:
        raise RefusedError("an array that may be no copy; write numpy.asarray")
    return arrays.array(a, dtype)


def _filled(value: Number | None) -> Callable[..., Array]:
    return lambda arrays, shape, *, dtype="": arrays.filled(value, shape)


def _like(value: Number | None) -> Callable[..., Array]:
    return lambda arrays, a, /: arrays.like(value, a)


def _moved(name: str) -> Callable[..., Value]:
    return lambda arrays, *several, **named: arrays.moved_by_numpy(name, several, named)


def _counted(name: str) -> Callable[..., Value]:
    return lambda arrays, *several, **named: arrays.counted_by_numpy(name, several, named)


# Of what is read of each: the arguments that may be named have NumPy's names.
NAMED: dict[str, Callable[..., Value]] = {
    "numpy.array": lambda arrays, a, /, *, dtype="", copy=True: _copied(arrays, a, dtype, copy),
    "numpy.copy": lambda arrays, a: arrays.array(a),
    "numpy.asarray": _as_array,
    "numpy.zeros": _filled(0.0),
    "numpy.ones": _filled(1.0),
    "numpy.empty": _filled(None),
    "numpy.full": lambda arrays, shape, fill_value, *, dtype="": arrays.filled(
        arrays.number(fill_value), shape, dtype
    ),
    "numpy.zeros_like": _like(0.0),
    "numpy.ones_like": _like(1.0),
    "numpy.empty_like": _like(None),
    "numpy.full_like": lambda arrays, a, fill_value: arrays.like(arrays.number(fill_value), a),
    "numpy.arange": lambda arrays, *bounds: arrays.counted("arange", *bounds),
    "numpy.linspace": lambda arrays, start, stop, num=50: arrays.counted(
        "linspace", start, stop, num
    ),
    "numpy.ndenumerate": lambda arrays, arr: arrays.with_indices(arr),
    "numpy.all": lambda arrays, a: arrays.every(ast.And, a),
    "numpy.any": lambda arrays, a: arrays.every(ast.Or, a),
    "numpy.shape": lambda arrays, a: arrays.as_array(a).shape,
    "numpy.size": lambda arrays, a: len(arrays.as_array(a).items),
    "numpy.ndim": lambda arrays, a: len(arrays.as_array(a).shape),
    "numpy.linalg.slogdet": lambda arrays, a: arrays.log_of_determinant(a),
    "numpy.linalg.cholesky": lambda arrays, a, /: arrays.cholesky(a),
    "numpy.sum": lambda arrays, a, axis=None, *, keepdims=False: arrays.summed(a, axis, keepdims),
    "numpy.prod": lambda arrays, a, axis=None, *, keepdims=False: arrays.multiplied(
        a, axis, keepdims
    ),
    "numpy.mean": lambda arrays, a, axis=None, *, keepdims=False: arrays.mean(a, axis, keepdims),
    "numpy.average": lambda arrays, a, axis=None, weights=None: arrays.average(a, axis, weights),
    "scipy.special.softmax": lambda arrays, x, axis=None: arrays.softmax(x, axis),
    "scipy.special.log_softmax": lambda arrays, x, axis=None: arrays.log_softmax(x, axis),
    "scipy.special.logsumexp": lambda arrays, a, axis=None, b=None, keepdims=False: (
        arrays.log_of_sum(a, axis, b, keepdims)
    ),
    "numpy.interp": lambda arrays, x, xp, fp: arrays.interpolated(x, xp, fp),
    "numpy.searchsorted": lambda arrays, a, v, side="left": arrays.place_among(a, v, side),
    "numpy.digitize": lambda arrays, x, bins, right=False: arrays.place_among(
        bins, x, "left" if right else "right"
    ),
    "numpy.var": lambda arrays, a, axis=None, *, ddof=0, keepdims=False: arrays.variance(
        a, axis, ddof, keepdims
    ),
    "numpy.std": lambda arrays, a, axis=None, *, ddof=0, keepdims=False: arrays.deviation(
        a, axis, ddof, keepdims
    ),
    "numpy.max": lambda arrays, a, axis=None, *, keepdims=False: arrays.extreme(
        "maximum", a, axis, keepdims
    ),
    "numpy.min": lambda arrays, a, axis=None, *, keepdims=False: arrays.extreme(
        "minimum", a, axis, keepdims
    ),
    "numpy.argmax": lambda arrays, a: arrays.place_of(ast.Gt, a),
    "numpy.argmin": lambda arrays, a: arrays.place_of(ast.Lt, a),
    "numpy.argsort": lambda arrays, a, *, kind=None: arrays.order_of(a, kind),
    "numpy.sort": lambda arrays, a: arrays.in_order(a),
    "numpy.median": lambda arrays, a: arrays.median(a),
    "numpy.linalg.det": lambda arrays, a: arrays.determinant(a),
    "numpy.linalg.inv": lambda arrays, a: arrays.inverse(a),
    "numpy.linalg.solve": lambda arrays, a, b: arrays.solution(a, b),
    "numpy.cumsum": lambda arrays, a, axis=None: arrays.running(ast.Add, a, axis),
    "numpy.cumprod": lambda arrays, a, axis=None: arrays.running(ast.Mult, a, axis),
    "numpy.diff": lambda arrays, a, *, axis=-1: arrays.shifted_difference(a, axis),
    "numpy.dot": lambda arrays, a, b: arrays.dot(a, b),
    "numpy.matmul": lambda arrays, a, b, /: arrays.matmul(a, b),
    "numpy.inner": lambda arrays, a, b, /: arrays.dot_of_vectors(a, b),
    "numpy.vdot": lambda arrays, a, b, /: arrays.dot_of_vectors(a, b),
    "numpy.einsum": lambda arrays, subscripts, /, *operands: arrays.summed_over(
        subscripts, operands
    ),
    "numpy.polyval": lambda arrays, p, x: arrays.polynomial(p, x),
    "numpy.outer": lambda arrays, a, b: arrays.outer(a, b),
    "numpy.cross": lambda arrays, a, b: arrays.cross(a, b),
    "numpy.convolve": lambda arrays, a, v, mode="full": arrays.convolved(a, v, mode),
    "numpy.trace": lambda arrays, a: arrays.trace(a),
    "numpy.linalg.norm": lambda arrays, x, ord=None, axis=None, keepdims=False: (  # noqa: A006
        arrays.norm(x, ord, axis, keepdims)
    ),
    "numpy.concatenate": lambda arrays, several, /, axis=0: arrays.joined(several, axis),
    "numpy.reshape": lambda arrays, a, /, shape: arrays.reshaped(arrays.as_array(a), shape),
    "numpy.ravel": lambda arrays, a: arrays.flat(a),
    "numpy.repeat": lambda arrays, a, repeats, axis=None: arrays.repeated(a, repeats, axis),
    "numpy.tile": lambda arrays, a, /, reps: arrays.tiled(a, reps),
    **{name: _moved(name) for name in MOVING},
    **{name: _counted(name) for name in COUNTING},
}

# Methods of arrays that mean what the function of the name does.
METHODS = frozenset(
    {"sum", "prod", "mean", "var", "std", "max", "min", "argmax", "argmin", "argsort", "cumsum",
     "cumprod", "dot", "trace", "ravel", "repeat", "copy", "squeeze", "swapaxes", "diagonal",
     "nonzero", "transpose", "all", "any", "take", "clip"}
)  # fmt: skip
