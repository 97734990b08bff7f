"""A function has to do on plain numbers what its trace says."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.agreement import compared, trace_as_called
from codegen import compile_gradient

RANDOM = random.Random(1)


def of_the_type(x):
    """x² for floats."""
    return x * x if type(x) is float else x


def of_the_exact_type(x):
    """3x for floats alone."""
    return x if type(x) is not float else 3.0 * x


def of_an_attribute(x):
    """x² for what has no builder."""
    return x if hasattr(x, "builder") else x * x


def of_a_number_that_tracing_hides(x):
    """2x of whole numbers, and of what cannot be counted."""
    try:
        return 2.0 * len(range(int(x)))
    except Exception:
        return 2.0 * x


def of_nothing_but_chance(x):
    """Something else each time."""
    return x * RANDOM.random()


@pytest.mark.parametrize("f", [of_the_type, of_the_exact_type, of_an_attribute])
def test_a_branch_on_the_type_is_an_error(f: Any) -> None:
    """Whatever is differentiated must be the function that is called."""
    for start in (compile_gradient, trace_as_called):
        with pytest.raises(ad.TraceError, match=r"it gives .* for 3.0, its trace"):
            start(f, 3.0)
    with pytest.raises(ad.TraceError, match="branch on the type"):
        ad.grad(f)(3.0)


def test_fewer_digits_are_named() -> None:
    """NumPy computes functions of a bool in half precision: the message says so, and what helps."""
    with pytest.raises(ad.TraceError, match=r"computes it in float16.* write 1.0 \* \(x < y\)"):
        compile_gradient(lambda x: np.arctan(np.log2(x < x)) + x, 0.7)
    assert compile_gradient(lambda x: np.arctan(np.log2(1.0 * (x < x))) + x, 0.7)(0.7)[1] == 1.0


def test_the_first_difference_is_named() -> None:
    """The message names the user's line in which the call parts from the trace."""
    line = of_an_attribute.__code__.co_firstlineno + 2
    with pytest.raises(ad.TraceError, match=rf"test_agreement.py:{line}: mul gives 9.0"):
        trace_as_called(of_an_attribute, 3.0)


def test_what_changes_from_call_to_call_is_an_error() -> None:
    """Random numbers and counters would be baked into the trace."""
    calls = [0]

    def counting(x):
        calls[0] += 1
        return calls[0] * x

    for f in (of_nothing_but_chance, counting, lambda x: x + np.random.normal()):
        with pytest.raises(ad.TraceError, match="changes from call to call"):
            compile_gradient(f, 2.0)


def test_a_refusal_that_the_code_swallows_is_raised_again() -> None:
    """``except Exception`` around what needs a number does not choose a path."""
    with pytest.raises(ad.TraceError, match="cannot count or index with a traced value"):
        compile_gradient(of_a_number_that_tracing_hides, 1.0)


@pytest.mark.parametrize(
    "f",
    [lambda x: {3.0: 10.0}.get(x, 1.0) * x, lambda x: sum({x, 2.0 * x}), lambda x: x * hash(x)],
)
def test_traced_values_cannot_be_hashed(f: Any) -> None:
    """Sets and dicts compare the numbers that a placeholder does not have."""
    with pytest.raises(ad.TraceError, match="cannot hash a traced value"):
        ad.trace(f, 3.0)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, complex, "int32"])
def test_another_dtype_is_refused(dtype: Any) -> None:
    """``dtype=`` is followed or refused, never dropped."""
    x = np.array([1.0, 3.0])
    for f in (
        lambda x: np.sum(1.5 * x, dtype=dtype),
        lambda x: np.sum(np.multiply(x, 2.0, dtype=dtype)),
        lambda x: np.add.reduce(x, dtype=dtype),
    ):
        with pytest.raises(ad.TraceError, match="dtype="):
            ad.trace(f, x)
    assert len(ad.trace(lambda x: np.sum(x, dtype=float), x)) == len(ad.trace(np.sum, x))


def test_a_ufunc_is_known_by_identity() -> None:
    """A ufunc of another library that is called ``square`` is not NumPy's square."""
    numba = pytest.importorskip("numba", reason="numba makes real ufuncs")

    def function(x: Any) -> Any:
        return x * x * x

    function.__name__ = "square"
    impostor = numba.vectorize(["float64(float64)"])(function)
    assert impostor.__name__ == "square"
    derivative = ad.grad(lambda x: np.sum(impostor(x)))
    assert derivative(np.array([1.0, 2.0])).tolist() == [3.0, 12.0]
    without_source = impostor.ufunc
    with pytest.raises(ad.TraceError, match="ufunc square has no derivative rule"):
        ad.trace(lambda x: np.sum(without_source(x)), np.ones(2))


def test_rounding_is_no_difference() -> None:
    """NumPy's summation order, its exp, cancellation: floats may differ as floats do."""
    x = np.random.default_rng(0).normal(size=1000) * 1e3

    def cancelling(x):
        return np.sum(np.exp(x / 1e3)) - np.sum(np.exp(x[::-1] / 1e3)) + np.sum(x) * 1e-13

    for f in (cancelling, lambda x: np.sum(x) - np.mean(x) * 1000.0, lambda x: np.sum(x**3)):
        trace_as_called(f, x)


def test_what_floats_cannot_do_is_not_compared() -> None:
    """Methods that floats lack, poles and complex roots leave the trace alone."""
    assert not compared(lambda x: x.tanh(), ad.trace(lambda x: x.tanh(), 1.0), [1.0]).possible
    assert not compared(lambda x: 1.0 / x, ad.trace(lambda x: 1.0 / x, 1.0), [0.0]).possible
    trace_as_called(lambda x: (x - 9.0) ** 0.5, 1.0)
    trace_as_called(ad.log, 0.0)


def test_integer_examples_stand_for_floats() -> None:
    """An example of integers is called with the floats that a compiled function takes."""
    value, gradient = compile_gradient(lambda x: np.sum(x**20) / 7, np.array([10, 3]))(
        np.array([10.0, 3.0])
    )
    assert math.isclose(value, (1e20 + 3.0**20) / 7)
    assert gradient.shape == (2,)


def test_arguments_are_not_written_into() -> None:
    """A function that works in place is called with copies."""

    def in_place(x):
        y = x.copy()
        y[0] = y[0] * 2.0
        return np.sum(y)

    x = np.array([1.0, 2.0])
    compile_gradient(in_place, x)
    np.testing.assert_array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("scale", [1e200, 1e-160, 1e-200, 1e-310])
def test_lengths_that_numpy_has_no_number_for(scale: float, expand: bool) -> None:
    """NumPy squares first, so its length of a tiny vector is 0; the trace's is right, and kept."""
    x = np.array([3.0 * scale, 4.0 * scale])
    df = compile_gradient(lambda x: 1.0 * np.linalg.norm(x), x, expand=expand)
    value, gradient = df(x)
    assert value == pytest.approx(5.0 * scale, rel=1e-12, abs=0.0)
    assert gradient == pytest.approx([0.6, 0.8], rel=1e-12)


def _logarithm(x: Any) -> Any:
    return math.log(x)


def handling(x: Any) -> Any:
    """Goes on with something else where another function raises."""
    try:
        return _logarithm(x - 2.0)
    except ValueError:
        return 9.0 * x


def filling(x: Any) -> Any:
    """The same behind a call, of an array."""
    return np.sum(x) + handling(x[0])


@pytest.mark.parametrize(
    ("function", "example"), [(handling, 1.0), (filling, np.array([1.0, 2.0]))]
)
def test_a_handler_that_a_trace_cannot_run_is_an_error(function: Any, example: Any) -> None:
    """The call gives a number and the trace nan: they are two functions."""
    for expand in (True, False):
        with pytest.raises(ad.TraceError, match=r"raises ValueError, which it handles"):
            trace_as_called(function, example, expand=expand)


def test_what_no_handler_hides_may_be_infinite() -> None:
    """A trace may overflow where NumPy does not; and what is raised beside numbers is no matter."""

    def looked_up(x: Any) -> Any:
        try:
            return {}["scale"] * x
        except KeyError:
            return x * x

    assert ad.evaluate(trace_as_called(looked_up, 3.0), 3.0) == 9.0
    assert ad.evaluate(trace_as_called(handling, 3.0), 3.0) == 0.0


def _none_of_arrays(x: Any) -> Any:
    return np.sum(x * x) if type(x) is np.ndarray else np.nan * np.sum(x)


def _none_of_numbers(x: Any) -> Any:
    return x * x if type(x) in (float, np.float64) else np.nan * x


@pytest.mark.parametrize("expand", [True, False])
def test_a_trace_without_a_number_is_an_error(expand: bool) -> None:
    """Where the call gives one, however the trace is rounded."""
    with pytest.raises(ad.TraceError, match=r"gives .*3\.0.*its trace .*nan"):
        trace_as_called(_none_of_arrays, np.ones(3), expand=expand)
    with pytest.raises(ad.TraceError, match=r"gives 4\.0 for 2\.0, its trace nan"):
        trace_as_called(_none_of_numbers, 2.0)


@pytest.mark.parametrize("expand", [True, False])
def test_nan_by_a_digit_is_no_difference(expand: bool) -> None:
    """A root that a rounding makes one of a negative number, or not."""

    def rooted(x: Any) -> Any:
        return np.sum(np.sqrt((x * 3.0 - 0.3) * 1e16 + 0.5))

    trace_as_called(rooted, np.array([0.1, 0.2]), expand=expand)
