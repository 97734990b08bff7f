"""Identity: SymPy's derivative and a text under proof, at random elements of a prime field.

Where the difference of two expressions does not simplify to zero, it may still be shown to vanish
up to a stated chance: both run over the same field (field.py), on the same side of every condition.
A side is a region of the inputs, known by the answers that a point in it gave.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from verify.field.field import Element, Field, PoleError
from verify.field.prime import BITS, random_prime
from verify.field.roots import Roots, points_for
from verify.numbers.algebra import Algebra
from verify.program.program import Program

__all__ = ["Identity", "Region"]

_CHANCE = 1e-12
_DIFFERENT = math.inf  # as a chance
_TRIES = 500  # points that are expected to do; half of them have no root of a number
_LUCK = 2  # times as many are tried: 500 have too few with two roots once in 500 runs
_PRIMES = 8
Answers = Sequence[int | bool | None]


@dataclass(frozen=True)
class Region:
    """One side of every condition.

    Args:
        derivatives: What SymPy derived there: the value, then the partial derivatives.
        answers: What each text under proof asks, answered.
    """

    derivatives: Program
    answers: Sequence[Answers]


class Identity:
    """Texts under proof against SymPy's derivatives, over prime fields.

    Args:
        subjects: The texts.
        value: Whether they give the value before the partial derivatives.
        seed: Of the random elements.
    """

    def __init__(self, subjects: Sequence[Program], value: bool, seed: str) -> None:
        self._subjects = subjects
        self._first = 0 if value else 1
        self._seed = seed
        self._one_side = _OneSide()

    def chances(self, regions: Iterable[Region]) -> list[float | None]:
        """Per number, a bound on the chance that it agrees by accident on one of the regions.

        None where it does not agree, or no bound is small: a difference may be one that only a
        relation of functions removes which no field knows, so it says nothing.
        """
        worst = [0.0] * len(self._different)
        for region in regions:  # what differs on one needs no other
            asked = [k for k, x in enumerate(worst) if x != _DIFFERENT]
            worst = list(map(max, worst, self._of_region(region, asked)))
        return [x if x <= _CHANCE else None for x in worst]

    def _of_region(self, region: Region, asked: Sequence[int]) -> list[float]:
        for bits in BITS[:2]:  # SymPy can afford no function of a larger degree
            best = self._different
            for in_field in (self._without_roots, self._with_roots):  # one point, then many
                for relations in (False, True):
                    left = [k for k in asked if best[k] > _CHANCE]
                    if not left:
                        return best
                    best = list(map(min, best, in_field(region, bits, relations, left)))
            if all(best[k] <= _CHANCE or best[k] == _DIFFERENT for k in asked):
                break
        return best

    def _without_roots(
        self, region: Region, bits: int, relations: bool, left: Sequence[int]
    ) -> list[float]:
        """Per number the chance of an accident at a random point; roots are unknowns."""
        for attempt in range(_TRIES):
            field = Field(random_prime(bits), f"{self._seed}, {attempt}", relations)
            try:
                return self._compared(region, field)
            except PoleError:
                continue
        return self._different

    def _with_roots(
        self, region: Region, bits: int, relations: bool, left: Sequence[int]
    ) -> list[float]:
        """Per number the chance of an accident at so many points that signs of roots are none.

        Args:
            region: Where.
            bits: Of the prime.
            relations: As for ``Field``.
            left: The numbers that are asked for.
        """
        worst, points, roots = [0.0] * len(self._different), 0, 0
        for attempt in range(_LUCK * _TRIES):
            prime = random_prime(bits, attempt % _PRIMES)  # a number has a root modulo every other
            field = Roots(prime, f"{self._seed}, {attempt}", relations)
            try:
                worst = list(map(max, worst, self._compared(region, field)))
            except PoleError:
                continue
            points, roots = points + 1, max(roots, field.roots)
            wanted = points_for(roots, _CHANCE / 2)
            if all(worst[k] == _DIFFERENT for k in left) or wanted << roots > _TRIES:
                return self._different
            if points >= wanted:
                return [x + (_CHANCE / 2 if roots else 0.0) for x in worst]
        return self._different

    @property
    def _different(self) -> list[float]:
        return [_DIFFERENT] * len(self._subjects[0].outputs)

    def _compared(self, region: Region, field: Field) -> list[float]:
        inputs = [field.unknown(("input", i)) for i in range(region.derivatives.inputs)]
        run = self._one_side.outputs
        expected = run(field, region.derivatives, inputs, ())[self._first :]
        worst = [0.0] * len(expected)
        for program, answers in zip(self._subjects, region.answers, strict=True):
            for k, y in enumerate(run(field, program, inputs, answers)):
                found = field.chance([(expected[k], y)]) if expected[k].v == y.v else _DIFFERENT
                worst[k] = max(worst[k], found)
        return worst


class _OneSide(Algebra[Element]):
    """Elements of one field after the other, where every condition is decided."""

    _field: Field
    _answers: Iterator[int | bool | None]

    def __init__(self) -> None:
        super().__init__({"Rational": lambda p, q: self._field.lift(p) / q})
        self._constants: set[str] = set()  # names of numbers, which each field has for itself

    def outputs(
        self, field: Field, program: Program, inputs: Sequence[object], answers: Answers
    ) -> list[Element]:
        """What a program gives for elements of a field, if its questions are answered so."""
        self._field, self._answers = field, iter(answers)
        self._names |= {name: field.called(name) for name in self._constants}
        values = self.run(program, inputs)
        return [field.lift(values[place]) for place in program.outputs]

    @property
    def nan(self) -> Element:
        """An unknown."""
        return self._field.lift(math.nan)

    def literal(self, value: float) -> Element:
        """The element of a number."""
        return self._field.lift(value)

    def order(self, x: object, y: object) -> int | None:
        """The next answer, if there is one."""
        return next(self._answers, None)

    def equal(self, x: object, y: object) -> bool | None:
        """The next answer, if there is one."""
        answer = next(self._answers, None)
        return None if answer is None else bool(answer)

    def floor(self, x: object) -> Element:
        """An unknown of x."""
        return self._field.called("floor", self._field.lift(x))

    def named(self, name: str) -> object:
        """What the field knows by this name."""
        if name in ("pi", "E", "EulerGamma"):
            self._constants.add(name)
            return self._field.called(name)
        if name == "digamma":
            return partial(self._called, "polygamma", 0)
        return partial(self._called, name)

    def _called(self, name: str, *operands: object) -> object:
        return self._field.called(name, *map(self._field.lift, operands))
