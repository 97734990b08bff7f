"""NumPy's functions on lists that hold traced values: each is the array that it stands for.

NumPy asks its protocols about arrays, not about what lists hold: ``np.diag([q, 2 * q])`` would
try to make an array of numbers.  In a trace of whole arrays, what a function makes of plain
numbers alone may be indexed by traced ones later.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from functools import wraps

import numpy as np

from autodiff.trace.data import Data, HeldFrom, made_in_trace
from autodiff.trace.libraries.constructors import as_one, holds_operands

__all__ = ["ARRAYS", "LINEAR_ALGEBRA"]

# These take lists of arrays, or give back what they were given.
_OF_SEVERAL = frozenset(
    {
        "apply_along_axis", "apply_over_axes", "array2string", "array_repr", "array_str",
        "atleast_1d", "atleast_2d", "atleast_3d", "block", "broadcast_arrays", "can_cast", "choose",
        "column_stack", "common_type", "concat", "concatenate", "copyto", "dstack", "einsum",
        "einsum_path", "fill_diagonal", "hstack", "ix_", "lexsort", "may_share_memory", "meshgrid",
        "min_scalar_type", "multi_dot", "piecewise", "place", "put", "putmask",
        "result_type", "row_stack", "save", "savetxt", "savez", "select", "shares_memory", "stack",
        "unstack", "vstack",
    }
)  # fmt: skip
_MAKING = ("linspace", "arange", "logspace", "geomspace", "indices", "tri")


def _of_lists(original: Callable[..., object]) -> Callable[..., object]:
    """A function of NumPy's whose arguments may be lists of traced values."""

    @wraps(original)
    def function(*args: object, **kwargs: object) -> object:
        for x in args:
            if isinstance(x, _LISTS) and holds_operands(x):
                args = tuple(map(as_one, args))
                break
        if kwargs:
            kwargs = {name: as_one(x) for name, x in kwargs.items()}
        made = original(*args, **kwargs)
        return made_in_trace(made, args) if type(made) in _PLAIN else made

    return function


_LISTS = (list, tuple)
_PLAIN = (np.ndarray, Data, HeldFrom)


class _UfuncOfLists:
    """A ufunc of NumPy's, and its methods, whose arguments may be lists of traced values.

    Args:
        original: The ufunc.
    """

    def __init__(self, original: np.ufunc) -> None:
        self._original, self.__name__ = original, original.__name__
        self.__doc__ = original.__doc__

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self._original(*map(as_one, args), **kwargs)

    @property  # type: ignore[misc]  # it stands for one
    def __class__(self) -> type:
        return np.ufunc

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._original

    def __hash__(self) -> int:
        return hash(self._original)

    def __repr__(self) -> str:
        return repr(self._original)

    def __getattr__(self, name: str) -> object:
        found = getattr(self._original, name)
        return _of_lists(found) if name in _METHODS else found


_METHODS = frozenset({"accumulate", "outer", "reduce", "reduceat"})


def _of_arrays(name: str) -> Callable[..., object]:
    """A function of NumPy's that makes one array of several."""
    original: Callable[..., object] = getattr(np, name)
    of_parts = name not in _NESTED

    @wraps(original)
    def function(*args: object, **kwargs: object) -> object:
        if of_parts and args and isinstance(args[0], _LISTS):
            args = [as_one(x) for x in args[0]], *args[1:]
        made = original(*args, **kwargs)
        return made_in_trace(made) if type(made) in _PLAIN else made

    return function


def _each(module: types.ModuleType, names: Iterable[str]) -> dict[str, Callable[..., object]]:
    return {name: _of_lists(getattr(module, name)) for name in names}


def _dispatched(module: types.ModuleType) -> list[str]:
    """Names of functions that ask NumPy's protocol about arrays."""
    # Not ``dir``: that would import the libraries that NumPy only imports when they are asked for.
    found = [n for n, value in vars(module).items() if hasattr(value, "_implementation")]
    return [name for name in found if name not in _OF_SEVERAL]


_JOINING = (
    "block", "choose", "column_stack", "concatenate", "dstack", "einsum", "hstack", "select",
    "stack", "vstack",
)  # fmt: skip
_NESTED = frozenset({"block", "choose", "einsum", "select"})  # whose lists say more
ARRAYS: dict[str, object] = _each(np, [*_dispatched(np), *_MAKING]) | {
    name: _of_arrays(name) for name in _JOINING
}
ARRAYS |= {name: _UfuncOfLists(x) for name, x in vars(np).items() if type(x) is np.ufunc}
LINEAR_ALGEBRA = _each(np.linalg, _dispatched(np.linalg))
