"""Calls of the Python target that come often: machine code takes them apart, nothing changes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, EmitError
from autodiff.graph.structure import SCALAR, Array, Tuple
from codegen import compile_gradient, compile_graph
from codegen.load.often import ASKING, machine
from codegen.native.run import asking_python
from codegen.native.run.asking_python import asking, numbers
from tests.codegen.native.run.test_call_plan import ARGUMENTS, ARRAY, WRONG, Model, same, total

OFTEN = 3


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have machine code take calls after a few."""
    for module in ("codegen.call.lines.whole_call", "codegen.load.load"):
        monkeypatch.setattr(f"{module}.OFTEN", OFTEN)


def served(call: Callable[..., object], *args: object) -> None:
    """Call until machine code takes such calls."""
    for _ in range(OFTEN + 1):
        call(*args)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_often_and_once_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the arguments, results have the same bits and types, without a step in Python."""

    def refuse(*args: object, **named: object) -> None:
        raise AssertionError("handed to Python")

    def alone(*given: Any) -> Any:
        return asking(*given[:-1], refuse)

    examples, args = ARGUMENTS[name]
    df = compile_gradient(total, *examples, check=False)
    expected, at_examples = df(*args), df(*examples)
    monkeypatch.setitem(ASKING, "machine", machine()._replace(calls=alone, numbers=numbers))
    served(df, *args)
    monkeypatch.setattr("codegen.load.load.quick_floats", refuse)
    assert same(df(*args), expected)
    monkeypatch.undo()
    assert same(df(*examples), at_examples)


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_errors_stay_what_they_were(place: int) -> None:
    """What is wrong is said with the argument's path, however often there was nothing wrong."""
    examples, args = WRONG[place]
    df = compile_gradient(total, *examples, check=False)
    with pytest.raises(ArgumentError) as first:
        df(*args)
    others = [x.astype(np.float32) if isinstance(x, np.ndarray) else x for x in examples]
    served(df, *(np.int64(x) if isinstance(x, float) else x for x in others))
    with pytest.raises(ArgumentError) as later:
        df(*args)
    assert str(later.value) == str(first.value)


def test_other_results_keywords_and_traced_values() -> None:
    """Functions of several results, arguments by name, numbers out of range and traced values."""

    def f(x: Any, y: Any) -> Any:
        return {"big": ad.exp(x[0]) * y, "row": (x * y, 1.0), "quotient": y / x[1]}

    run = compile_graph(ad.trace(f, ARRAY, 2.0))
    args = np.array([1000.0, 0.0, -0.0]), -3.0
    expected = run(*args)
    served(run, *args)
    assert same(run(*args), expected)
    assert same(run(args[0], y=-3), expected)
    graph = ad.trace(lambda y: run(args[0], y)["quotient"], 1.0)
    assert ad.evaluate(graph, -3.0) == expected["quotient"]
    scalars = compile_gradient(lambda x, y: x / y + ad.exp(x), 1.0, 2.0)
    expected = scalars(1000, 0)
    served(scalars, np.float32(1000), 0)
    assert same(scalars(np.float32(1000), np.array(0)), expected)
    assert same(scalars(1000.0, 0.0), expected)


def test_without_machine_code_calls_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where llvmlite is not installed nothing is tried a second time."""
    tried = []

    def missing() -> None:
        tried.append(1)
        raise EmitError("not installed")

    monkeypatch.setattr(asking_python, "llvm", missing)
    numbers.cache_clear()
    df = compile_gradient(total, ARRAY, check=False)
    scalars = compile_gradient(lambda x: x * x, 1.0)
    for _ in range(3 * OFTEN):
        assert same(df(ARRAY), df(ARRAY.tolist()))
        assert scalars(3) == (9.0, 6.0)
    assert len(tried) == 2
    numbers.cache_clear()
    monkeypatch.delitem(ASKING, "machine")
    monkeypatch.setitem(sys.modules, "codegen.native.run.asking_python", None)
    assert machine().calls([], SCALAR, total, 0, total) is None
    assert machine().numbers(1) is None


def test_what_the_function_raises_and_what_it_should_not_give() -> None:
    """An error passes through; an answer of another form is left to Python."""
    answers: list[Any] = [(1.0, [2.0, 3.0]), (1.0, [2.0]), (1, [2.0, 3.0]), [1.0], None, 5]

    def function(x: float, row: list[float]) -> Any:
        answer = answers[int(x)]
        if answer is None:
            raise KeyError(row[1])
        return answer

    parameters = [("x", SCALAR), ("row", Array((2,)))]
    call = asking(parameters, Tuple((SCALAR, Array((2,)))), function, 0, lambda x, y: "other")
    assert call is not None
    before = len(gc.get_objects())
    for _ in range(100):
        assert same(call(0.0, [1.0, 7.0]), (1.0, np.array([2.0, 3.0])))
        for place in (1, 2, 3, 5):
            assert call(place, [1.0, 7.0]) == "other"
        with pytest.raises(KeyError, match=r"7\.0"):
            call(4.0, [1.0, 7.0])
    assert len(gc.get_objects()) < before + 50


def test_no_object_is_kept() -> None:
    """Thousands of calls own as many objects as one, and a function goes with its last call."""
    examples = ({"w": ARRAY, "b": [1.0, 2.0]}, Model(ARRAY, 0.5))
    df = compile_gradient(total, *examples, check=False)
    served(df, *examples)
    gc.collect()
    key, count = next(iter(examples[0])), len(gc.get_objects())
    before = [sys.getrefcount(x) for x in (key, ARRAY, Model, None)]
    for _ in range(1000):
        df(*examples)
    after = [sys.getrefcount(x) for x in (key, ARRAY, Model, None)]
    assert all(y < x + 50 for x, y in zip(before, after, strict=True))
    assert len(gc.get_objects()) < count + 50
