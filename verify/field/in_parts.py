"""Numbers that are sums of parts, each under conditions; what the parts are, their field says."""

from __future__ import annotations

from abc import abstractmethod

from verify.field.field import Element, Field

__all__ = ["InParts", "PartField", "Parts"]

Parts = dict[int, int]  # conditions, as bits -> residue


class PartField(Field):
    """A field some of whose elements are sums of parts."""

    @abstractmethod
    def sum(self, x: Element, y: Element, sign: int) -> Element:
        """x + y, or x - y."""

    @abstractmethod
    def product(self, x: Element, y: Element) -> Element:
        """x * y."""


class InParts(Element):
    """A number that is a sum of parts."""

    __slots__ = ("parts",)
    meaning: PartField
    parts: Parts

    def __add__(self, y: object) -> Element:
        return self.meaning.sum(self, self.meaning.lift(y), 1)

    __radd__ = __add__

    def __sub__(self, y: object) -> Element:
        return self.meaning.sum(self, self.meaning.lift(y), -1)

    def __rsub__(self, x: object) -> Element:
        return self.meaning.sum(self.meaning.lift(x), self, -1)

    def __mul__(self, y: object) -> Element:
        return self.meaning.product(self, self.meaning.lift(y))

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Element:
        f = self.meaning
        y = f.lift(other)
        return f.product(self, Element(f, f.inverse(y.v), y.d, y.n))

    def __rtruediv__(self, x: object) -> Element:
        f = self.meaning
        return f.lift(x) * Element(f, f.inverse(self.v), self.d, self.n)

    def __neg__(self) -> Element:
        f = self.meaning
        return f.product(self, f.lift(-1))
