"""Field: arithmetic in a large random prime field, with a ledger of degrees.

Two expressions that are equal as rational functions agree at every random element of the field;
two that are not agree only with a chance of about their degree over the prime (Schwartz, Zippel).
Every element therefore carries a bound on the degrees of its numerator and denominator, and
``Field.chance`` says how likely an agreement by accident is.

A function that arithmetic does not make (``log``, ``floor``) is an unknown: a random element for
each argument, the same for equal arguments.  Cheap true relations join some: exp(-x) is 1 / exp(x),
tanh is made from exp.  So an agreement holds whatever the functions are; a difference may be one
that only a deeper relation removes, and is never a refutation.

A condition is an unknown, too, and ``where`` the line through both branches at it.  With
``sides=True`` every difference has a random sign instead, as at a point inside one region.

One file, because elements and their field are each other's definition: an element's operators ask
its field for inverses, unknowns and cuts, and what the field answers with are elements.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Any

from autodiff.table.primitive import Primitive
from verify.field.meaning import PoleError, Symbolic
from verify.field.random_bits import drawing
from verify.field.related import ODD, Related

__all__ = ["Element", "Field", "PoleError", "Truth"]

_INTEGERS = 64  # up to which an exponent is a repeated product
_CUT = 1 << 32  # degrees above it are cut, if cuts are wanted
_KNOWN = _CUT >> 1  # above it, if the same expression was cut in another form
_new = object.__new__


class Element(Symbolic):
    """An element of a field and what is known of the expression that it is the value of.

    Attributes:
        meaning: Its field.
        v: The residue.
        n: Bound on the degree of the numerator.
        d: The same of the denominator.
    """

    __slots__ = ("d", "n", "v")
    meaning: Field
    sides: tuple[Element, Element] | None = None  # of a condition that compares numbers

    def __init__(self, field: Field, v: int, n: int, d: int) -> None:
        self.meaning, self.v, self.n, self.d = field, v, n, d

    # A check runs these for every operation: a call of __init__ would cost as much as a product.

    def __add__(self, y: object) -> Element:
        f = self.meaning
        if type(y) is not Element:
            y = f.lift(y)
        r = _new(Element)
        r.meaning = f
        v = self.v + y.v
        r.v = v if v < f.prime else v - f.prime
        d, e = self.d, y.d
        if d or e:
            n, m = self.n + e, y.n + d
            r.n = n if n > m else m
            r.d = d + e
            return f.cut(r) if r.n + r.d > f.known_from else r
        n, m = self.n, y.n
        r.n = n if n > m else m
        r.d = 0
        return r

    __radd__ = __add__

    def __sub__(self, y: object) -> Element:
        f = self.meaning
        if type(y) is not Element:
            y = f.lift(y)
        r = _new(Element)
        r.meaning = f
        v = self.v - y.v
        r.v = v if v >= 0 else v + f.prime
        n, m = self.n + y.d, y.n + self.d
        r.n = n if n > m else m
        r.d = self.d + y.d
        return f.cut(r) if r.d and r.n + r.d > f.known_from else r

    def __rsub__(self, x: object) -> Element:
        return self.meaning.lift(x) - self

    def __mul__(self, y: object) -> Element:
        f = self.meaning
        if type(y) is not Element:
            y = f.lift(y)
        r = _new(Element)
        r.meaning = f
        r.v = self.v * y.v % f.prime
        n = r.n = self.n + y.n
        d = r.d = self.d + y.d
        return f.cut(r) if n + d > f.known_from else r

    __rmul__ = __mul__

    def __truediv__(self, y: object) -> Element:
        f = self.meaning
        if type(y) is not Element:
            y = f.lift(y)
        r = _new(Element)
        r.meaning = f
        r.v = self.v * (f.inverses.get(y.v) or f.inverse(y.v)) % f.prime
        n = r.n = self.n + y.d
        d = r.d = self.d + y.n
        return f.cut(r) if n + d > f.known_from else r

    def __rtruediv__(self, x: object) -> Element:
        return self.meaning.lift(x) / self

    def __neg__(self) -> Element:
        r = _new(Element)
        f = r.meaning = self.meaning
        r.v = f.prime - self.v if self.v else 0
        r.n, r.d = self.n, self.d
        return r

    def __pow__(self, y: object) -> Element:
        return self.meaning.power(self, y)

    def __rpow__(self, x: object) -> Element:
        return self.meaning.power(self.meaning.lift(x), self)


class Truth(Element):
    """A condition; if it compares numbers, it knows them: first the one smaller if it holds."""

    __slots__ = ("sides",)

    def __init__(
        self, field: Field, v: int, n: int, sides: tuple[Element, Element] | None = None
    ) -> None:
        super().__init__(field, v, n, 0)
        self.sides = sides


class Field(Related[Element]):
    """A prime field, and random values for everything unknown.

    Args:
        prime: The number of elements.
        seed: Of the random values; None for the system's.
        relations: Make functions of each other where they are: tanh of exp, sigmoid of exp.
            Without, each is an unknown of its own, which keeps degrees small.
        sides: Give every difference a sign, instead of every condition an element.
        cuts: Let an expression of a very large degree be an unknown of its own.

    Attributes:
        of_primitive: The meaning of primitives met so far.
        known_from: Degree from which an element may be such an unknown.
        inverses: The inverses found so far.
    """

    def __init__(
        self,
        prime: int,
        seed: str | bytes | None,
        relations: bool = False,
        sides: bool = False,
        cuts: bool = False,
    ) -> None:
        super().__init__()
        self.prime, self.relations, self.sides = prime, relations, sides
        self.known_from = _KNOWN if cuts else 1 << 100_000
        self._bits = prime.bit_length()
        self._draw = drawing(seed)
        self._known: dict[object, int] = {}  # values of unknowns
        self._cuts: dict[int, bool] = {}  # large elements met, and whether they were cut
        self._literals: dict[object, Element] = {}
        self._numbers: dict[int, float | Fraction] = {}  # by residue, of the literals
        self._literals_told = 0  # how many of them
        self.inverses: dict[int, int] = {}
        self._argument_degree = 1
        self._looked = 0  # comparisons of residues, besides the look-up of unknowns

    # --- numbers ---

    def unknown(self, key: object) -> Element:
        """A random element; the same for the same key."""
        return Element(self, self._value(key), 1, 0)

    def point(self, count: int) -> list[Element]:
        """So many random elements."""
        return [self.unknown(object()) for _ in range(count)]

    def same(self, x: Element, y: Element) -> bool:
        """True for equal residues."""
        return x.v == y.v

    def _value(self, key: object) -> int:
        value = self._known.get(key)
        if value is None:
            value = self._draw(self._bits)
            while not 1 < value < self.prime:
                value = self._draw(self._bits)
            self._known[key] = value
        return value

    def cut(self, x: Element) -> Element:
        """An unknown instead of an element of large degree, as of a function: the same for equals.

        What holds for any function holds for the one that returns its argument.
        """
        if not x.v:
            return x
        v, sign = self._canonical(x)
        degree = x.n + x.d
        self._looked += 1
        cut = self._cuts.get(v)
        if cut is None:  # decided where it is met first, so that it is the same everywhere
            cut = self._cuts[v] = degree > _CUT
        if not cut:
            return x
        self._argument_degree = max(self._argument_degree, degree)
        found: Element = self.unknown(("cut", v))
        return found if sign > 0 else -found

    @property
    def is_cut(self) -> bool:
        """True if an element was so large that it became an unknown."""
        return any(self._cuts.values())

    @property
    def has_conditions(self) -> bool:
        """True if a condition was met whose uses are kept apart (gates.py)."""
        return False

    @property
    def is_exhausted(self) -> bool:
        """True if conditions were so many that what follows from them was left open (gates.py)."""
        return False

    def lift(self, value: object) -> Element:
        """The element of a number; infinity and nan are unknowns."""
        if isinstance(value, Element):
            return value
        found = self._literals.get(value)
        if found is None:
            found = self._literals[value] = self._literal(value)
        return found

    def _literal(self, value: Any) -> Element:
        if isinstance(value, float) and not math.isfinite(value):
            if value < 0:
                return -self.unknown("inf")
            return self.unknown("inf" if value > 0 else "nan")
        exact = Fraction(value)
        residue = exact.numerator % self.prime
        if exact.denominator != 1:
            residue = residue * self.inverse(exact.denominator % self.prime) % self.prime
        return Element(self, residue, 0, 0)

    def key(self, x: Element) -> int:
        """Its residue."""
        return x.v

    def inverse(self, v: int) -> int:
        """1 / v."""
        found = self.inverses.get(v)
        if found is None:
            try:
                found = self.inverses[v] = pow(v, -1, self.prime)
            except ValueError:
                raise PoleError("a denominator is zero") from None
        return found

    def power(self, x: Element, y: object) -> Element:
        """x ** y: a repeated product for small integers, else an unknown."""
        exponent = y if type(y) is int else self._integer(self.lift(y))
        if exponent is None:
            return self.function("pow", x, self.lift(y))
        if exponent < 0:
            x, exponent = 1 / x, -exponent
        r = Element(self, pow(x.v, exponent, self.prime), exponent * x.n, exponent * x.d)
        return self.cut(r) if r.n + r.d > self.known_from else r

    def _integer(self, y: Element) -> int | None:
        """The small integer that a literal is."""
        if y.n or y.d:
            return None
        if y.v <= _INTEGERS:
            return y.v
        return y.v - self.prime if self.prime - y.v <= _INTEGERS else None

    # --- functions ---

    def _unknown_function(self, name: str, arity: int) -> Callable[..., Element]:
        """``function`` under a name, in one step where there is one operand."""
        if arity != 1 or name in ODD:
            return partial(self.function, name)

        def function(x: object) -> Element:
            if not isinstance(x, Element):
                x = self.lift(x)
            self._argument_degree = max(self._argument_degree, x.n + x.d)
            return self.unknown((name, x.v))

        return function

    def as_called(self, primitive: Primitive) -> Callable[..., object]:
        """A primitive of one operand without a detour."""
        if primitive.arity != 1:
            return primitive
        meant = self.of_primitive.get(primitive) or self.meaning_of(primitive)
        return lambda x: meant(x) if isinstance(x, Element) else primitive(x)

    def function(self, name: str, *operands: object) -> Element:
        """An unknown for each argument; odd and even ones keep their symmetry."""
        arguments = [self.lift(x) for x in operands]
        for x in arguments:
            self._argument_degree = max(self._argument_degree, x.n + x.d)
        if name == "Abs" or name in ODD:
            v, sign = self._canonical(arguments[0])
            found = self.unknown((name, v))
            return -found if sign < 0 and name in ODD else found
        return self.unknown((name, *(x.v for x in arguments)))

    def called(self, name: str, *operands: Element) -> Element:
        """Result of a function by its SymPy name."""
        known = self._names.get(name)
        found = known(*operands) if callable(known) else self.function(name, *operands)
        return self.lift(found)

    def _canonical(self, x: Element) -> tuple[int, int]:
        """x or -x, whichever is the smaller number, and the sign."""
        other = self.prime - x.v
        return (x.v, 1) if x.v <= other else (other, -1)

    def _exp(self, given: object) -> Element:
        x = self.lift(given)
        if not x.v:
            return self.lift(1)
        v, sign = self._canonical(x)
        self._argument_degree = max(self._argument_degree, x.n + x.d)
        found = self.unknown(("exp", v))
        return 1 / found if sign < 0 else found

    def _half_tangent(self, given: object) -> Element:
        x = self.lift(given)
        if not x.v:
            return x
        v, sign = self._canonical(x)
        self._argument_degree = max(self._argument_degree, x.n + x.d)
        found = self.unknown(("tan(x/2)", v))
        return -found if sign < 0 else found

    def _abs(self, given: object) -> Element:
        if not self.sides:
            return self.function("Abs", given)
        x = self.lift(given)
        return x if self._sign_of(x.v) >= 0 else -x

    # --- conditions ---

    def _sign_of(self, v: int) -> int:
        """Sign of a difference: random, but opposite to that of its negative."""
        if not v:
            return 0
        other = self.prime - v
        sign = 1 if self._value(("sign", min(v, other))) % 2 else -1
        return sign if v < other else -sign

    def _truth(self, v: int, n: int, sides: tuple[Element, Element] | None = None) -> Element:
        """The condition of this residue."""
        return Truth(self, v, n, sides)

    def _of_difference(
        self, kind: str, difference: Element, v: int, sides: tuple[Element, Element] | None = None
    ) -> Element | None:
        self._argument_degree = max(self._argument_degree, difference.n + difference.d)
        return self._truth(self._value((kind, v)), 1, sides) if v else None

    def number(self, x: Element) -> float | Fraction | None:
        """The literal that an element is; infinities are some, too."""
        if x.n > 1 or x.d:
            return None
        if self._literals_told < len(self._literals):
            for value, one in islice(self._literals.items(), self._literals_told, None):
                if isinstance(value, (int, float, Fraction)) and value == value:
                    self._numbers.setdefault(one.v, value)
            self._literals_told = len(self._literals)
        found = self._numbers.get(x.v)
        return found if found is None or math.isinf(found) == bool(x.n) else None

    def _order(self, x: Element, y: Element) -> int | None:
        """Sign of x - y for literals: what a rule asks of one is folded in the emitted code."""
        one, other = self.number(x), self.number(y)
        if one is None or other is None:
            return None
        self._looked += 1
        return (one > other) - (one < other)

    def _settled(self, holds: bool) -> Element:
        """A condition that is known."""
        return Truth(self, int(holds), 0)

    def less(self, x: Element, y: Element) -> Element:
        """The condition x < y: an unknown of the difference."""
        order = self._order(x, y)
        if order is not None:
            return self._settled(order < 0)
        difference = x - y
        if self.sides:
            return Truth(self, int(self._sign_of(difference.v) < 0), 0)
        return self._of_difference("less", difference, difference.v, (x, y)) or Truth(self, 0, 0)

    def equal(self, x: Element, y: Element) -> Element:
        """The condition x == y: an unknown of the difference, whichever its sign."""
        order = self._order(x, y)
        if order is not None:
            return self._settled(not order)
        difference = x - y
        if self.sides:
            return Truth(self, int(not difference.v), 0)
        v = self._canonical(difference)[0]
        return self._of_difference("equal", difference, v) or Truth(self, 1, 0)

    def negation(self, condition: Element) -> Element:
        """1 - c."""
        sides = condition.sides
        swapped = None if sides is None else (sides[1], sides[0])
        return self._truth((1 - condition.v) % self.prime, condition.n, swapped)

    def is_condition(self, x: object) -> bool:
        """True for results of comparisons, and what logic makes of them."""
        return isinstance(x, Truth)

    def conjunction(self, x: Element, y: Element) -> Element:
        """The product; a constant true is left out."""
        for one, other in ((x, y), (y, x)):
            if not one.n:
                return other if one.v else one
        return self._truth(x.v * y.v % self.prime, x.n + y.n)

    def where(self, condition: Element, x: Element, y: Element) -> Element:
        """c * x + (1 - c) * y; the smaller or larger of two numbers does not depend on a tie."""
        if not condition.n:
            return x if condition.v else y
        if not (x.n or x.d or y.n or y.d) and x.v == 1 and y.v == 0:
            return condition  # a truth value as a number
        if condition.sides is not None:
            self._looked += 1
            low, high = condition.sides
            if {x.v, y.v} == {low.v, high.v}:
                self._argument_degree = max(self._argument_degree, x.n + x.d, y.n + y.d)
                return self.smaller(low, high) if x.v == low.v else self.larger(low, high)
        return self._line(condition, x, y)

    def _line(self, condition: Element, x: Element, y: Element) -> Element:
        v = (y.v + condition.v * (x.v - y.v)) % self.prime
        return Element(self, v, max(x.n + y.d, y.n + x.d) + condition.n, x.d + y.d)

    def larger(self, x: Element, y: Element) -> Element:
        """The larger of x and y, whatever their order here."""
        low, high = (x, y) if x.v <= y.v else (y, x)
        condition = self.less(low, high)
        return self._line(condition, high, low) if condition.n else (high if condition.v else low)

    def smaller(self, x: Element, y: Element) -> Element:
        """The smaller of x and y, whatever their order here."""
        low, high = (x, y) if x.v <= y.v else (y, x)
        condition = self.less(low, high)
        return self._line(condition, low, high) if condition.n else (low if condition.v else high)

    # --- the ledger ---

    def degree_bits(self, pairs: Sequence[tuple[Element, Element]]) -> int:
        """Bits of the degree on which the chance of an accident depends."""
        degree = sum(max(x.n + y.d, y.n + x.d) + x.d + y.d for x, y in pairs)
        unknowns = len(self._known) + self._looked
        # Arguments that agree by accident, or up to their sign, would share their unknown.
        return int(degree + 2 * unknowns * unknowns * self._argument_degree).bit_length()

    def chance(self, pairs: Sequence[tuple[Element, Element]]) -> float:
        """Bound on the chance that any of these equal pairs are different expressions.

        1.0 if nothing can be said: the degrees are too large for this prime.
        """
        missing = self.prime.bit_length() - 2 - self.degree_bits(pairs)  # half of all are no poles
        return 1.0 if missing < 8 else 2.0**-missing
