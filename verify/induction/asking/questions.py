"""Questions: what a text asks that its function does not.

Which branch runs is decided by doubles, so a proof over the reals may follow the answer to a
question only where the two cannot differ by more than the function itself does: the comparison is
*exact* (of inputs and numbers, nothing rounded), or the function and its chain rule ask it, too, of
the same doubles (shapes.py).  Every other question is open: ``opened.py`` has nobody answer it.

A function may itself ask what is one question of real numbers in two ways, ``3 * x < y`` and
``x + x + x < y``.  Doubles may answer them differently and a proof cannot, so these are open, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from verify.field.field import Element, Field, PoleError
from verify.field.prime import BITS, random_prime
from verify.induction.asking.near_numbers import is_near
from verify.induction.shapes import Form, Shapes
from verify.numbers.switching_steps import ASKS, DECIDES, JOINS, JUMPS, steps_of
from verify.program.literals import WHERE
from verify.program.program import Program

__all__ = ["Questions"]

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
        for i in self.truths(program, text, places):
            yield found[i], zero

    def truths(self, program: Program, text: str, places: Sequence[int]) -> Iterator[int]:
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

    def read(self, text: Program) -> list[int]:
        """The shapes of a text under way: what it asks in two ways counts as open from now on."""
        found = self.shapes.run(text)
        self._twice, self._jumps_twice = set(), set()
        self._twice, self._jumps_twice = self._asked_twice(text, found)
        return found

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
        """Forms of differences that may be several things.

        What has one form is one question, however its operands were made.
        """
        for same in self._forms.values():
            several: list[set[Form]] = []
            for forms in same.values():
                apart = [other for other in several if not other & forms]
                joined = (other for other in several if other & forms)
                several = [*apart, forms.union(*joined)]
            if len(several) > 1:
                for forms in several:
                    yield from forms

    def jumps_twice(self) -> set[Jump]:
        """Jumps of numbers that are one and have several shapes."""
        return {jump for same in self._jumps.values() if len(same) > 1 for jump in same}
