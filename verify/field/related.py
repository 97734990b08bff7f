"""Related: a field in which some functions are made of others, and the others are unknowns.

exp of a number and a tangent of half a number are unknowns; tanh, sinh, cosh, sin, cos and tan are
made of them.  That is the same for one element (field.py) and for arrays (whole/array_field.py).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial

from autodiff.table.primitive import REGISTRY, Primitive
from verify.field.meaning import Meaning, Number

__all__ = ["ODD", "Related"]

ODD = frozenset({"asinh", "asin", "atan", "atanh", "erf", "erfinv"})


@lru_cache(maxsize=1)
def _unknown_rows(rows: tuple[Primitive, ...]) -> frozenset[str]:
    """Rows that are a function's name everywhere, and no other row's: unknowns of their own.

    exp is one under its plain name, because the texts of other rows hold it.
    """
    spelled = Counter(row.python for row in rows)
    return frozenset(
        row.name
        for row in rows
        if re.fullmatch(r"\w+\([{}\d, ]*\)", row.python) and spelled[row.python] == 1
    ).difference({"abs"})


class Related(Meaning[Number]):
    """What fields of one element and of arrays have in common.

    Attributes:
        relations: Make functions of each other where they are: tanh of exp, sigmoid of exp.
            Without, each is an unknown of its own, which keeps degrees small.
    """

    relations: bool

    @abstractmethod
    def point(self, count: int) -> list[Number]:
        """So many random numbers."""

    @abstractmethod
    def same(self, x: Number, y: Number) -> bool:
        """True if two numbers are equal at this point."""

    @abstractmethod
    def _abs(self, x: object) -> Number:
        """The magnitude."""

    @abstractmethod
    def _exp(self, x: object) -> Number:
        """An unknown of x or -x, or one over it; 1 at zero."""

    @abstractmethod
    def _half_tangent(self, x: object) -> Number:
        """t of sin = 2t / (1 + t*t), cos = (1 - t*t) / (1 + t*t): an odd unknown."""

    def _own_names(self) -> dict[str, object]:
        names: dict[str, object] = {"Abs": self._abs}
        if self.relations:
            names |= {
                "exp": self._exp, "tanh": self._tanh, "sinh": self._sinh, "cosh": self._cosh,
                "sin": self._sin, "cos": self._cos, "tan": self._tan,
            }  # fmt: skip
        return names

    def meaning_of(self, primitive: Primitive) -> Callable[..., Number]:
        """What a primitive does to numbers of this kind."""
        if not self.relations and primitive.name in _unknown_rows(tuple(REGISTRY.values())):
            found = self._unknown_function(primitive.name, primitive.arity)
            self.of_primitive[primitive] = found
            return found
        return super().meaning_of(primitive)

    def _unknown_function(self, name: str, arity: int) -> Callable[..., Number]:
        """``function`` under a name."""
        return partial(self.function, name)

    def _tanh(self, x: object) -> Number:
        e = self._exp(2 * self.lift(x))
        return self.lift((e - 1) / (e + 1))

    def _sinh(self, x: object) -> Number:
        e = self._exp(x)
        return self.lift((e - 1 / e) / 2)

    def _cosh(self, x: object) -> Number:
        e = self._exp(x)
        return self.lift((e + 1 / e) / 2)

    def _sin(self, x: object) -> Number:
        t = self._half_tangent(x)
        return self.lift(2 * t / (1 + t * t))

    def _cos(self, x: object) -> Number:
        t = self._half_tangent(x)
        return self.lift((1 - t * t) / (1 + t * t))

    def _tan(self, x: object) -> Number:
        t = self._half_tangent(x)
        return self.lift(2 * t / (1 - t * t))
