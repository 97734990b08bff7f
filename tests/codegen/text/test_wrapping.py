"""Long names and deep structures give lines that are broken wherever the language allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph
from codegen.c99 import to_c

PAGE = 88


def nested(depth: int) -> Any:
    """A number inside so many tuples of one element."""
    return 1.5 if depth == 0 else (nested(depth - 1),)


def innermost(x: Any) -> Any:
    """A function of what stands inside the tuples."""
    while isinstance(x, tuple):
        x = x[0]
    return x * ad.log(x) / 3.0


def energy(p: Any) -> Any:
    """Every number under every key, through an operation that can raise."""
    return sum(np.sum(v * v) / 2.0 for v in p.values())


LAYER = "hidden_layer_of_the_encoder_network"
WEIGHTS, BIAS = "attention_projection_weights", "attention_projection_bias"
CASES: dict[str, tuple[Callable[..., Any], Any]] = {
    **{f"key of {n}": (energy, {"k" * n: 1.0}) for n in (39, 40, 41, 66, 79, 80, 81, 84, 200)},
    "two keys": (lambda p: energy(p[LAYER]), {LAYER: {WEIGHTS: np.ones((2, 3)), BIAS: 1.0}}),
    "array under a key": (energy, {"w" * 66: np.ones(7), "b": 1.0}),
    **{f"{n} tuples": (innermost, nested(n)) for n in (1, 20, 31, 33, 40, 80)},
    "many keys": (energy, {f"parameter_{i}_of_{'long' * 15}": 1.0 + i for i in range(30)}),
    "three long keys": (energy, {"a" * 83: 1.0, "b" * 84: 2.0, "c" * 85: 3.0}),
    "lists": (lambda p: sum(sum(a) / 3.0 for a in p), [[1.0] * 40] * 3),
}


def too_long(text: str) -> list[str]:
    """Lines beyond the page that hold more than one word worth a line of its own."""
    code = re.sub(r"/\*.*?\*/|#include.*", "", text, flags=re.DOTALL)
    words = re.compile(r"[\w.\[\]]{20,}")
    return [x for x in code.split("\n") if len(x) > PAGE and len(words.findall(x)) > 1]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_long_names_compile(case: str, target: str) -> None:
    """Gradient, halves and the function itself compile and give the interpreter's numbers."""
    if target == "native":
        pytest.importorskip("llvmlite")
    function, argument = CASES[case]
    df = compile_gradient(function, argument, target=target)
    value, gradient = df(argument)
    assert (value, str(gradient)) == (
        ad.backpropagate(df.graph, argument)[0],
        str(ad.backpropagate(df.graph, argument)[1]),
    )
    again, residuals = df.forward(argument)
    assert (again, str(df.backward(residuals))) == (value, str(gradient))
    assert compile_graph(df.graph, target=target)(argument) == value


@pytest.mark.parametrize("case", CASES)
def test_lines_are_broken(case: str) -> None:
    """A line beyond the page is one word that is longer than a line."""
    function, argument = CASES[case]
    for target in ("python", "numpy"):
        source = compile_gradient(function, argument, target=target, check=False).source
        compile(source, "<emitted>", "exec")
        assert too_long(source) == []
    c = to_c(function, argument)
    assert too_long(c.source()) == []
    assert too_long(c.header) == []


def test_an_exception_finds_the_second_form_under_a_long_name() -> None:
    """Where Python raises, the fallback takes the same long parameter."""
    name = "k" * 90
    df = compile_gradient(lambda p: ad.log(p[name]) / p[name], {name: 1.0})
    value, gradient = df({name: 0.0})
    assert (value, gradient[name]) == (-np.inf, np.inf)
