"""Relations: roots, angles and exponentials over each other, for what composition leaves open.

To the nodes (nodes.py) a function is a symbol, so that sqrt(2)*sqrt(2) is not 2 and exp(-(u/r)**2)
with r*r = 2 not exp(-u**2/2).  Here functions that two nodes are made of get definitions over
others, and squares that are earlier nodes; with these the difference is expanded once more.

What is assumed, the axioms besides those of compose.py
    sqrt(z)**2 = z, |z|**2 = z**2 and x**(k/2) = sqrt(x)**k, where the left side is defined; what is
    never negative and has equal squares is equal: sqrt(a b) = b sqrt(a/b) where a + b > 0;
    log(x y) = log(x) + log(y), where the right side is defined; sin**2 + cos**2 = 1;
    sin(2x) = 2 sin x cos x and cos(2x) = 1 - 2 sin(x)**2; f(-x) = -f(x) or f(x) for odd and even
    functions; exp(x + y) = exp(x) exp(y) and exp(log(z)) = z, where log(z) is defined;
    (x z)**y = x**y z**y, 1**y = 1, x**y = exp(y log(x)) and atanh(z) = (log(x) - log(y))/2 with
    (1 - z) x = (1 + z) y, where these are defined; f(x) = f(y) where x = y is proven.

What is multiplied by must not be zero on any side of a condition.  With roots a value tells that no
more: sqrt(x*x) - x is zero on one side of 0.  A norm does (generic.py).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations_with_replacement, permutations, product

from verify.induction.functions.at_a_point import Key, Values
from verify.induction.nodes import Nodes
from verify.induction.normal import Polynomial, total, vanishes

__all__ = ["Relations"]

_CONE, _FUNCTIONS = 4000, 60  # nodes and functions of them that are looked at
_TRY, _LAST = 2_000, 60_000  # terms that are added for a guess, and in the end
_MANY = 8  # roots, or logarithms, of which products are tried
_SMALL = 1000
_TWIN = 1 << 40  # added to a root that stays: whatever it is, it stands for one number
_ODD = frozenset({"sin", "tan", "asin", "atan", "sinh", "asinh", "erf", "erfi"})
_JUMPING = frozenset({"floor", "ceiling", "mod", "jump", "undecided"})
_EVEN = frozenset({"cos", "cosh"})
_HALF = Fraction(1, 2)


class Relations:
    """What is known of functions by others: symbols as polynomials have them (normal.py).

    Args:
        nodes: The table.
        asked: The nodes that are compared.
        surely: What is computed whichever conditions hold (``needed``): what follows from a root,
            or a logarithm, of something holds only where that is defined.
    """

    def __init__(self, nodes: Nodes, asked: Sequence[int], surely: Container[int]) -> None:
        self._nodes, self._needed = nodes, surely
        self._seen: set[int] = set()
        self._functions: dict[str, list[int]] = {}
        self._defined: dict[int, Polynomial] = {}
        self._squares: dict[int, Polynomial] = {}
        self._radicands: dict[int, int] = {}  # of what is never negative
        self._logs: dict[int, int] = {}
        self._powers: dict[int, dict[int, int]] = {}  # by the exponent
        self._zeros: Container[int] = ()  # conditions that hold nowhere
        self._values = Values(nodes, self._defined, self._squares)
        cone = sorted(nodes.made_of(*asked, most=_CONE))
        functions = [i for i in cone if self._is_function(i)]
        functions.sort(key=lambda i: self._named(i) == "atanh")  # after all logarithms
        self._knows = len(cone) <= _CONE and 0 < len(functions) <= _FUNCTIONS
        for i in functions if self._knows else ():
            if i not in self._seen:
                self._seen.add(i)
                self._relate(i)
        above = {self._inside(i) for i in functions if self._named(i) == "log" and i in surely}
        self._zeros = {i for i in cone if above and self._never_holds(i, above)}

    def _never_holds(self, i: int, above: Container[int]) -> bool:
        """True for a condition that asks whether one of these, which have logarithms, is zero."""
        operation, *places = self._nodes.made[i]
        if operation == "equal":
            return places[0] in above or self._nodes.negative(places[0]) in above
        if operation == "less":
            return places[0] in above
        return operation == "and" and any(self._never_holds(k, above) for k in places)

    def prove(self, index: int, other: int) -> bool:
        """True if two of the nodes are proven to be equal."""
        return self._knows and self._are_equal(index, other, _LAST)

    def _is_function(self, i: int) -> bool:
        operation, *rest = self._nodes.made[i]
        return operation == "function" and rest[0] not in _JUMPING and rest[-1] != "infinite"

    # --- what follows for a function ---

    def _relate(self, i: int) -> None:
        """Note what a function is over others that were there before."""
        _, name, *places = self._nodes.made[i]
        found = self._congruent(name, places)
        if found is None and len(places) == 1:
            found = self._of_angle(name, places[0]) if name in ("sin", "cos") else None
            found = found or (self._of_sum(places[0]) if name == "exp" else None)
            found = found or (self._of_logs(places[0]) if name == "atanh" else None)
        if found is None and name == "pow":
            found = self._of_power(*places)
        if found is None and name in ("sqrt", "Abs"):
            radicand = places[0] if name == "sqrt" else self._nodes.power(places[0], 2)
            found = next(
                (
                    self._nodes.linear(j)
                    for j, z in self._radicands.items()
                    if self._are_equal(radicand, z)
                ),
                None,
            )
            found = found or self._of_quotient(radicand)
        if found is None and name in ("sqrt", "Abs"):
            self._squares[i] = self._nodes.linear(radicand)
            self._join(i, radicand, self._radicands, _root_of_product)
        elif found is None and name == "log":
            self._join(i, places[0], self._logs, _log_of_product)
        elif found is None and name == "pow":
            self._join(i, places[0], self._powers_by(places[1]), _root_of_product)
        if found is not None and not self._reaches({s for m in found for s, _ in m}, i):
            self._defined[i] = found
        elif i not in self._defined:
            self._functions.setdefault(name, []).append(i)

    def _join(
        self, i: int, inside: int, known: dict[int, int], joined: Callable[..., Polynomial]
    ) -> None:
        """Define roots, or logarithms, by two others, now that there is one more."""
        if i not in self._needed:
            return
        before = [*known][:_MANY]
        known[i] = inside
        for a, b in combinations_with_replacement(before, 2):
            for each in ((i, a, b), (a, i, b), (b, i, a))[: 1 if a == b else 3]:
                if known.keys() >= {*each} and self._is_product(known, *each):
                    self._define(known, joined, *each)

    def _powers_by(self, y: int) -> dict[int, int]:
        """Powers by one exponent, that of 1 among them."""
        if y not in self._powers:
            one = self._nodes.number(1)
            power = self._nodes.symbol("function", "pow", one, y)
            self._powers[y], self._defined[power] = {power: one}, {(): 1}
        return self._powers[y]

    def _is_product(self, inside: Mapping[int, int], whole: int, one: int, other: int) -> bool:
        product_of = self._nodes.arithmetic("mul", inside[one], inside[other])
        return self._are_equal(inside[whole], product_of)

    def _define(
        self, known: dict[int, int], joined: Callable[..., Polynomial], whole: int, *parts: int
    ) -> None:
        """Define one of three by the others: that of the newest node, which is made of most."""
        one, other = parts
        ways = {whole: (one, other, 1)}
        if one != other:
            ways |= {one: (whole, other, -1), other: (whole, one, -1)}
        for i in sorted(ways, key=lambda i: -1 if self._is_number(known[i]) else known[i])[::-1]:
            first, second, sign = ways[i]
            if not self._reaches((first, second), i):
                self._defined[i] = joined(first, second, sign)
                del known[i]
                self._values.forget()
                return

    def _is_number(self, i: int) -> bool:
        return self._nodes.value(i) is not None

    def _reaches(self, starts: Iterable[int], end: int) -> bool:
        """True if anything that these are made of, or defined by, is a node."""
        found = set(starts)
        waiting = [*found]
        while waiting and end not in found:
            i = waiting.pop()
            by = (symbol for monomial in self._defined.get(i, ()) for symbol, _ in monomial)
            new = {*self._nodes.operands(i), *by} - found
            found |= new
            waiting += new
        return end in found

    def _congruent(self, name: str, places: Sequence[int]) -> Polynomial | None:
        """The same function of the same, or of its opposite."""
        sign = -1 if name in _ODD else 1 if name in _EVEN else 0
        for other in self._functions.get(name, ()):
            before = self._nodes.made[other][-len(places) :]
            if all(self._are_equal(*pair) for pair in zip(places, before, strict=True)):
                return self._nodes.linear(other)
            if sign and self._are_equal(self._nodes.negative(places[0]), before[0]):
                return {m: sign * c for m, c in self._nodes.linear(other).items()}
        return None

    def _of_angle(self, name: str, x: int) -> Polynomial | None:
        """By half of an angle, if anything is said of it; what is known of a cosine's square."""
        nodes = self._nodes
        half = nodes.arithmetic("mul", nodes.number(_HALF), x)
        if nodes.has("function", "sin", half) or nodes.has("function", "cos", half):
            sine, cosine = self._made("sin", half), self._made("cos", half)
            if name == "sin":
                return {tuple(sorted(((sine, 1), (cosine, 1)))): 2}
            return {(): 1, ((sine, 2),): -2}
        if name == "cos":
            sine, cosine = (nodes.symbol("function", each, x) for each in ("sin", "cos"))
            self._squares[cosine] = {(): 1, ((sine, 2),): -1}
        return None

    def _of_power(self, x: int, y: int) -> Polynomial | None:
        """A power by half of a whole number; one that is an exponential."""
        exponent = self._nodes.value(y)
        if exponent is None:
            inside = self._as_exponent(x, y)
            for i in self._functions.get("exp", ()):
                if inside is not None and self._are_equal(self._inside(i), inside):
                    return self._nodes.linear(i)
            return {(): 1} if self._nodes.value(x) == 1 else None
        if Fraction(exponent).denominator != 2:
            return None
        return {((self._made("sqrt", x), int(2 * exponent)),): 1}

    def _of_quotient(self, radicand: int) -> Polynomial | None:
        """sqrt(a b) as b sqrt(a / b), or that by this, where a + b is above zero: so is b."""
        nodes = self._nodes
        for root, other in self._radicands.items():  # which are surely computed
            for quotient, whole, sign in ((radicand, other, -1), (other, radicand, 1)):
                operation, *places = nodes.made[quotient]
                if (
                    operation == "div"
                    and self._is_above_zero(nodes.arithmetic("add", *places))
                    and self._are_equal(whole, nodes.arithmetic("mul", *places))
                ):
                    return {tuple(sorted(((root, 1), (places[1], sign)))): 1}
        return None

    def _is_above_zero(self, x: int) -> bool:
        """True for what is proven to be a small whole number."""
        found = self._values.at([(x, 1)]) or ()
        return any(
            not roots and 0 < a < _SMALL and self._are_equal(x, self._nodes.number(a))
            for roots, a in found
        )

    def _as_exponent(self, x: int, y: int) -> int | None:
        """y log(x) of a power, if the logarithm is surely computed."""
        if not self._nodes.has("function", "log", x):
            return None
        log = self._nodes.symbol("function", "log", x)
        return self._nodes.arithmetic("mul", y, log) if log in self._needed else None

    def _of_logs(self, z: int) -> Polynomial | None:
        """atanh(z) as half the difference of two logarithms that are surely computed, or of one."""
        nodes, one = self._nodes, self._nodes.number(1)
        above, below = (nodes.arithmetic(each, one, z) for each in ("add", "sub"))
        logs = [i for i in self._functions.get("log", ()) if i in self._needed][:_MANY]
        ends: list[tuple[int, Polynomial]] = [(one, {})]
        ends += [(self._inside(i), {((i, 1),): _HALF}) for i in logs]
        for (x, upper), (y, lower) in permutations(ends, 2):
            sides = nodes.arithmetic("mul", below, x), nodes.arithmetic("mul", above, y)
            if self._are_equal(*sides):
                return total(upper, {m: -c for m, c in lower.items()})
        return None

    def _of_sum(self, x: int) -> Polynomial | None:
        """exp(x) as a product of others, up to three, and perhaps of z for a log(z)."""
        for i in self._functions.get("pow", ()):
            inside = self._as_exponent(*map(int, self._nodes.made[i][2:]))
            if inside is not None and self._are_equal(x, inside):
                return self._nodes.linear(i)
        exponents = self._functions.get("exp", ())
        alone = ([(i, sign)] for i in exponents for sign in (1, -1))
        for parts in chain(alone, self._guessed(x, exponents[:_MANY])):
            if self._is_sum(x, parts):
                return self._product_of(parts)
        return None

    def _guessed(self, x: int, exponents: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
        """Up to three exponentials, and perhaps a logarithm, that add up to x at a point."""
        logs = self._functions.get("log", [])[:_MANY]
        if self._values.at([(x, 1)]) is None:
            return
        singles, others = (
            [[], *([(i, s)] for i in found if self._at([(i, 1)]) for s in (1, -1))]
            for found in (exponents, logs)
        )
        pairs = {self._at([*a, *b]): [*a, *b] for a, b in product(singles, singles)}
        for one, log in product(singles, others):
            left = self._values.at([(x, 1), *((i, -s) for i, s in self._added([*one, *log]))])
            if left in pairs:
                yield [*pairs[left], *one, *log]

    def _at(self, parts: Sequence[tuple[int, int]]) -> Key | None:
        """What parts add up to at a point."""
        return self._values.at(self._added(parts))

    def _added(self, parts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """What is added up: exponents and logarithms."""
        return [(self._inside(i) if self._named(i) == "exp" else i, sign) for i, sign in parts]

    def _is_sum(self, x: int, parts: Sequence[tuple[int, int]]) -> bool:
        nodes = self._nodes
        inside = self._added(parts)
        if self._values.differ([(x, 1), *((i, -sign) for i, sign in inside)]):
            return False
        signed = [{m: -sign * c for m, c in nodes.linear(i).items()} for i, sign in inside]
        return vanishes(total(nodes.linear(x), *signed), self, _TRY)[0]

    def _product_of(self, parts: Sequence[tuple[int, int]]) -> Polynomial:
        factors = [(i if self._named(i) == "exp" else self._inside(i), sign) for i, sign in parts]
        exponents: dict[int, int] = {}
        for i, sign in factors:
            exponents[i] = exponents.get(i, 0) + sign
        return {tuple(sorted((i, e) for i, e in exponents.items() if e)): 1}

    def _named(self, i: int) -> str:
        return str(self._nodes.made[i][1])

    def _inside(self, i: int) -> int:
        return int(self._nodes.made[i][2])

    def _made(self, name: str, x: int) -> int:
        """A function's node, related to others as well."""
        i = self._nodes.symbol("function", name, x)
        if i not in self._seen:
            self._seen.add(i)
            self._relate(i)
        return i

    def _are_equal(self, index: int, other: int, work: int = _TRY) -> bool:
        if index == other:
            return True
        if self._values.differ([(index, 1), (other, -1)]):
            return False
        negated = {m: -c for m, c in self._nodes.linear(other).items()}
        return vanishes(total(self._nodes.linear(index), negated), self, work)[0]

    # --- symbols of polynomials ---

    def definition(self, symbol: int) -> Polynomial | None:
        """A symbol over others."""
        if symbol >= _TWIN:
            return None
        if symbol in self._zeros:
            return {}
        return self._defined.get(symbol) or self._nodes.definition(symbol)

    def square(self, symbol: int) -> tuple[Polynomial, int] | None:
        """The square of a root, and a symbol that stands for the root from then on."""
        found = self._squares.get(symbol)
        return None if found is None else (found, symbol + _TWIN)

    def is_condition(self, symbol: int) -> bool:
        """True for symbols that are 0 or 1."""
        return symbol < _TWIN and self._nodes.is_condition(symbol)

    def is_regular(self, symbol: int) -> bool:
        """True only for symbols that are not zero, on whichever side of any condition."""
        if symbol >= _TWIN:
            return False
        waiting = [symbol]
        while waiting:
            i = waiting.pop()
            operation, *places = self._nodes.made[i]
            if operation == "where":
                waiting += places[1:]
            elif i not in self._defined and operation in ("mul", "div", "neg", "pow"):
                waiting += self._nodes.operands(i)
            elif not self._values.is_regular(i):
                return False
        return True

    def opposite(self, symbol: int) -> int | None:
        """The condition that holds where this one does not, if it was made of that one."""
        return None if symbol >= _TWIN else self._nodes.opposite(symbol)

    def gates(self, symbol: int) -> Sequence[tuple[int, Polynomial]]:
        """Conditions, and what they let through of a node where that is an earlier node."""
        return () if symbol >= _TWIN else self._nodes.gates(symbol)

    def rank(self, symbol: int) -> float:
        """When its turn comes."""
        return symbol if symbol >= _TWIN else self._nodes.rank(symbol)


def _root_of_product(a: int, b: int, sign: int) -> Polynomial:
    return {((a, 2),): 1} if a == b else {tuple(sorted(((a, 1), (b, sign)))): 1}


def _log_of_product(a: int, b: int, sign: int) -> Polynomial:
    return {((a, 1),): 2} if a == b else {((a, 1),): 1, ((b, 1),): sign}
