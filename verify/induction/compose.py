"""Compose: proof that emitted code equals the chain rule, node by node, in linear time.

Chain rule and emitted code are run over one table of nodes (nodes.py); outputs are proven equal if
they are the same node.

What is proven
    is an identity in the inputs, in the functions that arithmetic does not make, and in the
    conditions, each of them 0 or 1.  It holds for real numbers wherever what is computed is
    defined.

What is checked exactly
    Nodes become one only by a proof in the ring of rational polynomials over symbols, with c*c = c
    for conditions and 1 / d for regular d: those that are not zero on any side of any condition
    (``Nodes.is_regular``).  So at every point, the conditions may be replaced by what they are
    there: that drops the branches not taken and makes no denominator the number zero.  What is left
    is an equality of two rational functions, which holds wherever neither divides by zero.  A
    denominator not known to be regular is never cancelled: its reciprocal is one more symbol.

What is assumed, the axioms besides arithmetic
    f(x) = f(x); |-x| = |x|; exp(x + y) = exp(x) exp(y); exp(-x) = 1 / exp(x); exp(log(z)) = z,
    where log(z) is defined; exp(k |x|) = exp(k x) or exp(-k x), by the sign
    of x; tanh(x) = (exp(2x) - 1) / (exp(2x) + 1); x**(y + k) = x**y * x**k for whole numbers k,
    where x > 0: general powers are proven for no other x; the larger and the smaller of two numbers
    do not depend on a tie; 0 < x or not; a number made without infinity and nan is neither.

Why a wrong guess only costs time
    The random values say which nodes to try, never that they are equal.  They answer one question
    of the proof: an expression without conditions that has a value other than zero is not the
    polynomial zero, whatever the random numbers are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cache, reduce
from operator import mul
from typing import Any

from autodiff.graph.graph import Graph
from autodiff.table.float import Float
from autodiff.table.primitive import Primitive
from verify.induction.made import Made, Making
from verify.induction.nodes import Nodes
from verify.induction.normal import Number
from verify.induction.samples import Samples
from verify.induction.support import Support

__all__ = ["Composition", "Term", "decides", "lanes", "lanes_for"]

_POINTS = 128
# Any prime will do; the same one every time, so that the same proof is found.
_PRIMES = (1 << 61) - 1, (1 << 31) - 1  # for one point and for several
_EXPONENT = 64  # up to which a power is one of arithmetic


class Term(Made):
    """A node.

    Attributes:
        index: Its place; smaller ones were there before.
    """

    __slots__ = ("index",)
    meaning: Composition

    def __init__(self, meaning: Composition, index: int) -> None:
        self.meaning, self.index = meaning, index

    def __neg__(self) -> Term:
        return Term(self.meaning, self.meaning.nodes.negative(self.index))

    def __pow__(self, y: object) -> Term:
        return self.meaning.power(self, y)

    def __rpow__(self, x: object) -> Term:
        return self.meaning.power(self.meaning.lift(x), self)


def lanes_for(graph: Graph) -> Samples:
    """Enough random points for good guesses: where conditions are bits, one would be too few."""
    rows = {row: None for _, row, _ in graph.operations()}
    return lanes(_POINTS if any(decides(row) for row in rows) else 1)


def lanes(points: int) -> Samples:
    """So many random points."""
    return Samples(_PRIMES[points > 1], 0, points)


@cache
def decides(row: Primitive) -> bool:
    """True if a primitive, or its rule, asks which side of a condition holds."""
    trial = Composition(Samples(_PRIMES[0], 0))
    bar, *free = (trial.input(i) for i in range(row.arity + 1))
    operands = [Float(1.5) if i in row.literal else x for i, x in enumerate(free)]
    value = row(*operands)
    for rule in row.partials:
        if rule is not None:
            rule(bar, value, *operands)
    return row.predicate or trial.nodes.has_conditions()


class Composition(Making[Term]):
    """The chain rule and emitted code over one table of nodes.

    Args:
        samples: Random points whose values suggest what may be equal.

    Attributes:
        nodes: The table.
    """

    def __init__(self, samples: Samples) -> None:
        super().__init__()
        self.nodes = Nodes(samples)
        self._tied: dict[int, tuple[int, int]] = {}  # of a condition: first what is not larger
        self._support = Support(self.nodes)
        self._names |= {"exp": self._exp, "tanh": self._tanh, "Abs": self._abs}

    # --- numbers ---

    def input(self, place: int) -> Term:
        """The node of an input."""
        return Term(self, self.nodes.symbol("input", place))

    def lift(self, value: Any) -> Term:
        """The node of a number; infinity and nan are functions without arguments."""
        if isinstance(value, Term):
            return value
        if isinstance(value, float) and value - value != 0.0:
            if value < 0:
                return -self.lift(-value)
            return Term(self, self.nodes.symbol(str(value), finite=False))
        return Term(self, self.nodes.number(Fraction(value)))

    def node(self, operation: str, x: object, y: object) -> Term:
        """The node of a sum, difference, product or quotient."""
        i = x.index if type(x) is Term else self.lift(x).index
        j = y.index if type(y) is Term else self.lift(y).index
        made = self.nodes.arithmetic(operation, i, j)
        if operation in ("mul", "div"):
            for factor in (i, j)[: 2 if operation == "mul" else 1]:
                self._support.note(made, self._support.of(factor))
        return Term(self, made)

    def prove(self, index: int, other: int) -> bool:
        """True if two nodes are proven to be equal, the newer one first."""
        return self.nodes.prove(index, other)

    def power(self, x: Term, y: Any) -> Term:
        """x ** y: a product for small integers, else a function."""
        exponent = self.nodes.value(y.index) if isinstance(y, Term) else y
        if exponent is None or exponent % 1 or abs(exponent) > _EXPONENT:
            return self._general_power(x, self.lift(y))
        if exponent == 0:
            return self.lift(1)
        return Term(self, self.nodes.power(x.index, int(exponent)))

    def _general_power(self, x: Term, y: Term) -> Term:
        """x ** y; whole numbers added to y become factors: ``x ** (y - 1)`` is ``x ** y / x``."""
        whole = 0
        while (found := self._without_whole(y)) is not None:
            number, y = found
            whole += number
        power = self.function("pow", x, y)
        return power * Term(self, self.nodes.power(x.index, whole)) if whole else power

    def _without_whole(self, y: Term) -> tuple[int, Term] | None:
        """A whole number and the rest, if y was made as their sum."""
        operation, *places = self.nodes.made[y.index]
        if operation not in ("add", "sub"):
            return None
        for one, other in (places, places[::-1])[operation == "sub" :]:
            number = self.nodes.value(one)
            if number is not None and number % 1 == 0 and -_EXPONENT <= number <= _EXPONENT:
                sign = -1 if operation == "sub" else 1
                return sign * int(number), Term(self, other)
        return None

    # --- functions ---

    def function(self, name: str, *operands: object) -> Term:
        """A function that arithmetic does not make."""
        places = [self.lift(x).index for x in operands]
        finite = all(self.nodes.is_finite(i) for i in places)
        return Term(self, self.nodes.symbol("function", name, *places, finite=finite))

    def _negated(self, x: Term) -> Term | None:
        """z, if x was made as -z, or with a negative number times z."""
        operation, *places = self.nodes.made[x.index]
        if operation == "neg":
            return Term(self, places[0])
        number, z = self._scaled(x)
        return None if number >= 0 else self.node("mul", -number, z)

    def _scaled(self, x: Term) -> tuple[Number, Term]:
        """x as a number times a node."""
        operation, *places = self.nodes.made[x.index]
        if operation == "mul":
            for one, other in (places, places[::-1]):
                number = self.nodes.value(one)
                if number is not None:
                    return number, Term(self, other)
        return 1, x

    def _abs(self, x: Term) -> object:
        x = self.lift(x)
        z = self._negated(x)
        if z is None:
            opposite = -x  # maybe a node that has been there
            z = opposite if opposite.index < x.index else x
        return self.function("Abs", z)

    def _exp(self, x: Term) -> Term:
        """exp of a sum is the product of the exponentials of its terms, and exp(log(z)) is z."""
        x = self.lift(x)
        terms = self.nodes.terms(x.index)
        factors = [(sign, self._exp_of_term(Term(self, place))) for sign, place in terms]
        above = [factor for sign, factor in factors if sign > 0]
        below = [factor for sign, factor in factors if sign < 0]
        product = reduce(mul, above, self.lift(1))
        return product / reduce(mul, below) if below else product

    def _exp_of_term(self, x: Term) -> Term:
        made = self.nodes.made[x.index]
        if made[:2] == ("function", "log"):
            return Term(self, made[2])
        z = self._negated(x)
        if z is not None:
            return 1 / self._exp(z)
        number, inside = self._scaled(x)
        made = self.nodes.made[inside.index]
        if made[:2] != ("function", "Abs") or not self.nodes.is_finite(inside.index):
            return self.function("exp", x)
        z = self.node("mul", number, Term(self, made[2]))
        either = self._exp(z)
        return self.where(self.less(self.lift(0), z), either, 1 / either)

    def _tanh(self, x: object) -> object:
        e = self._exp(2 * self.lift(x))
        return (e - 1) / (e + 1)

    # --- conditions ---

    def key(self, x: Term) -> int:
        """Its place."""
        place: int = x.index
        return place

    def is_condition(self, x: Term) -> bool:
        """True for comparisons, what logic makes of them, and the numbers 0 and 1."""
        return self.nodes.is_condition(x.index) or self.nodes.value(x.index) in (0, 1)

    def less(self, x: Term, y: Term) -> Term:
        """The condition x < y, of the difference."""
        bound = self._against_infinity(x, y)
        if bound is not None:
            return self.lift(bound)
        difference = x - y
        number = self.nodes.value(difference.index)
        if number is not None:
            return self.lift(int(number < 0))
        condition = self.nodes.condition("less", difference.index)
        self._tied.setdefault(condition, (x.index, y.index))
        return Term(self, condition)

    def equal(self, x: Term, y: Term) -> Term:
        """The condition x == y, of the difference."""
        if self._against_infinity(x, y) is not None:
            return self.lift(0)
        low, high = (x, y) if x.index < y.index else (y, x)
        difference = high - low
        number = self.nodes.value(difference.index)
        if number is not None:
            return self.lift(int(number == 0))
        for one, other in ((x, y), (y, x)):
            truth = self.nodes.value(other.index)
            if truth in (0, 1) and self.nodes.is_condition(one.index):
                return one if truth else self.negation(one)
        return Term(self, self.nodes.condition("equal", difference.index))

    def _against_infinity(self, x: Term, y: Term) -> int | None:
        """Whether x < y, if one is infinity, or minus infinity, and the other neither."""
        infinity = self.lift(math.inf)
        bounds = {infinity.index: 1, (-infinity).index: 0}
        if y.index in bounds and self.nodes.is_finite(x.index):
            return bounds[y.index]
        if x.index in bounds and self.nodes.is_finite(y.index):
            return 1 - bounds[x.index]
        return None

    def negation(self, condition: Term) -> Term:
        """1 - c."""
        index = condition.index
        number = self.nodes.value(index)
        if number is not None:
            return self.lift(1 - number)
        operation, *places = self.nodes.made[index]
        if operation == "not":
            return Term(self, places[0])
        result = self.nodes.condition("not", index)
        if operation == "and":
            self._support.note_union(result, *places)
        elif index in self._tied:
            self._tied.setdefault(result, self._tied[index][::-1])
        return Term(self, result)

    def conjunction(self, x: Term, y: Term) -> Term:
        """The product."""
        for one, other in ((x, y), (y, x)):
            number = self.nodes.value(one.index)
            if number is not None:
                return other if number else one
        if x.index == y.index:
            return x
        (one, *less), (two, *more) = self.nodes.made[x.index], self.nodes.made[y.index]
        if one == two == "less" and self.nodes.negative(int(less[0])) == more[0]:
            return self.lift(0)  # not both a < b and b < a
        return Term(self, self.nodes.condition("and", *sorted((x.index, y.index))))

    def where(self, condition: Term, x: Term, y: Term) -> Term:
        """c * x + (1 - c) * y."""
        number = self.nodes.value(condition.index)
        if number is not None:
            return x if number else y
        tied = self._tied.get(condition.index)
        if tied == (x.index, y.index):
            return self.smaller(x, y)
        if tied == (y.index, x.index):
            return self.larger(x, y)
        return self._choice(condition.index, x.index, y.index)

    def _choice(self, condition: int, x: int, y: int) -> Term:
        opposite = self.key(self.negation(Term(self, condition)))
        sides = (condition, x, y), (opposite, y, x)
        for side, chosen, other in sides:
            if self.nodes.value(other) == 0:
                made = self._where_it_counts(side, chosen, other)
                self._support.note(made, [self._support.union_of(side)])
                return Term(self, made)
        result = self._sum_of_gated(sides)
        if result is None:
            result = self.nodes.where(condition, x, y)
        for side, _, other in sides:
            union = self._support.union_of(side)
            self._support.note(
                result, [self._support.joined(union, u) for u in self._support.of(other)]
            )
        return Term(self, result)

    def _where_it_counts(self, condition: int, node: int, zero: int) -> int:
        """A node where a condition holds, else zero; nothing is asked of what is zero already."""
        left = self._support.left_to_ask(condition, node)
        if not left:
            return node
        asked = Term(self, left[0])
        for part in left[1:]:
            asked = self.conjunction(asked, Term(self, part))
        return self.nodes.where(self.key(asked), node, zero)

    def _sum_of_gated(self, sides: Sequence[tuple[int, int, int]]) -> int | None:
        """``s + b if c else s`` as s and what flows where c holds, if it is that."""
        for condition, total, start in sides:
            operation, *parts = self.nodes.made[total]
            if operation == "add" and start in parts:
                more = parts[1] if parts[0] == start else parts[0]
            elif operation == "sub" and parts[0] == start:
                more = parts[1]
            else:
                continue
            gated = self._choice(condition, int(more), self.nodes.number(0))
            return self.nodes.arithmetic(operation, start, gated.index)
        return None

    def larger(self, x: Term, y: Term) -> Term:
        """The larger of two nodes, the same for (x, y) and (y, x)."""
        return self._extreme_of(x, y, larger=True)

    def smaller(self, x: Term, y: Term) -> Term:
        """The smaller of two nodes, the same for (x, y) and (y, x)."""
        return self._extreme_of(x, y, larger=False)

    def _extreme_of(self, x: Term, y: Term, larger: bool) -> Term:
        low, high = (x, y) if x.index <= y.index else (y, x)
        condition = self.less(low, high)
        number = self.nodes.value(condition.index)
        if number is not None:
            return high if bool(number) is larger else low
        first, second = (high, low) if larger else (low, high)
        return self._choice(condition.index, first.index, second.index)
