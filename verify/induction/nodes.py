"""Nodes: expressions, each once, those proven equal by polynomials as one.

An expression that is there already is the same node, so what is computed in the same way is equal
without further ado.  For a new one, its value at random points (samples.py) tells which node it
might equal; that guess is proven by exact polynomials over the nodes (normal.py), the newest
replaced by their definitions first.  Proven, the two are one node from then on; otherwise they stay
two.  So a wrong guess costs time, never truth.

One file, because the table is one state that every step reads and extends: a node is made, guessed
to be another, proven so by definitions of earlier nodes, and remembered, in one move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from verify.induction.normal import Number, Polynomial, total, vanishes
from verify.induction.samples import Samples, Values

__all__ = ["Nodes"]

_GUESSES = 3  # nodes of equal values that are tried
_QUICK = 300  # terms added in a first try
_SAVINGS = 60_000  # terms for longer tries together, and how many come with a node
_INCOME = 60
_SHARE = 4  # of what is left, for one long try
_LONG = 10_000  # terms in a long try of a guess
_GATES = 4  # remembered of a node
_DEEP = 16  # factors of a denominator taken apart
_FAR = 200  # nodes looked at for a zero divisor
_TERMS = 16  # of a sum that is taken apart

_UNKNOWN, _NOT_NEGATIVE, _POSITIVE = range(3)


class Nodes:
    """A table of expressions; a node is its place, and smaller ones were there before.

    Args:
        samples: Values that suggest what may be equal.

    Attributes:
        made: Operation and operands of each node.
        proven: Nodes found equal by polynomials.
        shared: Nodes found equal because they were there.
        wrong: Guesses that were not proven.
    """

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.made: list[tuple[Any, ...]] = []
        self._values: list[Values] = []
        self._exact = bytearray()  # 1: the value is one, no pole was on the way
        self._plain = bytearray()  # 1: no condition in its arithmetic
        self._finite = bytearray()  # 0: made of infinity or nan
        self._signs = bytearray()  # with every symbol positive
        self._numbers: dict[int, Number] = {}
        self._conditions: set[int] = set()
        self._ranks: dict[int, float] = {}
        self._gates: dict[int, list[tuple[int, Polynomial]]] = {}
        self._found: dict[tuple[object, ...], int] = {}
        self._alike: dict[object, list[int]] = {}
        self._regular: dict[int, bool] = {}
        self._savings = _SAVINGS
        self.proven = self.shared = self.wrong = 0
        self.number(0), self.number(1)  # what other nodes may turn out to be

    # --- making nodes ---

    def number(self, value: Number) -> int:
        """The node of a rational number."""
        value = Fraction(value)
        return self._node("number", value.numerator if value.denominator == 1 else value)

    def symbol(self, *made: object, finite: bool = True) -> int:
        """The node of what arithmetic does not make, by what makes it."""
        return self._node(*made) if finite else self._node(*made, "infinite")

    def has(self, *made: object) -> bool:
        """True if such a node is there."""
        return made in self._found

    def condition(self, *made: object) -> int:
        """The node of what is 0 or 1, and no number."""
        index = self._node(*made)
        self._conditions.add(index)
        return index

    def arithmetic(self, operation: str, x: int, y: int) -> int:
        """The node of a sum, difference, product or quotient."""
        if not (self._finite[x] and self._finite[y]):
            return self.symbol("infinite", operation, x, y)
        a, b = self._numbers.get(x), self._numbers.get(y)
        if operation == "div" and b == 0:
            return self.symbol("infinite", operation, x, y)
        if a is not None or b is not None:
            known = self._with_number(operation, x, y, a, b)
            if known is not None:
                return known
        if operation == "div":
            return self._quotient(x, y)
        if operation == "sub":
            return self.number(0) if x == y else self._node("sub", x, y)
        return self._node(operation, x, y) if x <= y else self._node(operation, y, x)

    def _with_number(
        self, operation: str, x: int, y: int, a: Number | None, b: Number | None
    ) -> int | None:
        """What is known at once of an operation with a number."""
        if a is not None and b is not None:
            return self.number(_OF_NUMBERS[operation](a, b))
        if operation in ("add", "sub"):
            if b == 0:
                return x
            return None if a != 0 else y if operation == "add" else self.negative(y)
        if a == 0 or (b == 0 and operation == "mul"):
            return self.number(0)
        if b == 1:
            return x
        return y if a == 1 and operation == "mul" else None

    def negative(self, x: int) -> int:
        """The node of -x."""
        number, made = self._numbers.get(x), self.made[x]
        if number is not None:
            return self.number(-number)
        if not self._finite[x]:
            return self.symbol("infinite", "neg", x)
        return int(made[1]) if made[0] == "neg" else self._node("neg", x)

    def power(self, x: int, exponent: int) -> int:
        """The node of x ** exponent."""
        if not self._finite[x]:
            return self.symbol("infinite", "pow", x, exponent)
        if exponent < 0 and not self.is_regular(x):
            return self.power(self.reciprocal(x), -exponent)
        return self._node("pow", x, exponent) if exponent != 1 else x

    def operands(self, x: int) -> Sequence[int]:
        """The nodes that one is made of, by arithmetic or by a function."""
        operation, *places = self.made[x]
        if operation in ("number", "input"):
            return ()
        if operation == "pow":
            return places[:1]
        return [place for place in places if type(place) is int]

    def made_of(self, *nodes: int, most: float = math.inf) -> set[int]:
        """Some nodes and all that they are made of, or more than ``most`` of them."""
        found, waiting = set(nodes), [*nodes]
        while waiting and len(found) <= most:
            new = {*self.operands(waiting.pop())} - found
            found |= new
            waiting += new
        return found

    def terms(self, x: int) -> list[tuple[int, int]]:
        """The terms of a sum with their signs; x alone where they are many."""
        found: list[tuple[int, int]] = []
        waiting = [(1, x)]
        while waiting:
            sign, term = waiting.pop()
            operation, *places = self.made[term]
            if operation in ("add", "sub"):
                waiting += [(-sign if operation == "sub" else sign, places[1]), (sign, places[0])]
            elif operation == "neg":
                waiting.append((-sign, places[0]))
            else:
                found.append((sign, term))
            if len(found) + len(waiting) > _TERMS:
                return [(1, x)]
        return found

    def where(self, condition: int, x: int, y: int) -> int:
        """The node of c * x + (1 - c) * y."""
        while self.made[condition][0] == "not":
            condition, x, y = self.made[condition][1], y, x
        return x if x == y else self._node("where", condition, x, y)

    def _quotient(self, x: int, y: int) -> int:
        """x / y; nothing is cancelled against what may be zero on one side of a condition."""
        if not self.is_regular(y):
            return self.arithmetic("mul", x, self.reciprocal(y))
        x, y = self._lowest(x, y)
        return self.number(1) if x == y else self._node("div", x, y)

    def _lowest(self, x: int, y: int) -> tuple[int, int]:
        """x c and a c + b, of x and a + b / c: quotients of both are equal."""
        operation, *places = self.made[y]
        for inner, other in (places, places[::-1]) if operation == "add" else ():
            if self.made[inner][0] == "div":
                b, c = self.made[inner][1:]
                below = self.arithmetic("add", self.arithmetic("mul", other, c), b)
                if self.is_regular(below):
                    return self.arithmetic("mul", x, c), below
        return x, y

    def reciprocal(self, x: int, deep: int = _DEEP) -> int:
        """The node of 1 / x; that of a product or of a choice is made of those of its parts."""
        if self.is_regular(x) or x in self._numbers:
            return self.arithmetic("div", self.number(1), x)
        operation, *places = self.made[x]
        if deep:
            if operation == "mul":
                return self.arithmetic("mul", *(self.reciprocal(i, deep - 1) for i in places))
            if operation == "neg":
                return self.negative(self.reciprocal(places[0], deep - 1))
            if operation == "pow" and places[1] > 0:
                return self.power(self.reciprocal(places[0], deep - 1), places[1])
            if operation == "where":
                sides = [self.reciprocal(i, deep - 1) for i in places[1:]]
                return self.where(places[0], sides[0], sides[1])
        return self.symbol("reciprocal", x)

    def _node(self, *made: object) -> int:
        index = self._found.get(made)
        if index is None:
            index = self._found[made] = self._new(made)
        else:
            self.shared += 1
        return index

    def _new(self, made: tuple[Any, ...]) -> int:
        """A new node, or the one that it is proven to equal."""
        value, exact = self._value(made)
        index = len(self.made)
        self.made.append(made)
        self._values.append(value)
        if made[0] == "number":
            self._numbers[index] = made[1]
        elif made[0] in _ARITHMETIC:
            self._savings += _INCOME
        key = self._samples.key(value)
        alike = self._alike.setdefault(key, [])
        if made[0] in _ARITHMETIC:
            for other in alike[:_GUESSES]:
                if self._are_equal(index, other):
                    self.made.pop(), self._values.pop()
                    self.proven += 1
                    self._remember(made, other)
                    return other
                self.wrong += 1
        alike.append(index)
        self._exact.append(exact)
        self._note(made)
        return index

    def _remember(self, made: tuple[Any, ...], other: int) -> None:
        """Note that what a condition lets through of a node is an earlier one."""
        if made[0] != "where":
            return
        _, condition, x, y = made
        if self._numbers.get(y) == 0:
            node, known = x, self.linear(other)  # c x = other
        elif self._numbers.get(x) == 0:
            node, known = y, total(self.linear(y), _negated(self.linear(other)))
        else:
            return
        gates = self._gates.setdefault(node, [])
        if other <= node and len(gates) < _GATES:
            gates.append((condition, known))
            # The condition must still be there when the turn of the node comes.
            rank = self._ranks.get(condition, float(condition))
            self._ranks[condition] = min(rank, node - 0.5)

    def _note(self, made: tuple[Any, ...]) -> None:
        """What follows for a node from what its operands are."""
        operation, *places = made
        if operation not in _ARITHMETIC:
            sign = _POSITIVE
            if operation == "number":
                sign = _POSITIVE if made[1] > 0 else _UNKNOWN if made[1] else _NOT_NEGATIVE
            elif operation in _LOGICAL:
                sign = _NOT_NEGATIVE
            self._plain.append(operation not in _LOGICAL)
            self._finite.append(made[-1] != "infinite" and operation != "infinite")
            self._signs.append(sign)
            return
        if operation == "pow":
            del places[1]
        elif operation == "where":
            del places[0]
        signs = [self._signs[i] for i in places]
        self._plain.append(operation != "where" and all(self._plain[i] for i in places))
        self._finite.append(all(self._finite[i] for i in places))
        self._signs.append(self._sign(made, signs))

    def _sign(self, made: tuple[Any, ...], signs: Sequence[int]) -> int:
        operation = made[0]
        if (operation == "mul" and made[1] == made[2]) or (operation == "pow" and made[2] % 2 == 0):
            return _POSITIVE if self.is_regular(made[1]) else _NOT_NEGATIVE
        if operation in ("neg", "sub") or _UNKNOWN in signs:
            return _UNKNOWN
        return max(signs) if operation == "add" else min(signs)

    def _value(self, made: tuple[Any, ...]) -> tuple[Values, bool]:
        """Value of an operation at the random points; False if there is a pole."""
        operation, *places = made
        samples, values, prime = self._samples, self._values, self._samples.prime
        if operation not in _ARITHMETIC:
            if operation == "number":
                return samples.number(places[0])
            if operation == "and":
                return values[places[0]] * values[places[1]], True
            if operation == "not":
                return 1 - values[places[0]], True
            return (samples.condition() if operation in _LOGICAL else samples.symbol()), True
        x = values[places[0]]
        exact = self._exact[places[0]]
        if operation == "neg":
            return (-x) % prime, exact
        if operation == "pow":
            if places[1] < 0:
                x, defined = samples.inverse(x)
                exact &= defined
            return samples.power(x, abs(places[1])), exact
        y = values[places[1]]
        exact &= self._exact[places[1]]
        if operation == "add":
            return (x + y) % prime, exact
        if operation == "sub":
            return (x - y) % prime, exact
        if operation == "mul":
            return x * y % prime, exact
        if operation == "div":
            inverse, defined = samples.inverse(y)
            return x * inverse % prime, exact & defined
        z = values[places[2]]
        return (z + x * (y - z)) % prime, exact & self._exact[places[2]]

    # --- what is known of a node ---

    def value(self, index: int) -> Number | None:
        """The number that a node is, if it is one."""
        return self._numbers.get(index)

    def residue(self, index: int) -> int:
        """Its value at the random point, if there is one point."""
        value = self._values[index]
        assert isinstance(value, int)
        return value

    def is_finite(self, index: int) -> bool:
        """True for a node made without infinity and nan."""
        return bool(self._finite[index])

    def has_conditions(self) -> bool:
        """True if any node is a condition."""
        return bool(self._conditions)

    # --- proofs ---

    def _are_equal(self, index: int, other: int) -> bool:
        """True if a new node is proven to equal another."""
        if self.prove(index, other, _QUICK):
            return True
        if self._samples.points == 1 and not self._is_plain_so_far(index):
            return False  # values of one point agree by accident where there are conditions
        work = min(_LONG, self._savings // _SHARE)
        if work <= _QUICK:
            return False
        return self.prove(index, other, work)

    def _is_plain_so_far(self, index: int) -> bool:
        operation, *places = self.made[index]
        del places[1 if operation == "pow" else 3 :]
        return operation != "where" and all(self._plain[i] for i in places)

    def prove(self, index: int, other: int, work: int | None = None) -> bool:
        """True if two nodes are proven to be equal.

        Args:
            index: The newer node.
            other: The other.
            work: Terms added at most; a share of what is left by default.
        """
        if work is None:
            work = max(_QUICK, self._savings // _SHARE)
        difference = self.definition(index)
        if difference is None:
            difference = self.linear(index)
        difference = total(difference, _negated(self.linear(other)))
        equal, spent = vanishes(difference, self, work)
        self._savings -= spent
        if not equal and self._conditions and self.made[index][0] == "where":
            equal, spent = vanishes(difference, self, min(work, _QUICK), opposites=True)
            self._savings -= spent
        return equal

    # --- what a node is (normal.Symbols) ---

    def square(self, symbol: int) -> tuple[Polynomial, int] | None:
        """Nothing is known of functions here (functions/relations.py)."""
        return None

    def linear(self, index: int) -> Polynomial:
        """A node as a polynomial: its number, or its symbol."""
        number = self._numbers.get(index)
        if number is None:
            return {((index, 1),): 1}
        return {(): number} if number else {}

    def definition(self, symbol: int) -> Polynomial | None:
        """A node over those that it was made of; None if arithmetic did not make it."""
        operation, *places = self.made[symbol]
        if operation in ("mul", "and"):
            return self._product((places[0], 1), (places[1], 1))
        if operation == "add":
            return total(self.linear(places[0]), self.linear(places[1]))
        if operation == "sub":
            return total(self.linear(places[0]), _negated(self.linear(places[1])))
        if operation == "div":
            return self._product((places[0], 1), (places[1], -1))
        if operation == "where":  # c x + y - c y
            condition, x, y = places
            gate = condition, 1
            parts = self._product(gate, (x, 1)), self.linear(y), self._product(gate, (y, 1))
            return total(*parts[:2], _negated(parts[2]))
        if operation == "neg":
            return _negated(self.linear(places[0]))
        if operation == "pow":
            return self._product((places[0], places[1]))
        if operation == "not":
            return total({(): 1}, _negated(self.linear(places[0])))
        return self.linear(symbol) if operation == "number" else None

    def _product(self, *factors: tuple[int, int]) -> Polynomial:
        coefficient: Number = 1
        exponents: dict[int, int] = {}
        for index, exponent in factors:
            number = self._numbers.get(index)
            if number is not None:
                coefficient *= number if exponent == 1 else Fraction(number) ** exponent
            else:
                exponents[index] = exponents.get(index, 0) + exponent
        bounded = [(i, min(e, 1) if i in self._conditions else e) for i, e in exponents.items()]
        monomial = tuple(sorted((i, e) for i, e in bounded if e))
        return {monomial: coefficient} if coefficient else {}

    def is_condition(self, symbol: int) -> bool:
        """True for a node that is 0 or 1."""
        return symbol in self._conditions

    def opposite(self, symbol: int) -> int | None:
        """c, of a node that was made as ``not c``."""
        made = self.made[symbol]
        return int(made[1]) if made[0] == "not" else None

    def gates(self, symbol: int) -> Sequence[tuple[int, Polynomial]]:
        """Conditions, and what they let through of a node where that is an earlier node."""
        return self._gates.get(symbol, ())

    def rank(self, symbol: int) -> float:
        """Its place; that of a condition behind the nodes that it gates."""
        return self._ranks.get(symbol, symbol)

    def is_regular(self, symbol: int) -> bool:
        """True only if a node is not zero, whichever conditions hold."""
        known = self._regular.get(symbol)
        if known is None:
            known = self._regular[symbol] = self._find_regular(symbol)
        return known

    def _find_regular(self, index: int) -> bool:
        stack, far = [index], 0
        while stack:
            i, far = stack.pop(), far + 1
            if self._regular.get(i) or self._signs[i] == _POSITIVE:
                continue
            operation, *places = self.made[i]
            if self._plain[i]:
                # What has a value other than zero is not the polynomial zero.
                if not self._exact[i] or self._samples.is_zero(self._values[i]):
                    return False
            elif operation == "where":
                stack += places[1:]
            elif operation in ("mul", "div"):
                stack += places
            elif operation in ("neg", "pow"):
                stack.append(places[0])
            else:
                return False
            if far > _FAR:
                return False
        return True


_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "neg", "pow", "where"})
_LOGICAL = frozenset({"less", "equal", "and", "not"})
_OF_NUMBERS: dict[str, Callable[[Number, Number], Number]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: Fraction(x) / y,
}


def _negated(x: Polynomial) -> Polynomial:
    return {m: -c for m, c in x.items()}
