"""Loops over residues: the text of a loop is the chain rule, and mutants of it are not."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
import codegen
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.loops.loop_nodes import loops_of
from tests.random_loops import RandomLoop, loops
from tests.verify.array_truth import array_chain_rule
from verify.answer.report import Verdict
from verify.beside.array_mutation import checked_text
from verify.field.whole.execute_whole import run_text
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.repeated.visited import Repetitions


def garch(p: Any, returns: Any) -> Any:
    """The likelihood of a GARCH model, by a loop over its returns."""
    omega, alpha, beta = p[0], p[1], p[2]

    def step(variance: Any, r: Any) -> Any:
        after = omega + alpha * r * r + beta * variance
        return after, np.log(after) + r * r / after

    last, terms = ad.scan(step, omega / (1.0 - beta), returns)
    return np.sum(terms) + last


EXAMPLES = np.array([0.1, 0.2, 0.6]), np.sin(np.arange(60.0))


def compiled(function: Any, examples: Any) -> Any:
    """The gradient, checked."""
    return codegen.compile_gradient(function, *examples, target="numpy", expand=False)


def agrees(df: Any, text: str) -> bool:
    """True if a text of the gradient can be run over residues, and is the chain rule there."""
    space: dict[str, Any] = {}
    exec(compile(text, "text", "exec"), space)
    field = WholeField()
    inputs = [field.unknown(shape) for shape in df.graph.inputs.shapes]
    expected = array_chain_rule(df.graph, inputs, field)
    functions = {name: space[name] for name in ("forward", "backward", "value_and_gradient")}
    data = df.loaded.module.data
    try:
        found = run_text(functions, data, "value_and_gradient", inputs, field)
    except TypeError:  # then doubles decide
        return False
    pairs = list(zip(expected, found, strict=True))
    return all(x.shape == y.shape and np.array_equal(x.v, y.v) for x, y in pairs)


def text_of(df: Any) -> str:
    """The text of ``value_and_gradient``, and of its halves."""
    return "\n".join(function.text for function in df.loaded.module.functions)


def test_a_loop_is_certified() -> None:
    """The gradient of a loop of any length is certified, and a call gives its numbers."""
    df = compiled(garch, EXAMPLES)
    assert df.verdict is Verdict.CERTIFIED
    assert "first and last repetition" in str(df.check)
    value, bars = df(*EXAMPLES)
    assert value == pytest.approx(garch(*EXAMPLES), 1e-13)
    for found, expected in zip(bars, ad.grad(garch, wrt=(0, 1))(*EXAMPLES), strict=True):
        assert np.allclose(found, expected, rtol=1e-12)
    assert "for i in range(60):" in df.source


MUTANTS = [
    ("for i in range(60)", "for i in range(59)"),
    ("for i in range(60)", "for i in reversed(range(60))"),
    ("reversed(range(60))", "range(60)"),
    ("reversed(range(60))", "reversed(range(59))"),
    ("float(0.0)", "float(1.0)"),
    ("float(cotangent)", "float(0.0)"),
    ("variance_kept[i] = variance", "variance_kept[i] = after"),
    (r"r_list2\[(i\d)\]", r"r_list2[-2]"),
    ("kept3[i2] = r2_bar", "kept3[i2] = v3_bar"),
    ("[0.0] * 60", "[0.0] * 61"),
    ("= float(alpha)", "= float(beta)"),
    (r"variance_kept\[(i\d)\]", "variance_kept[-1]"),
    (r"variance_kept\[(i\d)\]", r"r_list2[\1]"),
    ("backward(residuals)\n", "backward(residuals, 2.0)\n"),
    ("variance = after", "variance = omega"),
]


@pytest.mark.parametrize(("right", "wrong"), MUTANTS)
def test_mutants_of_loops_are_seen(right: str, wrong: str) -> None:
    """One short, from the other end, seeded wrong, off by one, stale: none is the chain rule."""
    df = compiled(garch, EXAMPLES)
    text = text_of(df)
    assert agrees(df, text)
    pattern = right if "[(" in right else re.escape(right)
    mutant = re.sub(pattern, wrong, text, count=1)
    assert mutant != text
    assert not agrees(df, mutant)


@settings(max_examples=25, deadline=None)
@given(loops())
def test_random_loops_are_certified(program: RandomLoop) -> None:
    """What is compiled of a random loop is never refuted, and its numbers are right."""
    df = compiled(program, program.examples)
    assert df.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
    found = df(*program.examples)[1]
    expected = ad.grad(program, wrt=(0, 1))(*program.examples)
    for one, other in zip(found, expected, strict=True):
        assert np.allclose(one, other, rtol=1e-10, atol=1e-11)


def recurrent(x: Any) -> Any:
    """A loop that reads nothing but what it hands on."""

    def step(state: Any, _: Any) -> Any:
        return 0.9 * state + np.tanh(state * x) + 0.1, 0.0 * state

    return ad.scan(step, 0.5 * x, np.zeros(300))[0]


@pytest.mark.parametrize("loop", ["for i in range(300)", "reversed(range(300))", "300"])
@pytest.mark.parametrize("short", [299, 301, 2, 3])
def test_a_loop_of_another_length_is_seen(loop: str, short: int) -> None:
    """Nothing but their number tells its repetitions apart: one more or less is another loop."""
    df = compiled(recurrent, (0.3,))
    text = text_of(df)
    assert agrees(df, text)
    assert not agrees(df, text.replace(loop, loop.replace("300", str(short))))


def test_no_two_lengths_are_run_as_often() -> None:
    """First, last and drawn repetitions of the shortest loop are run, more of longer ones."""
    own = Repetitions([0, 1, 2, 50, 1000])
    found = {n: own.visited(n) for n in (0, 1, 2, 50, 1000)}
    assert {n: found[n] for n in (0, 1, 2)} == {0: (), 1: (0,), 2: (0, 1)}
    *first, drawn, last = found[50]
    assert (first, last) == ([0, 1, 2, 3], 49)
    assert 3 < drawn < 49
    *first, drawn, last = found[1000]
    assert (first, last) == ([0, 1, 2, 3, 4], 999)
    assert 4 < drawn < 999
    with pytest.raises(TypeError, match="49 repetitions"):
        own.visited(49)


def test_every_repetition_is_stood_for_by_one_that_is_run() -> None:
    """What is stored fills the whole array, each place once."""
    own = Repetitions([3, 40])
    for length in (3, 40):
        visited = own.visited(length)
        parts = [range(length)[own.stood_for(place, length)] for place in visited]
        assert [k for part in parts for k in part] == [*range(length)]
        assert all(place in part for place, part in zip(visited, parts, strict=True))


def weighed(x: Any) -> Any:
    """A loop over numbers of its own."""
    weights = np.arange(1.0, 41.0)
    return ad.scan(lambda state, w: (state + np.sin(w * x * state), 0.0 * state), x, weights)[0]


def test_a_wrong_middle_is_seen() -> None:
    """Data that are wrong in half of the repetitions, none of them an end, do not go unnoticed."""
    df = compiled(weighed, (0.3,))
    [(name, constant)] = df.loaded.module.data
    wrong = np.array(constant.array)
    wrong[10:30] += 1.0
    functions, data = df.loaded.functions, [(name, ArrayConstant(wrong))]
    seen = []
    for _ in range(40):
        field = WholeField()
        inputs = [field.unknown(())]
        expected = array_chain_rule(df.graph, inputs, field)
        found = run_text(functions, data, "value_and_gradient", inputs, field)
        pairs = zip(expected, found, strict=True)
        seen.append(not all(np.array_equal(x.v, y.v) for x, y in pairs))
    assert any(seen)


def test_the_graph_of_a_gradient_has_two_loops() -> None:
    """One forwards, which keeps what it needs, and one backwards."""
    graph = ad.gradient(ad.trace(garch, *EXAMPLES, expand=False))
    directions = {g.loop.reverse for g in loops_of(graph).values()}
    assert directions == {False, True}


def grown(x: Any) -> Any:
    """A loop that may end early."""
    s = x
    for _ in range(40):
        s = s * 1.1
        if s > 6.0:
            break
    return s * s


def contracted(x: Any) -> Any:
    """A loop that goes on until little changes."""
    y = x
    while abs(y - 0.5 * np.cos(y) - x) > 1e-3:
        y = x + 0.5 * np.cos(y)
    return y * x


ENDINGS = [
    (grown, "if going_1 == 0.0:", "if going_1 != 0.0:"),
    (grown, "0.0 if s2 > 6.0 else going_1", "going_1 if s2 > 6.0 else 0.0"),
    (grown, "        if going_1 == 0.0:\n            break\n", ""),
    (grown, "            continue\n", "            break\n"),
    (grown, "[i2] == 0.0", "[i2] != 0.0"),
    (grown, "range(40)", "range(39)"),
    (grown, "reversed(range(40))", "reversed(range(39))"),
    (grown, "else going_1, s2", "else going_1, s"),
    (grown, "s_bar = s_bar * 1.1", "s_bar = s_bar * 1.1\n        if i2 == 3:\n            break"),
    (contracted, "if not abs", "if abs"),
    (contracted, "y_kept[i] = y\n", "y_kept[i] = y2\n"),
    (contracted, "        y2 = ", "        if i == 3:\n            break\n        y2 = "),
    (contracted, "            continue\n", "            break\n"),
]


@pytest.mark.parametrize(("function", "right", "wrong"), ENDINGS)
def test_mutants_of_early_ends_are_refuted(function: Any, right: str, wrong: str) -> None:
    """A wrong carry, one short, another break, a condition negated: the check sees it.

    At one of the examples the loop ends early, at the other it does not.
    """
    df = compiled(function, (2.0,))
    text = text_of(df)
    assert df.verdict is Verdict.CERTIFIED
    assert right in text
    changed = text.replace(right, wrong, 1)
    assert Verdict.REFUTED in {checked_text(df, changed, (at,)).verdict for at in (2.0, 0.05)}


def walked(x: Any, w: Any) -> Any:
    """Elements at places that the inputs give are changed, one after the other."""
    h = w.copy()
    for k in range(len(x)):
        j = int(x[k]) % 6
        h[j] = h[j] * x[k] + h[(j + 1) % 6]
    return np.sum(h * h)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("h_bar[v2[i2].astype(int)] += v3", "h_bar[v2[i2].astype(int)] -= v3"),
        ("        h_bar[j2.astype(int)] = 0.0\n", ""),
        ("+= v3 * x[i2]", "+= v3 * x[i2 - 1]"),
        ("j2 = v1[i2]", "j2 = v2[i2]"),
        ("v4 = h2[j2.astype(int)]", "v4 = h2[v2[i2].astype(int)]"),
    ],
)
def test_loops_that_change_computed_places_are_certified(right: str, wrong: str) -> None:
    """Over a field, at unknown places; other places, signs and elements are seen."""
    draw = np.random.default_rng(0)
    given = draw.uniform(0.2, 5.9, 30), draw.normal(size=6)
    df = compiled(walked, given)
    assert df.verdict is Verdict.CERTIFIED
    text = text_of(df)
    assert right in text
    assert checked_text(df, text.replace(right, wrong, 1), given).verdict is Verdict.REFUTED
