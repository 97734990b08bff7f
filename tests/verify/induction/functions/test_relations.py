"""Functions of each other: what follows for roots, angles, exponentials and logarithms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from tests.verify.induction.test_compose import proven
from verify import Verdict, verify_gradient
from verify.induction.compose import Composition, lanes
from verify.induction.functions.factors import is_product
from verify.induction.functions.generic import inverse, is_regular, product
from verify.program.program import Program, ProgramBuilder
from verify.rungs.by_rules import composed

_WHERE = "Piecewise(({1}, {0}), ({2}, True))"


def expression(text: str) -> Program:
    """An expression of x and y as a program."""
    builder = ProgramBuilder(2)

    def apply(form: str, *operands: Any) -> _Place:
        places = [x.place if isinstance(x, _Place) else builder.literal(x) for x in operands]
        return _Place(builder.apply(form, *places), apply)

    names = {
        "x": _Place(0, apply),
        "y": _Place(1, apply),
        "sqrt": lambda z: apply("sqrt({0})", z),
        "log": lambda z: apply("log({0})", z),
        "exp": lambda z: apply("exp({0})", z),
        "sin": lambda z: apply("sin({0})", z),
        "cos": lambda z: apply("cos({0})", z),
        "power": lambda z, n: apply("{0} ** {1}", z, n),
        "atanh": lambda z: apply("atanh({0})", z),
        "zero": lambda z: apply("Eq({0}, {1})", z, 0.0),
        "both": lambda c, d: apply("And({0}, {1})", c, d),
        "size": lambda z: apply("Abs({0})", z),
        "above": lambda z: apply("{0} > {1}", z, 0.0),
        "where": lambda c, a, b: apply(_WHERE, c, a, b),
    }
    return builder.program([eval(text, names).place])


def are_equal(one: str, other: str) -> bool:
    """True if two expressions are proven to be one number."""
    return composed(expression(one), [expression(other)], 128)[0][0]


class _Place:
    """A place of a program under construction."""

    def __init__(self, place: int, apply: Any) -> None:
        self.place, self.apply = place, apply

    def __add__(self, y: Any) -> _Place:
        return self.apply("{0} + {1}", self, y)

    def __radd__(self, x: Any) -> _Place:
        return self.apply("{0} + {1}", x, self)

    def __sub__(self, y: Any) -> _Place:
        return self.apply("{0} - {1}", self, y)

    def __rsub__(self, x: Any) -> _Place:
        return self.apply("{0} - {1}", x, self)

    def __mul__(self, y: Any) -> _Place:
        return self.apply("{0} * {1}", self, y)

    def __rmul__(self, x: Any) -> _Place:
        return self.apply("{0} * {1}", x, self)

    def __truediv__(self, y: Any) -> _Place:
        return self.apply("{0} / {1}", self, y)

    def __rtruediv__(self, x: Any) -> _Place:
        return self.apply("{0} / {1}", x, self)

    def __neg__(self) -> _Place:
        return self.apply("-{0}", self)


EQUAL = [
    ("sqrt(x)*sqrt(x)", "x"),
    ("x/sqrt(x)", "sqrt(x)"),
    ("sqrt(2.0*x)", "sqrt(2.0)*sqrt(x)"),
    ("sqrt(x*y)", "sqrt(x)*sqrt(y)"),
    ("sqrt(x/y)", "sqrt(x)/sqrt(y)"),
    ("sqrt(x*x)", "size(x)"),
    ("size(x)*size(x)", "x*x"),
    ("log(x*y)", "log(x) + log(y)"),
    ("log(x/y)", "log(x) - log(y)"),
    ("sin(x)", "2.0*sin(x/2.0)*cos(0.5*x)"),
    ("cos(x)", "1.0 - 2.0*sin(x/2.0)*sin(x/2.0)"),
    ("sin(x)*sin(x) + cos(x)*cos(x)", "x/x"),
    ("sin(x - y)", "-sin(y - x)"),
    ("exp(-(x/sqrt(2.0))*(x/sqrt(2.0)))", "exp(-0.5*x*x)"),
    ("exp(x + log(y)/2.0*2.0)", "y*exp(x)"),
    ("sin(sqrt(x)*sqrt(x))", "sin(x)"),
    ("1.0/((1.0 - sqrt(x))*(1.0 + sqrt(x)))", "1.0/(1.0 - x)"),
    ("log(x)*power(x, y)", "log(x)*exp(y*log(x))"),
    ("atanh(x) + log(1.0 - x) + log(1.0 + x)", "1.5*log(1.0 + x) + 0.5*log(1.0 - x)"),
    ("log(0.5 + 0.5*x) - log(0.5 - x/2.0)", "2.0*atanh(x) + log(0.5 - x/2.0) - log(0.5 - x/2.0)"),
    ("where(both(zero(x), above(y)), y, log(x))", "log(x)"),
    ("exp(-(x - y)*(x - y))", "exp(-x*x)*exp(2.0*x*y)*exp(-y*y)"),
    ("log((1.0 + x)/(1.0 - x))", "2.0*atanh(x)"),
    ("power(x, y)/(power(x, y) + power(3.0, y))", "1.0/(1.0 + power(3.0/x, y))"),
    ("sqrt((1.0 - x)/(1.0 + x))*(1.0 + x)", "sqrt(1.0 - x*x)"),
    ("sqrt((3.0 - x)/x)/(3.0 - x)", "sqrt(3.0*x - x*x)/(x*(3.0 - x))"),
    ("power(1.0, y)*power(x, y)", "1.0/power(1.0/x, y)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_what_is_equal_is_proven(one: str, other: str) -> None:
    """Either way round, whichever was there first."""
    assert are_equal(one, other)
    assert are_equal(other, one)


DIFFERENT = [
    ("sqrt(x*x)", "x"),
    ("sqrt(x*y)", "sqrt(x)*sqrt(x)"),
    ("size(x)", "x"),
    ("size(x)", "where(above(x), sqrt(x)*sqrt(x), x)"),  # the root of x is not there for x < 0
    ("size(x)*y", "y*where(above(x), sqrt(x)*sqrt(x), x)"),
    ("log(x*x)", "where(above(x), 2.0*log(x), 1.0)"),
    ("sin(x)", "2.0*sin(x/2.0)*sin(x/2.0)"),
    ("cos(x)", "cos(y)"),
    ("sin(x - y)", "sin(y - x)"),
    ("power(x, y)", "exp(y*log(size(x)))"),
    ("power(x, y)", "where(above(x), exp(y*log(x)), 1.0)"),
    ("log(x)*power(x, y)", "log(x)*exp(x*log(y))"),
    ("atanh(x)", "log(1.0 + x) - log(1.0 - x)"),
    ("atanh(x)", "0.5*log(1.0 - x) - 0.5*log(1.0 + x)"),
    ("atanh(x)", "0.5*log(size(1.0 + x)) - 0.5*log(size(1.0 - x))"),
    ("where(zero(x), y, x)", "x"),
    ("where(zero(x), y, log(y))", "log(y)"),
    ("where(above(x), log(x), where(zero(x), y, 2.0))", "where(above(x), log(x), 2.0)"),
    ("exp(-(x/sqrt(2.0))*(x/sqrt(2.0)))", "exp(-0.25*x*x)"),
    ("exp(-(x - y)*(x - y))", "exp(-x*x)*exp(x*y)*exp(-y*y)"),
    ("log((1.0 + x)/(1.0 - x))", "atanh(x)"),
    ("log((1.0 + x)/(1.0 - x))", "-2.0*atanh(x)"),
    ("power(x, y)*power(2.0, y)", "power(3.0*x, y)"),
    ("power(x, y)*power(2.0, x)", "power(2.0*x, y)"),
    ("where(above(x), power(x*x, y), 1.0)", "where(above(x), power(x, y)*power(x, y), 2.0)"),
    ("sqrt((x - 1.0)/(1.0 + x))*(1.0 + x)", "sqrt(x*x - 1.0)"),  # both may be below zero
    ("sqrt((1.0 - x)/(1.0 + x))*(1.0 - x)", "sqrt(1.0 - x*x)"),
    ("sqrt((x - 1.0)/(-1.0 - x))*(-1.0 - x)", "sqrt(1.0 - x*x)"),
    # Divisors of zero, where x < 0: nothing is multiplied by them.
    ("x/(sqrt(x*x) + x)", "sqrt(x*x)/(sqrt(x*x) + x)"),
    ("y/(sqrt(2.0)*sqrt(3.0) - sqrt(6.0))", "x/(sqrt(2.0)*sqrt(3.0) - sqrt(6.0))"),
    ("1.0/(sqrt(x)*sqrt(x) - x)", "y/(sqrt(x)*sqrt(x) - x)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_somewhere_is_not_proven(one: str, other: str) -> None:
    """Nor what is equal where something is defined that only one side of a condition computes."""
    assert not are_equal(one, other)
    assert not are_equal(other, one)


def test_a_power_too_large_to_multiply_out_shows_nothing() -> None:
    """A factor (1 + x)**13 of all that is left is no proof that nothing is left."""
    nodes = Composition(lanes(1))
    x, y = nodes.input(0), nodes.input(1)
    assert not nodes.nodes.prove((2 * (1 + x) ** 13).index, ((1 + x) ** 13).index)
    assert not nodes.nodes.prove(((1 + x) ** 13 * y).index, ((1 + x) ** 13 * x).index)


@pytest.mark.parametrize(
    "more",
    ["0.0", "(1+x)**13*math.exp(-1e8*(x-5.1234)**2)", "(1+x)**13*math.exp(-1e8*(x-50.7)**2)"],
)
def test_a_bump_behind_a_large_power_is_not_proven(more: str) -> None:
    """What is twice the derivative near one number only, where no point is."""
    text = f"import math\ndef g(x): return 14*(1+x)**13 + {more}"
    report = verify_gradient(lambda x: (1 + x) ** 14, 0.3, gradient=text)
    assert (report.verdict is Verdict.PROVED) == (more == "0.0"), report


def test_the_inverse_of_a_hyperbolic_derivative_is_not_it() -> None:
    """What cannot be replaced is still there."""
    graph = ad.trace(ad.tanh, 0.3)
    text = "import math\ndef g(x):\n e = math.exp(-2.0*abs(x))\n return {}"
    assert all(proven(graph, text.format("4*e/((1+e)*(1+e))")))
    assert not all(proven(graph, text.format("(1+e)*(1+e)/(4*e)")))


def test_norms_tell_divisors_of_zero() -> None:
    """1 + s is none, s - 3 with s*s = 9 is one, and an inverse is one."""
    one, s = frozenset[int](), frozenset({7})
    squares = {7: {one: 9}}
    assert is_regular({one: 1, s: 1}, squares)
    assert not is_regular({one: -3 % ((1 << 61) - 1), s: 1}, squares)
    x = {one: 5, s: 2}
    below = inverse(x, squares)
    assert below is not None
    assert product(x, below, squares) == {one: 1}


def haversine(lat: Any, lon: Any) -> Any:
    """The distance of two places on a sphere."""
    a = np.sin((lat - 0.9) / 2) ** 2 + np.cos(lat) * math.cos(0.9) * np.sin((lon - 0.1) / 2) ** 2
    return 2 * 6371.0 * np.arcsin(np.sqrt(a))


_ARC = """import math
def g(lat, lon):
    so = math.sin((lon - 0.1) / 2)
    a = math.sin((lat - 0.9) / 2)**2 + math.cos(lat)*0.6216099682706644*so**2
    d = 6371.0 / math.sqrt(a * (1 - a))
    return (
        d * (0.5*math.sin(lat - 0.9) - math.sin(lat)*0.6216099682706644*so**2),
        d * math.cos(lat)*0.6216099682706644*0.5*math.sin(lon - 0.1),
    )
"""


def test_the_haversine_formula_is_proven() -> None:
    """Angles and their halves, and one root for the product of two."""
    graph = ad.trace(haversine, 0.7, 0.4)
    assert all(proven(graph, _ARC))
    for wrong in (("0.5*math.sin(lon", "0.5*math.sin(2*lon"), ("(1 - a)", "(1 + a)")):
        assert not all(proven(graph, _ARC.replace(*wrong)))


def test_what_two_needs_of_the_function_see_to_is_no_need() -> None:
    """sqrt(a*(1 - a)) is divided by, where the function divides by sqrt(a) and sqrt(1 - a)."""

    known = [
        ("positive", expression("x*x + y")),
        ("positive", expression("(1.0 - sqrt(x))*(1.0 + sqrt(x))")),
    ]
    assert is_product("positive", expression("(x*x + y)*(1.0 - x)"), known)
    assert is_product("nonzero", expression("(1.0 - x)*(1.0 - x)"), known)
    assert not is_product("positive", expression("(x*x + y)*(2.0 - x)"), known)
    assert not is_product("positive", expression("1.0 - x"), [("nonzero", expression("1.0 - x"))])


MET = [
    ("nonzero", "exp(x) + y", [("positive", "(exp(x) + y)/2.5")]),  # a multiple
    ("positive", "1.0 - x*x", [("positive", "(1.0 - x)/(1.0 + x)")]),
    ("nonnegative", "1.0 - x*x", [("nonnegative", "(1.0 - x)/(1.0 + x)")]),
    ("positive", "y", [("positive", "exp(x)/(2.0*y)")]),
    (
        "nonzero",
        "x*y + (1.0 + y)*y + 1.0 + y",  # what is not scaled on the way
        [("nonzero", "x + (1.0 + y)"), ("positive", "(y*x + (1.0 + y)*(1.0 + y))/(x + (1.0 + y))")],
    ),
    ("positive", "x", [("positive", "x*y"), ("positive", "y")]),
]  # fmt: skip
NOT_MET = [
    ("positive", "exp(x) + y", [("positive", "-(exp(x) + y)/2.5")]),
    ("positive", "exp(x) + y", [("nonzero", "(exp(x) + y)/2.5")]),
    ("positive", "1.0 - x*x", [("positive", "(1.0 - x)*y")]),
    ("nonnegative", "y", [("nonnegative", "x*x*y")]),  # x may be zero
    ("positive", "y", [("nonnegative", "exp(x)*y")]),
    ("positive", "x", [("positive", "x*y")]),
    ("nonzero", "x + 1.0", [("nonzero", "x + 2.0")]),
]  # fmt: skip


@pytest.mark.parametrize("case", [*((*x, True) for x in MET), *((*x, False) for x in NOT_MET)])
def test_what_a_product_of_needs_says(case: Any) -> None:
    """Of the signs of its factors, and that none is zero."""
    need, wanted, known, is_met = case
    given = [(kind, expression(text)) for kind, text in known]
    assert is_product(need, expression(wanted), given) is is_met
