"""Values at exceptional points refute nothing: infinite parts, nan, ties, what folds to nan."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.random_graphs import random_graph
from verify import Verdict, verify_gradient

ODD: list[Callable[[Any], Any]] = [
    lambda x: ad.leaky_relu(1 / 3, x) + ad.sinc(x > 1.0) + x,
    lambda x: ad.sinc((x > 0.0) | True),
    lambda x: ad.gaussian(ad.log(x < x), 0.5) + x,
    lambda x: np.arctan(np.arctanh(x / x)),
    lambda x: np.tanh(np.log(x - x)),
    lambda x: 1 / np.log(x - x) + x,
    lambda x: np.exp(np.log(0 * x)),
    lambda x: ad.atan2(ad.log2(x < x), x) + x,
    lambda x: ad.atan2(x, ad.log10(x < x)) + x,
    lambda x: ad.pow(ad.where(x, x, x) - ad.where(x, x, x), ad.clip(0.0, x, 0.0)),
]


@pytest.mark.parametrize("function", ODD)
def test_odd_functions_compile(function: Callable[[Any], Any]) -> None:
    """A part that is infinite or on a border at every point is no reason to refuse a compile."""
    compiled = compile_gradient(function, 0.5)
    assert compiled.verdict is not Verdict.REFUTED


def test_what_sympy_folds_to_nan_is_no_evidence() -> None:
    """arctan2(0, 0) folds to nan, whose derivative is 0: wrong gradients win nothing by it."""

    def f(x: Any, y: Any) -> Any:
        return np.arctan2(0.0 * x, 0.0 * x) + y

    wrong = verify_gradient(f, 1.0, 2.0, gradient="def g(x, y):\n return 0.0, 0.0\n")
    right = verify_gradient(f, 1.0, 2.0, gradient="def g(x, y):\n return 0.0, 1.0\n")
    assert wrong.entries[1].verdict is Verdict.REFUTED
    assert all(entry.verdict is not Verdict.REFUTED for entry in right.entries)
    assert right.entries[1].verdict is Verdict.PROVED


def test_a_wrong_gradient_is_not_certified_where_only_exceptional_points_show_it() -> None:
    """Right at some points and different at exceptional ones: nothing is claimed."""

    def f(x: Any) -> Any:
        return np.where(x > 0.0, np.arctan2(0.0 * x, 0.0 * x) + x * x, x)

    text = "def g(x):\n return 999.0 if x > 0.0 else 1.0\n"
    report = verify_gradient(f, 1.0, gradient=text)
    assert report.verdict in (Verdict.REFUTED, Verdict.UNDECIDED)


def test_no_random_graph_is_refused() -> None:
    """Graphs over the whole table, with nan, infinities and ties among their numbers, compile."""
    source = random.Random(20)
    for _ in range(120):
        graph = random_graph(source, inputs=3, nodes=10)
        compiled = compile_gradient(graph)
        assert compiled.verdict is not Verdict.REFUTED


@pytest.mark.parametrize(("more", "verdict"), [("", "CERTIFIED-NUMERIC"), ("+1e-14", "REFUTED")])
def test_what_repeats_until_little_changes_is_known_to_so_many_digits(
    more: str, verdict: str
) -> None:
    """A gradient of the root is not refuted because the function stops after some steps."""
    text = f"import math\ndef g(p):\n return 0.5/math.sqrt(p){more}\n"

    def root(p: Any) -> Any:
        return ad.root(lambda x, p: x * x - p, 1.0, p, most=6)

    assert verify_gradient(root, 2.0, gradient=text).verdict.value == verdict
