"""Identity: two forms of one real function, as data, and how the first is found in an expression.

Both sides are functions of operands, written with the public functions of the table.  The left side
is a pattern: sums and products match in any order and association, a part of them matches too, and
a square matches whatever is one.  An identity must hold wherever its left side is defined, but for
single points; where it holds in part only, the right side asks (``where``) and keeps the left one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeAlias

from autodiff.table.primitive import Operand, Primitive, Quantity
from codegen.stable.many_forms import Expressions
from codegen.stable.multiplied_out import Polynomials
from codegen.stable.terms_and_factors import factors_of, product, root_of_square, terms_of, total

__all__ = ["Identity", "Matcher", "Part", "extreme", "ring"]

Bound: TypeAlias = dict[int, int]  # operand of the identity -> expression


class Part(Operand):
    """A node of a pattern: an operand of the identity, a number, or a primitive of others."""

    __slots__ = ("held", "name", "parts", "value")

    def __init__(self, name: str, parts: tuple[Part, ...] = (), value: float = 0.0) -> None:
        self.name, self.parts, self.value = name, parts, value
        own = {int(value)} if name == "operand" else set()
        # The operands of the identity that occur in it.
        self.held: frozenset[int] = frozenset(own).union(*[part.held for part in parts])

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> Part:
        """The pattern of ``primitive(*operands)``."""
        return Part(primitive.name, tuple([_part(x) for x in operands]))

    __hash__ = object.__hash__


def _part(x: object) -> Part:
    return x if isinstance(x, Part) else Part("number", value=float(x))  # type: ignore[arg-type]


class _Written(Operand):
    """An expression under construction: operators make it longer."""

    __slots__ = ("index", "matcher")

    def __init__(self, matcher: Matcher, index: int) -> None:
        self.matcher, self.index = matcher, index

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> _Written:
        """``primitive(*operands)``."""
        e = self.matcher.e
        places = [
            x.index if isinstance(x, _Written) else e.literal(float(x))  # type: ignore[arg-type]
            for x in operands
        ]
        return _Written(self.matcher, e.made(primitive.name, *places))

    __hash__ = object.__hash__


def ring(x: object) -> Any:
    """``x`` with its sums and products multiplied out and cancelled, if that is shorter."""
    if isinstance(x, _Written):
        return _Written(x.matcher, x.matcher.polynomials.simpler(x.index))
    return x


def extreme(x: Quantity) -> Any:
    """True where a number is about to leave the range of doubles, or its digits are few."""
    return (abs(x) > 1e290) | (abs(x) < 1e-290)


@dataclass(frozen=True)
class Identity:
    """Two forms of one function.

    Args:
        name: What it says, for reports.
        left: The form that is looked for.
        right: The form to put there.
        examples: A number per operand where both are defined, for the proof.
        literals: Operands that must be numbers.
        sure: The right side is better wherever it is another number, and as short.
        smooth: The right side is as good as it was derived from: its derivatives cancel nowhere.
    """

    name: str
    left: Callable[..., Any]
    right: Callable[..., Any]
    examples: tuple[float, ...] = (0.75, 0.5, 0.25)
    literals: tuple[int, ...] = ()
    sure: bool = False
    smooth: bool = False

    @cached_property
    def arity(self) -> int:
        """Number of operands."""
        if isinstance(self.left, Primitive):
            return self.left.arity
        return len(inspect.signature(self.left).parameters)

    @cached_property
    def pattern(self) -> Part:
        """The left side as a pattern."""
        found = self.left(*[Part("operand", value=k) for k in range(self.arity)])
        return _part(found)

    @cached_property
    def needed(self) -> frozenset[object]:
        """Of a sum: primitives and numbers without which it is none of this kind."""
        return frozenset(
            p.value if p.name == "number" else p.name
            for _, p in _pattern_terms(self.pattern)
            if p.name not in _OF_MANY_KINDS
        )

    @cached_property
    def head(self) -> str:
        """What kind of expression it is about: "sum", "product", or a primitive's name."""
        return _KINDS.get(self.pattern.name, self.pattern.name)


# What matches expressions of several primitives.
_OF_MANY_KINDS = frozenset({"operand", "square", "mul", "div", "reciprocal"})
_KINDS = {"add": "sum", "sub": "sum", "mul": "product", "div": "product"}
_SIGNED = {"add": (1, 1), "sub": (1, -1)}


@cache
def _pattern_terms(p: Part, sign: int = 1) -> tuple[tuple[int, Part], ...]:
    if p.name in ("add", "sub"):
        signs = _SIGNED[p.name]
        pairs = zip(signs, p.parts, strict=True)
        return tuple([t for s, part in pairs for t in _pattern_terms(part, s * sign)])
    if p.name == "neg":
        return _pattern_terms(p.parts[0], -sign)
    if p.name == "number" and p.value < 0.0:
        return ((-sign, Part("number", value=-p.value)),)
    return ((sign, p),)


@cache
def _pattern_factors(p: Part, n: int = 1) -> tuple[tuple[Part, int], ...]:
    if p.name == "mul":
        return tuple([f for part in p.parts for f in _pattern_factors(part, n)])
    if p.name == "div":
        return _pattern_factors(p.parts[0], n) + _pattern_factors(p.parts[1], -n)
    if p.name == "number" and p.value == 1.0:
        return ()
    return ((p, n),)


class Matcher:
    """Finds and applies identities.

    Args:
        expressions: Where.
    """

    def __init__(self, expressions: Expressions) -> None:
        self.e = expressions
        self.polynomials = Polynomials(expressions)
        self._kinds_of: dict[int, frozenset[object]] = {}

    def applied(self, identity: Identity, index: int) -> Iterator[int]:
        """What an expression becomes by an identity, in each way that it matches."""
        pattern = identity.pattern
        match identity.head:
            case "sum":
                found = self._in_sum(identity, pattern, index)
            case "product":
                found = self._in_product(identity, pattern, index)
            case _:
                found = (self.right(identity, b) for b in self.match(pattern, index, {}))
        seen = {index}
        for new in found:
            if new not in seen:
                seen.add(new)
                yield new

    def right(self, identity: Identity, bound: Bound) -> int:
        """The right side with these operands."""
        given = [_Written(self, bound[k]) for k in range(identity.arity)]
        found = identity.right(*given)
        return found.index if isinstance(found, _Written) else self.e.literal(float(found))

    def _in_sum(self, identity: Identity, pattern: Part, index: int) -> Iterator[int]:
        terms, wanted = terms_of(self.e, index), _pattern_terms(pattern)
        if len(terms) < len(wanted) or not identity.needed <= self._kinds(index, terms):
            return
        for sign in (1, -1):
            signed = [(sign * s, p) for s, p in wanted]
            for bound, rest in self._terms(signed, terms, {}, partial=True):
                new = self.right(identity, bound)
                rest_terms = [*rest]
                yield total(self.e, [(sign, new), *rest_terms])

    def _kinds(self, index: int, terms: Sequence[tuple[int, int]]) -> frozenset[object]:
        """The primitives and numbers that a sum has for terms."""
        found = self._kinds_of.get(index)
        if found is None:
            e = self.e
            kinds = [n if (n := e.number(i)) is not None else e.named(i) for _, i in terms]
            found = self._kinds_of[index] = frozenset(kinds)
        return found

    def _in_product(self, identity: Identity, pattern: Part, index: int) -> Iterator[int]:
        sign, factors = factors_of(self.e, index)
        for bound, rest in self._factors(_pattern_factors(pattern), factors, {}, partial=True):
            new = self.right(identity, bound)
            new_sign, new_factors = factors_of(self.e, new)
            joined: dict[int, int] = dict(new_factors)
            for i, n in rest:
                joined[i] = joined.get(i, 0) + n
            if not rest:
                yield new if sign > 0 else self.e.made("neg", new)
                continue
            yield product(self.e, sign * new_sign, list(joined.items()))

    # --- matching ---

    def match(self, p: Part, index: int, bound: Bound) -> Iterator[Bound]:
        """The operands for which a pattern is an expression."""
        e = self.e
        if p.name == "operand":
            k = int(p.value)
            if k not in bound:
                yield bound | {k: index}
            elif self.polynomials.equal(bound[k], index):
                yield bound
            return
        if p.name == "number":
            if e.number(index) == p.value:
                yield bound
            return
        if p.held <= bound.keys() and self.polynomials.equal(self._made(p, bound), index):
            yield bound
            return
        if p.name == "square":
            root = root_of_square(e, index)
            if root is not None:
                yield from self.match(p.parts[0], root, bound)
            return
        if p.name in ("add", "sub"):
            yield from self._whole_sum(p, index, bound)
            return
        if p.name in ("mul", "div", "neg"):
            yield from self._whole_product(p, index, bound)
            return
        if e.named(index) == p.name:
            yield from self._parts(p.parts, e.forms[index].operands, bound)
            if e.forms[index].primitive.commutative and len(p.parts) == 2:  # type: ignore[union-attr]
                yield from self._parts(p.parts, e.forms[index].operands[::-1], bound)

    def _parts(
        self, parts: tuple[Part, ...], operands: tuple[int, ...], bound: Bound
    ) -> Iterator[Bound]:
        if not parts:
            yield bound
            return
        for b in self.match(parts[0], operands[0], bound):
            yield from self._parts(parts[1:], operands[1:], b)

    def _whole_sum(self, p: Part, index: int, bound: Bound) -> Iterator[Bound]:
        terms, wanted = terms_of(self.e, index), _pattern_terms(p)
        if len(terms) != len(wanted) and all(part.name != "operand" for _, part in wanted):
            return  # nothing takes what is left
        yield from (b for b, _ in self._terms(wanted, terms, bound, partial=False))

    def _whole_product(self, p: Part, index: int, bound: Bound) -> Iterator[Bound]:
        sign, factors = factors_of(self.e, index)
        wanted, wanted_sign = p, 1
        if p.name == "neg":
            wanted, wanted_sign = p.parts[0], -1
        items = _pattern_factors(wanted)
        if sign != wanted_sign:
            # The sign goes into an operand that is a factor.
            if not any(part.name == "operand" and n == 1 for part, n in items):
                return
            factors = [(self.e.literal(-1.0), 1), *factors]
        found = self._factors(items, factors, bound, partial=False)
        yield from (b for b, _ in found)

    def _made(self, p: Part, bound: Bound) -> int:
        if p.name == "operand":
            return bound[int(p.value)]
        if p.name == "number":
            return self.e.literal(p.value)
        return self.e.made(p.name, *[self._made(part, bound) for part in p.parts])

    def _terms(
        self,
        wanted: Sequence[tuple[int, Part]],
        terms: list[tuple[int, int]],
        bound: Bound,
        partial: bool,
    ) -> Iterator[tuple[Bound, list[tuple[int, int]]]]:
        """Assign a pattern's terms to those of a sum; what is left is the rest."""
        if not wanted:
            if partial or not terms:
                yield bound, terms
            return
        wanted = sorted(wanted, key=lambda t: _loose(t[1], bound))
        (sign, p), others = wanted[0], wanted[1:]
        for place, (s, i) in enumerate(terms):
            rest = terms[:place] + terms[place + 1 :]
            matched = i
            if s != sign:
                if p.name != "operand":
                    continue
                matched = self.e.made("neg", i)
            for b in self.match(p, matched, bound):
                yield from self._terms(others, rest, b, partial)
        if p.name == "operand" and not others and len(terms) > 1:  # it takes all that is left
            everything = total(self.e, [(sign * s, i) for s, i in terms])
            for b in self.match(p, everything, bound):
                yield b, []

    def _factors(
        self,
        wanted: Sequence[tuple[Part, int]],
        factors: list[tuple[int, int]],
        bound: Bound,
        partial: bool,
    ) -> Iterator[tuple[Bound, list[tuple[int, int]]]]:
        """Assign a pattern's factors to those of a product; what is left is the rest."""
        if not wanted:
            if partial or not factors:
                yield bound, factors
            return
        wanted = sorted(wanted, key=lambda f: _loose(f[0], bound))
        (p, n), others = wanted[0], wanted[1:]
        for place, (i, m) in enumerate(factors):
            if m * n <= 0:
                continue
            times = m // n
            rest = factors[:place] + factors[place + 1 :]
            if p.name == "square" and m % (2 * n) == 0:
                power = product(self.e, 1, [(i, m // n)])
                for b in self.match(p, power, bound):
                    yield from self._factors(others, rest, b, partial)
                continue
            if times < 1:
                continue
            left = rest if m == n else [*rest[:place], (i, m - n), *rest[place:]]
            for b in self.match(p, i, bound):
                yield from self._factors(others, left, b, partial)
        if p.name == "operand" and not others and len(factors) > 1:
            everything = product(self.e, 1, [(i, m * n) for i, m in factors])
            for b in self.match(p, everything, bound):
                yield b, []


def _loose(p: Part, bound: Bound) -> int:
    """What matches little comes first."""
    if p.name == "operand":
        return 1 if int(p.value) in bound else 3
    if p.name == "number":
        return 0
    return 0 if p.held <= bound.keys() else 1 if p.name != "square" else 2
