"""Literals: which number a double in the text under proof stands for.

A rule says log(2), the emitted text 0.6931471805599453; the function divides by 6, the folded
gradient multiplies by 0.16666666666666666.  The proof is about real numbers, so a literal that the
user did not write, and that is the nearest double to a number of a short list, is read as that
number.  Every such reading is reported.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product

from verify.program.program import Program, Step

__all__ = ["is_short", "readings", "with_readings"]

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
_WHERE = "Piecewise(({1}, {0}), ({2}, True))"
_QUESTIONS = frozenset(
    {
        "{0} < {1}", "{0} <= {1}", "{0} > {1}", "{0} >= {1}", "Eq({0}, {1})", "Ne({0}, {1})",
        "And({0}, {1})", "Or({0}, {1})", "Not({0})",
    }
)  # fmt: skip
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


def with_readings(program: Program, read: Mapping[float, str]) -> Program:
    """A Program with the text of what each literal stands for in its place.

    What a question depends on stays the double that it is: ``x >= 0.1`` compares doubles, and one
    of them is 0.1.
    """
    if not any(abs(x) in read for x in program.literals()):
        return program
    asked = _asked(program)
    steps: list[Step] = []
    exact, meant = list(range(program.inputs)), list(range(program.inputs))
    for place, step in enumerate(program.steps, program.inputs):
        if type(step) is tuple:
            operands = exact if asked[place] else meant
            steps.append((step[0], tuple(operands[i] for i in step[1])))
        else:
            steps.append(step)
        exact.append(program.inputs + len(steps) - 1)
        meant.append(exact[-1])
        text = read.get(abs(step)) if isinstance(step, float) else None
        if isinstance(step, float) and text is not None:
            steps.append((text if step > 0.0 else f"-({text})", ()))
            meant[-1] += 1
    return replace(program, steps=tuple(steps), outputs=tuple(meant[i] for i in program.outputs))


def _asked(program: Program) -> bytearray:
    """1 for each place that an answer to a question depends on."""
    asked = bytearray(program.inputs + len(program.steps))
    for place in range(len(asked) - 1, program.inputs - 1, -1):
        step = program.steps[place - program.inputs]
        if type(step) is not tuple:
            continue
        if step[0] in _QUESTIONS:
            asked[place] = 1
        if step[0] == _WHERE:
            asked[step[1][0]] = 1
        if asked[place]:
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
