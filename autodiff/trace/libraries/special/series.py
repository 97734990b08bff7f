"""``numpy.polynomial`` of traced places and coefficients: six families, by their recurrences."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.libraries.constructors import as_array, holds_operands
from autodiff.trace.whole.scipy.where_traced import each_where_traced

__all__ = ["SERIES"]

_Step: TypeAlias = Callable[[int, WholeArray, WholeArray, WholeArray], WholeArray]


class _Family(NamedTuple):
    """Polynomials P[0] = 1, P[1], P[2] ...

    Args:
        module: NumPy's, inside ``numpy.polynomial``.
        first: x -> P[1].
        step: k, x, P[k], P[k - 1] -> P[k + 1].
    """

    module: str
    first: Callable[[WholeArray], WholeArray]
    step: _Step


_FAMILIES = {
    "poly": _Family("polynomial", lambda x: x, lambda k, x, p, q: p * x),
    "cheb": _Family("chebyshev", lambda x: x, lambda k, x, p, q: 2.0 * x * p - q),
    "leg": _Family(
        "legendre", lambda x: x, lambda k, x, p, q: ((2.0 * k + 1.0) * x * p - k * q) / (k + 1.0)
    ),
    "herm": _Family("hermite", lambda x: 2.0 * x, lambda k, x, p, q: 2.0 * x * p - 2.0 * k * q),
    "herme": _Family("hermite_e", lambda x: x, lambda k, x, p, q: x * p - float(k) * q),
    "lag": _Family(
        "laguerre",
        lambda x: 1.0 - x,
        lambda k, x, p, q: ((2.0 * k + 1.0 - x) * p - float(k) * q) / (k + 1.0),
    ),
}  # by the beginning of its functions' names


def _members(name: str, x: WholeArray, count: int) -> list[WholeArray]:
    """The first of a family, at ``x``."""
    family = _FAMILIES[name]
    members = [np.ones(np.shape(x)), family.first(x)][:count]
    while len(members) < count:
        k = len(members) - 1
        members.append(family.step(k, x, members[k], members[k - 1]))
    return members


def _plain(x: object) -> WholeArray:
    return as_array(x) if isinstance(x, (list, tuple)) else x  # type: ignore[return-value]  # an array


def _vander(name: str) -> Callable[..., object]:
    def function(x: object, deg: int) -> object:
        return np.stack(_members(name, np.atleast_1d(_plain(x)), deg + 1), axis=-1)

    return function


def _val(name: str) -> Callable[..., object]:
    def function(x: object, c: object, tensor: bool = True) -> object:
        at, parts = _plain(x), _plain(c)
        if np.ndim(parts) > 1:
            raise TraceError(
                f"{user_location()}: np.polynomial's {name}val of several series cannot be traced; "
                f"write {name}vander(x, deg) @ c"
            )
        members = _members(name, at, len(parts))
        total = parts[0] * members[0]
        for k in range(1, len(parts)):
            total = total + parts[k] * members[k]
        return total

    return function


def _polyder(c: object, m: int = 1) -> object:
    parts = _plain(c)
    for _ in range(m):
        parts = parts[1:] * np.arange(1.0, len(parts)).reshape(-1, *(1,) * (np.ndim(parts) - 1))
    return parts


def _module(family: str) -> tuple[str, dict[str, Callable[..., object]]]:
    module = f"numpy.polynomial.{_FAMILIES[family].module}"
    ours = {f"{family}vander": _vander(family), f"{family}val": _val(family)}
    if family == "poly":
        ours["polyder"] = _polyder
    return module, each_where_traced(module, ours, holds_operands)


SERIES = {"numpy.polynomial": {}, **dict(map(_module, _FAMILIES))}
