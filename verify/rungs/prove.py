"""Proof by symbols: on each side of every condition, and where conditions are met exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy

from verify.numbers.linear import is_possible
from verify.numbers.regions import Side, every_side, slope
from verify.numbers.symbols import Lift, Symbolic
from verify.numbers.within import Interval, beyond, symbol_in, within
from verify.program.program import Program
from verify.rungs.constants.leverage import is_levered_on
from verify.rungs.kinks.no_values import NOWHERE, NoValues
from verify.rungs.kinks.tied_places import along, input_of, place_of, replaced
from verify.rungs.process.alarm import TimeUp, at_most
from verify.rungs.process.findings import Shown
from verify.rungs.shown_zero import vanishes

__all__ = ["OPEN", "RAISES", "Constants", "Proof", "Ran"]

sp = sympy

# Larger expressions are left to evaluation: simplification is not worth its time there.
_TREE = 20_000
_SIDES, _TIES = 32, 243
_WHY = "the difference did not simplify to zero"
_CANCEL = "constants cancel: it matters what they stand for"
OPEN = "not shown where a comparison of the text's own may be decided by rounding"
_LONG = 60  # characters of a difference that is named
_TOLD, _PATHS = 3, 4  # conventions that are told of, and sides of conditions

_SECONDS, _BONUS = 2.0, 0.3  # an entry, and one that is proven already
_UNANSWERED = 2  # of those, before the others are not tried
# What SymPy raises on odd input, besides the OverflowErrors of this module.
RAISES = (
    RecursionError, NotImplementedError, ArithmeticError, ValueError, AttributeError, TypeError,
)  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """Function and texts on one side of every condition.

    Args:
        side: The side.
        asked: The signs of what the function asks.
        steps: The function's.
        value: The function.
        outputs: What the text gives.
        truth: What the chain rule gives, with the conventions of the table; empty if not known.
        levered: Whether it matters here what the constants stand for.
        is_unreal: Whether the function has no value.
    """

    side: Side
    asked: Mapping[sympy.Basic, int]
    steps: Sequence[object]
    value: sympy.Basic
    outputs: list[sympy.Basic]
    truth: list[sympy.Basic]
    levered: bool
    is_unreal: bool

    def is_beside(self, tie: Ran) -> bool:
        """True if the tie is on the border of this side."""
        signs = self.side.signs
        return all(sign in (0, signs.get(d, sign)) for d, sign in tie.side.signs.items())


@dataclass(frozen=True)
class Constants:
    """What constants are read as.

    Args:
        function: The function with its constants as they stand.
        text: The text likewise.
        read: What some of them stand for.
    """

    function: Program
    text: Program
    read: Mapping[float, str]

    def matter(self, answers: Sequence[int | bool | None], asked: int) -> bool:
        """True if it matters on the side of these answers; so many are the function's."""
        return is_levered_on(self.function, self.read, answers[:asked]) or is_levered_on(
            self.text, self.read, answers[asked:]
        )


class Proof:
    """Symbolic proof that a gradient under proof equals the function's derivatives.

    Where a difference that somebody asks about is zero, the text has to give the derivative along
    that place, and by what leaves it the chain rule's, or one that all sides around have.

    Args:
        forward: The traced function.
        subject: The gradient: the value (if ``value``), then the partial derivatives; what it
            asks on its own as unknown numbers (opened.py).
        truth: The chain rule of the function; None if ties are not looked at.
        value: Whether the gradient gives the value too.
        inputs: Places of the inputs the partial derivatives belong to.
        domain: Interval of each input.
        names: Of the inputs, for reasons.
        inside: Inputs and intervals they lie in wherever function and derivatives are defined.
        constants: What constants of function and text are read as.
        cusps: What is zero only where there are no derivatives by some inputs, and these.
    """

    def __init__(
        self,
        forward: Program,
        subject: Program,
        truth: Program | None,
        value: bool,
        inputs: Sequence[int],
        domain: Sequence[Interval],
        names: Sequence[str],
        inside: Sequence[tuple[int, float, float]] = (),
        constants: Constants | None = None,
        cusps: Sequence[tuple[Program, frozenset[int]]] = (),
    ) -> None:
        self._constants, self._cusps = constants, cusps
        self._forward, self._subject, self._truth = forward, subject, truth
        self._inputs, self._names = inputs, names
        self._first = 0 if value else 1
        self._lift = Lift(forward.literals())
        read = {} if constants is None else constants.read
        self._meant = {c: self._number(read[x]) for c, x in self._lift.values.items() if x in read}
        self._intervals = dict(enumerate(domain))
        for place, low, high in inside:
            before = self._intervals[place]
            self._intervals[place] = max(low, before[0]), min(high, before[1])
        self._symbols = [symbol_in(i, interval) for i, interval in enumerate(domain)]
        self._none = NoValues(forward, self._symbols, self._lift.exact)
        self._own = {*self._symbols, *self._lift.values}  # what is no unknown number
        self._sides: list[Ran] | None = None
        self._ties: list[Ran] | None = None
        self._hopeless = ""  # why there are no sides
        self._unanswered: list[str] = []  # why entries that are proven already have no answer

    def _number(self, text: str) -> sympy.Basic:
        """What a constant is read as."""
        return sp.sympify(Symbolic(self._lift, Side()).apply(text, ()))

    def step(self, entry: int, known: bool = False) -> Shown:
        """How entry ``entry`` (0 is the value) is proven equal to the derivative, or why not.

        Args:
            entry: Its place.
            known: True if something else proves it: more about it is worth less time.
        """
        if self._hopeless:
            return Shown(None, self._hopeless)
        if known and len(self._unanswered) == _UNANSWERED:
            return Shown(None, self._unanswered[-1])
        seconds = _BONUS if known else _SECONDS
        try:
            with at_most(seconds, working=True):
                return self._step(entry)
        except TimeUp:
            reason = f"no answer within {seconds:g} s"
            self._unanswered += [reason] if known else []
        except RAISES as error:
            reason = str(error) or type(error).__name__
        if self._sides is None:
            self._hopeless = reason
        return Shown(None, reason)

    def _step(self, entry: int) -> Shown:
        found, paths = "identical", list[str]()
        # Where the function has no value there is nothing to be right about.
        inner = [ran for ran in self._inner() if not ran.is_unreal]
        if not inner or any(ran.value.has(*NOWHERE) for ran in inner):  # whose slope would be zero
            return Shown(None, "SymPy finds no value of the function")
        for ran in inner:
            if ran.levered:
                return Shown(None, _CANCEL)
            true = self._derivative(ran, entry)
            step = self._equal(ran.outputs[entry - self._first], true, ran.side)
            if step is None:
                where = f" where {self._path(ran.side)}" if len(inner) > 1 else ""
                return Shown(None, f"{_WHY}{where}" if not self._is_open(ran) else OPEN)
            found = step if step != "identical" else found
            if len(inner) > 1 and len(paths) < _PATHS:
                paths.append(f"{step} where {self._path(ran.side)}")
        conventions = []
        for ran in self._every_tie():
            if ran.levered:
                return Shown(None, _CANCEL)
            convention = self._at_tie(ran, entry, inner)
            if convention is None:
                return Shown(None, f"not shown where {self._named(ran.side)}")
            conventions += [convention] if convention else []
        how = found if len(inner) == 1 else f"{found}, on each of {len(inner)} sides"
        return Shown(how, "; ".join(conventions[:_TOLD]), tuple(paths))

    def _is_open(self, ran: Ran) -> bool:
        """True if the text asks what the function does not ask, and doubles may decide."""
        return any(d.free_symbols.difference(self._own) for d in ran.side.signs)

    def _derivative(self, ran: Ran, entry: int) -> sympy.Basic:
        return sp.diff(ran.value, self._symbols[self._inputs[entry - 1]]) if entry else ran.value

    def _inner(self) -> list[Ran]:
        """Function and text on each side that has an inside."""
        if self._sides is None:
            size = self._forward.tree_size() + self._subject.tree_size()
            if size > _TREE:
                raise OverflowError("the expressions are too large")
            self._sides = list(every_side(self._side, _SIDES, values=self._lift.exact))
        return self._sides

    def _every_tie(self) -> list[Ran]:
        """The same where differences are zero."""
        if self._ties is None:
            asked = self._truth is not None and any(ran.side.signs for ran in self._inner())
            found = every_side(self._side, _TIES, True, self._lift.exact) if asked else ()
            self._ties = [ran for ran in found if ran.side.is_tie]
        return self._ties

    def _side(self, side: Side) -> Ran:
        algebra = Symbolic(self._lift, side)
        forward = algebra.run(self._forward, self._symbols)
        asked, signs = len(side.answers), dict(side.signs)
        subject = algebra.run(self._subject, self._symbols)
        levered = self._constants is not None and self._constants.matter(side.answers, asked)
        outputs = [sp.sympify(subject[i]) for i in self._subject.outputs]
        truth: list[sympy.Basic] = []
        if side.is_tie and self._truth is not None:
            values = algebra.run(self._truth, self._symbols)
            first, *slopes = (sp.sympify(values[i]) for i in self._truth.outputs)
            truth = [first, *(slopes[i] for i in self._inputs)]
        value = sp.sympify(forward[self._forward.outputs[0]])
        unreal = not side.is_tie and self._none.on_side(forward, side.signs)
        return Ran(side, signs, forward, value, outputs, truth, levered, unreal)

    # --- ties ---

    def _at_tie(self, tie: Ran, entry: int, inner: Sequence[Ran]) -> str | None:
        """What there is to say of the text where differences are zero; None if it is not right.

        "" if it gives what the table's conventions or all sides give.
        """
        found, place = tie.outputs[entry - self._first], self._place_of(tie.side)
        if self._none.at_tie(tie.steps, tie.side.signs, place):
            return ""
        beside = [ran for ran in inner if ran.is_beside(tie)] if entry else []
        if entry:
            by = self._inputs[entry - 1]
            true = along(tie.value, tie.asked, self._symbols, self._symbols[by])
            if true is None and self._is_cusp(tie.side, place, by):
                return ""
            true = self._slope_through(tie, entry, beside, place) if true is None else true
            if true is not None:
                return "" if self._agree(found, true, place) else None
        known = [tie.truth[entry]] if entry else [tie.truth[0], tie.value]
        by_table = any(self._agree(found, x, place) for x in known)
        if by_table or (entry and self._is_chained(found, entry, tie.side, place)):
            return ""
        if beside and all(self._is_infinite(ran, entry, place) for ran in (tie, *beside)):
            return ""  # there is no derivative
        sides = [self._signed(self._derivative(ran, entry), ran.side) for ran in beside]
        shown = [self._agree(found, slope, place) for slope in sides]
        # The derivative, where there is one, is that of any side that comes close.
        close = [self._is_close(ran.side, tie.side) for ran in beside]
        if any(map(all, zip(shown, close, strict=True))):
            return self._convention("the slope of one side", tie, beside, place)
        # The mean of derivatives is the derivative where these are one.
        pieces = {self._signed(r.value, r.side): s for r, s in zip(beside, sides, strict=True)}
        if pieces and all(close):
            mean = sum(pieces.values()) / len(pieces)
            if self._agree(found, mean, place):
                return self._convention(f"the mean of {len(pieces)} slopes", tie, beside, place)
        return None

    def _convention(
        self, what: str, tie: Ran, beside: Sequence[Ran], place: Mapping[sympy.Basic, sympy.Basic]
    ) -> str:
        """What the text gives at a tie where no derivative is shown, and what the function does."""
        has = f"a {'kink' if self._joins(beside, place) else 'jump'}"
        return f"where {self._named(tie.side)} the function may have {has}: the text gives {what}"

    def _slope_through(
        self, tie: Ran, entry: int, beside: Sequence[Ran], place: Mapping[sympy.Basic, sympy.Basic]
    ) -> sympy.Basic | None:
        """The derivative that a function has where other pieces of it meet without kink or jump."""
        if not beside or not self._joins([tie, *beside], place):
            return None
        first, *rest = (self._signed(self._derivative(ran, entry), ran.side) for ran in beside)
        return first if all(self._agree(first, slope, place) for slope in (first, *rest)) else None

    def _joins(self, pieces: Sequence[Ran], place: Mapping[sympy.Basic, sympy.Basic]) -> bool:
        """True if some pieces of the function have one value where they meet."""
        first, *rest = (self._signed(ran.value, ran.side) for ran in pieces)
        return all(self._agree(first, value, place) for value in rest)

    def _is_cusp(self, side: Side, place: Mapping[sympy.Basic, sympy.Basic], by: int) -> bool:
        """True where the function surely has no derivative by an input (cusps.py)."""
        algebra = Symbolic(self._lift, side)
        squares = (
            algebra.run(program, self._symbols)[program.outputs[0]]
            for program, inputs in self._cusps
            if by in inputs
        )
        return any(replaced(sp.sympify(x), place).is_zero for x in squares)

    def _is_chained(
        self, found: sympy.Basic, entry: int, side: Side, place: Mapping[sympy.Basic, sympy.Basic]
    ) -> bool:
        """True where a text gives what the chain rule computes there.

        sinc(0) is no quotient, though it is one beside.
        """
        if self._truth is None or not place:
            return False
        there = Side.answering(side.signs, self._lift.exact)
        inputs = [replaced(x, place) for x in self._symbols]
        values = Symbolic(self._lift, there).run(self._truth, inputs)
        slope = sp.sympify(values[self._truth.outputs[1 + self._inputs[entry - 1]]])
        return len(there.signs) == len(side.signs) and self._agree(found, slope, place)

    def _is_infinite(self, ran: Ran, entry: int, place: Mapping[sympy.Basic, sympy.Basic]) -> bool:
        """True if a derivative grows without bound towards a tie, or is nowhere at it."""
        if ran.side.is_tie:
            return bool(replaced(ran.truth[entry], place).has(*NOWHERE))
        slope = replaced(self._signed(self._derivative(ran, entry), ran.side), place)
        return slope in (sp.zoo, sp.oo, -sp.oo)

    def _is_close(self, side: Side, tie: Side) -> bool:
        """True if a side is right beside every point of a tie, not beside some of them only."""
        zero = [difference for difference, sign in tie.signs.items() if sign == 0]
        if len(zero) == 1:
            return input_of(zero[0], self._symbols) is not None  # it changes its sign there
        place = self._place_of(tie)
        asked = [(d, sign) for d, sign in side.signs.items() if not tie.signs.get(d, 0)]
        if any(sp.expand(replaced(difference, place)) for difference, _ in asked):
            return False  # of points of the tie it is beside some
        slopes = [(slope(difference, self._symbols), sign) for difference, sign in asked]
        known = [(row, sign) for row, sign in slopes if row is not None and sign]
        return len(known) == len(slopes) and is_possible(known)

    def _agree(
        self, found: sympy.Basic, derivative: sympy.Basic, place: Mapping[sympy.Basic, sympy.Basic]
    ) -> bool:
        """True if two expressions are equal and defined at a tie."""
        found, derivative = (replaced(x, place).xreplace(self._meant) for x in (found, derivative))
        nowhere = found.has(*NOWHERE) or derivative.has(*NOWHERE)
        return not nowhere and self._equal(found, derivative) is not None

    def _place_of(self, side: Side) -> dict[sympy.Basic, sympy.Basic]:
        """Where inputs have to be for the differences of a tie to be zero."""
        return place_of((d for d, sign in side.signs.items() if sign == 0), self._symbols)

    def _named(self, side: Side) -> str:
        """Where the tie is, in a few words."""
        if any(d.free_symbols.difference(self._own) for d in side.signs):
            return "a comparison of the text's own is met with equality"
        return " and ".join(f"{self._spelled(d)} = 0" for d, sign in side.signs.items() if not sign)

    def _path(self, side: Side) -> str:
        """Which way through its conditions a side is, in a few words."""
        signs = [f"{self._spelled(d)} {'<=>'[s + 1]} 0" for d, s in side.signs.items()]
        return " and ".join(signs[:_PATHS]) + " ..." * (len(signs) > _PATHS)

    def _spelled(self, difference: sympy.Basic) -> str:
        """A difference as the user would write it."""
        values: dict[sympy.Basic, sympy.Basic] = {
            c: sp.Float(x) for c, x in self._lift.values.items()
        }
        values |= {x: sp.Symbol(n) for x, n in zip(self._symbols, self._names, strict=True)}
        text = str(difference.xreplace(values))
        return text if len(text) <= _LONG else "a difference"

    def _signed(self, expression: sympy.Basic, side: Side) -> sympy.Basic:
        """An expression where the signs of inputs are known: |x| is x or -x."""
        for x in self._symbols:
            if (sign := side.signs.get(x)) and expression.has(x):
                p = sp.Symbol(f"p{x.name}", positive=True)
                expression = expression.subs(x, sign * p).subs(p, sign * x)
        return expression

    def _equal(self, found: object, expected: sympy.Basic, side: Side | None = None) -> str | None:
        """The step that shows that two expressions are equal, None if none does."""
        return self._vanishes(found - expected, side)

    def _vanishes(self, difference: object, side: Side | None = None) -> str | None:
        step = vanishes(difference)
        if step is not None:
            return step
        if side is not None and (signed := self._signed(difference, side)) != difference:
            step = vanishes(signed)
            if step is not None:
                return step
        forms = within(difference, self._intervals), *beyond(difference, side.signs if side else {})
        return next(filter(None, (vanishes(x) for x in forms if x != difference)), None)
