from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from autodiff.graph.graph import Graph
from tests.random_graphs import graphs


@settings(max_examples=50, deadline=None)
@given(graphs(outputs=2))
def test_round_trip(graph: Graph) -> None:
    """parse(str(graph)) == graph for random graphs over the whole registry."""
    assert ad.parse(str(graph)) == graph
    assert str(ad.parse(str(graph))) == str(graph)


@settings(max_examples=15, deadline=None)
@given(graphs(outputs=2))
def test_a_line_is_read_as_its_parts_are(graph: Graph) -> None:
    """A text with other spaces, which no shortcut takes, gives the same nodes."""
    spaced = "\n".join(f" {line} " if " = " in line else line for line in str(graph).splitlines())
    assert ad.parse(spaced).nodes == ad.parse(str(graph)).nodes


@pytest.mark.parametrize(
    "literal", [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1e-05, -1e300, 0.1, 2.0]
)
def test_literals_keep_their_bits(literal: float) -> None:
    """Every literal prints as what float() reads back: nan, infinities, signs of zero too."""
    graph = ad.trace(lambda x: x * literal, 1.0)
    assert ad.parse(str(graph)) == graph
    assert f"mul x, {literal!r}" in str(graph)
    constant = ad.trace(lambda x: literal, 1.0)
    assert ad.parse(str(constant)) == constant
    if literal == 0.0:
        assert ad.parse(str(graph)) != ad.trace(lambda x: x * -literal, 1.0)


@pytest.mark.parametrize(
    "argument",
    [
        {"a b": 1.0, 'quote"': 2.0, "back\\slash": 3.0},
        {"": np.ones(2), "comma, )": (1.0, [2.0])},
        {"é": 1.0, "\n": 2.0, "%3": 3.0, "]": 4.0, "]: float": 5.0, '["x"]': 6.0},
        ((), (1.0,), [[]], {}),
        {"nested": {"-> float:": np.ones((1, 2))}},
        np.ones(()),
        np.ones((2, 0, 3)),
    ],
    ids=repr,
)
def test_strange_structures(argument: Any) -> None:
    """Any key, and any nesting, survives printing."""

    def total(x):
        if isinstance(x, dict):
            return sum(map(total, x.values()))
        return np.sum(x) if isinstance(x, np.ndarray) else (
            sum(map(total, x)) if isinstance(x, (tuple, list)) else x)  # fmt: skip

    graph = ad.trace(lambda x: (1.0 * total(x), x), argument)
    assert ad.parse(str(graph)) == graph


def test_printed_form() -> None:
    """The printed form is the documented one."""
    graph = ad.trace(lambda p, t: np.tanh(p["w"] @ p["w"]) * t**-0.5, {"w": np.ones(2)}, 1.0)
    assert str(graph) == (
        'graph f(p: {"w": float[2]}, t: float) -> float:\n'
        "    %3 = square p.w[0]\n"
        "    %4 = square p.w[1]\n"
        "    %5 = add %3, %4\n"
        "    %6 = tanh %5\n"
        "    %8 = pow_literal t, -0.5\n"
        "    %9 = mul %6, %8\n"
        "    return %9\n"
    )


def test_comparison_and_hash() -> None:
    """Graphs are equal when they print equal; equal graphs have equal hashes."""
    one, two = (ad.trace(lambda x: x * 2.0, 1.0) for _ in range(2))
    other = ad.trace(lambda y: y * 2.0, 1.0)
    assert one == two
    assert hash(one) == hash(two)
    assert one != other
    assert one != "graph"


HEAD = "graph f(x: float, y: float) -> float:\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "found nothing"),
        ("graph f(x: float)\n    return x\n", 1, "expected 'graph name"),
        ("graph f(x: int) -> float:\n    return x\n", 1, "'int'"),
        ("graph f(x: float[2) -> float:\n    return x\n", 1, "expected a structure|found"),
        ('graph f(x: {a: float}) -> float:\n    return 1.0\n', 1, "expected a quoted string"),
        ("graph f(x: (float, float) -> float:\n    return 1.0\n", 1, "found"),
        ("graph f(x: float) -> float float:\n    return x\n", 1, "after the result's structure"),
        (HEAD, 1, "return"),
        (HEAD + "    %2 = mul x, y\n", 2, "expected 'return"),
        (HEAD + "    mul x, y\n    return x\n", 2, "expected '%3 = mul %1, x'"),
        (HEAD + "    %2 = frobnicate x\n    return %2\n", 2, "primitive 'frobnicate'"),
        (HEAD + "    %2 = mul x\n    return %2\n", 2, "1 operands; mul has 2"),
        (HEAD + "    %2 = mul x, %9\n    return %2\n", 2, r"%9 is not defined above.*I2"),
        (HEAD + "    %3 = mul %2, 1.5\n    return %3\n", 2, r"%2 is not defined above.*I2"),
        (HEAD + "    %2 = mul x, z\n    return %2\n", 2, "operand 'z'.*x, y"),
        (HEAD + "    %7 = mul x, y\n    return %7\n", 2, "found %7; expected %2"),
        (HEAD + "    %2 = mul x, y\n    %3 = mul x, y\n    return %3\n", 3, "found %3"),
        (HEAD + "    return x, y\n", 2, "found 2 outputs; expected 1"),
        (HEAD + "    return\n", 2, "found 0 outputs; expected 1"),
    ],
)  # fmt: skip
def test_errors_name_the_line(text: str, line: int, message: str) -> None:
    """A text that is no graph gives an IRError with its line, what was found and expected."""
    with pytest.raises(ad.IRError, match=message) as raised:
        ad.parse(text)
    assert f"line {line}" in str(raised.value)


_MANY = 60_000
HOSTILE = {
    "parentheses": f"x: {'(' * _MANY}float{')' * _MANY}",
    "open parentheses": "x: " + "(" * _MANY,
    "open lists": "x: " + "[" * _MANY,
    "dicts": "x: " + '{"a": ' * _MANY,
    "records": "x: " + "m:C(a: " * _MANY,
    "keys": "x: {" + "(" * _MANY,
    "a large array": "x: float[1000000000]",
    "a large array of arrays": "x: float[3037000500,3037000500]",
    "large arrays": "x: float[9000000], y: float[9000000]",
    "a long size": f"x: float[{'9' * _MANY}]",
    "a long number as key": f"x: {{{'9' * _MANY}: float}}",
    "an open string": 'x: {"' + "\\" * _MANY,
}


@pytest.mark.parametrize("parameters", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_header_is_refused_at_once(parameters: str) -> None:
    """Deep nesting and large sizes are errors that name the line; nothing is made of them."""
    with pytest.raises(ad.IRError, match=r"^line 1: ") as refused:
        ad.parse(f"graph f({parameters}) -> float:\n    return 1.0\n")
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    "line",
    [
        "%1 = sin " + "[" * _MANY,
        "%1 = sin x" + '["a' * _MANY,
        "%1 = sin " + "x," * _MANY,
        "%1 = sin x" + " " * _MANY + "x",
        f"%{'9' * _MANY} = sin x",
        f"%1 = sin %{'9' * _MANY}",
        "%1 = sin x x",
        "%1 = sin x,",
    ],
    ids=lambda line: line[:20],
)
def test_a_hostile_line_is_refused_at_once(line: str) -> None:
    """Every line is read once from left to right; the error names it and is short."""
    with pytest.raises(ad.IRError, match=r"^line 2: ") as refused:
        ad.parse(f"graph f(x: float) -> float:\n    {line}\n    return %1\n")
    assert len(str(refused.value)) < 500


def test_deep_structures_are_read() -> None:
    """What may be nested as an argument may be nested in the text."""
    argument: Any = 1.0
    for level in range(190):
        argument = {"k": argument} if level % 3 else (argument,)
    graph = ad.trace(lambda x: x, argument)
    assert ad.parse(str(graph)) == graph


def test_a_constant_may_stand_anywhere() -> None:
    """One that is not directly before its first user has a line of its own."""
    text = (
        "graph f(x: float) -> float:\n    %1 = 2.0\n    %2 = -0.0\n    %3 = sin x\n"
        "    %5 = mul %3, 3.0\n    %6 = mul %5, 2.0\n    return %6\n"
    )
    graph = ad.parse(text)
    assert str(graph) == text
    assert graph.constants == {1: 2.0, 2: -0.0, 4: 3.0}
    assert ad.evaluate(graph, 0.0) == 0.0


@pytest.mark.parametrize(
    ("header", "step", "said"),
    [
        ("x: float, y: float", "at_least x, y", r"at_least: found a traced value .*\(I4\)"),
        ("x: float, y: float", "jv x, y", r"argument 1; expected a number, .*\(I4\)"),
        ("x: float, x: float", "mul x, x", r"names must differ \(I8\)"),
    ],
)
def test_what_lacks_a_derivative_or_cannot_be_written_is_refused(
    header: str, step: str, said: str
) -> None:
    """No rule differentiates by a literal, and a function has no two parameters of one name."""
    with pytest.raises(ad.IRError, match=said):
        ad.parse(f"graph f({header}) -> float:\n    %2 = {step}\n    return %2\n")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("float[1] = slice[key=((90, 1, 1))] x", r"reaches outside shape \(4,\) \(I9\)"),
        ("float[3] = slice[key=((0, 3, 0))] x", r"does not fit shape \(4,\) \(I9\)"),
        ("float[3] = slice[key=((0, 3))] x", r"does not fit shape \(4,\) \(I9\)"),
        ("float[3] = sin x", r"has shape \(3,\), not \(4,\) \(I9\)"),
        ("float[5] = reshape[shape=(5)] x", r"do not fill shape \(5,\) \(I9\)"),
    ],
)
def test_shapes_that_are_not_so_are_refused(step: str, said: str) -> None:
    """Machine code would read what lies behind an array."""
    text = f"array graph f(x: float[4]) -> float:\n    %1: {step}\n    %2 = sum[axes=(0)] %1\n"
    with pytest.raises(ad.IRError, match=said):
        ad.parse(f"{text}    return %2\n")
