"""Questions: what a text asks that its function does not, put as questions that nobody answers.

Which branch runs is decided by doubles, so a proof over the reals may follow the answer to a
question only where the two cannot differ by more than the function itself does: the comparison is
*exact* (of inputs and numbers, nothing rounded), or the function and its chain rule ask it, too, of
the same doubles (shapes.py).  Every other comparison is rewritten as the sign of an unknown number,
and a jump (``floor``, ``sign``) as an unknown number: what is proven then holds whatever the answer
is.  So ``2*x if (x + 1e16) - 1e16 == x else 5.0`` is not proven, and harmless branches still are.

A function may itself ask what is one question of real numbers in two ways, ``3 * x < y`` and
``x + x + x < y``.  Doubles may answer them differently and a proof cannot, so nobody answers those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from verify.field.field import Element, Field, PoleError
from verify.field.prime import BITS, random_prime
from verify.induction.near_numbers import is_near
from verify.induction.shapes import Form, Shapes
from verify.numbers.switching_steps import ASKS, DECIDES, JOINS, JUMP, JUMPS, steps_of
from verify.program.literals import WHERE
from verify.program.program import SIGN_OF_ZEROS, Program, Step

__all__ = ["Questions"]

_UNKNOWN = "undecided"  # the name of numbers of which nothing is known

_OF_TWO = frozenset({"Max({0}, {1})", "Min({0}, {1})"})
_CLIP = "Piecewise(({1}, {0} < {1}), ({2}, {0} > {2}), ({0}, True))"
# Asked whether an operand is above or below zero.
_SIGNED = ("Abs({0})", "sign({0})", "Max({0}, 0)", "Piecewise(({0}, {0} > 0)")
_CONTINUOUS = "sign({0})*Abs({0})**Rational(1, 3)"
_WAYS = 64  # in which the operands of a question can be chosen

Jump = tuple[str, tuple[int, ...]]


class Questions:
    """What a function and its chain rule ask.

    Args:
        truth: The chain rule of the function as a Program.
        ordered: False where sums of the same terms are one number (shapes.py).
    """

    def __init__(self, truth: Program, ordered: bool = True) -> None:
        self.shapes = Shapes(ordered=ordered)
        self._forms: set[Form] = set()
        self._jumps: set[Jump] = set()
        self._limits: set[tuple[int, int]] = set()  # what may be compared with inf
        found = self.shapes.run(truth)
        for _, text, places in steps_of(truth):
            operands = [found[i] for i in places]
            self._jumps.add((text, tuple(map(abs, operands))))
            for x, y in self.asked(truth, text, places, found):
                self._limits.add((x, y))
                self._forms |= set(islice(self._chosen(x, y), _WAYS))
        self._truth, self._found = truth, found
        self._twice: set[Form] = set()  # what a text under way asks in two ways
        self._jumps_twice: set[Jump] = set()

    def _asked_twice(self, text: Program, found: Sequence[int]) -> tuple[set[Form], set[Jump]]:
        """Forms and jumps of rounded numbers that are one in a prime field, and not for doubles."""
        exact = self.shapes.is_exact_form
        if all(map(exact, self._forms)) and not any(t.startswith(JUMPS) for t, _ in self._jumps):
            return set(), set()
        field = Field(random_prime(BITS[0]), None, relations=True)
        inputs = [field.unknown(i) for i in range(text.inputs)]
        met = _MetInField(self, field)
        try:
            for program, shapes in ((self._truth, self._found), (text, found)):
                met.run(program, shapes, inputs)
        except PoleError:
            return {form for form in self._forms if not exact(form)}, set(self._jumps)
        return {form for form in met.forms_twice() if not exact(form)}, met.jumps_twice()

    def ends(self, x: int, y: int) -> frozenset[Form | None]:
        """Forms of what two shapes are once every choice is made."""
        ends = (pair for pair in islice(self._pairs(x, y), _WAYS) if not self._is_choice(*pair))
        forms = [self.shapes.form(*pair) for pair in ends]
        return frozenset(form and form[0] for form in forms)

    def asked(
        self, program: Program, text: str, places: Sequence[int], found: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        """Pairs of shapes that a step compares."""
        operands = [found[i] for i in places]
        zero = self.shapes.number(0.0)
        if text in ASKS or text in _OF_TWO:
            yield operands[0], operands[1]
        elif text == _CLIP:
            yield operands[0], operands[1]
            yield operands[0], operands[2]
        elif text.startswith(_SIGNED):
            yield operands[0], zero
        for i in self._truths(program, text, places):
            yield found[i], zero

    def _truths(self, program: Program, text: str, places: Sequence[int]) -> Iterator[int]:
        """Operands of which only the truth matters, and that are no conditions."""
        taken = places[:1] if text == WHERE else places if text in JOINS | DECIDES else ()
        for i in taken:
            step = program.steps[i - program.inputs] if i >= program.inputs else 0.0
            if not (type(step) is tuple and step[0] in ASKS | JOINS | DECIDES):
                yield i

    def _chosen(self, x: int, y: int) -> Iterator[Form]:
        """The form of a comparison, and those with what its operands are on some side."""
        for pair in self._pairs(x, y):
            asked = self.shapes.form(*pair)
            if asked is not None:
                yield asked[0]

    def _pairs(self, x: int, y: int) -> Iterator[tuple[int, int]]:
        """Two shapes, and what they are on some side."""
        todo, seen = [(x, y)], {(x, y)}
        while todo:
            x, y = todo.pop()
            yield x, y
            pairs = [(z, y) for z in self._sides(x)] + [(x, z) for z in self._sides(y)]
            for pair in pairs:
                if pair not in seen and len(seen) <= _WAYS:
                    seen.add(pair)
                    todo.append(pair)

    def _sides(self, shape: int) -> list[int]:
        """What a shape is on either side of a condition; nothing if it is no choice."""
        sign = 1 if shape > 0 else -1
        operation, *rest = self.shapes.made[abs(shape)]
        if operation != "call":
            return []
        text, *operands = rest
        if text == WHERE:
            chosen = operands[1:]
        elif text in _OF_TWO or text == _CLIP:
            chosen = operands
        elif text == "Abs({0})":
            chosen = [operands[0], -operands[0]]
        elif text == "Max({0}, 0)":
            chosen = [operands[0], self.shapes.number(0.0)]
        else:
            return []
        return [sign * z for z in chosen]

    # --- texts ---

    def open(self, text: Program) -> Program:
        """A text with unknown numbers for what it asks on its own; itself if there is nothing."""
        return self.opened(text)[0]

    def opened(self, text: Program) -> tuple[Program, bool]:
        """The same, and whether all that it asks on its own is asked of nearly exact numbers."""
        found = self.shapes.run(text)
        self._twice, self._jumps_twice = set(), set()
        self._twice, self._jumps_twice = self._asked_twice(text, found)
        opened = _Opened(self, text, found)
        return opened.program(), opened.near

    @cached_property
    def unordered(self) -> Questions:
        """The same where sums of the same terms are one number."""
        return Questions(self._truth, ordered=False)

    def is_near(self, x: int, y: int) -> bool:
        """True if what is compared is known to a few units of the last place."""
        parts = (*self.shapes.summands(x, y), *self.shapes.summands(y, x))
        return all(is_near(self.shapes, part) for part in parts)

    def is_open(self, x: int, y: int) -> bool:
        """True if nothing tells how doubles compare: neither exact, nor asked by the function."""
        if self.shapes.numbers_of(x) and self.shapes.numbers_of(y):
            return False  # whichever they are
        asked = self.shapes.form(x, y)
        if asked is None:  # inf or nan: inputs are neither
            ends = [pair for pair in islice(self._pairs(x, y), _WAYS) if not self._is_choice(*pair)]
            exact = all(self.shapes.is_exact(z) for pair in ends for z in pair)
            return not exact and (x, y) not in self._limits and (y, x) not in self._limits
        if asked[0] in self._twice:
            return True
        if self._is_known(asked[0]):
            return False
        # A choice is one of its operands, whichever that is: nothing is rounded.
        pairs = list(islice(self._pairs(x, y), _WAYS + 1))
        if len(pairs) > _WAYS or len(pairs) == 1:
            return True
        ends = [pair for pair in pairs if not self._is_choice(*pair)]
        forms = [self.shapes.form(*pair) for pair in ends]
        return any(form is None or not self._is_known(form[0]) for form in forms)

    def _is_choice(self, x: int, y: int) -> bool:
        return bool(self._sides(x) or self._sides(y))

    def _is_known(self, form: Form) -> bool:
        return not form or self.shapes.is_exact_form(form) or form in self._forms

    def is_open_jump(self, text: str, operands: Sequence[int]) -> bool:
        """True for a jump of what was rounded, at a place where the function has none."""
        if not text.startswith(JUMPS) or text == _CONTINUOUS:
            return False
        exact = all(map(self.shapes.is_exact, operands))
        signed = text == "sign({0})" and not self.is_open(operands[0], self.shapes.number(0.0))
        jump = text, tuple(map(abs, operands))
        known = jump in self._jumps and jump not in self._jumps_twice
        return not (exact or signed or known)


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
            if i in set(self._questions._truths(self._text, text, places)):
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


class _MetInField:
    """What functions ask of numbers in a prime field, where those are equal that are one.

    Args:
        questions: What is a question.
        field: The field.
    """

    def __init__(self, questions: Questions, field: Field) -> None:
        self._questions, self._field = questions, field
        # By a difference, whichever its sign: what it may be, and how it is asked.
        self._forms: dict[int, dict[frozenset[Form | None], set[Form]]] = {0: {frozenset(): set()}}
        self._jumps: dict[object, set[Jump]] = {}

    def run(self, program: Program, shapes: Sequence[int], inputs: Sequence[Element]) -> None:
        """Note what a function asks; ``shapes`` are its numbers.

        Raises:
            PoleError: if a denominator is zero.
        """
        values = self._field.run(program, inputs)
        numbers = {shape: values[i] for i, shape in enumerate(shapes) if shape}
        for _, step, places in steps_of(program):
            if step.startswith(JUMPS):
                jump = step, tuple(abs(shapes[i]) for i in places)
                key = step, *(self._size(self._field.lift(values[i])) for i in places)
                self._jumps.setdefault(key, set()).add(jump)
            for x, y in self._questions.asked(program, step, places, shapes):
                self._compared(x, y, numbers)

    def _compared(self, x: int, y: int, numbers: Mapping[int, object]) -> None:
        """Note a comparison of two shapes."""
        questions = self._questions
        form = questions.shapes.form(x, y)
        if form is None or not form[0] or questions.is_open(x, y):
            return
        one, other = (self._field.lift(numbers.get(shape, 0.0)) for shape in (x, y))
        same = self._forms.setdefault(self._size(one - other), {})
        same.setdefault(questions.ends(x, y), set()).add(form[0])

    def _size(self, x: Element) -> int:
        """What a number and its negative have in common."""
        return min(x.v, self._field.prime - x.v)

    def forms_twice(self) -> Iterator[Form]:
        """Forms of differences that may be several things."""
        for same in self._forms.values():
            if len(same) > 1:
                for forms in same.values():
                    yield from forms

    def jumps_twice(self) -> set[Jump]:
        """Jumps of numbers that are one and have several shapes."""
        return {jump for same in self._jumps.values() if len(same) > 1 for jump in same}
