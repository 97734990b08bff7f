"""Calls in straight lines: whatever holds the numbers, the interpreter's results and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError
from codegen import compile_function, compile_gradient
from codegen.load.converted import NUMBERS, flat_of, floats_of
from tests.codegen.native.run.test_call_plan import ARGUMENTS, ARRAY, WRONG, same, total


@pytest.mark.parametrize("name", ARGUMENTS)
def test_calls_give_what_the_interpreter_gives(name: str) -> None:
    """Value and gradient have its bits, and the structure and types of the examples."""
    examples, args = ARGUMENTS[name]
    df = compile_gradient(total, *examples)
    value, gradient = ad.backpropagate(ad.trace(total, *examples), *args)
    found = df(*args)
    assert same(found, (value, gradient if len(args) == 1 else tuple(gradient)))
    assert df.forward(*args)[0] == value


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_errors_name_the_argument(place: int) -> None:
    """What is wrong is said as by machine code: with the path, what was found and expected."""
    examples, args = WRONG[place]
    with pytest.raises(ArgumentError) as native:
        compile_gradient(total, *examples, target="native", check=False)(*args)
    with pytest.raises(ArgumentError) as python:
        compile_gradient(total, *examples)(*args)
    assert str(python.value) == str(native.value)


def test_the_user_may_have_our_names() -> None:
    """Arguments called as something of the text are still the user's, by position and by name."""

    def f(parts: Any, v0: Any, value: Any, more: Any, x1: Any) -> Any:
        return total(parts, v0, value, more, x1)

    examples = ([1.0], ARRAY, 2.0, {"a": 3.0}, (4.0,))
    df = compile_gradient(f, *examples)
    expected = df(*examples)
    names = ("parts", "v0", "value", "more", "x1")
    assert same(df(**dict(zip(names, examples, strict=True))), expected)
    assert same(df(*examples[:2], x1=(4.0,), value=2.0, more={"a": 3.0}), expected)
    for wrong in ({"y": 1.0}, {"parts": [1.0]}, {"out": None}):
        with pytest.raises(ad.ProofgradError):
            df(*examples[:4], **wrong)


def test_defaults_and_missing_arguments() -> None:
    """A default stands for what is not given; what has none is missed by name."""

    def f(x: Any, scale: Any = 2.0) -> Any:
        return total(x) * scale

    df = compile_gradient(f, ARRAY, 2.0)
    assert same(df(ARRAY), df(ARRAY, 2.0))
    assert same(df(scale=3.0, x=ARRAY), df(ARRAY, 3.0))
    with pytest.raises(ArgumentError, match="expected"):
        df(scale=3.0)


def test_functions_are_called_in_the_same_way() -> None:
    """Not gradients alone: a function's result is put together as it is."""
    df = compile_function(lambda p: {"sum": p["w"].sum(), "twice": 2.0 * p["w"]}, {"w": ARRAY})
    found = df({"w": ARRAY.astype(np.float32)})
    assert same(found, {"sum": float(ARRAY.sum()), "twice": 2.0 * ARRAY})


def test_traced_values_are_recorded() -> None:
    """Inside a trace a call is recorded, whatever holds the traced values."""
    df = compile_gradient(total, {"a": 1.0, "b": [2.0]})
    graph = ad.trace(lambda x, y: df({"a": x, "b": [y]})[0], 1.0, 2.0)
    assert ad.evaluate(graph, 2.0, 3.0) == df({"a": 2.0, "b": [3.0]})[0]


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_are_converted_exactly(kind: type) -> None:
    """Each type that is known gives the float that Python makes of it."""
    value = np.array(3) if kind is np.ndarray else kind(3)
    assert NUMBERS[kind](value) == 3.0
    assert type(NUMBERS[kind](value)) is float
    if kind is not np.ndarray:
        assert [*floats_of((value, 0.5))] == [3.0, 0.5]
        assert [*flat_of((2,))([value, 0.5])] == [3.0, 0.5]


@pytest.mark.parametrize(
    "value",
    [[1.0], [1.0, "2"], [1.0, None], [1.0, True], np.zeros((2, 1)), np.zeros(2, complex), "ab",
     np.ma.masked_array([1.0, 2.0]), np.array([1.0, "x"], object), None],
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_not_converted(value: object) -> None:
    """It is left to what says why."""
    with pytest.raises(TypeError):
        flat_of((2,))(value)


def test_a_scalar_is_no_row_of_one() -> None:
    """An array with one element in an axis is no number."""
    with pytest.raises(TypeError):
        floats_of([np.array([1.0]), 2.0])
