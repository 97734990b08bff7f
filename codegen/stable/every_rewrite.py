"""Every way to rewrite one expression: identities, and what sums and products allow by themselves.

What is here by function and not by row is algebra of rings and fields: a common factor in front, a
common denominator, products in another order, sums of exponentials and of squares as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest

from codegen.stable.identities import IDENTITIES
from codegen.stable.many_forms import Expressions
from codegen.stable.multiplied_out import Monomial, Polynomial
from codegen.stable.terms_and_factors import factors_of, product, root_of_square, terms_of, total
from codegen.stable.two_forms import Identity, Matcher

__all__ = ["Rewrites"]

_LONGEST = 12  # terms of a sum, factors of a product, that are looked at in pairs


class Rewrites:
    """The rewrites of expressions, each found once.

    Args:
        expressions: The expressions.
    """

    def __init__(self, expressions: Expressions) -> None:
        self.e, self.matcher = expressions, Matcher(expressions)
        self._by_head: defaultdict[str, list[Identity]] = defaultdict(list)
        self._by_head_sure: defaultdict[str, list[Identity]] = defaultdict(list)
        for identity in IDENTITIES:
            self._by_head[identity.head].append(identity)
            if identity.sure:
                self._by_head_sure[identity.head].append(identity)
        self._known: dict[int, list[tuple[int, str]]] = {}
        self._sure: dict[int, tuple[int, str] | None] = {}

    def of(self, index: int) -> list[tuple[int, str]]:
        """What an expression may become, and by which rewrite."""
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = list(self._found(index))
        return known

    def sure(self, index: int) -> tuple[int, str] | None:
        """What an expression becomes by an identity that is sure to help, if there is one."""
        if index not in self._sure:
            self._sure[index] = next(self._identities(index, self._by_head_sure), None)
        return self._sure[index]

    def whole_sum(self, index: int) -> tuple[int, str] | None:
        """What a logarithm or a root of a long sum becomes as a whole, if there is a way."""
        name = self.e.named(index)
        if name not in ("log", "sqrt"):
            return None
        return next(
            ((new, r) for r, rule in _RULES[name] for new in rule(self.matcher, index)), None
        )

    def _found(self, index: int) -> Iterator[tuple[int, str]]:
        seen = {index}
        for new, name in self._all(index):
            if new not in seen:
                seen.add(new)
                yield new, name

    def _all(self, index: int) -> Iterator[tuple[int, str]]:
        yield from self._identities(index, self._by_head)
        for name, rule in _RULES.get((*_heads(self.e.named(index)), "")[0], ()):
            for new in rule(self.matcher, index):
                yield new, name

    def _identities(
        self, index: int, by_head: Mapping[str, Sequence[Identity]]
    ) -> Iterator[tuple[int, str]]:
        for head in _heads(self.e.named(index)):
            for identity in by_head.get(head, ()):
                for new in self.matcher.applied(identity, index):
                    if new != index:
                        yield new, identity.name


def _heads(name: str) -> tuple[str, ...]:
    """Under which heads the identities of an expression stand, given its primitive."""
    if name in ("", "neg"):
        return ()
    if name in ("add", "sub"):
        return ("sum",)
    return ("product", name) if name in ("mul", "div", "square", "reciprocal") else (name,)


# --- sums ---


def _multiplied_out(m: Matcher, index: int) -> Iterator[int]:
    yield m.polynomials.simpler(index)


def _common_factor(m: Matcher, index: int) -> Iterator[int]:
    """c x + c y is c (x + y)."""
    e = m.e
    terms = terms_of(e, index)[:_LONGEST]
    split = [factors_of(e, i) for _, i in terms]
    for a in range(len(terms)):
        for b in range(a + 1, len(terms)):
            first, second = dict(split[a][1]), dict(split[b][1])
            shared = {
                i: min(n, second[i], key=abs)
                for i, n in first.items()
                if i in second and n * second[i] > 0
            }
            if not shared:
                continue
            parts = []
            for place, factors in ((a, first), (b, second)):
                sign = terms[place][0] * split[place][0]
                left = [(i, n - shared.get(i, 0)) for i, n in factors.items()]
                parts.append((sign, product(e, 1, [(i, n) for i, n in left if n])))
            inner = total(e, parts)
            joined = product(e, 1, [*shared.items(), (inner, 1)])
            rest = [t for k, t in enumerate(terms_of(e, index)) if k not in (a, b)]
            yield total(e, [(1, joined), *rest])


def _common_denominator(m: Matcher, index: int) -> Iterator[int]:
    """x / y + z / w is (x w + z y) / (y w), what is above multiplied out."""
    e = m.e
    terms = terms_of(e, index)
    if len(terms) > 4:
        return
    below: dict[int, int] = {}
    split = []
    for sign, i in terms:
        own, factors = factors_of(e, i)
        split.append((sign * own, factors))
        for f, n in factors:
            if n < 0:
                below[f] = max(below.get(f, 0), -n)
    if not below:
        return
    above = []
    for sign, factors in split:
        powers = dict(below)
        for f, n in factors:
            powers[f] = powers.get(f, 0) + n
        above.append((sign, product(e, 1, [(f, n) for f, n in powers.items() if n])))
    numerator = m.polynomials.simpler(total(e, above))
    yield e.made("div", numerator, product(e, 1, list(below.items())))
    quotient = numerator
    for f, n in below.items():
        quotient = e.made("div", quotient, product(e, 1, [(f, n)]))
    yield quotient


def _differences(m: Matcher, index: int) -> Iterator[int]:
    """A quadratic form that vanishes where all are equal is a sum of squares of differences."""
    e, form = m.e, m.polynomials.of(index)
    if form is None or len(form) < 3 or not all(map(_is_quadratic, form)):
        return
    if any(_row_of_form(form, atom) for atom in sorted({a for powers in form for a, _ in powers})):
        return
    terms = []
    for powers, number in form.items():
        if len(powers) == 2:
            scale = m.polynomials.expression({(): abs(number) / 2})
            if scale is None:
                return
            (one, _), (other, _) = powers
            square = e.made("square", e.made("sub", one, other))
            terms.append((-1 if number > 0 else 1, e.made("mul", scale, square)))
    yield total(e, terms)


def _is_quadratic(powers: Monomial) -> bool:
    """True for a square, and for a product of two."""
    return sum(n for _, n in powers) == 2 and all(n >= 0 for _, n in powers)


def _row_of_form(form: Polynomial, atom: int) -> Fraction:
    """The sum of a row of the matrix of a quadratic form, twice."""
    square = form.get(((atom, 2),), Fraction(0))
    mixed = (x for powers, x in form.items() if len(powers) == 2 and atom in dict(powers))
    return sum(mixed, start=2 * square)


# --- products ---


def _fractions_first(m: Matcher, index: int) -> Iterator[int]:
    """x y / (z w) in other orders, which overflow elsewhere."""
    e = m.e
    sign, factors = factors_of(e, index)
    if len(factors) > _LONGEST:
        return
    yield product(e, sign, factors)
    above = [i for i, n in factors for _ in range(n)]
    below = [i for i, n in factors for _ in range(-n)]
    if len(above) + len(below) < 3:
        return
    for upper, lower in ((above, below), (above[::-1], below), (above, below[::-1])):
        yield _signed(e, sign, _of_quotients(e, upper, lower))
    if below:
        yield _signed(e, sign, _divided_last(e, above, below))


def _of_quotients(e: Expressions, above: Sequence[int], below: Sequence[int]) -> int:
    """The product of the quotients of what stands in the same place."""
    result = e.literal(1.0)
    for upper, lower in zip_longest(above, below):
        factor = e.literal(1.0) if upper is None else upper
        if lower is not None:
            factor = e.made("div", factor, lower)
        result = e.made("mul", result, factor)
    return result


def _divided_last(e: Expressions, above: Sequence[int], below: Sequence[int]) -> int:
    """The product of what stands above, divided by one after the other."""
    result = above[0] if above else e.literal(1.0)
    for factor in above[1:]:
        result = e.made("mul", result, factor)
    for factor in below:
        result = e.made("div", result, factor)
    return result


def _signed(e: Expressions, sign: int, index: int) -> int:
    return index if sign > 0 else e.made("neg", index)


def _out_of_exponentials(m: Matcher, index: int) -> Iterator[int]:
    """exp(x) over a sum of exponentials is one over the sum of their quotients."""
    e = m.e
    sign, factors = factors_of(e, index)
    for f, n in factors:
        if n != -1:
            continue
        exponents = _exponents(e, f)
        if exponents is None or len(exponents) < 2:
            continue
        for g, k in factors:
            if k != 1 or e.named(g) != "exp":
                continue
            x = e.forms[g].operands[0]
            shifted = [
                (1, e.made("exp", m.polynomials.simpler(e.made("sub", y, x)))) for y in exponents
            ]
            rest = [(i, j) for i, j in factors if i not in (f, g)]
            yield product(e, sign, [*rest, (total(e, shifted), -1)])
            chain = _log_of_sum(e, exponents)
            whole = e.made("exp", e.made("sub", x, chain))
            yield product(e, sign, [*rest, (whole, 1)])


def _exponents(e: Expressions, index: int) -> list[int] | None:
    """The exponents where an expression is a sum of exponentials."""
    found = []
    for sign, i in terms_of(e, index):
        if sign < 0:
            return None
        if e.number(i) == 1.0:
            found.append(e.literal(0.0))
        elif e.named(i) == "exp":
            found.append(e.forms[i].operands[0])
        else:
            return None
    return found


def _log_of_sum(e: Expressions, exponents: list[int]) -> int:
    result = exponents[0]
    for x in exponents[1:]:
        result = e.made("logaddexp", result, x)
    return result


# --- functions ---


def _of_exponentials(m: Matcher, index: int) -> Iterator[int]:
    """log(exp(x) + exp(y) + ...) by pairs."""
    exponents = _exponents(m.e, m.e.forms[index].operands[0])
    if exponents is not None and len(exponents) > 2:
        yield _log_of_sum(m.e, exponents)


def _of_squares(m: Matcher, index: int) -> Iterator[int]:
    """sqrt(x^2 + y^2 + ...) by pairs."""
    e = m.e
    terms = terms_of(e, e.forms[index].operands[0])
    roots = [root_of_square(e, i) if sign > 0 else None for sign, i in terms]
    if len(roots) < 3 or None in roots:
        return
    result = roots[0]
    for root in roots[1:]:
        assert result is not None
        assert root is not None
        result = e.made("hypot", result, root)
    assert result is not None
    yield result


Rule = Callable[[Matcher, int], Iterator[int]]
_RULES: dict[str, tuple[tuple[str, Rule], ...]] = {
    "sum": (
        ("multiplied out", _multiplied_out),
        ("common factor", _common_factor),
        ("common denominator", _common_denominator),
        ("squares of differences", _differences),
    ),
    "product": (
        ("multiplied out", _multiplied_out),
        ("fractions first", _fractions_first),
        ("quotient of exponentials", _out_of_exponentials),
    ),
    "log": (("log of a sum of exponentials", _of_exponentials),),
    "sqrt": (("root of a sum of squares", _of_squares),),
}
