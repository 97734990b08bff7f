"""Scope: where a proof holds, and where a text is no number though there is a derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from scipy import special

import autodiff as ad
from codegen import compile_gradient
from tests.figures.ladder import formulas
from tests.verify.mutated import FUNCTIONS
from verify import Verdict, verify_gradient
from verify.answer.reasons import Reason
from verify.answer.report import Entry, Witness
from verify.induction.definedness import Definedness
from verify.ladder.proviso import as_shown
from verify.rungs.process.session import Session
from verify.subjects.emitted import compiled_subject
from verify.subjects.subject import Subject


def square(x: Any) -> Any:
    """A function that has a derivative everywhere."""
    return x * x


def text(expression: str) -> str:
    """A gradient text of one input."""
    return f"import math\nimport numpy\ndef g(x):\n return {expression}\n"


REGIONS = [
    "2*(numpy.exp(numpy.log(x+1e6))-1e6)",
    "2*x if numpy.log(x+1e6) == numpy.log(x+1e6) else 999.0",
    "2*math.sqrt(x)**2",
    "2*(x**0.5)**2",
    "2*x + 0*math.log(x)",
    "2*x + 0*math.log(x + 3e5)",
    "2*x + math.sqrt(x + 1234.0) - math.sqrt(1234.0 + x)",
    "2*x*math.acosh(x + 4e3)/math.acosh(x + 4e3)",
    "2*x + 0.0*math.asin(x/1e3)",
    "2*x + math.lgamma(x + 50) - math.lgamma(50 + x)",
]


@pytest.mark.parametrize("expression", REGIONS)
def test_a_text_that_is_nowhere_defined_in_a_region_is_never_proven(expression: str) -> None:
    """It is refuted by a point there, or not said to be right everywhere."""
    report = verify_gradient(square, 1.0, gradient=text(expression))
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), report
    if "lgamma" not in expression:
        assert report.verdict is Verdict.REFUTED, report


POLES = [
    ("2*x*(x-1.5)/(x-1.5)", 1.5),
    ("2*x*x/x", 0.0),
    ("2*x*(x-1234.0)**2/(x-1234.0)**2", 1234.0),
    ("2*x*(x*x-6*x+9)/(x*x-6*x+9)", 3.0),
    ("2*x*math.sin(x)/math.sin(x)", 0.0),
    ("x**2*2*x**-1", 0.0),
    ("2*x + 1/(x+7) - 1/(7+x)", -7.0),
    ("2*x + x%(x-1.5)*0.0", 1.5),
]


@pytest.mark.parametrize(("expression", "pole"), POLES)
def test_a_pole_of_the_text_alone_is_told(expression: str, pole: float) -> None:
    """Where only the text divides by zero, the point is named and nothing is proven."""
    report = verify_gradient(square, 1.0, gradient=text(expression))
    assert report.verdict is Verdict.UNDECIDED, report
    assert report.entries[0].says(Reason.UNDEFINED_AT)
    assert f"UNDEFINED-AT x = {pole!r}" in str(report)


def test_what_cancels_among_many_digits_is_no_pole() -> None:
    """``sqrt(1 + e * e) - e`` is above zero, though at x = 500 it takes 870 digits to see it."""
    gradient = """import math
def g(x):
    e = -math.exp(x)
    r = math.sqrt(1.0 + e*e)
    return (1.0 + e/r)/(e + r)*e
"""
    right = verify_gradient(lambda x: ad.asinh(-ad.exp(x)), 0.5, gradient=gradient)
    wrong = gradient.replace("(e + r)*e", "(e + r)*e*math.log(5.0 - x)/math.log(5.0 - x)")
    poles = verify_gradient(lambda x: ad.asinh(-ad.exp(x)), 0.5, gradient=wrong)
    assert right.verdict not in (Verdict.REFUTED, Verdict.UNDECIDED), right
    assert poles.verdict is Verdict.REFUTED, poles


def test_what_cannot_be_excluded_is_listed() -> None:
    """No double is a root of x * x - 2, and nobody shows that here: it is no proof."""
    report = verify_gradient(square, 1.0, gradient=text("2*x*(x*x-2)/(x*x-2)"))
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "(x * x) - 2 != 0: what happens elsewhere is not shown" in report.entries[0].note


DEFINED = [
    "2*x*(x*x+1)/(x*x+1)",
    "2*x*(2+math.sin(x))/(2+math.sin(x))",
    "2*x*math.exp(x)/math.exp(x)",
    "2*x + math.log(1+math.exp(x)) - math.log(math.exp(x)+1)",
    "2*x*math.sqrt(x*x+1)/math.sqrt(1+x*x)",
    "2*x*math.cosh(x)*(1/math.cosh(x))",
    "2*x*(x/x if x != 0 else 1.0)",
    "2*x if x <= 0 else 2*math.exp(math.log(x))",
]


@pytest.mark.parametrize("expression", DEFINED)
def test_what_is_always_defined_is_proven(expression: str) -> None:
    """Denominators that signs or a condition keep from zero need no further word."""
    report = verify_gradient(square, 1.0, gradient=text(expression))
    assert report.verdict is Verdict.PROVED, report


OWN: list[tuple[Callable[..., Any], str]] = [
    (ad.log, "1/x"),
    (ad.sqrt, "0.5/math.sqrt(x)"),
    (ad.sqrt, "0.5*x**-0.5"),
    (lambda x: 1.0 / (x - 2.0), "-1/(x-2)**2"),
    (lambda x: ad.log(x) / (x - 2.0), "1/(x*(x-2)) - math.log(x)/(x-2)**2"),
    (ad.tan, "1/math.cos(x)**2"),
    (lambda x: x / (x - 2.0), "1/(x-2) - x/(x*x-4*x+4)"),
    (lambda x: 1.0 / (x * x - 1.0), "-2*x/((x-1)**2*(x+1)**2)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "expression"), OWN)
def test_a_text_may_need_what_the_function_needs(function: Any, expression: str) -> None:
    """Where function or derivative divide, a text may."""
    report = verify_gradient(function, 1.2, gradient=text(expression))
    assert report.verdict is Verdict.PROVED, report


@pytest.mark.parametrize(("guard", "is_shown"), [("d == 0.0", True), ("d == 1.0", False)])
def test_a_guard_by_a_length_sees_to_what_is_divided_by(guard: str, is_shown: bool) -> None:
    """Also where the text adds it up in another order than the function."""
    body = (
        f"import math\ndef g(x, y):\n d = math.hypot(y + 1.5 + x, y)\n if {guard}: return 0.0, 0.0"
    )
    report = verify_gradient(
        lambda x, y: np.hypot(x + y + 1.5, y),
        1.2,
        0.4,
        gradient=f"{body}\n return (x + y + 1.5)/d, (x + y + 1.5)/d + y/d\n",
    )
    assert (report.verdict is Verdict.PROVED) is is_shown, report


def test_a_text_of_which_rounding_leaves_nothing_is_told() -> None:
    """Right for real numbers, and another number for every double."""
    report = verify_gradient(square, 1.0, gradient=text("2*x + (x + 1e17) - 1e17 - x"))
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert report.entries[0].says(Reason.NOT_SHOWN)
    assert "not shown for doubles: at x = " in report.entries[0].note


def test_a_guard_of_the_function_is_no_excuse() -> None:
    """f divides by x where x is not zero only; a text that always does is undefined at zero."""

    def f(x: Any) -> Any:
        return np.where(x == 0.0, 1.0, ad.sin(x) / x)

    wrong = "math.cos(x)/x - math.sin(x)/x**2"
    report = verify_gradient(f, 1.0, gradient=text(wrong))
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), report
    right = f"{wrong} if x != 0 else 0.0"
    assert verify_gradient(f, 1.0, gradient=text(right)).verdict is Verdict.PROVED


def test_our_own_gradients_lack_nothing() -> None:
    """No emitted gradient needs more than its function: some formulas and the functions here.

    That a lack is no proof is seen elsewhere, and that every formula is proven.
    """
    looked = 0
    for _, function, examples in [*[*formulas()][::4], *(("", *both) for both in FUNCTIONS)]:
        subject = compiled_subject(compile_gradient(function, *examples, check=False))
        known = Definedness(subject.truth)
        assert not any(any(known.lacks(program)) for program in subject.programs)
        looked += 1
    assert looked > 60


def test_distances_in_space_are_proven() -> None:
    """Where contributions of several norms meet, each is used behind its own condition alone."""
    points = np.random.default_rng(0).normal(size=(3, 3))

    def potential(p: Any) -> Any:
        return sum(1.0 / np.linalg.norm(p[i] - p[j]) for i in range(3) for j in range(i))

    assert verify_gradient(potential, points).verdict is Verdict.PROVED


def test_a_report_says_where_its_proof_holds() -> None:
    """One line tells the domain, one what is taken for granted."""
    report = verify_gradient(lambda x, y: ad.log(x) * y / (x - 2.0), 3.0, 2.0)
    lines = str(report).splitlines()
    assert "domain: proven where x > 0, x - 2 != 0, x != 0" in lines
    assert any(line.startswith("assumes: real numbers") for line in lines)
    assert "domain: proven everywhere" in str(verify_gradient(square, 1.0))


@pytest.mark.parametrize(("found", "verdict"), [(0.3 + 1e-15, Verdict.CERTIFIED_NUMERIC),
                                                (0.3001, Verdict.REFUTED)])  # fmt: skip
def test_a_last_digit_of_a_series_refutes_nothing(found: float, verdict: Verdict) -> None:
    """scipy.special.exp1 is a series here, and its slope by hand is in closed form."""
    session = cast("Session", None)
    for function, expected in ((special.exp1, verdict), (np.exp, Verdict.REFUTED)):
        subject = Subject(ad.trace(function, 0.7), "gradient", [0])
        witness = Witness({"x": 0.7}, found, 0.3)
        entry = Entry("x", Verdict.REFUTED, "balls", witness=witness)
        assert as_shown(subject, session, [entry])[0].verdict is expected


@pytest.mark.parametrize(
    ("function", "example"),
    [
        (lambda y: 1e17 * (0.1 * (0.3 * y) - 0.03 * y), 1.0),
        (lambda y: np.sum(1e17 * (0.1 * (0.3 * y) - 0.03 * y)), np.array([1.0, 2.0])),
        (lambda y: 1e17 * (0.1 * (0.3 * y) - 0.03 * y) + abs(y), 1.0),
    ],
)
def test_constants_that_cancel_are_no_contradiction(function: Any, example: Any) -> None:
    """Our own text folds them as a compile does, and a report says so and refutes nothing."""
    compiled = compile_gradient(function, example)
    assert compiled.verdict is Verdict.CERTIFIED
    report = verify_gradient(compiled, example)
    assert report.verdict is Verdict.UNDECIDED
    assert "constants cancel" in str(report)


def test_another_number_than_the_folded_one_is_refuted() -> None:
    """A text is excused for what folding makes of the constants, and for nothing beside it."""
    text = "def g(y):\n    return {}\n"
    for told, verdict in (("0.0", Verdict.UNDECIDED), ("0.01", Verdict.REFUTED)):
        report = verify_gradient(
            lambda y: 1e17 * (0.1 * (0.3 * y) - 0.03 * y), 1.0, gradient=text.format(told)
        )
        assert report.verdict is verdict


@pytest.mark.parametrize(
    ("inside", "is_proven"),
    [("(0.1*x)**2 - 1.0", True), ("(0.1*x)**2 - 1.0 + 0*x/(x - 30.0)", False)],
)
def test_needs_are_read_as_constants_are(inside: str, is_proven: bool) -> None:
    """Where a text is proven for decimals, so is that it is defined where the function is."""
    text = f"def g(x):\n    return 0.02*x/({inside})\n"
    report = verify_gradient(lambda x: ad.log(0.01 * x * x - 1.0), 15.0, gradient=text)
    assert (report.verdict is Verdict.PROVED) == is_proven, report


def test_where_a_function_is_infinite_nothing_is_needed() -> None:
    """An entropy is minus infinity below zero; what is finite there has its slope there."""
    slope = "import math\ndef g(x):\n    return -math.log(x)\n"
    report = verify_gradient(lambda x: special.entr(x) + x, 0.3, gradient=slope)
    assert report.verdict is Verdict.PROVED, report
    for low, sign in ((-np.inf, 1.0), (np.inf, -1.0)):  # exp(-inf) is zero

        def finite(x: Any, low: float = low, sign: float = sign) -> Any:
            return np.exp(sign * np.where(x < 0.0, low, np.log(abs(x))) * sign * sign)

        text = "import math\ndef g(x):\n    return math.exp(math.log(x))/x\n"
        assert verify_gradient(finite, 0.3, gradient=text).verdict is not Verdict.PROVED
