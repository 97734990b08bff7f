"""Generic: numbers modulo a prime with square roots of others, to see what is no divisor of zero.

Where s*s = z, nothing is known of ``u + v*s`` by its value for one of the two roots.  Its norm
``u*u - v*v*z`` is a number without s; if that is not zero, ``(u + v*s) * w = 0`` leaves w = 0 only.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PRIME", "Element", "inverse", "is_regular", "product", "raised", "summed"]

PRIME = (1 << 61) - 1
Element = dict[frozenset[int], int]  # of each product of roots, how many there are
Squares = Mapping[int, Element]


def summed(x: Element, y: Element) -> Element:
    """The sum."""
    result = dict(x)
    for roots, a in y.items():
        result[roots] = (result.get(roots, 0) + a) % PRIME
    return {roots: a for roots, a in result.items() if a}


def product(x: Element, y: Element, squares: Squares) -> Element:
    """The product."""
    result: Element = {}
    for one, a in x.items():
        for other, b in y.items():
            term: Element = {one ^ other: a * b % PRIME}
            for root in one & other:
                term = product(term, squares[root], squares)
            result = summed(result, term)
    return result


def _norm(x: Element, squares: Squares) -> tuple[Element, Element]:
    """A number without roots that is a multiple of one, and what it was multiplied by."""
    times: Element = {frozenset(): 1}
    while roots := frozenset().union(*x):
        root = max(roots)  # those under it are smaller
        other = {of: -a % PRIME if root in of else a for of, a in x.items()}
        x, times = product(x, other, squares), product(times, other, squares)
    return x, times


def is_regular(x: Element, squares: Squares) -> bool:
    """True only for what is no divisor of zero."""
    return bool(_norm(x, squares)[0])


def inverse(x: Element, squares: Squares) -> Element | None:
    """1 / x; None for a divisor of zero."""
    norm, times = _norm(x, squares)
    if not norm:
        return None
    below = pow(norm[frozenset()], -1, PRIME)
    return {roots: a * below % PRIME for roots, a in times.items()}


def raised(x: Element, exponent: int, squares: Squares) -> Element | None:
    """x ** exponent; None if there is none."""
    base = inverse(x, squares) if exponent < 0 else x
    result: Element = {frozenset(): 1}
    for _ in range(abs(exponent)):
        if base is None:
            return None
        result = product(result, base, squares)
    return result
