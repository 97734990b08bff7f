from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from codegen import compile_gradient
from tests.branching_programs import along_the_path
from tests.random_branching import random_branching
from verify import Verdict, verify_gradient


def bounded(x, y):
    """Computes on one side what the other must not."""
    if x > 0.0:
        r = ad.log(x)
        z = r * y * r
    else:
        s = ad.exp(x)
        z = s - y / s
    return z * z


def tariff(income):
    """Brackets, one after the other."""
    if income < 10.0:
        tax = 0.1 * income
    elif income < 40.0:
        tax = 1.0 + 0.2 * (income - 10.0)
    else:
        tax = 7.0 + 0.4 * (income - 40.0)
    return tax


def body(source: str) -> str:
    """The first form of the value and gradient."""
    text = source[source.index("def value_and_gradient(") :]
    return text.partition("except")[0]


def test_a_branch_is_written_as_an_if() -> None:
    """What one side alone needs stands in its block, forward and backward."""
    text = body(compile_gradient(bounded, 1.0, 2.0).source)
    lines = text.splitlines()
    for call in ("log(x)", "exp(x)"):
        assert next(line for line in lines if call in line).startswith(" " * 12)
    assert text.count("if ") == 2
    assert text.count("else:") == 2
    assert "log(x)" not in text[text.index("# backward") :]


def test_a_chain_of_conditions_is_written_with_elif() -> None:
    """Brackets stay brackets, and small sides stay in one line."""
    text = body(compile_gradient(lambda x: tariff(x) * ad.sin(tariff(x) * x), 5.0).source)
    assert "elif " in text or " if " in text
    small = body(compile_gradient(lambda x: x * x if x > 0.0 else -x, 5.0).source)
    assert "x * x if" in small
    assert "\n        if " not in small


def test_a_path_never_taken_is_never_computed() -> None:
    """The text of one side does not run on the other: math.log of a negative number would raise."""
    source = compile_gradient(bounded, 1.0, 2.0).source
    space: dict[str, Any] = {}
    exec(source, space)
    seen = []
    log = space["log"]
    space["log"] = lambda x: seen.append(x) or log(x)
    space["_value_and_gradient_ieee"] = None  # a call of it would be an error
    value, bars = space["value_and_gradient"](-1.0, 2.0)
    assert not seen
    assert [value, *bars] == pytest.approx(along_the_path(bounded, (-1.0, 2.0)))


def test_what_np_where_chooses_stays_an_expression() -> None:
    """Only the user's own branches become statements."""
    import numpy as np

    def f(x):
        return np.where(x > 0.0, np.log(x) * np.sin(x) + x, np.exp(x) * np.cos(x) - x)

    assert "\n        if " not in body(compile_gradient(f, 1.0).source)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_texts_of_random_programs_take_every_path(seed: int) -> None:
    """Emitted text gives, bit for bit, what the interpreter gives, on each path."""
    function, _ = random_branching(seed)
    chance = random.Random(seed)
    points = [(chance.uniform(-2.0, 2.0), chance.uniform(-2.0, 2.0)) for _ in range(6)]
    graph = ad.trace(function, *points[0])
    df = compile_gradient(graph, check=False)
    for point in points:
        assert df(*point) == ad.backpropagate(graph, *point)


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**9))
def test_texts_of_random_programs_are_never_refuted(seed: int) -> None:
    """What we write of a branching program is proven, or certified where it is large."""
    function, _ = random_branching(seed, depth=1)
    report = verify_gradient(function, 0.3, -0.7)
    assert report.verdict not in (Verdict.REFUTED, Verdict.UNDECIDED), str(report)
