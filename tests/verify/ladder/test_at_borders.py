"""Where a function switches: one side's value, and the slope that there is at the point itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from verify import Verdict, verify_gradient, verify_hessian

Case = tuple[Callable[..., Any], tuple[float, ...], str, str, dict[str, float]]


def at_one(x: Any) -> Any:
    """Jumps at 1, where it is 2."""
    return np.where(x < 1.0, x, 2.0 * x)


WRONG: list[Case] = [
    (at_one, (0.5,), "x if x <= 1.0 else 2*x", "1.0 if x < 1.0 else 2.0", {"x": 1.0}),
    (
        lambda x: np.where(x < 0.3, x * x, x + 5.0), (0.5,),
        "x*x if x <= 0.3 else x + 5", "2*x if x < 0.3 else 1.0", {"x": 0.3},
    ),
    (
        lambda x: np.where(x * x < 2.25, x * x, x + 5.0), (0.5,),
        "x*x if x*x <= 2.25 else x + 5", "2*x if x*x < 2.25 else 1.0", {},
    ),
    (
        lambda x, y: np.where(x < y, x * x, y + 5.0), (0.5, 0.7),
        "x*x if x <= y else y + 5", "(2*x if x < y else 0.0), (0.0 if x < y else 1.0)", {},
    ),
    (
        lambda x: np.where(x >= -2.0, np.sin(x), 3.0), (0.5,),
        "math.sin(x) if x > -2.0 else 3.0", "math.cos(x) if x > -2.0 else 0.0", {"x": -2.0},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_the_other_side_at_the_border_is_refuted(case: Case) -> None:
    """``<=`` for ``<`` gives another value at one point, and that point is the witness."""
    function, example, value, gradient, at = case
    head = "x, y" if len(example) > 1 else "x"
    text = f"import math\ndef g({head}):\n return ({value}), ({gradient})\n"
    report = verify_gradient(function, *example, gradient=text)
    assert report.value is not None
    assert report.value.verdict is Verdict.REFUTED
    assert all(entry.verdict is not Verdict.REFUTED for entry in report.entries)
    witness = report.value.witness
    assert witness is not None
    assert witness.expected == pytest.approx(float(function(*witness.point.values())))
    assert not at or witness.point == at


@pytest.mark.parametrize(
    ("function", "value", "gradient"),
    [
        (at_one, "x if x < 1.0 else 2*x", "1.0 if x < 1.0 else 2.0"),
        (at_one, "x if not x >= 1.0 else 2*x", "1.0 if x < 1.0 else 2.0"),
        (lambda x: np.where(x < 1.0, x, x * x), "x if x <= 1.0 else x*x",
         "1.0 if x < 1.0 else 2*x"),
        (lambda x: np.where(x * x < 2.0, x, 5.0), "x if x*x <= 2.0 else 5.0",
         "1.0 if x*x < 2.0 else 0.0"),
    ],
)  # fmt: skip
def test_no_difference_that_a_double_has_is_no_refutation(
    function: Callable[..., Any], value: str, gradient: str
) -> None:
    """The same side, sides that meet, and a border on which no double is."""
    text = f"def g(x):\n return ({value}), ({gradient})\n"
    report = verify_gradient(function, 0.5, gradient=text)
    assert report.verdict is not Verdict.REFUTED, report


@pytest.mark.parametrize(
    ("function", "gradient", "at"),
    [
        (lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), "(x > 0)*1.0 + (x < 0)*1.0", 0.0),
        (lambda x: np.maximum(x, 0.0) + np.log1p(np.exp(-np.sqrt(x * x))),
         "0.0 if x == 0 else 1/(1 + math.exp(-x))", 0.0),
        (lambda x: np.abs(x) + x - 2.0 * np.maximum(x, 0.0), "1.0 if x == 0 else 0.0", 0.0),
        (lambda x: np.where(x == 3.0, 9.0, x * x), "2*x if x != 3 else 0.0", 3.0),
        (lambda x: np.sinc(x / math.pi),
         "0.5 if x == 0 else (x*math.cos(x) - math.sin(x))/x**2", 0.0),
    ],
)  # fmt: skip
def test_another_slope_than_the_function_has_is_refuted(
    function: Callable[..., Any], gradient: str, at: float
) -> None:
    """Where anything switches and the function is smooth, conventions of rows are no excuse."""
    text = f"import math\ndef g(x):\n return {gradient}\n"
    (entry,) = verify_gradient(function, 1.0, gradient=text).entries
    assert entry.verdict is Verdict.REFUTED
    assert entry.witness is not None
    assert entry.witness.point == {"x": at}


def test_a_kind_behind_a_square_has_its_own_slope() -> None:
    """Where k * k is 4 the function is another one, and so is the slope by what stays free."""
    wrong, right = "0.0, 3.0", "0.0, (2*a if k*k == 4 else 3.0)"
    for gradient, verdict in ((wrong, Verdict.REFUTED), (right, Verdict.PROVED)):
        text = f"def g(k, a):\n return {gradient}\n"
        report = verify_gradient(
            lambda k, a: np.where(k * k == 4.0, a * a, 3.0 * a), 1.0, 2.0, gradient=text
        )
        assert report.verdict is verdict


SECOND: list[tuple[Callable[..., Any], str, bool]] = [
    (lambda x, y: np.where(x == 3.0, 27.0, x**3) + 0.0 * y, "({}, 0.0), (0.0, 0.0)", True),
    (lambda x, y: np.where(x == 3.0, 5.0, x**3) + 0.0 * y, "({}, 0.0), (0.0, 0.0)", False),
]


@pytest.mark.parametrize(("function", "hessian", "smooth"), SECOND)
def test_a_second_derivative_that_a_switch_hides(
    function: Callable[..., Any], hessian: str, smooth: bool
) -> None:
    """At one number the first derivative is a convention; the second is that of the function."""
    for entry, right in (("6*x", True), ("0.0 if x == 3 else 6*x", not smooth)):
        text = f"def h(x, y):\n return {hessian.format(entry)}\n"
        report = verify_hessian(function, 1.0, 2.0, hessian=text)
        assert report.verdict is (Verdict.PROVED if right else Verdict.REFUTED)


def test_mixed_derivatives_on_a_line() -> None:
    """Where x = y, x * x is x * y: the second derivative by both is 1 there as well."""

    def function(x: Any, y: Any) -> Any:
        return np.where(x == y, x * x, x * y)

    for entry, verdict in (("1.0", Verdict.PROVED), ("0.0 if x == y else 1.0", Verdict.REFUTED)):
        text = f"def h(x, y):\n return (0.0, {entry}), ({entry}, 0.0)\n"
        report = verify_hessian(function, 1.0, 2.0, hessian=text)
        assert [e.verdict for e in report.entries] == [
            Verdict.PROVED, verdict, verdict, Verdict.PROVED
        ]  # fmt: skip
