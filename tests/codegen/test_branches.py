from __future__ import annotations

import math
import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_function, compile_gradient, compile_hessian, to_c
from tests.branching_programs import PROGRAMS, along_the_path
from tests.c_compiler import compiled, in_c, needs_compiler

TARGETS = ["python", "numpy", "native"]


def flat(found: tuple[float, Any]) -> list[float]:
    """Value and gradient side by side."""
    value, gradient = found
    return [float(x) for x in (value, *(gradient if isinstance(gradient, tuple) else (gradient,)))]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_call_takes_the_path_of_its_point(name: str, target: str) -> None:
    """What is compiled at one point is right on every path, for each target."""
    function, points = PROGRAMS[name]
    df = compile_gradient(function, *points[0], target=target)
    for point in points:
        assert flat(df(*point)) == pytest.approx(along_the_path(function, point), rel=1e-14)
        if target == "python":
            value, residuals = df.forward(*point)
            bars = df.backward(residuals)
            assert flat((value, bars)) == pytest.approx(along_the_path(function, point), rel=1e-14)


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_points_of_a_batch_take_their_own_paths(name: str, target: str) -> None:
    """A batch holds points of all paths at once."""
    function, points = PROGRAMS[name]
    df = compile_gradient(function, *points[0], target=target, batch=True)
    values, gradients = df(*np.array(points).T)
    bars = gradients if isinstance(gradients, tuple) else (gradients,)
    for i, point in enumerate(points):
        found = [values[i], *[bar[i] for bar in bars]]
        assert found == pytest.approx(along_the_path(function, point), rel=1e-13)


@cache
def _hessian(name: str) -> ad.Graph:
    """The same for every target."""
    function, points = PROGRAMS[name]
    return ad.hessian(ad.trace(function, *points[0]))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_hessians_take_the_path_of_their_point(name: str, target: str) -> None:
    """Second derivatives are those of the straight function along the path."""
    function, points = PROGRAMS[name]
    second = compile_hessian(function, *points[0], target=target)
    for point in points:
        found = ad.evaluate(_hessian(name), *point)
        assert np.ravel(np.array(second(*point), dtype=float)) == pytest.approx(
            np.ravel(np.array(found, dtype=float)), rel=1e-13
        )


@pytest.mark.parametrize("name", PROGRAMS)
def test_pickles_and_files_take_every_path(name: str) -> None:
    """What comes out of a pickle, and what a saved file holds, branches too."""
    function, points = PROGRAMS[name]
    df = compile_gradient(function, *points[0])
    again = pickle.loads(pickle.dumps(df))
    space: dict[str, Any] = {}
    exec(compile(df.source, "file", "exec"), space)
    for point in points:
        assert flat(again(*point)) == flat(df(*point))
        assert flat(space["value_and_gradient"](*point)) == flat(df(*point))


@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
def test_c_takes_every_path(name: str, tmp_path: Path) -> None:
    """C99 of a branching function gives what the interpreter gives."""
    function, points = PROGRAMS[name]
    graph = ad.trace(function, *points[0])
    source = to_c(function, *points[0])
    call = in_c(compiled([source], tmp_path), source.name, graph, len(points[0]))
    for point in points:
        value, gradient = call(point)
        assert [value, *gradient] == pytest.approx(along_the_path(function, point), rel=1e-14)


def test_the_function_alone_branches() -> None:
    """A compiled function without derivatives takes the same paths."""
    function, points = PROGRAMS["early return"]
    f = compile_function(function, *points[0])
    for point in points:
        assert f(*point) == pytest.approx(along_the_path(function, point)[0])


def refusing(x, y):
    """Raises on purpose on two of its paths."""
    if x < 0.0:
        raise ValueError("negative", 3)
    assert y < 5.0, "too large"
    return x**0.5 * y


@pytest.mark.parametrize("target", TARGETS)
def test_an_exception_on_a_path_is_raised_by_the_call_that_takes_it(target: str) -> None:
    """The function's own exception, with its arguments, on every target and out of a pickle."""
    df = compile_gradient(refusing, 1.0, 2.0, target=target)
    for one in (df, pickle.loads(pickle.dumps(df))):
        assert one(4.0, 3.0) == (6.0, (0.75, 2.0))
        with pytest.raises(ValueError, match="negative") as raised:
            one(-1.0, 2.0)
        assert raised.value.args == ("negative", 3)
        with pytest.raises(AssertionError, match="too large"):
            one(1.0, 7.0)
        with pytest.raises(ValueError, match="negative"):
            one(y=2.0, x=-1.0)


def test_an_exception_at_the_example_is_raised_at_once() -> None:
    """A function that refuses its example says so, as a call of it does; others may go on."""
    with pytest.raises(ValueError, match="negative"):
        compile_gradient(refusing, -1.0, 2.0)
    with pytest.raises(ValueError, match="negative"):
        ad.grad(refusing)(-1.0, 2.0)
    assert ad.grad(refusing)(4.0, 3.0) == (0.75, 2.0)
    graph = ad.trace(refusing, 1.0, 2.0)
    assert np.isnan(ad.evaluate(graph, -1.0, 2.0))


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_a_batch_raises_what_one_of_its_points_raises(target: str) -> None:
    """And gives nan for nan where the function raises nothing."""

    def rooted(x: Any, y: Any) -> Any:
        if x < 0.0:
            raise ValueError("negative")
        return np.sqrt(x) * y

    for reduce in (None, "sum"):
        df = compile_gradient(rooted, 0.3, 0.7, target=target, batch=True, reduce=reduce)
        value, _ = df(np.array([4.0, 9.0]), np.array([1.0, math.nan]))
        assert np.ravel(value)[-1] != np.ravel(value)[-1]
        with pytest.raises(ValueError, match="negative"):
            df(np.array([4.0, -9.0]), np.array([1.0, 1.0]))
