"""Somebody else's gradient in any form: callables that cannot be traced, structures, texts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.verify.subjects.foreign_cases import cosine, f, g, verdict
from verify import Verdict, verify_gradient


def test_an_opaque_gradient_is_at_most_certified() -> None:
    """Without a trace the gradient is called with floats, and the note says so."""
    report = verify_gradient(f, 1.0, 2.0, gradient=lambda x, y: (y + cosine(x), x))
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "cannot be traced" in report.entries[0].note
    assert "within 1e-08 of sympy.diff" in report.entries[0].method


def test_a_gradient_that_branches_is_compared_on_both_sides() -> None:
    """An if on a float is read as two sides; an error on one side is found."""

    def right(x: float) -> float:
        return 1.0 if x > 0 else -1.0

    def wrong(x: float) -> float:
        return math.copysign(1.0, abs(x))

    assert verdict(right, abs, 0.7) is Verdict.PROVED
    report = verify_gradient(abs, 0.7, gradient=wrong)
    assert report.verdict is Verdict.REFUTED
    witness = report.entries[0].witness
    assert witness is not None
    assert witness.point["x"] < 0.0


def test_an_opaque_gradient_with_value_and_arrays() -> None:
    """Arrays reach an opaque gradient as float64 arrays of their shape."""

    def gradient(w: Any) -> Any:
        assert w.dtype == np.float64
        return float(repr(float(g(w)))), 2.0 * w + np.array([w[1], w[0], 0.0])

    report = verify_gradient(g, np.ones(3), gradient=gradient)
    assert report.value is not None
    assert report.verdict is Verdict.CERTIFIED_NUMERIC


def test_an_opaque_error_beyond_rounding_is_refuted() -> None:
    """One part in a hundred thousand is no rounding."""
    report = verify_gradient(f, 1.0, 2.0, gradient=lambda x, y: (y + 1.00001 * cosine(x), x))
    assert [e.verdict for e in report.entries] == [Verdict.REFUTED, Verdict.CERTIFIED_NUMERIC]


def test_rounding_of_an_ill_conditioned_gradient_is_granted() -> None:
    """Where our own interpreter loses digits, an opaque gradient may lose them as well."""

    def steep(x: Any) -> Any:
        return (1.0 + x * 1e-9) ** 2 - 1.0

    def gradient(x: float) -> float:
        return 2e-9 * float(repr(1.0 + x * 1e-9))

    assert verdict(gradient, steep, 0.5) is Verdict.CERTIFIED_NUMERIC


def test_an_opaque_gradient_that_raises_is_an_error() -> None:
    """An exception of the gradient itself comes with the point."""

    def gradient(x: float, y: float) -> Any:
        return cosine(x) + y, [1.0][int(x) + 7]

    with pytest.raises(ad.ArgumentError, match="gradient gradient: raised IndexError"):
        verdict(gradient)


def test_wrong_arity_is_an_error() -> None:
    """A gradient of other arguments is told, with what it takes and what was expected."""
    with pytest.raises(ad.ArgumentError, match=r"takes \(x\); expected the arguments of f"):
        verdict(lambda x: (1.0, 2.0))


BAD_RESULTS: list[tuple[Callable[..., Any], str]] = [
    (lambda x, y: (1.0, 2.0, 3.0), r"returned \(float, float, float\)"),
    (lambda x, y: x, "returned float"),
    (lambda x, y: None, "returned None"),
    (lambda x, y: "text", "returned str"),
    (lambda x, y: np.zeros((2, 2)), r"returned float\[2,2\]"),
    (lambda x, y: (f(x, y), (1.0, 2.0, 3.0)), r"returned \(float, \(float, float, float\)\)"),
]


@pytest.mark.parametrize(("gradient", "found"), BAD_RESULTS)
def test_wrong_shape_is_an_error(gradient: Callable[..., Any], found: str) -> None:
    """A result of another form is told, with what was found and expected."""
    expected = r"; expected \(float, float\), one entry per argument of f, or the pair"
    with pytest.raises(ad.ArgumentError, match=found + expected):
        verdict(gradient)


def test_wrong_array_shape_is_an_error() -> None:
    """The gradient by an array has its shape."""
    with pytest.raises(ad.ArgumentError, match=r"returned float\[2\]; expected float\[3\]"):
        verdict(lambda w: 2.0 * w[:2], g, np.ones(3))


def test_a_compiled_gradient_of_other_arguments_is_an_error() -> None:
    """Structures of compiled code are compared before anything is read."""
    with pytest.raises(
        ad.ArgumentError, match=r"takes \(float\[3\]\); expected the arguments of f"
    ):
        verdict(compile_gradient(g, np.ones(3)))


def test_what_is_no_gradient_is_an_error() -> None:
    """A number in place of a gradient is told."""
    with pytest.raises(ad.ArgumentError, match="gradient: found float; expected a callable or"):
        verdict(1.0)


TEXT = """
import math
import numpy as np

def inner(x):
    return math.cos(x)

def gradient(x, y):
    "The gradient, in an odd way."
    parts = [0.0, x]
    a = b = inner(x)
    a += y
    parts[0] = a if b == b else 1.0
    return np.array(parts)
"""


def test_text_is_read_and_proved() -> None:
    """The last function of the text is the gradient; it may call those before it."""
    report = verify_gradient(f, 1.0, 2.0, gradient=TEXT)
    assert report.verdict is Verdict.PROVED, report
    assert report.subject == "gradient text gradient"


def test_emitted_text_is_read() -> None:
    """A saved file of ours is a gradient text like any other."""
    assert verdict(compile_gradient(f, 1.0, 2.0).source) is Verdict.PROVED
    assert verdict(compile_gradient(g, np.ones(3)).source, g, np.ones(3)) is Verdict.PROVED


def test_arrays_of_two_dimensions_are_nested_lists_in_text() -> None:
    """m[i][j] and m[i, j] both read an element."""
    text = "def gradient(m):\n    return [[m[0, 1], m[0][0]], [0.0, 1.0]]\n"
    assert verdict(text, lambda m: m[0, 0] * m[0, 1] + m[1, 1], np.ones((2, 2))) is Verdict.PROVED


def test_wrong_text_is_refuted() -> None:
    """A wrong sign in a text is refuted."""
    assert verdict(TEXT.replace("math.cos", "-math.cos")) is Verdict.REFUTED


DOUBLINGS = "def d0(x):\n    return x\n" + "".join(
    f"def d{i}(x):\n    return d{i - 1}(d{i - 1}(x))\n" for i in range(1, 60)
)
DOUBLINGS += "def d(x, y):\n    return d59(x), y\n"


UNREADABLE = [
    ("import os\ndef d(x, y):\n    return y, x", "line 1: import os: only math, numpy"),
    ("def d(x, y):\n    os.system('true')\n    return y, x", "line 2: os.system"),
    ("@property\ndef d(x, y):\n    return y, x", "line 2: @property: a decorator can do anything"),
    ("def d(x, y):\n    return y, 9007199254740993 * x", "an integer that no double holds"),
    ("def d(x, y):\n    return __import__('os').getcwd(), x", "line 2: __import__('os')"),
    ("def d(x, y):\n    while x > 0:\n        pass\n    return y, x", "line 2: while x > 0"),
    ("def d(x, y):\n    return {i for i in (x, y)}", "line 2: {i for i in (x, y)}"),
    ("def d(x, y) return x", "line 1: "),
    ("x = {1}", "line 1: {1}: only imports and functions"),
    ("x = 1", "found no function definition"),
    ("", "found no function definition"),
    ("def d(x):\n    return x", "line 1: d takes 1 arguments (x); expected 2"),
    ("def d(x, y):\n    return d(x, y)", "d calls itself"),
    ("def d(x, y):\n    return z, x", "'z' is not defined above this line"),
    ("def d(x, y):\n    return x.real, x", "'x.real' is not defined"),
    ("def d(x, y):\n    return open('f'), x", "line 2: open('f')"),
    ("def d(x, y):\n    return x @ y, x", "an operator without a derivative"),
    ("def d(x, y):\n    return " + "-" * 50_000 + "x, x", "line 1: nested too deeply"),
    (DOUBLINGS, "functions call each other more than"),
    ("def d(x, y):\n    return x, y\0", "line 1: source code"),
]


@pytest.mark.parametrize(("text", "message"), UNREADABLE)
def test_text_is_never_run(text: str, message: str) -> None:
    """What is not straight-line arithmetic is an error that names the line; nothing is executed."""
    with pytest.raises(ad.ArgumentError) as caught:
        verdict(text)
    assert str(caught.value).startswith("gradient text")
    assert message in str(caught.value)
    assert "Text is read, never run" in str(caught.value)


def test_a_gradient_that_hangs_is_stopped() -> None:
    """While it is traced, or where it is called with floats; an endless result is cut short."""

    def hangs(x: float, y: float) -> tuple[float, float]:
        while True:
            pass

    def hangs_on_floats(x: float, y: float) -> tuple[float, float]:
        if type(x) is not float:
            raise TypeError
        return hangs(x, y)

    for gradient in (hangs, hangs_on_floats):
        with pytest.raises(ad.ArgumentError, match=r"gave no answer within 0\.5 s"):
            verify_gradient(lambda x, y: x * y, 1.0, 2.0, gradient=gradient, time_limit=0.5)
    with pytest.raises(ad.ArgumentError, match="returned repeat"):
        verify_gradient(lambda x, y: x * y, 1.0, 2.0, gradient=lambda x, y: itertools.repeat(x))
