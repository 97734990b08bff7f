"""``np.poly1d`` of traced coefficients: Horner's rule, and the arithmetic of coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from autodiff.errors import TraceError, user_location
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.libraries.constructors import as_array, holds_operands

__all__ = ["POLYNOMIALS"]


class _Polynomial:
    """A polynomial, the highest power first; the first coefficient is taken not to be 0."""

    def __init__(self, parts: Sequence[Quantity]) -> None:
        self._parts = list(parts)

    @property
    def coeffs(self) -> WholeArray:
        """The coefficients."""
        made: WholeArray = as_array(self._parts)
        return made

    @property
    def order(self) -> int:
        """The highest power."""
        return len(self._parts) - 1

    @property
    def roots(self) -> object:
        """The places where it is zero."""
        return np.roots(self.coeffs)

    c, coef, coefficients, o, r = coeffs, coeffs, coeffs, order, roots

    def __call__(self, x: Quantity | Sequence[Quantity]) -> Quantity:
        if isinstance(x, (_Polynomial, np.poly1d)):
            raise TraceError(f"{user_location()}: np.poly1d of a polynomial cannot be traced")
        at: Quantity = as_array(x) if isinstance(x, (list, tuple)) else x  # type: ignore[assignment]
        total = self._parts[0] + at * 0.0 if self.order == 0 else self._parts[0]
        for part in self._parts[1:]:
            total = total * at + part
        return total

    def deriv(self, m: int = 1) -> _Polynomial:
        """The derivative of an order."""
        parts = self._parts
        for _ in range(m):
            parts = [(len(parts) - 1 - k) * part for k, part in enumerate(parts[:-1])] or [0.0]
        return _Polynomial(parts)

    def integ(self, m: int = 1, k: ArrayLike = 0.0) -> _Polynomial:
        """The integral, so many times, each with a constant."""
        parts, constants = self._parts, list(np.broadcast_to(k, (m,)))
        for constant in constants:
            parts = [*(part / (len(parts) - i) for i, part in enumerate(parts)), constant]
        return _Polynomial(parts)

    def __len__(self) -> int:
        return self.order

    def __iter__(self) -> Iterator[Quantity]:
        return iter(self._parts)

    def __getitem__(self, power: int) -> Quantity:
        return self._parts[self.order - power] if 0 <= power <= self.order else 0.0

    def __neg__(self) -> _Polynomial:
        return _Polynomial([-part for part in self._parts])

    def __add__(self, other: object) -> _Polynomial:
        mine, others = self._parts, _parts_of(other)
        count = max(len(mine), len(others))
        one, two = ([0.0] * (count - len(x)) + x for x in (mine, others))
        return _Polynomial([x + y for x, y in zip(one, two, strict=True)])

    def __sub__(self, other: object) -> _Polynomial:
        return self + [-part for part in _parts_of(other)]

    def __rsub__(self, other: object) -> _Polynomial:
        return (-self).__add__(other)

    def __mul__(self, other: object) -> _Polynomial:
        mine, others = self._parts, _parts_of(other)
        made: list[Quantity] = [0.0] * (len(mine) + len(others) - 1)
        for i, x in enumerate(mine):
            for j, y in enumerate(others):
                made[i + j] = made[i + j] + x * y
        return _Polynomial(made)

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Quantity) -> _Polynomial:
        return _Polynomial([part / other for part in self._parts])

    def __pow__(self, power: int) -> _Polynomial:
        made = _Polynomial([1.0])
        for _ in range(power):
            made = self * made
        return made


def _parts_of(x: object) -> list[Quantity]:
    """The coefficients of a polynomial, or of what stands for one."""
    if isinstance(x, _Polynomial):
        return x._parts
    if isinstance(x, np.poly1d):
        return list(x.coeffs)
    several = isinstance(x, (list, tuple)) or getattr(x, "ndim", False)
    return list(x) if several else [x]  # type: ignore[call-overload, list-item]  # else a number


def _poly1d(
    c_or_r: object, r: bool = False, variable: str | None = None
) -> _Polynomial | np.poly1d:
    """``np.poly1d``; by its roots if ``r`` is true."""
    if isinstance(c_or_r, _Polynomial):
        return c_or_r
    if not holds_operands(c_or_r):
        return np.poly1d(c_or_r, r, variable)  # type: ignore[arg-type]  # they are numbers
    parts, made = _parts_of(c_or_r), _Polynomial([1.0])
    if not r:
        return _Polynomial(parts)
    for root in parts:
        made = made * [1.0, -root]
    return made


POLYNOMIALS = {"poly1d": _poly1d}
