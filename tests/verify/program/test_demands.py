"""What Python computes and nobody uses: an exception ends the function all the same."""

from __future__ import annotations

from typing import Any

import pytest

from autodiff.errors import ArgumentError
from verify import Report, Verdict, verify_gradient
from verify.answer.reasons import Reason


def report(*lines: str) -> Report:
    """Of a gradient of x * x with these lines before its return."""
    body = "".join(f"    {line}\n" for line in lines)
    text = f"import math\nimport numpy\n\n\ndef gradient(x):\n{body}"
    return verify_gradient(lambda x: x * x, 1.25, gradient=text)


RAISING: list[tuple[str, ...]] = [
    ("t = 1/(x - 0.7)", "return 2*x"),
    ("t = math.log(x - 5)", "return 2*x"),
    ("t = [2*x, 1/(x - 0.7)]", "return t[0]"),
    ("t = 1/(x - 0.7) if x > 0 else 0.0", "return 2*x"),
    ("t = x % (x - 0.7); t = 0", "return 2*x"),
    ("return (math.sqrt(x), 2*x)[1]",),
    ("return 2*x + 0*len([1/(x - 0.7)])",),
    ("t = (x - 0.7)**-1", "return 2*x if x > 1 else 2*x"),
    ("if x > 5:", "    t = math.log(x - 6)", "return 2*x"),
    ("if x > 5:", "    t = math.log(x - 6)", "    return 2*x", "return 2*x"),
    ("t = 1/(x - 0.7)", "return t*(x - 0.7)*2*x if x > 5 else 2*x"),
    ("return 2*x if not 1/(x - 0.7) > math.nan else 0.0",),
    ("for k in range(3):", "    t = 1/(x - k)", "return 2*x"),
    ("t = 0.0 < x < 1/(x - 0.7)", "return 2*x"),
    ("t = x > 0 and 1/(x - 0.7)", "return 2*x"),
]


@pytest.mark.parametrize("lines", RAISING)
def test_what_raises_on_the_way_is_told(lines: tuple[str, ...]) -> None:
    """Where Python raises there is no gradient, whether or not the number is used."""
    found = report(*lines)
    assert found.verdict in (Verdict.UNDECIDED, Verdict.REFUTED), found
    assert found.entries[0].says(Reason.UNDEFINED_AT)


HARMLESS: list[tuple[str, ...]] = [
    ("t = 1/x if x != 0 else 0.0", "return 2*x"),
    ("t = numpy.log(x)", "return 2*x"),
    ("t = numpy.log(x)/numpy.log(x)", "return 2*x"),
    ("t = math.log(1 + x*x)", "return 2*x"),
    ("t = x == 0 or 1/x", "return 2*x"),
    ("t = 0.0 < x < 1/x", "return 2*x"),
    ("if x > 5:", "    t = math.log(x - 4)", "else:", "    t = 1/(x - 6)", "return 2*x"),
    ("if x < 5:", "    return 2*x", "t = math.log(x - 4)", "return 2*x"),
]


@pytest.mark.parametrize("lines", HARMLESS[:6])
def test_what_raises_nowhere_is_no_matter(lines: tuple[str, ...]) -> None:
    """Guarded steps, and NumPy's, which give nan, change no verdict."""
    assert report(*lines).verdict is Verdict.PROVED


@pytest.mark.parametrize("lines", HARMLESS[6:])
def test_a_guard_that_nobody_understands_refutes_nothing(lines: tuple[str, ...]) -> None:
    """Below 5 nothing is smaller than 4: not shown, and not held against the text."""
    assert report(*lines).verdict in (Verdict.PROVED, Verdict.CERTIFIED_NUMERIC)


def test_exceptions_are_no_end_inside_try() -> None:
    """What a try computes raises into its except clause, which is read as well."""
    lines = (
        "try:",
        "    t = 1/(x - 0.7)",
        "    return 2*x",
        "except Exception:",
        "    return x + x",
    )
    assert report(*lines).verdict is Verdict.PROVED


NAN: dict[str, Any] = {
    "max(2*x, math.nan)": Verdict.PROVED,
    "max(math.nan, 2*x)": Verdict.REFUTED,
    "min(2*x, math.nan)": Verdict.PROVED,
    "max([2*x, 0.0*math.inf])": Verdict.PROVED,
    "2*x if x != math.nan else 0.0": Verdict.PROVED,
    "0.0 if x == math.nan or x < math.nan else 2*x": Verdict.PROVED,
    "numpy.maximum(2*x, math.nan)": Verdict.REFUTED,
    "2*x if math.nan else 0.0": Verdict.PROVED,
}


@pytest.mark.parametrize("result", NAN)
def test_nan_compares_as_in_python(result: str) -> None:
    """It is neither above nor below anything: the first operand of max and min stays."""
    assert report(f"return {result}").verdict is NAN[result]


def test_nan_that_python_ignores_refutes_nothing() -> None:
    """max(2 x, nan) is 2 x, also where nan is what NumPy makes of a logarithm."""
    assert report("return max(2*x, numpy.log(x - 5.0))").verdict is not Verdict.REFUTED


@pytest.mark.parametrize(
    "text", ["1.0/0.0", "math.log(0.0)", "5 % 0", "10.0**400", "math.exp(1000.0)", "1.0/(x - x)"]
)
def test_what_raises_for_every_number_is_no_gradient(text: str) -> None:
    """Python ends there, whether anybody uses it or not; with a number in its place all is well."""
    assert report(f"t = {text}", "return 2*x").verdict is Verdict.REFUTED
    assert report("t = 1.0/2.0", "return 2*x").verdict is Verdict.PROVED


@pytest.mark.parametrize("text", ["1.0/0.0", "5 % 0", "10.0**400", "(1.0, 0.0**-1.0)"])
@pytest.mark.parametrize("top", ["K = {}\n", "def k(x, s={}):\n    return x\n"])
def test_what_raises_when_it_is_loaded_is_no_text(text: str, top: str) -> None:
    """A constant of the top level and a default are computed when a text is imported."""
    source = f"{top.format(text)}def g(x):\n    return 2*x\n"
    with pytest.raises(ArgumentError, match=r"when the text is loaded|plain number"):
        verify_gradient(lambda x: x * x, 1.25, gradient=source)


def test_what_no_double_holds_is_no_gradient() -> None:
    """Over the reals exp(1000 + 0 x) is a number; Python raises."""
    assert report("t = math.exp(1000.0 + 0.0*x)", "return 2*x").verdict is Verdict.UNDECIDED


def test_what_raises_beyond_a_border_is_found() -> None:
    """A step that always raises, where it is computed."""
    found = report("if x > 5.0:", "    t = math.exp(1000.0)", "return 2*x")
    assert found.verdict not in (Verdict.PROVED, Verdict.CERTIFIED)
