"""Constants in another order: what is proven of them as they were written, and what is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient
from verify.answer.reasons import Reason
from verify.program.decimals import as_written


def text(expression: str, inputs: str = "x") -> str:
    """A gradient text."""
    return f"import math\nimport numpy as np\ndef g({inputs}):\n return {expression}\n"


RIGHT: list[tuple[Callable[..., Any], str]] = [
    (lambda x: 0.1**2 * x * x, "0.02*x"),
    (lambda x: 0.1 * (0.3 * x) ** 2, "0.018*x"),
    (lambda x: (1.1 * x) ** 3, "3*1.331*x**2"),
    (lambda x: np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi),
     "-x*math.exp(-0.5*x*x)/math.sqrt(2*math.pi)"),
    (lambda x: 4 * 0.99 * ((3.4 / x) ** 12 - (3.4 / x) ** 6),
     "3.96*(6*3.4**6/x**7 - 12*3.4**12/x**13)"),
    (lambda x: x * np.log(x / 0.3), "math.log(x) + 1.2039728043259361 + 1"),
    (lambda x: 1.3 * x**0.7, "0.9099999999999999 / x**0.3"),
    (lambda x: x ** (1 / 3), "x**(1/3)/(3*x)"),  # whose slope is infinite where it divides by zero
    (lambda x: 0.5 * x * (1 + ad.erf(x / np.sqrt(2))),
     "0.5*(1+math.erf(x/math.sqrt(2)))+x*math.exp(-x*x/2)/math.sqrt(2*math.pi)"),
    (lambda x: 100 * np.exp(-0.05 * 1.3) * x * x, "200*x*math.exp(-0.065)"),
    (lambda x: x * np.log(0.2) + x * x * np.log(0.3), "math.log(0.2) + 2*x*math.log(0.3)"),
    (lambda x: x * x / np.sqrt(1.29), "2*x/math.sqrt(1.29)"),
    (lambda x: (t := np.clip((x - 0.2) / 0.6, 0.0, 1.0)) * t * (3 - 2 * t),
     "10*(x - 0.2)/0.6*(1 - (x - 0.2)/0.6) if 0 < (x - 0.2)/0.6 < 1 else 0.0"),
    (lambda x: 10.0 * np.maximum(0.0, 1.0 - 0.3 * x) ** 2, "-6.0*max(0.0, 1.0 - 0.3*x)"),
    (lambda x: x * np.log(x / 0.4), "math.log(x) + 0.916290731874155 + 1"),  # fifteen digits
    (lambda x: np.sqrt(6.5 * x * x + 1.3), "6.5*x/(math.sqrt(1.3)*math.sqrt(5*x*x + 1))"),
    # Of two numbers of the function, and by a well-known number.
    (lambda x: 4.685**2 / 6 * (1 - (1 - (x / 4.685) ** 2) ** 3), "x*(1 - (x/4.685)**2)**2"),
    (lambda x: ad.erf(0.8 * x), "0.9027033336764102*math.exp(-0.64*x*x)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "expression"), RIGHT)
def test_constants_folded_in_another_order_are_proven(function: Any, expression: str) -> None:
    """What was written is equal, or the double next to it, and the report says which it was."""
    report = verify_gradient(function, 1.3, gradient=text(expression))
    assert report.verdict is Verdict.PROVED, report
    entry = report.entries[0]
    assert entry.says(Reason.AS_WRITTEN) or entry.says(Reason.READING)


def test_the_logarithm_of_a_number_of_the_function_is_read_as_that() -> None:
    """Not as twice another one: log(x/100) is log(x) - log(100)."""
    x, beside = math.log(100.0), math.nextafter(math.log(100.0), 9.0)
    read = as_written([100.0, 0.3], [x, beside])
    assert read[x] == "log(Rational(100, 1))"
    assert beside not in read


def test_products_of_data_are_read() -> None:
    """Of a dozen numbers of the function any two may have been multiplied."""
    own = [0.1, 0.2, 0.4, 0.6, 0.7, 0.8, 1.1, 1.3, 1.9]
    beside = math.nextafter(1.4 * 1.9, 0.0)
    read = as_written(own, [1.4 * 1.3, 1.4 * 1.9, beside])
    assert {1.4 * 1.3, 1.4 * 1.9} <= read.keys()
    assert beside not in read


def decay(k: Any) -> Any:
    """Two steps of Runge and Kutta, whose slope in k is a polynomial of fractions."""
    y, h = 1.0, 0.1
    for _ in range(2):
        a = -k * y
        b = -k * (y + h / 2 * a)
        c = -k * (y + h / 2 * b)
        y = y + h / 6 * (a + 2 * b + 2 * c - k * (y + h * c))
    return y


def decayed(k: Any, last: float = 6.0) -> Any:
    """The slope of that in closed form."""
    z = -0.1 * k
    grown = 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24
    return 2 * grown * (1 + z + z**2 / 2 + z**3 / last) * -0.1


def test_fractions_that_no_double_is_are_composed() -> None:
    """A sixth of a tenth is a sixtieth, and twice that a thirtieth, in the chain rule as well."""
    report = verify_gradient(decay, 0.7, gradient=decayed)
    assert report.verdict is Verdict.PROVED, report
    wrong = verify_gradient(decay, 0.7, gradient=lambda k: decayed(k, last=6.0001))
    assert wrong.verdict is Verdict.REFUTED


def leapfrog(x: Any) -> Any:
    """Two steps of a spring."""
    v, h = 0.2, 0.1
    for _ in range(2):
        v = v - 0.5 * h * x
        x = x + h * v
        v = v - 0.5 * h * x
    return x * x + v * v


LEAPFROG = """
def g(x):
    v, h, dx, dv = 0.2, 0.1, 1.0, 0.0
    for _ in range(2):
        v = v - 0.5 * h * x
        dv = dv - 0.5 * h * dx
        x = x + h * v
        dx = dx + h * dv
        v = v - 0.5 * h * x
        dv = dv - 0.5 * h * dx
    return 2 * (x * dx + v * dv)
"""


def test_numbers_that_a_loop_of_a_text_folds_are_fractions() -> None:
    """However long the loop: what it makes of decimals is one."""
    assert verify_gradient(leapfrog, 1.0, gradient=LEAPFROG).verdict is Verdict.PROVED
    wrong = LEAPFROG.replace("dv = dv - 0.5 * h * dx\n    return", "dv = dv - 0.5*h*x\n    return")
    assert verify_gradient(leapfrog, 1.0, gradient=wrong).verdict is Verdict.REFUTED


def normal(x: Any) -> Any:
    """The normal distribution by its error function."""
    return 0.5 * x * (1.0 + ad.erf((x - 0.3) / math.sqrt(2.0)))


def test_a_normal_density_is_read_of_an_error_function() -> None:
    """2/sqrt(pi) of the rule, sqrt(2) of the function and sqrt(2 pi) of the text."""
    gradient = text(
        "0.5*(1.0 + math.erf((x - 0.3)/math.sqrt(2)))"
        " + x*math.exp(-0.5*(x - 0.3)**2)/2.5066282746310002"
    )
    assert verify_gradient(normal, 1.3, gradient=gradient).verdict is Verdict.PROVED
    wrong = gradient.replace("2.5066282746310002", "2.506628274631001")
    assert verify_gradient(normal, 1.3, gradient=wrong).verdict is not Verdict.PROVED


CENTRED = """
import numpy as np
def g(x):
    b = np.array([0.7, -1.1, 0.4, 2.2, -0.6])
    return (x - x.mean()) * 0.3 + (b - b.mean()) / np.linalg.norm(b - b.mean())
"""


def test_what_is_left_of_numbers_that_cancel_may_be_lost_in_a_sum() -> None:
    """0.7 - 1.1 + 0.4 is 6e-17 for doubles, and nothing of it is left in the mean."""
    b = np.array([0.7, -1.1, 0.4, 2.2, -0.6])

    def f(x: Any) -> Any:
        a = x - np.mean(x)
        return 0.15 * a @ a + x @ (b - b.mean()) / np.sqrt((b - b.mean()) @ (b - b.mean()))

    point = np.array([0.2, 0.5, -0.1, 0.7, 0.3])
    assert verify_gradient(f, point, gradient=CENTRED).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "more",
    [
        "1e17*(0.7 - 1.1 + 0.4)",
        "(0.7 - 1.1 + 0.4)*math.exp(40 - x*x)",
        "math.ceil(0.1 + 0.2 - 0.3)",
        "1e-17/(0.1 + 0.2 - 0.3)",  # zero, for decimals
        "1e-17*(0.1 + 0.2 - 0.3)**-1",
    ],
)
def test_what_is_left_of_numbers_that_cancel_is_no_reading(more: str) -> None:
    """Where it is multiplied by something it counts, however small the product is here."""
    report = verify_gradient(lambda x: 0.7 * x * x, 9.0, gradient=text(f"1.4*x + {more}"))
    assert report.verdict is not Verdict.PROVED, report


def test_an_exponential_beyond_the_doubles_does_not_forbid_a_reading() -> None:
    """exp(-4e6) moves by 1e-9 where 2.5066282746310002 is the root of 2 pi; it is zero anyway."""

    def f(x: Any) -> Any:
        return np.exp(-0.5 * (x - 5e3) ** 2) / np.sqrt(2 * np.pi)

    slope = "-(x - 5e3)*math.exp(-((x - 5e3)/math.sqrt(2))**2)/math.sqrt(2*math.pi)"
    assert verify_gradient(f, 0.3, gradient=text(slope)).verdict is Verdict.PROVED
    wrong = slope.replace("5e3)*", "4e3)*")
    assert verify_gradient(f, 0.3, gradient=text(wrong)).verdict is Verdict.REFUTED


WRONG = [
    "0.6*x + 1e16*(0.30000000000000004*x - 0.3*x)*math.exp(-1e4*(x-123.4)**2)",
    "0.6*x + 1e16*(0.1*3 - 0.3)*math.exp(-1e4*(x-123.4)**2)",
    "0.6*x + 1e16*(0.7*x/7 - 0.1*x)*math.exp(-1e4*(x-123.4)**2)",
    "0.6*x + 1e16*(1.4142135623730951**2 - 2)*math.exp(-1e4*(x-123.4)**2)",
    "0.6*x*(1 + 1e-12)",
    "0.6*x + 1e15*(math.sqrt(2.0)**2 - 2.0)*max(0.0, x - 1e6)",
    "0.6*x + 1e15*(math.exp(0.6)*math.exp(-0.6) - 1.0)*x",
    "0.6*x + 1e16*(max(0.0, 0.1*3*(x - 1e6)) - max(0.0, 0.3*(x - 1e6)))",
    "0.6*x + 1e17*(max(0.0, 0.16666666666666666*(x - 1e6)) - max(0.0, (x - 1e6)/6))",
    "0.6*x + 1e16*(0.30000000000000004*math.log(x) - 0.3*math.log(x))*max(0.0, x - 1e6)",
    "0.6*x + 1e16*(math.sqrt(2.0)*0.1*3 - 0.3*math.sqrt(2.0))*math.exp(-1e4*(x-123.4)**2)",
    "0.6000001*x",
    "0.6*x + 1e-17*x*x",
    "0.6*x + (0.1 + 0.2 - 0.3)*1e15*math.exp(-1e4*(x-123.4)**2)",
    "0.6*x + np.rint(x/0.7) - np.rint(x*1.4285714285714286)",  # 1 at 2.4499999999999997
    "0.6*x + np.rint((x + 0.1) - 0.1) - np.rint(x)",  # which rounding decides at a half
]


@pytest.mark.parametrize("expression", WRONG)
def test_no_term_of_its_own_is_the_rounding_of_a_constant(expression: str) -> None:
    """A tiny difference of constants, amplified at some place only, is a difference."""
    report = verify_gradient(lambda x: 0.3 * x * x, 1.3, gradient=text(expression))
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), report


KINKS: list[tuple[Callable[..., Any], str, tuple[float, ...]]] = [
    (lambda x: np.maximum(x, -x), "np.sign(x)", (0.3,)),
    (lambda x: np.sqrt(x * x), "np.sign(x)", (0.3,)),
    (abs, "1.0 if x > 0 else -1.0", (0.3,)),
    (lambda x: abs(x) * x, "2*x if x > 0 else -2*x", (0.3,)),
    (lambda x, y, z: np.maximum(np.maximum(x, y), z),
     "(1.0 if x>=y and x>=z else 0.0), (1.0 if y>x and y>=z else 0.0),"
     "(1.0 if z>x and z>y else 0.0)",
     (1.0, 2.0, 3.0)),
    (lambda x: np.where(x > 0, x, np.exp(x) - 1), "math.exp(min(x, 0.0))", (0.3,)),
    (lambda x, y: np.where(np.logical_or(x <= 0, y <= 0), x * x, x * y),
     "(y if x>0 and y>0 else 2*x), (x if x>0 and y>0 else 0.0)", (1.3, 0.7)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "expression", "point"), KINKS)
def test_right_sides_in_another_spelling_are_proven(
    function: Any, expression: str, point: tuple[float, ...]
) -> None:
    """Sides that no numbers are on do not matter; at a kink either side's derivative will do."""
    report = verify_gradient(
        function, *point, gradient=text(expression, "x, y, z"[: 3 * len(point) - 2])
    )
    assert report.verdict is Verdict.PROVED, report


def test_a_shifted_logarithm_of_sums_is_the_value() -> None:
    """max + log(sum of exp(x - max)) is log(sum of exp(x)), whichever is the larger."""

    def f(x: Any, y: Any) -> Any:
        return np.log(np.exp(x) + np.exp(y))

    body = " m = max(x, y)\n a = math.exp(x-m)\n b = math.exp(y-m)\n"
    source = f"import math\ndef g(x, y):\n{body} return m + math.log(a+b), (a/(a+b), b/(a+b))\n"
    assert verify_gradient(f, 0.3, 0.2, gradient=source).verdict is Verdict.PROVED
    wrong = source.replace("math.log(a+b)", "2*math.log(a+b)")
    assert verify_gradient(f, 0.3, 0.2, gradient=wrong).verdict is Verdict.REFUTED


LAST_DIGIT = [
    (lambda x: x * x, "2.0000000000000004*x"),
    (lambda x: 0.3 * x * x, "0.6000000000000001*x"),
    (lambda x: 0.1 * x * x + 0.7 * x, "0.20000000000000004*x + 0.7"),
    (lambda x: x / 3.0, "0.33333333333333337"),
    (lambda x: np.pi * x * x, "6.283185307179587*x"),
    (lambda x: 0.7 * x * x, "1.4000000000000001*x"),
    (lambda x: 0.3 * x * x + x, "0.6*x + 1.0000000000000002"),
    (lambda x: x * x, "(2.0 + 4.4e-16)*x"),
    (lambda x: x**3, "(3.0 - 4.4e-16)*x*x"),
    (lambda x: (3.4 / x) ** 6, "-9268.826496000002/x**7"),
    (lambda x: ad.erf(0.8 * x), "0.9027033336764103*math.exp(-0.64*x*x)"),
]


@pytest.mark.parametrize(("function", "expression"), LAST_DIGIT)
@pytest.mark.parametrize("as_callable", [False, True])
def test_a_last_digit_is_no_reading(function: Any, expression: str, as_callable: bool) -> None:
    """A number was written as its digits say: one unit more is another gradient."""
    gradient: Any = text(expression)
    if as_callable:
        gradient = eval(f"lambda x: {expression}")
    report = verify_gradient(function, 1.3, gradient=gradient)
    assert report.verdict in (Verdict.CERTIFIED_NUMERIC, Verdict.REFUTED), report


@pytest.mark.parametrize(
    "whole",
    ["x/0.7 == math.floor(x/0.7)", "math.fmod(x, 0.7) == 0", "x/0.7 == np.rint(x/0.7)"],
)
def test_a_whole_number_and_the_question_for_it_are_of_the_same_doubles(whole: str) -> None:
    """At x = 0.7 the quotient is 1, and not 1 in one place and a little less in another."""
    expression = f"2*x + (math.floor(x/0.7) - math.ceil(x/0.7) + 1) - (1 if {whole} else 0)"
    report = verify_gradient(lambda x: x * x, 1.25, gradient=text(expression))
    assert report.verdict is Verdict.CERTIFIED_NUMERIC, report
