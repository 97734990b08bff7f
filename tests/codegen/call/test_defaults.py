"""Calls leave out arguments that have defaults, and give others by name, on every target."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient

TARGETS = ["python", "numpy", "native"]


def price(x: Any = 1.0, y: Any = 2, w: Any = 3.0) -> Any:
    """A product."""
    return x * y * w


def dot(x: Any, w: Any = np.array([1.0, 2.0])) -> Any:  # noqa: B008
    """A function whose default is an array."""
    return np.sum(x * w)


def long(x: Any, y: Any = 2.0) -> Any:
    """More operations than a syntax tree is built for."""
    for _ in range(1500):
        x = x * 0.5 + y
    return x


@pytest.mark.parametrize("target", TARGETS)
def test_defaults_of_floats(target: str) -> None:
    """A call is that of the function, whatever is left out."""
    df = compile_gradient(price, target=target)
    again = pickle.loads(pickle.dumps(df))
    for given in ({}, {"x": 5.0}, {"w": 4.0}, {"w": 4.0, "x": 2.0}):
        for one in (df, again):
            assert one(**given)[0] == price(**given)
            assert one.forward(**given)[0] == price(**given)
    assert df(5.0)[0] == price(5.0)


@pytest.mark.parametrize("target", TARGETS)
def test_defaults_that_are_arrays(target: str) -> None:
    """They stand for what is left out as an array that is given."""
    df, x = compile_gradient(dot, np.ones(2), np.ones(2), target=target), np.array([3.0, 4.0])
    assert df(x)[0] == dot(x)
    assert df(x=x)[1][1].tolist() == x.tolist()
    assert df.forward(x)[0] == dot(x)


@pytest.mark.parametrize("target", TARGETS)
def test_long_functions_take_them_too(target: str) -> None:
    """Names and defaults do not depend on how a function is loaded."""
    df = compile_gradient(long, 1.0, 2.0, target=target, check=False)
    assert df(1.0) == df(1.0, 2.0) == df(x=1.0) == df(y=2.0, x=1.0)
    with pytest.raises(ad.ArgumentError):
        df()


def test_bind_takes_names_and_defaults() -> None:
    """What is left out of ``bind`` is the default as it is then."""
    df, out = compile_gradient(dot, np.ones(2), np.ones(2), target="native"), None
    out = (np.empty(2), np.empty(2))
    assert df.bind(x=np.array([3.0, 4.0]), out=out)() == 11.0
    assert df.bind(np.array([3.0, 4.0]), w=np.ones(2), out=out)() == 7.0


@pytest.mark.parametrize("target", TARGETS)
def test_the_first_call_takes_names(target: str) -> None:
    """A gradient without examples is traced by what its first call gives, by name as well."""
    df = compile_gradient(lambda x, y=2.0: x * y, target=target)
    assert df(y=3.0, x=2.0) == (6.0, (3.0, 2.0))
    waiting = compile_gradient(lambda x, y: x * y, target=target)
    for call in ({"q": 1.0}, {"y": 1.0}):
        with pytest.raises(ad.ArgumentError):
            waiting(**call)


def test_a_stored_gradient_has_them(tmp_path: Path) -> None:
    """What comes from the cache takes the calls of what was stored."""
    for _ in range(2):
        assert compile_gradient(dot, np.ones(2), np.ones(2), cache=tmp_path)(np.ones(2))[0] == 3.0


def test_a_default_that_no_pickle_holds() -> None:
    """The gradient is pickled all the same."""

    def f(x: Any, how: Any = lambda t: t) -> Any:
        return how(x)

    df = compile_gradient(f, 1.0)
    assert pickle.loads(pickle.dumps(df))(2.0) == (2.0, 1.0)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_missing_is_an_error(target: str) -> None:
    """Without a default there is nothing to stand for an argument."""
    df = compile_gradient(dot, np.ones(2), np.ones(2), target=target)
    for call in ({}, {"w": np.ones(2)}, {"q": np.ones(2)}):
        with pytest.raises(ad.ArgumentError):
            df(**call)
