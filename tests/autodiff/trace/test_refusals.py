"""Of two refusals the one that tells more is raised, whatever their words are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, get_args

import numpy as np
import pytest
from scipy import interpolate, optimize
from scipy.spatial.distance import cosine

import autodiff as ad
from autodiff.errors import ArgumentError, Limit, TraceError, UnsupportedError
from autodiff.trace.number_like import more_helpful
from codegen import compile_gradient


@pytest.mark.parametrize("limit", get_args(Limit))
def test_a_limit_of_one_kind_of_trace_gives_way(limit: Limit) -> None:
    """What another trace says is kept, unless it is the same limit."""
    first, other = TraceError("a").of(limit), TraceError("b")
    assert more_helpful(first, other) is other
    assert more_helpful(other, first) is other
    assert more_helpful(first, TraceError("c").of(limit)) is first
    assert more_helpful(other, traced := UnsupportedError("d")) is traced


def test_of_two_unknown_functions_the_later_is_named() -> None:
    """One form of the trace can do without the first: only the second is in the way."""

    def called(x: Any) -> Any:
        return np.linalg.det(np.outer(x, x)) + cosine(x, x + 1.0) + np.trim_zeros(x)[0]

    with pytest.raises(TraceError, match=r"np\.trim_zeros cannot be traced.*Use a slice"):
        compile_gradient(called, np.array([1.0, 2.0]))


def test_no_root_is_said_to_be_none() -> None:
    """SciPy returns where it got to; the trace has nan."""

    def found(a: Any) -> Any:
        return optimize.fsolve(lambda z: [z[0] + z[1] ** 2 - a, z[0] * z[1] - 0.7], [1.0, 1.0])[0]

    with pytest.warns(RuntimeWarning), pytest.raises(TraceError, match="start nearer to a root"):
        compile_gradient(found, 1.1)


def test_a_row_without_elements_names_the_call() -> None:
    """The user's line, and NumPy's function: not the row that it is made of."""

    def called(x: Any) -> Any:
        return np.linalg.svd(x, full_matrices=False)[0][0, 0] ** 2

    with pytest.raises(UnsupportedError, match=r"test_refusals\.py:\d+: called: np\.linalg\.svd"):
        compile_gradient(called, np.eye(2) + 0.1)


def test_an_interpolator_is_named_by_its_class() -> None:
    """Not by the private one that has its method."""
    spline = interpolate.RectBivariateSpline(np.arange(5.0), np.arange(5.0), np.eye(5))
    with pytest.raises(TraceError, match=r"scipy\.interpolate\.RectBivariateSpline cannot"):
        ad.trace(lambda x: spline(x, x)[0, 0] * 1.0, 0.5)


def test_formats_and_texts_as_arguments_have_a_way_out() -> None:
    """What can be written instead works."""

    def shown(x: Any, text: str) -> Any:
        return x * len(text + "%g" % x)  # noqa: UP031  # what people write

    with pytest.raises(ArgumentError, match=r"text: found str '%g'.*\(wrt=0: by the first alone"):
        ad.trace(shown, 0.5, "%g")
    with pytest.raises(
        TraceError, match=r"cannot format a traced value in .*% x'\. Use an f-string"
    ):
        compile_gradient(shown, 0.5, "%g", wrt=0)
    df = compile_gradient(lambda x, text: x * len(text), 0.5, "%g", wrt=0)
    assert df(0.5, "%g") == (1.0, 2.0)
    with pytest.raises(TraceError, match=r"result: found str 'a'.* Return its numbers$"):
        compile_gradient(lambda x: "a", 0.5)


def test_arrays_of_whole_numbers_and_first_places_have_a_way_out() -> None:
    """What can be written instead works."""

    def stored(x: Any, kind: type) -> Any:
        y = np.zeros(2, dtype=kind)
        y[0] = x
        return y.sum()

    with pytest.raises(TraceError, match=r"store as a whole number .* 'y\[0\]'.* dtype=float"):
        compile_gradient(stored, 0.5, int, wrt=0)
    assert compile_gradient(stored, 0.5, float, wrt=0)(0.5, float) == (0.5, 1.0)
    x = np.array([0.25, 0.75])
    with pytest.raises(TraceError, match=r"np\.argmax\(condition\)"):
        compile_gradient(lambda x: x[np.where(x > 0.5)[0][0]], x)
    assert compile_gradient(lambda x: x[np.argmax(x > 0.5)], x)(x)[0] == 0.75


def test_fractions_and_whole_numbers() -> None:
    """A fraction is the float next to it; a float of NumPy's tells whether it is whole."""

    def called(x: Any) -> Any:
        y = x * Fraction(1, 3) + Fraction(2, 7) - x ** Fraction(2)
        return y if x.is_integer() else 2.0 * y

    df = compile_gradient(called, 0.5)
    assert df(0.5)[0] == called(0.5)
    assert df(3.0)[0] == called(3.0)
    value = ad.Value(0.5)
    assert (value * Fraction(1, 3)).data == 0.5 * Fraction(1, 3)


@pytest.mark.parametrize(
    ("function", "limit"),
    [
        (Fraction, "opaque"),
        (lambda x: x.__complex__(), "complex"),
        (lambda x: np.arange(3.0)[np.array([x])], "mask"),
        (lambda x: {x: 1}, None),
    ],
)
def test_a_refusal_says_its_limit(function: Any, limit: Limit | None) -> None:
    """Each kind is marked where it is raised."""

    def called(x: object) -> object:
        return function(x)

    with pytest.raises(TraceError) as caught:
        ad.trace(called, 0.5)
    assert caught.value.limit is limit
