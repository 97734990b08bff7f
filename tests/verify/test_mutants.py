"""The tester tested: every wrong gradient text is refuted, with a point where it is wrong."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.verify.mutants import differs, mutants, run_text
from verify import Verdict, verify_gradient
from verify.literals import readings
from verify.program import ProgramBuilder, program_of
from verify.prove import Proof
from verify.read import Text, flat


def ratio(x: Any, y: Any) -> Any:
    """A quotient with a shared part."""
    t = x * y + 2.0
    return (t - x) / (t * t + 1.0)


def bell(x: Any, mu: Any, sigma: Any) -> Any:
    """The normal density."""
    z = (x - mu) / sigma
    return np.exp(-0.5 * z * z) / (sigma * np.sqrt(2.0 * np.pi))


def price(s: Any, k: Any, v: Any) -> Any:
    """Black-Scholes with fixed rate and maturity."""
    d1 = (np.log(s / k) + 0.5 * v * v) / v
    return 0.5 * s * (1.0 + ad.erf(d1 / np.sqrt(2.0))) - 0.5 * k * (1.0 + ad.erf((d1 - v) / 2**0.5))


def pieces(x: Any, y: Any) -> Any:
    """Conditions of all kinds."""
    low = np.where(x > y, np.sin(x) * y, x * x)
    return low + np.maximum(x * y, 0.5) + ad.relu(y - 1.0) * x + abs(x - 2.0)


def network(x: Any, w: Any) -> Any:
    """One hidden layer of two units."""
    hidden = [np.tanh(w[0] * x + w[1]), np.tanh(w[2] * x + w[3])]
    return hidden[0] * w[4] + hidden[1] * w[5]


FUNCTIONS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (ratio, (0.7, 1.9)),
    (bell, (0.4, 0.1, 1.3)),
    (price, (1.1, 0.9, 0.6)),
    (pieces, (1.7, 0.6)),
    (network, (0.3, np.array([0.4, -0.2, 0.7, 0.1, 1.2, -0.8]))),
]
# Verifying takes a few milliseconds a mutant; this many of each function, drawn at random.
SAMPLE = 30


def points(examples: tuple[Any, ...]) -> list[list[Any]]:
    """Points around the examples and beyond, arrays as the flat lists emitted functions take."""
    draw = random.Random(1)
    found = []
    for spread in (0.0, 0.1, 0.4, 0.4, 1.5, 1.5, 1.5):
        found.append([
            [x * (1.0 + spread * draw.uniform(-1, 1)) for x in e.tolist()]
            if isinstance(e, np.ndarray)
            else e * (1.0 + spread * draw.uniform(-1, 1))
            for e in examples
        ])  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("function", "examples"), FUNCTIONS, ids=lambda f: getattr(f, "__name__", "")
)
def test_wrong_texts_are_refuted(function: Callable[..., Any], examples: tuple[Any, ...]) -> None:
    """Each mutant that gives other numbers is refuted, and the witness shows a true difference."""
    source = compile_gradient(function, *examples).source
    somewhere = points(examples)
    wrong = [(what, text) for what, text in mutants(source) if differs(source, text, somewhere)]
    chosen = random.Random(0).sample(wrong, min(SAMPLE, len(wrong)))
    assert len(chosen) >= 30
    assert len({what.partition(":")[0] for what, _ in wrong}) >= 5
    for what, text in chosen:
        report = verify_gradient(function, *examples, gradient=text)
        assert report.verdict is Verdict.REFUTED, f"{what}\n{report}"
        entries = [e for e in (report.value, *report.entries) if e and e.verdict is Verdict.REFUTED]
        witness = entries[0].witness
        assert witness is not None
        assert not abs(witness.found - witness.expected) <= 1e-9 * abs(witness.expected), what


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_symbolic_rung_alone_proves_no_wrong_text(number: int) -> None:
    """Without the comparison at points, symbols prove no mutant: one entry at least stays open."""
    function, examples = FUNCTIONS[number]
    graph = ad.trace(function, *examples)
    source, inputs = compile_gradient(graph).source, range(len(examples))
    domain = [(-math.inf, math.inf)] * len(examples)
    forward = program_of(graph)

    def proven(text: str) -> bool:
        builder = ProgramBuilder(len(examples))
        subject = builder.program(flat(Text(text, builder).call("value_and_gradient", [*inputs])))
        read = readings(forward.literals(), subject.literals())
        proof = Proof(forward, subject, True, inputs, domain, read)
        return all(proof.step(entry)[0] is not None for entry in range(len(examples) + 1))

    assert proven(source)
    wrong = [text for _, text in mutants(source) if differs(source, text, points(examples))]
    for text in random.Random(2).sample(wrong, 12):
        assert not proven(text), text


def test_a_witness_is_what_the_text_gives() -> None:
    """The two numbers of a witness are those of the wrong text and of the right one on floats."""
    source = compile_gradient(ratio, 0.7, 1.9).source
    text = source.replace("x_bar = ", "x_bar = 1.0003 * ", 2)
    assert text != source
    report = verify_gradient(ratio, 0.7, 1.9, gradient=text)
    witness = report.entries[0].witness
    assert witness is not None
    point = list(witness.point.values())
    assert run_text(text, point)[1] == pytest.approx(witness.found, rel=1e-12)
    assert run_text(source, point)[1] == pytest.approx(witness.expected, rel=1e-12)


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_tampered_compiled_gradient_is_refuted(target: str) -> None:
    """What is verified is the text of the compiled object, not the graph it came from."""
    compiled = compile_gradient(lambda x, y: x * x * y, 1.0, 1.0, target=target)
    wrong = (text for _, text in mutants(compiled.source))
    tampered = next(text for text in wrong if differs(compiled.source, text, [[1.5, 0.7]]))
    type(compiled).source = property(lambda self: tampered)
    assert verify_gradient(compiled, 1.0, 1.0).verdict is Verdict.REFUTED


def test_the_halves_are_verified_too() -> None:
    """An error in backward alone is found, and the note says where."""
    compiled = compile_gradient(lambda x, y: x * x * y, 1.0, 1.0)
    source = compiled.source
    border = source.index("def value_and_gradient")
    tampered = source[:border].replace("cotangent * ", "-cotangent * ") + source[border:]
    assert tampered != source
    type(compiled).source = property(lambda self: tampered)
    report = verify_gradient(compiled, 1.0, 1.0)
    assert report.verdict is Verdict.REFUTED
    assert any("forward and backward" in entry.note for entry in report.entries)


def test_a_changed_portable_function_is_not_taken_for_the_primitive() -> None:
    """A helper that differs by one character from ours is read as it stands, or not at all."""
    compiled = compile_gradient(ad.sigmoid, 0.5)
    tampered = compiled.source.replace("(1.0 + e)", "(1.5 + e)", 1)
    assert tampered != compiled.source
    type(compiled).source = property(lambda self: tampered)
    assert verify_gradient(compiled, 0.5).verdict in (Verdict.REFUTED, Verdict.UNDECIDED)


def test_an_error_behind_a_rare_condition_is_found() -> None:
    """Points are drawn near the numbers of conditions, so the side x < 1e-5 is visited."""

    def f(x: Any) -> Any:
        return np.where(x < 1e-5, 1.0 + 0.5 * x, np.sqrt(1.0 + x))

    text = """
from math import sqrt

def gradient(x):
    return 0.25 if 1e-6 < x and x < 1e-5 else 0.5 if x < 1e-5 else 0.5 / sqrt(1.0 + x)
"""
    report = verify_gradient(f, 2.0, gradient=text)
    assert report.verdict is Verdict.REFUTED
