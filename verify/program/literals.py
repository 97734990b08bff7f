"""Literals: which number a double in the text under proof stands for.

A rule says log(2), the emitted text 0.6931471805599453; the function divides by 6, the folded
gradient multiplies by 0.16666666666666666.  The proof is about real numbers, so a literal that the
user did not write, and that is the nearest double to a number of a short list, is read as that
number.  Every such reading is reported.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from verify.program.program import Program, Step

__all__ = ["CONSTANTS", "QUESTIONS", "WHERE", "compares", "is_short", "readings", "with_readings"]

CONSTANTS: dict[float, str] = {
    3.141592653589793: "pi",
    6.283185307179586: "2*pi",
    1.5707963267948966: "pi/2",
    0.3183098861837907: "1/pi",
    0.6931471805599453: "log(2)",
    2.302585092994046: "log(10)",
    1.4426950408889634: "1/log(2)",
    0.4342944819032518: "1/log(10)",
    1.1283791670955126: "2/sqrt(pi)",
    0.5641895835477563: "1/sqrt(pi)",
    0.3989422804014327: "1/sqrt(2*pi)",
    0.7071067811865476: "sqrt(2)/2",
    1.4142135623730951: "sqrt(2)",
}
WHERE = "Piecewise(({1}, {0}), ({2}, True))"
QUESTIONS = frozenset(
    {
        "{0} < {1}", "{0} <= {1}", "{0} > {1}", "{0} >= {1}", "Eq({0}, {1})", "Ne({0}, {1})",
        "And({0}, {1})", "Or({0}, {1})", "Not({0})",
    }
)  # fmt: skip
_ASKS = re.compile(r"[<>%]|\b(?:Eq|Ne|Max|Min|Abs|sign|both|either|floor|ceiling)\(")
_JUMPS = re.compile(r"\b(?:floor|ceiling)\(")  # where a number becomes whole
# What is chosen by comparing: the question and its operands, and the operand taken if it holds;
# else the last one.  It is asked as rules ask (selection.py), so that a tie is on the same side.
Ways = tuple[Sequence[tuple[str, Sequence[int | str], int | str]], int | str]
_CHOICES: dict[str, Ways] = {
    "Max({0}, {1})": ([("{0} > {1}", (0, 1), 0)], 1),
    "Min({0}, {1})": ([("{0} < {1}", (0, 1), 0)], 1),
    "Max({0}, 0)": ([("{0} > {1}", (0, "0"), 0)], "0"),
    "Abs({0})": ([("{0} < {1}", (0, "0"), "-")], 0),
    "Piecewise(({1}, {0} < {1}), ({2}, {0} > {2}), ({0}, True))": (
        [("{0} < {1}", (0, 1), 1), ("{0} > {1}", (0, 2), 2)], 0),
}  # fmt: skip
_SMALL = 10_000  # a random number comes that close to no such fraction
_NUMBERS = 12  # of the user's, in pairs
_FOLDS: tuple[tuple[str, Callable[[float, float], float]], ...] = (
    ("*", operator.mul),
    ("/", operator.truediv),
    ("-", operator.sub),
    ("+", operator.add),
)


def is_short(x: float) -> bool:
    """True for numbers like 2.0, 0.75, 120.0: exact, and harmless as exponents."""
    scaled = abs(x) * 1024.0
    return x != x or scaled == math.inf or (scaled < 2.0**40 and scaled % 1.0 == 0.0)


def compares(program: Program) -> bool:
    """True if a Program asks a question that is written as one, not by ``max`` or ``abs``."""
    return any(type(step) is tuple and step[0] in QUESTIONS for _, step in program.computed())


def readings(own: Iterable[float], literals: Iterable[float]) -> dict[float, str]:
    """What literals of a text stand for: size of the literal -> ``sympy`` text.

    Args:
        own: Numbers of the user's function; they stand for themselves.
        literals: Numbers of the text under proof.
    """
    sizes = {abs(x) for x in own if x == x}
    wanted = {abs(x) for x in literals if not is_short(x)}.difference(sizes)
    if not wanted:
        return {}
    long = sorted(x for x in sizes if not is_short(x))[:_NUMBERS]
    short = list(dict.fromkeys([*sorted(filter(is_short, sizes))[:_NUMBERS], 1.0, 2.0, 3.0, 0.5]))
    # The likeliest first: the user's own number in it; then what rules are written with.
    explanations = (_folded(short, long), _folded(long, long), CONSTANTS, _folded(short, short))
    halved = {math.frexp(x)[0] for x in sizes}
    found = {}
    for size in sorted(wanted):
        text = next((e[size] for e in explanations if size in e), "")
        if not text and math.frexp(size)[0] not in halved:  # twice a number is no rounded one
            text = _rational(size)
        if text:
            found[size] = text
    return found


def with_readings(program: Program, read: Mapping[float, str], by_doubles: bool = False) -> Program:
    """A Program with the text of what each literal stands for in its place.

    What a question depends on stays the double that it is: ``x >= 0.1`` compares doubles, and one
    of them is 0.1; ``floor(x / 0.7)`` asks, too.

    Args:
        program: The Program.
        read: What literals stand for.
        by_doubles: Whether that goes for the questions of ``max``, ``clip`` and ``abs``, too, which
            are continuous, so that no rounding matters.
    """
    if not any(abs(x) in read for x in program.literals()):
        return program
    reading = _Reading(program, by_doubles)
    for place, step in enumerate(program.steps, program.inputs):
        if type(step) is tuple:
            reading.compute(place, *step)
        elif isinstance(step, float):
            reading.read(step, read.get(abs(step)))
    outputs = tuple(reading.meant[i] for i in program.outputs)
    return replace(program, steps=tuple(reading.steps), outputs=outputs)


class _Reading:
    """A Program on its way to one whose literals are what they stand for.

    Args:
        program: The Program.
        by_doubles: As for ``with_readings``.

    Attributes:
        steps: Of the new one.
        meant: The new place of each old one.
    """

    def __init__(self, program: Program, by_doubles: bool) -> None:
        self.steps: list[Step] = []
        self._inputs = program.inputs
        self._exact, self.meant = list(range(program.inputs)), list(range(program.inputs))
        self._choices = _CHOICES if by_doubles else {}
        self._asked = _asked(program, self._choices)

    def _add(self, step: Step) -> int:
        self.steps.append(step)
        return self._inputs + len(self.steps) - 1

    def read(self, number: float, text: str | None) -> None:
        """A literal, and what it stands for."""
        self._exact.append(self._add(number))
        meant = self._exact[-1]
        if text is not None:
            meant = self._add((text if number > 0.0 else f"-({text})", ()))
        self.meant.append(meant)

    def compute(self, place: int, text: str, places: tuple[int, ...]) -> None:
        """A step: of doubles where a question depends on it, of what they stand for elsewhere."""
        exact, meant = (tuple(known[i] for i in places) for known in (self._exact, self.meant))
        if text in self._choices and exact != meant:
            self._choose(self._choices[text], exact, meant)
            return
        if self._asked[place] or exact == meant:
            self._exact.append(self._add((text, exact)))
            asks = exact == meant or text in QUESTIONS or _ASKS.search(text)
            self.meant.append(self._exact[-1] if asks else self._add((text, meant)))
        else:
            self.meant.append(self._add((text, meant)))
            self._exact.append(self.meant[-1])

    def _choose(self, ways: Ways, exact: Sequence[int], meant: Sequence[int]) -> None:
        """What doubles decide, of doubles and of what these stand for: each question once."""
        questions, otherwise = ways
        asked = [
            self._add((text, tuple(self._part(k, exact) for k in of))) for text, of, _ in questions
        ]
        made = []
        for operands in (exact, meant):
            result = self._part(otherwise, operands)
            for question, (_, _, chosen) in reversed([*zip(asked, questions, strict=True)]):
                result = self._add((WHERE, (question, self._part(chosen, operands), result)))
            made.append(result)
        self._exact.append(made[0])
        self.meant.append(made[1])

    def _part(self, which: int | str, operands: Sequence[int]) -> int:
        """An operand, its negative, or zero."""
        if which == "0":
            return self._add(0.0)
        return self._add(("-{0}", (operands[0],))) if which == "-" else operands[int(which)]


def _asked(program: Program, choices: Container[str]) -> bytearray:
    """1 for each place that an answer to a question depends on."""
    asked = bytearray(program.inputs + len(program.steps))
    for place in range(len(asked) - 1, program.inputs - 1, -1):
        step = program.steps[place - program.inputs]
        if type(step) is not tuple:
            continue
        if step[0] in QUESTIONS or _JUMPS.search(step[0]):
            asked[place] = 1
        if step[0] == WHERE:
            asked[step[1][0]] = 1
        if asked[place] or step[0] in choices:
            for operand in step[1]:
                asked[operand] = 1
    return asked


def _folded(some: list[float], others: list[float]) -> dict[float, str]:
    """What the folding of constants makes of two numbers: 0.1 * 3.0, 1.0 / 6.0, n - 1; log(3)."""
    folded: dict[float, str] = {}
    for sign, operation in _FOLDS:
        for x, y in [*product(some, others), *product(others, some)]:
            if y and 0.0 < (result := operation(x, y)) < math.inf:
                folded.setdefault(result, f"{x!r} {sign} {y!r}")
    for x in others:
        if x > 1.0:
            folded.setdefault(math.log(x), f"log({x!r})")
    return folded


def _rational(size: float) -> str:
    """A small fraction whose nearest double this is."""
    near = Fraction(size).limit_denominator(_SMALL)
    if 0 < near.numerator < _SMALL and near.denominator > 1 and float(near) == size:
        return f"Rational({near.numerator}, {near.denominator})"
    return ""
