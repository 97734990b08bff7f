"""Gates: the field in which a condition that is used twice is used once, c * c = c.

In a field a condition is an unknown, and ``where`` the line through both branches at it.  That is
enough where every condition multiplies once.  Gradients of networks of ``max`` or ``clip`` use
them again: a value is selected under ``c or d`` that was selected under ``c`` and ``d`` before.

Here a number is a sum of parts, and of each part it is known where it vanishes: a *fact* of a part
r is a condition f with f * r = r.  Selecting by t leaves a part alone that has the fact t, drops
one that has the fact ``not t``, and multiplies any other by t, which is then a fact of it.  What a
compound condition is worth where facts hold is found from those that it is made of:
``d and c`` is worth c where d holds.

Why agreement is a proof up to the chance of the field: each step replaces a polynomial in the
conditions by one that has the same values wherever every condition is 0 or 1; f * r and r are such
two.  So the residues are values, at a random point, of expressions that equal chain rule and
emitted code on either side of all conditions.  If these agree at a random point, they are the same
rational function (the ledger bounds the chance that they are not), and so are chain rule and code
wherever conditions are 0 or 1, which is all that there is.  Facts may be forgotten at any time.
"""

from __future__ import annotations

from collections.abc import Iterable

from verify.field.field import Element, Truth
from verify.field.in_parts import InParts, PartField, Parts

__all__ = ["Gates"]

_DEEP = 150  # conditions within conditions that are taken apart
_WAYS = 64  # in which a condition can hold
_STEPS = 20_000  # of all searches for these ways; what is not found by then is forgotten
_KEPT = 6  # parts of a branch of ``where`` that stay apart
_CONDITIONS = 4096  # beyond, nothing is known about a condition


class _Gated(InParts):
    """A number that is a sum of parts, with facts of each."""

    __slots__ = ()
    meaning: Gates


class _Gate(_Gated):
    """A condition; as a number it is one part.

    Attributes:
        place: Its number, even or odd; the negation has the neighbour.
    """

    __slots__ = ("place", "sides")
    place: int


class Gates(PartField):
    """A prime field with conditions that are idempotent; ``Field`` says what its options are.

    Values of the function itself have no parts: code has them as the function has.

    Args:
        parts: That a number may have; beyond, facts are forgotten.
    """

    def __init__(
        self, prime: int, seed: str | bytes | None, parts: int = 64, **options: bool
    ) -> None:
        super().__init__(prime, seed, **options)
        self._most = parts
        self._places: dict[int, int] = {}  # residue of a condition -> its place
        self._worth: list[int] = []  # by place: the residue
        self._degrees: list[int] = []  # its degree
        self._facts: list[int] = []  # what it implies
        self._enough: list[int] = []  # what implies it
        self._inside: list[int] = []  # all that it is made of
        self._both: dict[int, tuple[int, int]] = {}  # the two conditions of a conjunction
        self._known_ways: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self._left = _STEPS
        self._ties: set[int] = set()
        self._selections: set[int] = set()  # values of the function itself

    @property
    def has_conditions(self) -> bool:
        """True if a condition was met."""
        return bool(self._worth)

    @property
    def is_exhausted(self) -> bool:
        """True if more ways were asked for than are followed."""
        return self._left < 0

    # --- conditions ---

    def _truth(
        self,
        v: int,
        n: int,
        sides: tuple[Element, Element] | None = None,
        both: tuple[int, int] | None = None,
    ) -> Element:
        if not n:
            return Truth(self, v, n, sides)
        place = self._places.get(v)
        if place is None:
            place = self._new_place(v, both)
            self._degrees += n, n
            self._looked += 1
        n = max(n, self._degrees[place])
        self._argument_degree = max(self._argument_degree, n)
        gate = object.__new__(_Gate)
        gate.meaning, gate.v, gate.n, gate.d = self, v, n, 0
        gate.sides, gate.place, gate.parts = sides, place, {self._facts[place]: v}
        return gate

    def _new_place(self, v: int, both: tuple[int, int] | None) -> int:
        """Places of a new condition and its negation, and what is known about them."""
        place = len(self._worth)
        yes, no = 1 << place, 2 << place
        self._places[v], self._places[(1 - v) % self.prime] = place, place + 1
        self._worth += v, (1 - v) % self.prime
        if place > 2 * _CONDITIONS:
            yes = no = 0
            both = None
        if both is None:
            self._facts += yes, no
            self._enough += yes, no
            self._inside += (yes | no,) * 2
            return place
        facts, enough, (a, b) = self._facts, self._enough, both
        self._both[place] = both
        inside = yes | no | self._inside[a] | self._inside[b]
        self._inside += inside, inside
        facts += yes | facts[a] | facts[b], no | (facts[a ^ 1] & facts[b ^ 1])
        enough += yes | (enough[a] & enough[b]), no | enough[a ^ 1] | enough[b ^ 1]
        return place

    def equal(self, x: Element, y: Element) -> Element:
        """The condition x == y, a tie."""
        found = super().equal(x, y)
        if isinstance(found, _Gate):
            self._ties.add(found.place)
        return found

    def is_condition(self, x: object) -> bool:
        """True for results of comparisons, and what logic makes of them."""
        return isinstance(x, (_Gate, Truth))

    def conjunction(self, x: Element, y: Element) -> Element:
        """Both; one of them, if it implies the other."""
        if not (isinstance(x, _Gate) and isinstance(y, _Gate)):  # a constant
            return super().conjunction(x, y)
        facts = self._facts[x.place]
        if facts & self._enough[y.place]:
            return x
        if facts & self._enough[y.place ^ 1]:
            return Truth(self, 0, 0)
        if self._facts[y.place] & self._enough[x.place]:
            return y
        if not facts & self._inside[y.place]:  # then what y implies may say more of x
            x, y, facts = y, x, self._facts[y.place]
        v = x.v * sum(w for _, w in self._ways(y.place, facts)) % self.prime
        return self._truth(v, x.n + y.n, None, (x.place, y.place))

    def _ways(self, place: int, facts: int, depth: int = 0) -> tuple[tuple[int, int], ...]:
        """How a condition can hold where these facts hold: ways that exclude each other.

        Each is what it adds to the facts, and what it is worth.
        """
        own, related = self._facts[place], facts & self._inside[place]
        if related & self._enough[place]:
            return ((own, 1),)
        if related & self._enough[place ^ 1]:
            return ()
        if not related or place & ~1 not in self._both or depth > _DEEP:
            return ((own, self._worth[place]),)
        found = self._known_ways.get((place, related))
        if found is None:
            self._left -= 1
            if self._left < 0:
                return ((own, self._worth[place]),)
            a, b = self._both[place & ~1]
            ways: list[tuple[int, int]] = []
            if place & 1:  # not a, or a and not b
                ways += [(f | own, w) for f, w in self._ways(a ^ 1, related, depth + 1)]
                b ^= 1
            for f, w in self._ways(a, related, depth + 1):
                for g, v in self._ways(b, related | f, depth + 1):
                    ways.append((f | g | own, w * v % self.prime))
            if len(ways) > _WAYS:
                ways = [self._one(ways)]
            found = self._known_ways[place, related] = tuple(self._merged(ways).items())
        return found

    # --- selection ---

    def _line(self, condition: Element, x: Element, y: Element) -> Element:
        plain = super()._line(condition, x, y)
        if not self.turned:
            self._selections.add(plain.v)
        if plain.v in self._selections or not isinstance(condition, _Gate):
            return plain
        n = max(x.n + y.d, y.n + x.d) + condition.n
        own, other = _parts(x), _parts(y)
        if condition.place in self._ties and self._is_half(own, other):
            self._argument_degree = max(self._argument_degree, n + x.d + y.d)
            # Of a tie each gets half: a factor (1 - c / 2), and no condition for anything else.
            factor = (1 - condition.v * self.lift(0.5).v) % self.prime
            halved = {facts: r * factor % self.prime for facts, r in other.items()}
            return self._number(halved, n, x.d + y.d)
        apart = self._total(own, other, -1)
        if len(apart) < len(own):  # y + c * (x - y): what both have is there already
            own, lost = apart, other
        else:
            lost = self._merged(self._selected(condition.place ^ 1, other))
        kept = self._selected(condition.place, own)
        if len(kept) > _KEPT:
            kept = [self._one(kept)]
        parts = self._total(self._merged(kept), lost, 1)
        return self._number(parts, n, x.d + y.d)

    def _is_half(self, x: Parts, y: Parts) -> bool:
        """True if 2 * x is y, part by part."""
        self._looked += 1
        return x.keys() == y.keys() and all(2 * r % self.prime == y[f] for f, r in x.items())

    def _selected(self, place: int, parts: Parts) -> list[tuple[int, int]]:
        """A condition times parts, as parts."""
        return [
            (facts | more, r * w % self.prime)
            for facts, r in parts.items()
            for more, w in self._ways(place, facts)
        ]

    def power(self, x: Element, y: object) -> Element:
        """x ** y; a condition is its own square."""
        if isinstance(x, _Gate) and (self._integer(self.lift(y)) or 0) > 0:
            return x
        return super().power(x, y)

    # --- numbers in parts ---

    def sum(self, x: Element, y: Element, sign: int) -> Element:
        """x + y, or x - y."""
        n, d = max(x.n + y.d, y.n + x.d), x.d + y.d
        return self._number(self._total(_parts(x), _parts(y), sign), n, d)

    def product(self, x: Element, y: Element) -> Element:
        """x * y: part by part; a condition selects."""
        n, d, p = x.n + y.n, x.d + y.d, self.prime
        for one, other in ((x, y), (y, x)):
            if isinstance(one, _Gate):
                return self._number(self._merged(self._selected(one.place, _parts(other))), n, d)
        xs, ys = _parts(x), _parts(y)
        if len(ys) == 1:
            ((more, s),) = ys.items()
            if not more:  # most often: times a plain number
                return self._number({facts: r * s % p for facts, r in xs.items()}, n, d)
        products = [(f | g, r * s % p) for f, r in xs.items() for g, s in ys.items()]
        return self._number(self._merged(products), n, d)

    def _number(self, parts: Parts, n: int, d: int) -> Element:
        """The number of these parts."""
        if len(parts) > self._most:
            parts = dict([self._one(parts.items())])
        v = sum(parts.values()) % self.prime
        large = n + d > self.known_from
        if large or not any(parts):
            plain = Element(self, v, n, d)
            found = self.cut(plain) if large else plain
            if found is not plain or not any(parts):
                return found
        number = object.__new__(_Gated)
        number.meaning, number.v, number.n, number.d, number.parts = self, v, n, d, parts
        return number

    def _total(self, x: Parts, y: Parts, sign: int) -> Parts:
        """Parts of the sum or difference; without those that vanish."""
        total, p = dict(x), self.prime
        for facts, r in y.items():
            s = (total.get(facts, 0) + sign * r) % p
            if s:
                total[facts] = s
            else:
                total.pop(facts, None)
        return total

    def _merged(self, parts: Iterable[tuple[int, int]]) -> Parts:
        """Parts of equal facts as one."""
        merged: Parts = {}
        for facts, r in parts:
            merged[facts] = (merged.get(facts, 0) + r) % self.prime
        return {facts: r for facts, r in merged.items() if r}

    def _one(self, parts: Iterable[tuple[int, int]]) -> tuple[int, int]:
        """All parts as one, with the facts that they share."""
        shared, total = -1, 0
        for facts, r in parts:
            shared &= facts
            total += r
        return max(shared, 0), total % self.prime


def _parts(x: Element) -> Parts:
    """The parts of a number; a plain one is a part without facts."""
    if isinstance(x, _Gated):
        return x.parts
    return {0: x.v} if x.v else {}
