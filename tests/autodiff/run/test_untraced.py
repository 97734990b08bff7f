"""Arguments outside wrt that cannot be traced: derivatives take them as they are."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient

X = np.arange(12.0).reshape(4, 3)
W = np.array([1.0, -2.0, 0.5])


def loss(w: Any, rows: Any, kind: str, power: int, weight: Any) -> Any:
    """Needs each of its arguments as what it is."""
    r = (X @ w)[rows]
    total = np.sum(r * r) if kind == "l2" else np.sum(np.abs(r))
    for _ in range(power):
        total = total * 0.5
    return total if weight is None else total * weight


@pytest.mark.parametrize(
    "rest",
    [
        (np.array([0, 2]), "l2", 1, None),
        ([0, 2], "l1", 0, 3.0),
        (np.array([True, False, False, True]), "l2", 2, 2),
        (slice(1, None), "l1", 1, True),
        (..., "l2", 0, None),
    ],
    ids=repr,
)
def test_the_function_gets_them_as_they_are(rest: tuple[Any, ...]) -> None:
    """Value and gradient are those of the function with the other arguments closed over."""
    closed = ad.value_and_grad(lambda w: loss(w, *rest))
    value, gradient = ad.value_and_grad(loss, wrt=0)(W, *rest)
    assert value == closed(W)[0]
    assert gradient.tolist() == closed(W)[1].tolist()
    assert ad.grad(loss, wrt="w")(W, *rest).tolist() == gradient.tolist()


def test_integers_the_function_takes_as_numbers_are_traced() -> None:
    """Nothing is static where a trace does what the call does."""
    assert ad.grad(lambda x, n: x**n, wrt=0)(2.0, 3) == 12.0


def test_a_function_that_asks_for_the_type_gets_the_integer() -> None:
    """What is no float to the function is none in its trace."""
    df = ad.grad(lambda x, n: x * n if isinstance(n, int) else x, wrt=0)
    assert df(2.0, 3) == 3.0
    assert df(2.0, 3.0) == 1.0


def test_each_integer_is_decided_on_its_own() -> None:
    """An index does not make a static value of a number beside it."""

    def f(x: Any, place: int, weight: int) -> Any:
        return x[place] * weight

    assert ad.grad(f, wrt=0)(W, 1, 4).tolist() == [0.0, 4.0, 0.0]


class Shape(Enum):
    """What a member of it says is no number."""

    CUBE = "cube"
    SQUARE = "square"


def test_words_beside_numbers_are_static() -> None:
    """Texts, enums and functions in a differentiated dict stay what they are; no gradient."""

    def f(p: Any) -> Any:
        inner = p["inner"](p["x"]) * len(p["name"])
        return inner**3 if p["shape"] is Shape.CUBE else inner**2

    p = {"x": 2.0, "name": "ab", "inner": abs, "shape": Shape.CUBE}
    nothing = {"name": None, "inner": None, "shape": None}
    df = compile_gradient(f, p)
    for gradient in (ad.grad(f), lambda p: df(p)[1]):
        assert gradient(p) == {"x": 96.0, **nothing}
        assert gradient({**p, "shape": Shape.SQUARE}) == {"x": 16.0, **nothing}
    assert "p['name'] ('ab')" in df.source
    with pytest.raises(ad.ArgumentError, match=r"\['y'\]: found complex"):
        compile_gradient(f, {**p, "y": 1j})


def test_differentiated_arguments_are_never_static() -> None:
    """Text in an argument of wrt is refused with its path; an integer there is a float."""
    with pytest.raises(ad.ArgumentError, match="kind: found str"):
        ad.grad(lambda x, kind: x, wrt=1)(1.0, "l2")
    assert ad.grad(lambda x, n: x * n, wrt=1)(2.0, 3) == 2.0


def test_nested_derivatives_take_them() -> None:
    """A gradient of a gradient passes static arguments on."""
    inner = ad.grad(lambda x, kind: x**3 if kind == "cube" else x**2, wrt=0)
    assert ad.grad(lambda x: inner(x, "cube"))(2.0) == 12.0
    assert ad.grad(lambda x: inner(x, "square"))(2.0) == 2.0
