"""``numpy.polynomial`` of traced places and coefficients: six families, by their recurrences."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.trace.libraries.constructors import as_array, holds_operands

__all__ = ["SERIES"]

_Step = Callable[[int, Any, Any, Any], Any]  # k, x, P[k], P[k - 1] -> P[k + 1]
# By the ending of NumPy's names: the module, P[1] and the step to the next.
_FAMILIES: dict[str, tuple[str, Callable[[Any], Any], _Step]] = {
    "poly": ("polynomial", lambda x: x, lambda k, x, p, q: p * x),
    "cheb": ("chebyshev", lambda x: x, lambda k, x, p, q: 2.0 * x * p - q),
    "leg": (
        "legendre",
        lambda x: x,
        lambda k, x, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1),
    ),
    "herm": ("hermite", lambda x: 2.0 * x, lambda k, x, p, q: 2.0 * x * p - 2.0 * k * q),
    "herme": ("hermite_e", lambda x: x, lambda k, x, p, q: x * p - k * q),
    "lag": (
        "laguerre",
        lambda x: 1.0 - x,
        lambda k, x, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1),
    ),
}


def _basis(name: str, x: Any, count: int) -> list[Any]:
    """The first members of a family, at ``x``."""
    _, first, step = _FAMILIES[name]
    members = [np.ones(np.shape(x)), first(x)][:count]
    while len(members) < count:
        k = len(members) - 1
        members.append(step(k, x, members[k], members[k - 1]))
    return members


def _plain(x: Any) -> Any:
    return as_array(x) if isinstance(x, (list, tuple)) else x


def _vander(name: str) -> Callable[..., object]:
    def function(x: object, deg: int) -> object:
        return np.stack(_basis(name, np.atleast_1d(_plain(x)), deg + 1), axis=-1)

    return function


def _val(name: str) -> Callable[..., object]:
    def function(x: object, c: object, tensor: bool = True) -> object:
        at, parts = _plain(x), _plain(c)
        if np.ndim(parts) > 1:
            raise TraceError(
                f"{user_location()}: np.polynomial's {name}val of several series cannot be traced; "
                f"write {name}vander(x, deg) @ c"
            )
        members = _basis(name, at, len(parts))
        total = parts[0] * members[0]
        for k in range(1, len(parts)):
            total = total + parts[k] * members[k]
        return total

    return function


def _polyder(c: object, m: int = 1, scl: float = 1.0, axis: int = 0) -> object:
    parts = np.moveaxis(_plain(c), axis, -1)
    for _ in range(m):
        parts = parts[..., 1:] * (scl * np.arange(1.0, np.shape(parts)[-1]))
    return np.moveaxis(parts, -1, axis)


def _where_traced(module: str, name: str, ours: Callable[..., object]) -> Callable[..., object]:
    @wraps(ours)
    def function(*args: object, **kwargs: object) -> object:
        if holds_operands((*args, *kwargs.values())):
            return ours(*args, **kwargs)
        return getattr(sys.modules[module], name)(*args, **kwargs)

    return function


def _module(family: str) -> tuple[str, dict[str, Callable[..., object]]]:
    module = f"numpy.polynomial.{_FAMILIES[family][0]}"
    ours = {f"{family}vander": _vander(family), f"{family}val": _val(family)}
    if family == "poly":
        ours["polyder"] = _polyder
    return module, {name: _where_traced(module, name, one) for name, one in ours.items()}


SERIES = {"numpy.polynomial": {}, **dict(map(_module, _FAMILIES))}
