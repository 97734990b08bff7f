"""Made: numbers that are places in a table, where every operation makes one more.

Nodes of the proof (compose.py) and shapes (needs.py) are such numbers.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from verify.field.meaning import Meaning, Number, Symbolic

__all__ = ["Made", "Making"]


class Made(Symbolic):
    """A number whose arithmetic its meaning does."""

    __slots__ = ()
    meaning: Making[Self]

    def __add__(self, y: object) -> Self:
        return self.meaning.node("add", self, y)

    def __radd__(self, x: object) -> Self:
        return self.meaning.node("add", x, self)

    def __sub__(self, y: object) -> Self:
        return self.meaning.node("sub", self, y)

    def __rsub__(self, x: object) -> Self:
        return self.meaning.node("sub", x, self)

    def __mul__(self, y: object) -> Self:
        return self.meaning.node("mul", self, y)

    def __rmul__(self, x: object) -> Self:
        return self.meaning.node("mul", x, self)

    def __truediv__(self, y: object) -> Self:
        return self.meaning.node("div", self, y)

    def __rtruediv__(self, x: object) -> Self:
        return self.meaning.node("div", x, self)


class Making(Meaning[Number]):
    """Meaning of texts over numbers that are places in a table."""

    @abstractmethod
    def node(self, operation: str, x: object, y: object) -> Number:
        """The result of "add", "sub", "mul" or "div"."""
