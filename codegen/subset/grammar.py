"""The subset as data: rows and portable functions are these expressions and statements, no others.

Numbers are floats, or whole ones where Python gives integers; a truth value is what a comparison
gives.  Nothing has side effects, so an expression may be computed once, twice or for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "CONSTANTS",
    "Assign",
    "Binary",
    "Call",
    "Comparison",
    "Conditional",
    "Constant",
    "Expression",
    "Function",
    "If",
    "Logic",
    "Name",
    "Number",
    "Part",
    "Range",
    "Return",
    "Rows",
    "Statement",
    "Together",
    "Truth",
    "Unary",
    "While",
    "hole_of",
    "is_truth",
    "parts",
]

CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "nan": math.nan}


class Part:
    """A node of the tree."""

    __slots__: tuple[str, ...] = ()


# --- expressions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Part):
    """A literal; an ``int`` is whole."""

    value: float


@dataclass(frozen=True, slots=True)
class Truth(Part):
    """``True`` or ``False``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Constant(Part):
    """A number of ``math``, by its name there."""

    name: str


@dataclass(frozen=True, slots=True)
class Name(Part):
    """A variable; ``_hole0`` is the first operand of a row."""

    name: str


@dataclass(frozen=True, slots=True)
class Unary(Part):
    """``-x`` or ``not x``."""

    sign: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Part):
    """``x + y``, and so for ``- * / % **``."""

    left: Expression
    sign: str
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison(Part):
    """``x < y <= z``: a sign fewer than values."""

    values: tuple[Expression, ...]
    signs: tuple[str, ...]

    def pairs(self) -> list[tuple[Expression, str, Expression]]:
        """The single comparisons, all of which must hold."""
        return list(zip(self.values, self.signs, self.values[1:], strict=False))


@dataclass(frozen=True, slots=True)
class Logic(Part):
    """Values joined by ``and`` or by ``or``: a truth value."""

    sign: str
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Part):
    """``yes if test else no``."""

    test: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Call(Part):
    """A call; the name is spelled as in Python, ``math.exp`` or ``gamma``."""

    name: str
    arguments: tuple[Expression, ...]

    @property
    def bare(self) -> str:
        """The name without its module."""
        return self.name.removeprefix("math.")


Expression: TypeAlias = (
    Number | Truth | Constant | Name | Unary | Binary | Comparison | Logic | Conditional | Call
)


# --- statements ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Return(Part):
    """``return value``."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Assign(Part):
    """``x = y = value``: the value is computed once."""

    names: tuple[str, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Together(Part):
    """``x, y = a, b``: all values are computed before the first name is assigned."""

    names: tuple[str, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class If(Part):
    """Two blocks, one of which runs."""

    test: Expression
    yes: tuple[Statement, ...]
    no: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class While(Part):
    """A block that runs until the test fails."""

    test: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Rows(Part):
    """``for a, b in ((1.0, 2.0), ...)``: a block that runs once a row."""

    names: tuple[str, ...]
    rows: tuple[tuple[Expression, ...], ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Range(Part):
    """``for k in range(first, last)``."""

    name: str
    first: Expression
    last: Expression
    body: tuple[Statement, ...]


Statement: TypeAlias = Return | Assign | Together | If | While | Rows | Range


@dataclass(frozen=True, slots=True)
class Function(Part):
    """A function of numbers; the summary is the first line of its docstring."""

    name: str
    summary: str
    parameters: tuple[str, ...]
    body: tuple[Statement, ...]


# --- what is asked of any of them ------------------------------------------------------------


def parts(*roots: object) -> Iterator[Part]:
    """The nodes among ``roots``, and all inside them.

    >>> len(list(parts(Binary(Name("x"), "+", Constant("pi")))))
    3
    """
    for root in roots:
        if isinstance(root, tuple):
            yield from parts(*root)
        elif isinstance(root, Part):
            yield root
            yield from parts(*(getattr(root, name) for name in root.__slots__))


def is_truth(node: Expression) -> bool:
    """True for an expression that is a truth value in Python, whatever its names stand for."""
    match node:
        case Unary():
            return node.sign == "not"
        case Call():
            return node.name in ("math.isnan", "math.isinf", "math.isfinite")
    return isinstance(node, Truth | Comparison | Logic)


def hole_of(name: str) -> int | None:
    """Which operand a name is; None if it is a variable.

    >>> hole_of("_hole1"), hole_of("x")
    (1, None)
    """
    return int(name[5:]) if name.startswith("_hole") else None
