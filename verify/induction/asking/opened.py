"""Texts whose open questions nobody answers: each is put as the sign of an unknown number.

A comparison that only doubles decide is rewritten as the sign of an unknown number, and a jump
(``floor``, ``sign``) as an unknown number: what is proven then holds whatever the answer is.  So
``2*x if (x + 1e16) - 1e16 == x else 5.0`` is not proven, and harmless branches still are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from verify.induction.asking.questions import Questions
from verify.induction.shapes import Form, Shapes
from verify.numbers.switching_steps import ASKS, DECIDES, JUMP, steps_of
from verify.program.literals import WHERE
from verify.program.program import SIGN_OF_ZEROS, Program, Step

__all__ = ["opened", "with_open_questions"]

_UNKNOWN = "undecided"  # the name of numbers of which nothing is known


def with_open_questions(questions: Questions, text: Program) -> Program:
    """A text with unknown numbers for what it asks on its own; itself if there is nothing."""
    return opened(questions, text)[0]


def opened(questions: Questions, text: Program) -> tuple[Program, bool]:
    """The same, and whether all that it asks on its own is asked of nearly exact numbers."""
    under_way = _Opened(questions, text, questions.read(text))
    return under_way.program(), under_way.near


class _Opened:
    """One text, its open questions put as signs of unknown numbers.

    Attributes:
        near: Whether all of them are asked of numbers that are nearly exact.
    """

    def __init__(self, questions: Questions, text: Program, found: Sequence[int]) -> None:
        self._questions, self._text, self._found = questions, text, found
        self._shapes = questions.shapes
        self._unknown: dict[object, int] = {}  # form or jump -> its number
        self._steps: list[Step] = []
        self._places = list(range(text.inputs))
        self.near = True

    @cached_property
    def _unordered(self) -> list[int]:
        """The shapes where sums of the same terms are one."""
        return self._questions.unordered.shapes.run(self._text)

    def program(self) -> Program:
        """The text, rewritten."""
        text, found = self._text, self._found
        self._strict = Shapes(strict=True)
        self._exactly = self._strict.run(text)
        self._spellings = self._spelled()
        for place, step in enumerate(text.steps, text.inputs):
            if type(step) is not tuple or not text.live[place]:
                self._places.append(self._add(step if type(step) is float else 0.0))
                continue
            self._places.append(self._step(step[0], step[1], found))
        if not self._unknown:
            return text
        outputs = tuple(self._places[i] for i in text.outputs)
        return replace(text, steps=tuple(self._steps), outputs=outputs)

    def _add(self, step: Step) -> int:
        self._steps.append(step)
        return self._text.inputs + len(self._steps) - 1

    def _step(self, text: str, places: Sequence[int], found: Sequence[int]) -> int:
        operands, moved = [found[i] for i in places], [self._places[i] for i in places]
        if text == SIGN_OF_ZEROS:
            return self._sign(places[0])
        if self._questions.is_open_jump(text, operands):
            self.near = False
            return self._number((text, *operands), JUMP)
        zero = self._shapes.number(0.0)
        if text in ASKS and (
            self._questions.is_open(operands[0], operands[1]) or self._is_loose(places)
        ):
            spelled, (x, y) = self._spelling(places), (self._unordered[i] for i in places)
            nearly = self._questions.is_near(*operands) or not self._questions.unordered.is_open(
                x, y
            )
            self.near = self.near and nearly
            moved = [self._difference(operands[0], operands[1], spelled), self._add(0.0)]
        for k, i in enumerate(places):
            if i in set(self._questions.truths(self._text, text, places)):
                if not self._questions.is_open(found[i], zero):
                    continue
                if text in DECIDES:  # the operand is a result, too
                    self.near = False
                    return self._number((text, *operands), JUMP)
                self.near = self.near and self._questions.is_near(found[i], zero)
                moved[k] = self._difference(found[i], zero)
        return self._add((text, tuple(moved)))

    def _sign(self, place: int) -> int:
        """What ``copysign`` makes of a sign: that of a zero is an unknown number."""
        x, zero, self.near = self._found[place], self._shapes.number(0.0), False
        is_open = self._questions.is_open(x, zero)
        asked = self._difference(x, zero) if is_open else self._places[place]
        made = self._number((SIGN_OF_ZEROS, place), JUMP)
        for text, number in (("{0} < {1}", -1.0), ("{0} > {1}", 1.0)):
            condition = self._add((text, (asked, self._add(0.0))))
            made = self._add((WHERE, (condition, self._add(number), made)))
        return made

    def _is_loose(self, places: Sequence[int]) -> bool:
        """True if the rounding of a power tells two numbers, or this question and another."""
        form, same = self._spelling(places), self._asked_as(places)
        if same is None:
            return False
        return len(self._spellings[same]) > 1 or (not same and form != ())

    def _asked_as(self, places: Sequence[int]) -> Form | None:
        """What two places are compared for, if a square is the product."""
        found = self._shapes.form(*(self._found[i] for i in places))
        return None if found is None else found[0]

    def _spelling(self, places: Sequence[int]) -> object:
        """The same, where ``x**2`` may round otherwise than ``x*x``, as a power does in C."""
        found = self._strict.form(*(self._exactly[i] for i in places))
        return (*places,) if found is None else found[0]

    def _spelled(self) -> dict[Form | None, set[object]]:
        """The spellings of each question."""
        spellings: dict[Form | None, set[object]] = {}
        for _, step, places in steps_of(self._text):
            if step in ASKS:
                spellings.setdefault(self._asked_as(places), set()).add(self._spelling(places))
        return spellings

    def _difference(self, x: int, y: int, spelled: object = None) -> int:
        """An unknown number of the sign of x - y, one for each spelling."""
        form, sign = self._shapes.form(x, y) or ((), 1)
        key = form or (x, y), spelled
        alone = self._unknown.keys() <= {key}  # doubles may answer two as no real number does
        self.near = self.near and alone
        number = self._number(key)
        return number if sign > 0 else self._add(("-{0}", (number,)))

    def _number(self, key: object, name: str = _UNKNOWN) -> int:
        k = self._unknown.setdefault(key, len(self._unknown))
        return self._add((f"{name}({k})", ()))
