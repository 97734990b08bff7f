"""Questions: what a text asks on its own is answered by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from verify import Verdict, verify_gradient
from verify.induction.asking.opened import with_open_questions
from verify.induction.asking.questions import Questions
from verify.induction.shapes import Shapes
from verify.numbers.switching_steps import has_jump
from verify.program.program import Program, program_of
from verify.subjects.emitted import compiled_subject
from verify.truth.derived import chain_rule_program


def opened(function: Any, text: Any, *examples: float) -> tuple[Program, Program]:
    """A text as a Program, before and after."""
    program = program_of(ad.trace(text, *examples))
    truth = chain_rule_program(ad.trace(function, *examples))
    return program, with_open_questions(Questions(truth), program)


def is_open(function: Any, text: Any, *examples: float) -> bool:
    """Whether the text asks something on its own."""
    before, after = opened(function, text, *examples)
    return before is not after


def test_floats_that_are_the_same_have_one_shape() -> None:
    """What IEEE-754 makes exact is seen through; rounding is not."""
    shapes = Shapes()
    x, y, big = shapes.input(0), shapes.input(1), shapes.number(1e16)
    assert shapes.add(x, y) == shapes.add(y, x)
    assert shapes.add(x, -y) == -shapes.add(y, -x)
    assert shapes.multiply(-x, y) == -shapes.multiply(y, x)
    assert shapes.multiply(shapes.number(-1.0), x) == -x == shapes.divide(x, shapes.number(-1.0))
    assert shapes.add(x, x) == shapes.divide(x, shapes.number(0.5))
    assert shapes.add(shapes.number(0.0), x) == x == shapes.add(x, shapes.number(-0.0))
    assert shapes.add(shapes.add(x, big), -big) != x
    assert shapes.add(shapes.number(5e-324), x) != x
    assert shapes.divide(x, shapes.number(3.0)) != shapes.multiply(x, shapes.number(1 / 3))


def test_a_place_that_conditions_choose_is_one_of_a_few_numbers() -> None:
    """Whichever the answers are, it is exact, and so is what is asked of it."""

    def chosen(x: Any, y: Any, step: float) -> Any:
        place = np.where(x < y, step, 2.0 * step) - 1.0
        return np.where(place < step, x, y)

    def smaller(x: Any, y: Any) -> Any:
        return np.minimum(x, y) * y

    assert not is_open(smaller, lambda x, y: chosen(x, y, 1.0), 0.3, 0.4)
    assert is_open(smaller, lambda x, y: chosen(x, y, 1.1), 0.3, 0.4)  # doubles may round it
    assert is_open(smaller, lambda x, y: chosen(x, y, x), 0.3, 0.4)


def test_comparisons_that_agree_in_floats_have_one_form() -> None:
    """x > y is x - y > 0, and x > -x is x > 0; one shape twice is a tie."""
    shapes = Shapes()
    x, y, zero = shapes.input(0), shapes.input(1), shapes.number(0.0)
    assert shapes.form(x, y) == shapes.form(shapes.add(x, -y), zero)
    assert shapes.form(x, -x) == shapes.form(x, zero)
    form, sign = shapes.form(x, y) or ((), 0)
    assert shapes.form(y, x) == (form, -sign)
    assert shapes.form(x, x) == ((), 0)
    assert shapes.form(x, shapes.number(float("inf"))) is None


ASKED: list[tuple[Callable[..., Any], Callable[..., Any], bool]] = [
    (lambda x: x * x, lambda x: ad.where(x > 0.1, 2.0 * x, 5.0), False),
    (lambda x: x * x, lambda x: ad.where(x - 0.1 > 0.0, 2.0 * x, 5.0), False),
    (lambda x: x * x, lambda x: ad.where(x + 1e16 > 1e16, 2.0 * x, 5.0), True),
    (lambda x: x * x, lambda x: ad.where(x + 1e-17 != x, 2.0 * x, 5.0), True),
    (lambda x: x * x, lambda x: ad.where(ad.exp(x) > 0.0, 2.0 * x, 5.0), True),
    (lambda x: abs(x * x - 1.0), lambda x: ad.where(x * x - 1.0 > 0.0, 2.0 * x, 5.0), False),
    (lambda x: abs(x * x - 1.0), lambda x: ad.where(x * x > 1.0, 2.0 * x, 5.0), False),
    (lambda x: np.maximum(x, ad.sin(x)), lambda x: ad.where(ad.sin(x) < x, 1.0, 2.0), False),
    (lambda x: np.maximum(1.0 * ad.sin(x), x), lambda x: 1.0 * (ad.sin(x) < x), False),
    (lambda x: np.clip(abs(ad.sin(x)), 0.1, 0.5), lambda x: 1.0 * (ad.sin(x) > 0.5), False),
    (lambda x: x * x, lambda x: 2.0 * x + ad.floor(x), False),
    (lambda x: x * x, lambda x: 2.0 * x + ad.floor(x + 0.5), True),
    (lambda x: ad.floor(x + 0.5) * x, lambda x: ad.floor(0.5 + x), False),
    (lambda x: x * x, lambda x: 2.0 * x + ad.sign(x * x), True),
    (lambda x: abs(ad.sin(x)), lambda x: ad.sign(ad.sin(x)), False),
]  # fmt: skip


@pytest.mark.parametrize(("function", "text", "wanted"), ASKED)
def test_only_questions_of_its_own_are_open(
    function: Callable[..., Any], text: Callable[..., Any], wanted: bool
) -> None:
    """Exact comparisons and those of the function are answered, everything else is not."""
    assert is_open(function, text, 0.7) is wanted


def test_a_jump_is_an_unknown_number() -> None:
    """Where floor of something rounded stood, nothing is known; elsewhere nothing changes."""
    _, after = opened(lambda x: x * x, lambda x: 2.0 * x + ad.floor(x + 0.5), 0.7)
    assert has_jump(after)
    _, after = opened(lambda x: x * x, lambda x: ad.where(x + 1.0 > 1.5, 2.0 * x, x + x), 0.7)
    assert not has_jump(after)


def test_our_own_text_asks_what_the_function_asks() -> None:
    """The emitted gradient of a function with every kind of condition opens no question."""

    def f(x: Any, y: Any) -> Any:
        return np.maximum(x, y) * abs(x) + np.clip(x * y, -1.0, 2.0) + np.where(x > y, x, y * x)

    subject = compiled_subject(compile_gradient(f, 0.3, 0.4))
    assert all(a is b for a, b in zip(subject.programs, subject.opened, strict=True))


# --- verdicts --------------------------------------------------------------------------------

HARMLESS = "def g(x):\n return 2*x if (x + 1e16) - 1e16 == x else x + x\n"
# Wrong for doubles only, or at a tie only: 2 x elsewhere.
TRICKS = [
    "2*x if (x + 1e16) - 1e16 == x else 5.0",
    "2*x if x + 1e-17 != x else 5.0",
    "2*x if math.exp(x) > 0 else 5.0",
    "2*x if x*x >= 0.01 or x*x < 0.01000001 else 5.0",
    "2*x if x*1e308*10 < math.inf else 5.0",
    "2*x if x*1e-200*1e-200 != 0 or x == 0 else 5.0",
    "999.0 if x <= 0.1 and x >= 0.1 else 2*x",
    "2*x*((1.0 if x > 0.3 else 0.0) + (1.0 if x < 0.3 else 0.0))",
    "2*x + 5*(1 - (1 if x > 2.5 else 0) - (1 if x < 2.5 else 0))",
    "2*x + 5*(1 if x >= 7.0 else 0) - 5*(1 if x > 7.0 else 0)",
    "2*x + (numpy.floor(x) + numpy.floor(-x) + 1) - (numpy.ceil(x) - numpy.floor(x))",
    "2*x + 100*(numpy.rint(x) - numpy.floor(x + 0.5))",
    "2*x + 1 - numpy.sign(x)**2",
    "2*x if x != 1234.5 else 0.0",
    "2*x if abs(x - 3.0) > 0 else 0.0",
    "2*x if max(x, 3.0) > min(x, 3.0) else 0.0",
    "2*x if x != 1.0 and x != 2.0 else 0.0",
    "2*x if math.sin(x) != 0 else 7.0",
    "2*x + math.atan2(0.0*x, -1.0) - math.pi",
    "2*x if x**2 == x*x else 5.0",
    "2*x if x*x >= 0.01 or x**2 < 0.01 else 5.0",
    "2*x if x**2 - 0.01 >= 0 or x*x < 0.01 else 5.0",
    "2*x if math.pow(x, 2.0) > 0.01 or 0.01 >= x*x else 5.0",
    "2*x if x*x >= 0.1*0.1 or x*x < 0.01 else 5.0",
    "2*x + (x + 1e17) - 1e17 - x",
    "2*x + (x*1e17 + 1.0 - x*1e17 - 1.0)",
    "2*x*1e300*1e300/1e300/1e300",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_what_is_wrong_for_some_double_is_not_proven(trick: str) -> None:
    """None of these is 2 x for every double, so none is proven or certified to be."""
    text = f"import math\nimport numpy\ndef g(x):\n return {trick}\n"
    report = verify_gradient(lambda x: x * x, 1.0, gradient=text)
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), report


# Beside a function that asks one question of real numbers in two ways, or asks what inputs answer.
TWICE = [
    "(2*x if 3.0*x < y else 0.0) + (1e6 if 3.0*x < y and y < x + x + x else 0.0)",
    "(2*x if x + x + x < y else 0.0)",
    "(2*x if 3.0*x < y else 0.0) + 1e6*((3.0*x < y) - (x + x + x < y))",
    "(2*x if 3.0*x < y else 0.0) + 1e6*((x + 1e9 - 1e9 < y) - (x < y))",
]


@pytest.mark.parametrize("trick", TWICE)
def test_one_question_asked_in_two_ways_is_not_taken_for_one(trick: str) -> None:
    """Doubles may answer ``3 * x < y`` and ``x + x + x < y`` differently, so no proof may not."""

    def f(x: Any, y: Any) -> Any:
        total = np.where(3.0 * x < y, x * x, 0.0) + np.where(y < x + x + x, y * y, 0.0)
        return total + np.where(x + 1e9 - 1e9 < y, y, 0.0)

    partial = "(2*y if y < x + x + x else 0.0) + (1.0 if x + 1e9 - 1e9 < y else 0.0)"
    text = f"def g(x, y):\n return {trick}, {partial}\n"
    verdict = verify_gradient(f, 0.7, 1.9, gradient=text).verdict
    assert verdict not in (Verdict.PROVED, Verdict.CERTIFIED)


def test_one_jump_taken_in_two_ways_is_not_taken_for_one() -> None:
    """``floor(3 * x)`` and ``floor(x + x + x)`` are two numbers for some doubles."""

    def f(x: Any, y: Any) -> Any:
        return np.floor(3.0 * x) * y + np.floor(x + x + x) * y * y

    partial = "np.floor(3.0*x) + 2*y*np.floor(x + x + x)"
    text = "import numpy as np\ndef g(x, y):\n return {}, " + partial + "\n"
    wrong = text.format("1e6*(np.floor(3.0*x) - np.floor(x + x + x))")
    verdict = verify_gradient(f, 0.7, 1.9, gradient=wrong).verdict
    assert verdict not in (Verdict.PROVED, Verdict.CERTIFIED)


def test_a_harmless_branch_is_proven() -> None:
    """Whatever the answer to an open question is: both branches give the derivative."""
    assert verify_gradient(lambda x: x * x, 1.0, gradient=HARMLESS).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "text",
    [
        "x if abs(x) <= 1.0 else numpy.sign(x)",
        "x if -1.0 <= x <= 1.0 else (1.0 if x > 0 else -1.0)",
        "max(-1.0, min(x, 1.0))",
    ],
)
def test_a_text_that_is_right_at_the_tie_is_proven(text: str) -> None:
    """Where two smooth pieces meet, either piece's derivative is the derivative."""

    def huber(x: Any) -> Any:
        return np.where(abs(x) <= 1.0, 0.5 * x * x, abs(x) - 0.5)

    report = verify_gradient(huber, 0.3, gradient=f"import numpy\ndef g(x):\n return {text}\n")
    assert report.verdict is Verdict.PROVED, report


def test_a_sum_that_numpy_begins_with_zero_asks_what_the_function_asks() -> None:
    """``np.sum`` in a text compares the same doubles as the sum that was traced."""
    near, far = np.array([0.2, 0.9]), np.array([0.7, -0.1])

    def triplet(x: Any) -> Any:
        return np.maximum(np.sum((x - near) ** 2) - np.sum((x - far) ** 2) + 0.5, 0.0)

    text = (
        "import numpy as np\ndef g(x):\n"
        " p, n = np.array([0.2, 0.9]), np.array([0.7, -0.1])\n"
        " if np.sum((x - p) ** 2) - np.sum((x - n) ** 2) + 0.5 > 0:\n"
        "  return {}\n return np.zeros(2)\n"
    )
    example = np.array([0.5, -0.3])
    right = verify_gradient(triplet, example, gradient=text.format("2 * (n - p)"))
    assert right.verdict is Verdict.PROVED
    wrong = text.replace("+ 0.5 > 0", "+ 0.5 + 1e16 > 1e16").format("2 * (n - p)")
    assert verify_gradient(triplet, example, gradient=wrong).verdict is not Verdict.PROVED


@pytest.mark.parametrize(
    ("asked", "is_its_own"),
    [
        (lambda x: np.abs(x) > 0.1, False),
        (lambda x: np.abs(x) - 0.1 > 0.0, False),
        (lambda x: 3.0 * np.abs(x) > 0.3, True),
        (lambda x: (np.abs(x) + 1e16) - 1e16 > 0.1, True),
    ],
)
def test_a_difference_above_zero_is_the_comparison_of_its_terms(
    asked: Any, is_its_own: bool
) -> None:
    """Also where a term is a choice, as |x| is of x and -x: ``max(|x| - 0.1, 0)`` asks no other."""

    def slope(x: Any) -> Any:
        return np.where(asked(x), np.sign(x), 0.0)

    assert is_open(lambda x: np.maximum(np.abs(x) - 0.1, 0.0), slope, 0.4) is is_its_own
