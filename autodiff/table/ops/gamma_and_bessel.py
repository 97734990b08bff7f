"""Rows: gamma and Bessel functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.numbers import bessel
from autodiff.table.ops.rows import POSITIVE, as_literal, function
from autodiff.table.primitive import REAL, Primitive, Quantity, elementwise

__all__ = [
    "digamma",
    "gamma",
    "i0",
    "i1",
    "iv",
    "jv",
    "kv",
    "lgamma",
    "polygamma",
    "spherical_jn",
    "yv",
]


gamma = function(
    "gamma",
    lambda g, out, x: g * (out * digamma(x)),
    numpy="gamma",
    kinks=(("0", "-inf"), ("-1, -2, ...", "nan")),
    about="gamma function",
)
lgamma = function(
    "lgamma",
    lambda g, out, x: g * digamma(x),
    numpy="lgamma",
    sympy="loggamma",
    domain=(POSITIVE,),
    kinks=(("0", "-inf"), ("-0, -1, -2, ...", "inf at -0, else nan")),
    about="logarithm of the absolute value of the gamma function",
)
digamma: Primitive = function(
    "digamma",
    lambda g, out, x: g * _polygamma(1.0, x),
    numpy="digamma",
    kinks=(("0, -1, -2, ...", "inf"),),
    about="derivative of the logarithm of gamma",
)
_polygamma: Primitive = function(
    "polygamma",
    None,
    lambda g, out, n, x: g * _polygamma(n + 1.0, x),
    numpy="polygamma",
    literal=(0,),
    domain=((1.0, 99.0), REAL),
    kinks=(("0, -1, -2, ...", "inf for even n; for odd n -inf at 0, else nan"),),
    about="derivative of order n of digamma",
)
i0 = function(
    "i0",
    lambda g, out, x: g * i1(x),
    numpy="i0",
    sympy="besseli(0, {0})",
    about="modified Bessel function of the first kind, order 0",
)
i1: Primitive = function(
    "i1",
    lambda g, out, x: _iv_rule(g, 1.0, x),
    numpy="i1",
    sympy="besseli(1, {0})",
    about="modified Bessel function of the first kind, order 1",
)
_iv: Primitive = function(
    "iv",
    None,
    lambda g, out, n, x: _iv_rule(g, n, x),
    numpy="iv",
    sympy="besseli({0}, {1})",
    literal=(0,),
    domain=((2.0, bessel.MAX_ORDER - 1.0), REAL),
    about="modified Bessel function of the first kind, whole order n",
)


def _iv_rule(g: Quantity, n: Quantity, x: Quantity) -> object:
    # Both have the same sign: nothing cancels.  Each is halved: their sum may overflow.
    return g * (0.5 * _iv_of(n - 1.0, x) + 0.5 * _iv_of(n + 1.0, x))


def _iv_of(n: object, x: object) -> Any:
    """The row for a literal order that is within the bounds."""
    order = as_literal(n)
    return i0(x) if order == 0.0 else i1(x) if order == 1.0 else _iv(n, x)


def _spherical_jn_rule(g: Quantity, out: Quantity, n: Quantity, x: Quantity) -> object:
    if as_literal(n) == 0.0:
        return -(g * _spherical_jn(1.0, x))
    # Below the first zero the first term outweighs the second, far above it they add up.
    below, above = _spherical_jn(n - 1.0, x), _spherical_jn(n + 1.0, x)
    return g * ((n * below - (n + 1.0) * above) / (2.0 * n + 1.0))


_spherical_jn: Primitive = function(
    "spherical_jn",
    None,
    _spherical_jn_rule,
    numpy="spherical_jn",
    sympy="jn({0}, {1})",
    literal=(0,),
    domain=((0.0, bessel.MAX_ORDER - 1.0), REAL),
    about="spherical Bessel function of the first kind, whole order n",
)


def _cylinder_rule(
    row: Callable[..., Quantity], below: float, g: Quantity, n: Quantity, x: object
) -> object:
    """below f(n-1) - f(n+1) / 2: each is halved, as their sum may overflow."""
    if as_literal(n) == 0.0:
        return -(g * row(1.0, x))
    return g * (below * row(n - 1.0, x) - 0.5 * row(n + 1.0, x))


_ORDERS = (0.0, bessel.MAX_ORDER - 1.0)
_jv: Primitive = function(
    "jv",
    None,
    lambda g, out, n, x: _cylinder_rule(_jv, 0.5, g, n, x),
    numpy="jv",
    sympy="besselj({0}, {1})",
    literal=(0,),
    domain=(_ORDERS, REAL),
    about="Bessel function of the first kind, whole order n",
)
_yv: Primitive = function(
    "yv",
    None,
    lambda g, out, n, x: _cylinder_rule(_yv, 0.5, g, n, x),
    numpy="yv",
    sympy="bessely({0}, {1})",
    literal=(0,),
    domain=(_ORDERS, POSITIVE),
    kinks=(("0", "inf"),),
    about="Bessel function of the second kind, whole order n",
)
_kv: Primitive = function(
    "kv",
    None,
    lambda g, out, n, x: _cylinder_rule(_kv, -0.5, g, n, x),
    numpy="kv",
    sympy="besselk({0}, {1})",
    literal=(0,),
    domain=(_ORDERS, POSITIVE),
    kinks=(("0", "-inf"),),
    about="modified Bessel function of the second kind, whole order n",
)


def polygamma(n: object, x: object) -> Any:
    """Derivative of order n of digamma.

    Args:
        n: A number, 0 (digamma itself) to 100; it is not differentiated by.
        x: A float, a Value, a traced number, or an array of these (by element).

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if an operand is no number, or n a traced one.

    >>> import autodiff as ad
    >>> ad.grad(ad.digamma)(0.5) == ad.polygamma(1, 0.5)
    True
    """
    if isinstance(n, (np.ndarray, list, tuple)):
        return elementwise(polygamma, (n, x))
    order = as_literal(n)
    if order is None:
        raise ArgumentError(
            f"polygamma: the order is {n!r}; expected a number from 0 to 100, the same for every "
            "input (it is not differentiated by)"
        )
    return digamma(x) if order == 0.0 else _polygamma(n, x)


def _order(name: str, n: object) -> float:
    order = as_literal(n)
    if order is None or not 0.0 <= order <= bessel.MAX_ORDER or order % 1.0:
        raise ArgumentError(
            f"{name}: the order is {n!r}; expected a whole number from 0 to {bessel.MAX_ORDER}, "
            "the same for every input (it is not differentiated by)"
        )
    return order


def iv(n: object, x: object) -> Any:
    """Modified Bessel function of the first kind, I_n(x).

    Args:
        n: A whole number, 0 to 1000; it is not differentiated by.
        x: A float, a Value, a traced number, or an array of these (by element).

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.iv(2, x))(0.5) == (ad.i1(0.5) + ad.iv(3, 0.5)) / 2
    True
    """
    return _iv_of(_order("iv", n), x)


def spherical_jn(n: object, x: object) -> Any:
    """Spherical Bessel function of the first kind, j_n(x).

    Args:
        n: A whole number, 0 to 1000; it is not differentiated by.
        x: A float, a Value, a traced number, or an array of these (by element).

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.spherical_jn(0, x))(0.5) == -ad.spherical_jn(1, 0.5)
    True
    """
    return _spherical_jn(_order("spherical_jn", n), x)


def jv(n: object, x: object) -> Any:
    """Bessel function of the first kind, J_n(x).

    Args:
        n: A whole number, 0 to 1000; it is not differentiated by.
        x: A float, a Value, a traced number, or an array of these (by element).

    Returns:
        A float for floats; else what a Value, a traced number or an array computes with.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.jv(0, x))(0.5) == -ad.jv(1, 0.5)
    True
    """
    return _jv(_order("jv", n), x)


def yv(n: object, x: object) -> Any:
    """Bessel function of the second kind, Y_n(x), for x above zero.

    Args:
        n: A whole number, 0 to 1000; it is not differentiated by.
        x: A float, a Value, a traced number, or an array of these (by element).

    Returns:
        A float for floats (nan below zero); else what a Value, a traced number or an array computes
        with.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.yv(0, x))(0.5) == -ad.yv(1, 0.5)
    True
    """
    return _yv(_order("yv", n), x)


def kv(n: object, x: object) -> Any:
    """Modified Bessel function of the second kind, K_n(x), for x above zero.

    Args:
        n: A whole number, 0 to 1000; it is not differentiated by.
        x: A float, a Value, a traced number, or an array of these (by element).

    Returns:
        A float for floats (nan below zero); else what a Value, a traced number or an array computes
        with.

    Raises:
        ArgumentError: if n is anything else, such as a traced number.

    >>> import autodiff as ad
    >>> ad.grad(lambda x: ad.kv(0, x))(0.5) == -ad.kv(1, 0.5)
    True
    """
    return _kv(_order("kv", n), x)
