"""Compose: proof that emitted code equals the chain rule, node by node, in linear time.

Chain rule and emitted code are run over the nodes of one graph.  An expression that is there
already is the same node, so what both compute in the same way is equal without further ado.  For a
new one, its values modulo a large prime tell which node it might equal; that guess is proven by
exact polynomials over the nodes (normal.py), the newest replaced by their definitions first.
Proven, the two are one node from then on; otherwise they stay two.  So a wrong guess costs time,
never truth, and outputs are proven equal if they are the same node.

What is proven is an identity in the inputs, in the functions that arithmetic does not make, and in
the conditions, each of them 0 or 1; it holds for real numbers wherever what is computed is defined.
Denominators are no zero divisors: ``_regular`` answers for every one that is multiplied by.

Axioms besides arithmetic: f(x) = f(x); |-x| = |x|; exp(-x) = 1 / exp(x);
exp(k |x|) = exp(k x) or exp(-k x), by the sign of x; tanh(x) = (exp(2x) - 1) / (exp(2x) + 1); the
larger and the smaller of two numbers do not depend on a tie; 0 < x or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from autodiff.graph import Graph
from verify.field import Element, Field, PoleError
from verify.meaning import Meaning, Symbolic
from verify.normal import Polynomial, vanishes
from verify.prime import BITS, random_prime

__all__ = ["Composition", "Lane", "Term", "lanes_for"]

_ONE = Fraction(1)
_GUESSES = 3  # nodes of equal values that are tried
_LANES = 12
_QUICK = 60, 120  # steps and terms of a first try
_LONG = 20_000, 2_000
_CREDIT = 100  # steps a node, in all long tries together
_FAILURES = 100  # proofs under conditions that may fail, besides one in twenty nodes


class Term(Symbolic):
    """A node.

    Attributes:
        index: Its place; smaller ones were there before.
    """

    __slots__ = ("index",)
    meaning: Composition

    def __init__(self, meaning: Composition, index: int) -> None:
        self.meaning, self.index = meaning, index

    def __add__(self, y: Any) -> Any:
        return self.meaning.node("add", self, y)

    def __radd__(self, x: Any) -> Any:
        return self.meaning.node("add", x, self)

    def __sub__(self, y: Any) -> Any:
        return self.meaning.node("sub", self, y)

    def __rsub__(self, x: Any) -> Any:
        return self.meaning.node("sub", x, self)

    def __mul__(self, y: Any) -> Any:
        return self.meaning.node("mul", self, y)

    def __rmul__(self, x: Any) -> Any:
        return self.meaning.node("mul", x, self)

    def __truediv__(self, y: Any) -> Any:
        return self.meaning.node("div", self, y)

    def __rtruediv__(self, x: Any) -> Any:
        return self.meaning.node("div", x, self)

    def __neg__(self) -> Any:
        return self.meaning.node("neg", self)

    def __pow__(self, y: Any) -> Any:
        return self.meaning.power(self, y)

    def __rpow__(self, x: Any) -> Any:
        return self.meaning.power(self.meaning.lift(x), self)


class Lane(Field):
    """A field whose conditions are random bits: they suggest what may be equal."""

    def _bit(self, kind: str, v: int) -> Any:
        return self.lift(self._value((kind, v)) & 1)

    def less(self, x: Any, y: Any) -> Any:
        """A bit for every difference."""
        return self._bit("less", (x - y).v)

    def equal(self, x: Any, y: Any) -> Any:
        """A bit for every difference, whichever its sign."""
        return self._bit("equal", self._canonical(x - y)[0])


def lanes_for(graph: Graph) -> list[Lane]:
    """Enough fields for good guesses: where conditions are bits, one would be too few."""
    decides = any(row.predicate or " if " in row.python for _, row, _ in graph.operations())
    prime = random_prime(BITS[0])
    return [Lane(prime, seed) for seed in range(_LANES if decides else 1)]


class Composition(Meaning):
    """The nodes, and what is known about them.

    Args:
        lanes: Fields in which values suggest what may be equal.

    Attributes:
        proven: Nodes found equal by polynomials.
        shared: Nodes found equal because they were there.
        wrong: Guesses that were not proven.
    """

    def __init__(self, lanes: Sequence[Lane]) -> None:
        super().__init__()
        self._lanes = lanes
        self._made: list[tuple[Any, ...]] = []  # operation and operands of each node
        self._values: list[tuple[Element | None, ...]] = []
        self._conditions: set[int] = set()
        self._sides: dict[int, tuple[int, int]] = {}  # of a condition: first what is smaller
        self._unconditional = bytearray()  # 1: no condition in its arithmetic
        self._meant: dict[int, Polynomial] = {}  # definitions of functions
        self._found: dict[tuple[Any, ...], int] = {}
        self._alike: dict[Any, list[int]] = {}
        self._terms: list[Term] = []
        self._credit = self._failures = 0
        self.proven = self.shared = self.wrong = 0
        self._names |= {"exp": self._exp, "tanh": self._tanh, "Abs": self._abs}

    # --- nodes ---

    def input(self, place: int) -> Term:
        """The node of an input."""
        return self._term("input", place)

    def lift(self, value: Any) -> Any:
        """The node of a number; infinity and nan are functions without arguments."""
        if isinstance(value, Term):
            return value
        if isinstance(value, float) and value - value != 0.0:
            if value < 0:
                return -self.function("inf")
            return self.function("inf" if value > 0 else "nan")
        return self._term("number", Fraction(value))

    def node(self, operation: str, *operands: Any) -> Any:
        """The node of an arithmetic operation."""
        places = [x.index if isinstance(x, Term) else self.lift(x).index for x in operands]
        if operation == "neg" and self._number(places[0]) is not None:
            return self.lift(-self._made[places[0]][1])
        if operation in ("add", "mul") and places[0] > places[1]:
            places.reverse()
        return self._term(operation, *places)

    def _term(self, *made: Any) -> Term:
        index = self._found.get(made)
        if index is None:
            index = self._found[made] = self._new(made)
        else:
            self.shared += 1
        return self._terms[index]

    def _new(self, made: tuple[Any, ...]) -> int:
        """A new node, or the one that it is proven to equal."""
        values = tuple([self._value(lane, k, made) for k, lane in enumerate(self._lanes)])
        key = tuple([None if x is None else x.v for x in values])
        index = len(self._made)
        self._append(made, values, self._is_unconditional(made))
        if made[0] not in ("input", "number"):
            definition = self._definition(index)
            if definition is not None and not any(definition):  # x - x, 0 * x: a number
                self._made.pop(), self._values.pop(), self._unconditional.pop()
                number: int = self.lift(definition.get((), Fraction(0))).index
                return number
        known = None not in key
        self._credit += _CREDIT
        if known and made[0] not in ("input", "number"):
            for other in self._alike.get(key, ())[:_GUESSES]:
                if self._equal_nodes(index, other):
                    self._made.pop(), self._values.pop(), self._unconditional.pop()
                    self.proven += 1
                    return other
                self.wrong += 1
        self._terms.append(Term(self, index))
        if known:
            self._alike.setdefault(key, []).append(index)
        return index

    def _value(self, lane: Lane, k: int, made: tuple[Any, ...]) -> Element | None:
        """Value of an operation in a field, None where there is none."""
        operation, *operands = made
        named = operation == "function"
        places = operands[1:] if named else operands[:1] if operation == "pow" else operands
        try:
            if operation == "input":
                return lane.unknown(("input", operands[0]))
            if operation == "number":
                number: Element = lane.lift(operands[0])
                return number
            values: list[Any] = [self._values[i][k] for i in places]
            if any(x is None for x in values):
                return None
            if named:
                return lane.called(operands[0], *values)
            found: Element = _IN_A_FIELD[operation](lane, *values, *operands[len(places) :])
            return found
        except PoleError:
            return None

    def _equal_nodes(self, index: int, other: int) -> bool:
        """True if a new node is proven to equal another.

        Values of nodes without conditions do not agree by accident, so a long proof is worth its
        time; under conditions they do, and failures are counted.
        """
        operation = self._made[index][0]
        if operation in ("and", "not") or self._failures > _FAILURES + len(self._made) // 20:
            return False
        if self.prove(index, other, *_QUICK):
            return True
        if self._unconditional[index] and self._unconditional[other]:
            steps = min(_LONG[0], self._credit // 10)
            self._credit -= steps
            return self.prove(index, other, steps, _LONG[1])
        self._failures += 1
        return False

    def prove(self, index: int, other: int, steps: int = 4_000, terms: int = 1_000) -> bool:
        """True if two nodes are proven to be equal."""
        difference = self._definition(index)
        if difference is None:
            return False
        difference = _total(difference, {m: -c for m, c in self._linear(other).items()})
        return self._vanishes(difference, steps, terms)

    def _vanishes(self, difference: Polynomial, steps: int, terms: int) -> bool:
        return vanishes(
            difference, self._definition, self._conditions.__contains__, self._regular, steps, terms
        )

    # --- what a node is ---

    def _number(self, index: int) -> Fraction | None:
        made = self._made[index]
        value: Fraction | None = made[1] if made[0] == "number" else None
        return value

    def _linear(self, index: int) -> Polynomial:
        """A node as a polynomial: its number, or its symbol."""
        number = self._number(index)
        if number is None:
            return {((index, 1),): _ONE}
        return {(): number} if number else {}

    def _definition(self, index: int) -> Polynomial | None:
        """A node over those that it was made of; None if arithmetic did not make it."""
        operation, *places = self._made[index]
        if operation == "number":
            return self._linear(index)
        if operation in ("add", "sub"):
            return self._sum((1, places[0]), (1 if operation == "add" else -1, places[1]))
        if operation == "neg":
            return self._sum((-1, places[0]))
        if operation == "not":
            return self._sum((-1, places[0])) | {(): _ONE}
        if operation in ("mul", "and"):
            return self._product((places[0], 1), (places[1], 1))
        if operation == "div" and self._invertible(places[1]):
            return self._product((places[0], 1), (places[1], -1))
        if operation == "pow" and (places[1] > 0 or self._invertible(places[0])):
            return self._product((places[0], places[1]))
        if operation == "where":  # y + c x - c y
            condition, x, y = places
            parts = self._sum((1, y)), self._product((condition, 1), (x, 1))
            return _total(*parts, {m: -c for m, c in self._product((condition, 1), (y, 1)).items()})
        return self._meant.get(index)

    def _sum(self, *terms: tuple[int, int]) -> Polynomial:
        return _total(*({m: sign * c for m, c in self._linear(i).items()} for sign, i in terms))

    def _product(self, *factors: tuple[int, int]) -> Polynomial:
        coefficient, exponents = _ONE, dict[int, int]()
        for index, exponent in factors:
            number = self._number(index)
            if number is not None:
                coefficient *= number**exponent
            else:
                exponents[index] = exponents.get(index, 0) + exponent
        for index in exponents:
            if exponents[index] > 1 and index in self._conditions:
                exponents[index] = 1
        monomial = tuple(sorted((i, e) for i, e in exponents.items() if e))
        return {monomial: coefficient} if coefficient else {}

    def _invertible(self, index: int) -> bool:
        return index not in self._conditions and self._number(index) != 0

    def _is_unconditional(self, made: tuple[Any, ...]) -> bool:
        operation, *places = made
        if operation in ("less", "equal", "and", "not", "where"):
            return False
        if operation in ("input", "number", "function"):
            return True
        return all(self._unconditional[i] for i in (places[:1] if operation == "pow" else places))

    def _regular(self, index: int) -> bool:
        """True only if a node is not zero, whichever conditions hold."""
        if self._unconditional[index]:
            # No polynomial without conditions that has a value other than zero is zero.
            return any(x is not None and x.v for x in self._values[index])
        operation, *places = self._made[index]
        if operation == "where":
            return self._regular(places[1]) and self._regular(places[2])
        return self._positive(index)

    def _positive(self, index: int) -> bool:
        """True for what is made of exponentials and positive numbers without a minus."""
        stack = [index]
        while stack:
            operation, *places = self._made[stack.pop()]
            if operation == "number" and places[0] > 0:
                continue
            if operation == "function" and places[0] == "exp":
                continue
            if operation == "pow":
                places = places[:1]
            elif operation == "where":
                places = places[1:]
            elif operation not in ("add", "mul", "div"):
                return False
            stack += places
        return True

    # --- functions ---

    def power(self, x: Term, y: Any) -> Any:
        """x ** y: a product for small integers, else a function."""
        exponent: Any = y
        if isinstance(y, Term):
            exponent = self._number(y.index)
        if exponent is None or exponent != int(exponent) or abs(exponent) > 64:
            return self.function("pow", x, self.lift(y))
        if exponent in (0, 1):
            return x if exponent else self.lift(1)
        return self._term("pow", x.index, int(exponent))

    def function(self, name: str, *operands: Any) -> Any:
        """A function of nodes."""
        return self._term("function", name, *(self.lift(x).index for x in operands))

    def _negated(self, index: int) -> int | None:
        """z, if the node was made as -z, or with a negative number times z."""
        operation, *places = self._made[index]
        if operation == "neg":
            return int(places[0])
        number, other = self._scale(operation, places)
        if number is not None and number < 0:
            return int(self.node("mul", -number, self._terms[other]).index)
        return None

    def _scale(self, operation: str, places: Sequence[Any]) -> tuple[Fraction | None, int]:
        """Number and node of a product of the two."""
        if operation == "mul":
            for one, other in (places, places[::-1]):
                number = self._number(one)
                if number is not None:
                    return number, other
        return None, 0

    def _abs(self, x: Any) -> Any:
        x = self.lift(x)
        z = self._negated(x.index)
        return self.function("Abs", x if z is None else self._terms[z])

    def _exp(self, x: Any) -> Any:
        x = self.lift(x)
        z = self._negated(x.index)
        if z is not None:
            return 1 / self._exp(self._terms[z])
        inside = self._scaled_abs(x.index)
        if inside is None:
            return self.function("exp", x)
        # The value first: what it means is made of nodes that must be smaller.
        below = self._exp(inside)
        either = self.where(self.less(self.lift(0), inside), below, 1 / below)
        return self._with_meaning("exp", x, either)

    def _scaled_abs(self, index: int) -> Term | None:
        """k z, if the node was made as k |z| with a number k > 0."""
        operation, *places = self._made[index]
        if operation == "function" and places[0] == "Abs":
            return self._terms[int(places[1])]
        number, other = self._scale(operation, places)
        if number is not None and self._made[other][:2] == ("function", "Abs"):
            scaled: Term = self.node("mul", number, self._terms[self._made[other][2]])
            return scaled
        return None

    def _tanh(self, x: Any) -> Any:
        x = self.lift(x)
        e = self._exp(2 * x)
        return self._with_meaning("tanh", x, (e - 1) / (e + 1))

    def _with_meaning(self, name: str, x: Term, meaning: Term) -> Any:
        """A function of x that is the node ``meaning``, too."""
        made = "function", name, x.index
        if made not in self._found:
            index = self._found[made] = len(self._made)
            self._append(made, self._values[meaning.index], self._unconditional[meaning.index])
            self._meant[index] = self._linear(meaning.index)
            self._terms.append(Term(self, index))
        return self._terms[self._found[made]]

    def _append(self, made: tuple[Any, ...], values: Any, unconditional: int) -> None:
        self._made.append(made)
        self._values.append(values)
        self._unconditional.append(unconditional)

    # --- conditions ---

    def key(self, x: Any) -> int:
        """Its place."""
        place: int = x.index
        return place

    def is_condition(self, x: Any) -> bool:
        """True for comparisons, what logic makes of them, and the numbers 0 and 1."""
        return x.index in self._conditions or self._number(x.index) in (0, 1)

    def _condition(self, *made: Any) -> Any:
        result = self._term(*made)
        if self._number(result.index) is None:
            self._conditions.add(result.index)
        return result

    def less(self, x: Any, y: Any) -> Any:
        """The condition x < y, of the difference."""
        difference = x - y
        number = self._number(difference.index)
        if x.index == y.index or number is not None:
            return self.lift(int(number is not None and number < 0))
        result = self._condition("less", difference.index)
        self._sides.setdefault(result.index, (x.index, y.index))
        return result

    def equal(self, x: Any, y: Any) -> Any:
        """The condition x == y, of the difference."""
        if x.index == y.index:
            return self.lift(1)
        low, high = (x, y) if x.index < y.index else (y, x)
        difference = high - low
        number = self._number(difference.index)
        if number is not None:
            return self.lift(int(number == 0))
        return self._condition("equal", difference.index)

    def negation(self, condition: Any) -> Any:
        """1 - c."""
        number = self._number(condition.index)
        if number is not None:
            return self.lift(1 - number)
        operation, *places = self._made[condition.index]
        if operation == "not":
            return self._terms[places[0]]
        result = self._condition("not", condition.index)
        sides = self._sides.get(condition.index)
        if sides is not None:
            self._sides.setdefault(result.index, (sides[1], sides[0]))
        return result

    def conjunction(self, x: Any, y: Any) -> Any:
        """The product."""
        for one, other in ((x, y), (y, x)):
            number = self._number(one.index)
            if number is not None:
                return other if number else one
        if x.index == y.index:
            return x
        return self._condition("and", *sorted((x.index, y.index)))

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """c * x + (1 - c) * y."""
        number = self._number(condition.index)
        if number is not None:
            return x if number else y
        if x.index == y.index:
            return x
        if self._number(x.index) == 1 and self._number(y.index) == 0:
            return condition
        sides = self._sides.get(condition.index)
        if sides == (x.index, y.index):
            return self.smaller(x, y)
        if sides == (y.index, x.index):
            return self.larger(x, y)
        return self._term("where", condition.index, x.index, y.index)

    def larger(self, x: Any, y: Any) -> Any:
        """The larger of two nodes, the same for (x, y) and (y, x)."""
        return self._extreme_of(x, y, larger=True)

    def smaller(self, x: Any, y: Any) -> Any:
        """The smaller of two nodes, the same for (x, y) and (y, x)."""
        return self._extreme_of(x, y, larger=False)

    def _extreme_of(self, x: Any, y: Any, larger: bool) -> Any:
        low, high = (x, y) if x.index <= y.index else (y, x)
        condition = self.less(low, high)
        number = self._number(condition.index)
        if number is not None:
            return high if bool(number) is larger else low
        first, second = (high, low) if larger else (low, high)
        return self._term("where", condition.index, first.index, second.index)


# What each operation is in a field.
_IN_A_FIELD: dict[str, Callable[..., Any]] = {
    "add": lambda field, x, y: x + y,
    "sub": lambda field, x, y: x - y,
    "mul": lambda field, x, y: x * y,
    "div": lambda field, x, y: x / y,
    "neg": lambda field, x: -x,
    "pow": lambda field, x, exponent: field.power(x, exponent),
    "less": lambda field, difference: field.less(difference, field.lift(0)),
    "equal": lambda field, difference: field.equal(difference, field.lift(0)),
    "not": lambda field, c: 1 - c,
    "and": lambda field, c, d: c * d,
    "where": lambda field, c, x, y: y + c * (x - y),
}


def _total(*parts: Polynomial) -> Polynomial:
    """Sum of polynomials."""
    total: Polynomial = {}
    for part in parts:
        for monomial, c in part.items():
            total[monomial] = total.get(monomial, Fraction(0)) + c
    return {m: c for m, c in total.items() if c}
