"""Orthogonal polynomials of whole orders, by the recurrences that SciPy takes.

Those of Jacobi and Laguerre go on by differences of neighbours, which keeps digits where the
polynomials are 1.  Formulas: Digital Library of Mathematical Functions 18.5.7, 18.5.8, 18.9.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.special.whole_orders import whole_order

__all__ = ["POLYNOMIALS", "associated"]

_MOST = 400.0


def _by_neighbours(
    n: int, first: Quantity, following: Callable[[int, Quantity, Quantity], Quantity]
) -> Quantity:
    """The polynomial of order n, from those of the two orders below it."""
    below: Quantity = 1.0
    here = first if n else below
    for k in range(1, n):
        below, here = here, following(k, here, below)
    return here


def _jacobi(n: int, a: Quantity, b: Quantity, x: Quantity) -> Quantity:
    below = x - 1.0  # not 1 - x: near 1 this is exact
    both: Quantity = a + b
    step: Quantity = 0.5 * (both + 2.0) * below / (a + 1.0)
    here: Quantity = 1.0
    for k in range(n):
        if k:
            t = both + 2.0 * k
            left = t * (t + 1.0) * (t + 2.0) * below * here
            right = 2.0 * k * (b + k) * (t + 2.0) * step
            step = (left + right) / (2.0 * (a + (k + 1.0)) * (both + (k + 1.0)) * t)
        here = here + step
    return _choose(n, a) * here


def _laguerre(n: int, a: Quantity, x: Quantity) -> Quantity:
    step: Quantity = -x / (a + 1.0)
    here: Quantity = 1.0
    for k in range(n):
        if k:
            step = (k * step - x * here) / (a + (k + 1.0))
        here = here + step
    return _choose(n, a) * here


def _gegenbauer(n: int, a: Quantity, x: Quantity) -> Quantity:
    return _by_neighbours(
        n, 2.0 * a * x,
        lambda k, here, below: (
            (2.0 * (a + k) * x * here - (2.0 * a + (k - 1.0)) * below) / (k + 1.0)
        ),
    )  # fmt: skip


def associated(n: int, m: int, x: Quantity, root: Quantity) -> Quantity:
    """Legendre's function of the degree n and an order m from 0 on, with sqrt(1 - x * x)."""
    below: Quantity = 0.0
    here: Quantity = 1.0
    for k in range(m):
        here = here * (-(2.0 * k + 1.0) * root)
    for k in range(m, n):
        below, here = here, ((2.0 * k + 1.0) * x * here - (k + m) * below) / (k - m + 1.0)
    return here if n >= m else 0.0 * here


def _lpmv(order: object, degree: object, x: Quantity) -> Quantity:
    n = whole_order("lpmv", degree, _MOST)
    m = as_literal(order)
    size = whole_order("lpmv", order if m is None else abs(m), _MOST)
    found = associated(n, size, x, ops.sqrt((1.0 - x) * (1.0 + x)))
    if m is None or m >= 0.0 or size > n:
        return found
    return found * (
        (-1.0) ** size * math.exp(math.lgamma(n - size + 1) - math.lgamma(n + size + 1))
    )


def _choose(n: int, a: Quantity) -> Quantity:
    """n + a over n: a polynomial in a."""
    found: Quantity = 1.0
    for k in range(1, n + 1):
        found = found * ((a + k) / k)
    return found


def _legendre(n: int, x: Quantity) -> Quantity:
    step: Quantity = x - 1.0
    here: Quantity = 1.0
    for k in range(n):
        if k:
            step = ((2.0 * k + 1.0) * (x - 1.0) * here + k * step) / (k + 1.0)
        here = here + step
    return here


def _chebyshev(first: float) -> Callable[[int, Quantity], Quantity]:
    return lambda n, x: _by_neighbours(n, first * x, lambda _, here, below: 2.0 * x * here - below)


def _shifted(function: Callable[[int, Quantity], Quantity]) -> Callable[[int, Quantity], Quantity]:
    return lambda n, x: function(n, 2.0 * x - 1.0)


_T, _U = _chebyshev(1.0), _chebyshev(2.0)
_OF_ORDERS: dict[str, Callable[..., Quantity]] = {
    "eval_chebyc": lambda n, x: _T(n, 0.5 * x) * 2.0,
    "eval_chebys": lambda n, x: _U(n, 0.5 * x),
    "eval_chebyt": _T,
    "eval_chebyu": _U,
    "eval_gegenbauer": _gegenbauer,
    "eval_genlaguerre": _laguerre,
    "eval_hermite": lambda n, x: _by_neighbours(
        n, 2.0 * x, lambda k, here, below: 2.0 * (x * here - k * below)
    ),
    "eval_hermitenorm": lambda n, x: _by_neighbours(
        n, x, lambda k, here, below: x * here - k * below
    ),
    "eval_jacobi": _jacobi,
    "eval_laguerre": lambda n, x: _laguerre(n, 0.0, x),
    "eval_legendre": _legendre,
    "eval_sh_chebyt": _shifted(_T),
    "eval_sh_chebyu": _shifted(_U),
    "eval_sh_legendre": _shifted(_legendre),
}


def _of_order(name: str) -> Callable[..., Quantity]:
    return lambda order, *rest: _OF_ORDERS[name](whole_order(name, order, _MOST), *rest)


# What ``scipy.special`` offers under these names: the order, parameters, the place.
POLYNOMIALS: dict[str, Callable[..., Quantity]] = {name: _of_order(name) for name in _OF_ORDERS}
POLYNOMIALS["lpmv"] = _lpmv
