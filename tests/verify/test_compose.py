"""The proof by composition: what it proves, what it must not, and that no wrong guess gets in."""

from __future__ import annotations

import random
from typing import Any

import pytest

import autodiff as ad
from autodiff import ops
from autodiff.graph import Graph
from autodiff.primitive import REGISTRY
from codegen.compiled import CompiledGradient
from tests.random_graphs import random_graph
from tests.verify.run_text import differs
from verify.compose import Composition, Lane, lanes_for
from verify.composed import _composed
from verify.execute import Emitted
from verify.foreign import foreign_subject
from verify.mutants import mutants
from verify.prime import random_prime
from verify.spec import chain_rule
from verify.subject import packed

_LITERAL = {"gaussian": 0.5, "polygamma": 2.0, "iv": 2.0, "spherical_jn": 3.0, "pow_literal": 2.5}


def proven(graph: Graph, text: str) -> list[bool]:
    """Per number, whether a gradient text is proven to equal the chain rule."""
    return [all(each) for each in zip(*_composed(foreign_subject(graph, text)), strict=True)]


def composed(graph: Graph, lanes: list[Lane] | None = None) -> tuple[Composition, list[bool]]:
    """The nodes of a proof of the emitted code, and what is proven."""
    nodes = Composition(lanes or lanes_for(graph))
    inputs = [nodes.input(i) for i in range(graph.input_count)]
    expected = [nodes.lift(x) for x in chain_rule(graph, inputs)]
    code = Emitted(CompiledGradient(graph, "python", None).loaded)
    found = code.run("value_and_gradient", packed(graph, inputs), nodes)
    return nodes, [x.index == y.index for x, y in zip(expected, found, strict=True)]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_primitive_is_proven(name: str) -> None:
    """Each row's emitted code is proven to be the chain rule over its rule."""
    row = REGISTRY[name]
    free = [p for p in range(row.arity) if p not in row.literal]

    def f(x: Any, y: Any, z: Any) -> Any:
        operands: list[Any] = [_LITERAL.get(name, 1.5)] * row.arity
        for p, operand in zip(free, (x, y, z), strict=False):
            operands[p] = operand
        return row(*operands) * x + ad.sin(row(*operands))

    assert all(composed(ad.trace(f, 0.3, 0.4, 0.6))[1])


OPTIMISED = {
    "shared reciprocal": (
        lambda x, y, z: x / y + z / y,
        "def g(x, y, z):\n r = 1.0 / y\n return r, -(x + z) * r * r, r",
    ),
    "re-associated": (
        lambda x, y, z: x * y * z + x * y + x,
        "def g(x, y, z):\n p = y * z\n return 1.0 + (y + p), x + z * x, (y * x)",
    ),
    "factored": (
        lambda x, y, z: (x * y + z * y) * (x * y + z * y),
        "def g(x, y, z):\n s = x + z\n t = 2.0 * y * (y * s)\n return t, 2.0 * s * s * y, t",
    ),
    "powers as products": (
        lambda x, y, z: x**3 * y + z**-2,
        "def g(x, y, z):\n q = x * x\n return 3.0 * (q * y), q * x, -2.0 / (z * z * z)",
    ),
    "tanh by itself": (
        lambda x, y, z: ad.tanh(x * y) * z,
        "from math import tanh\ndef g(x, y, z):\n t = tanh(x * y)\n"
        " d = z * ((1.0 - t) * (1.0 + t))\n return d * y, d * x, t",
    ),
    "sigmoid by itself": (
        lambda x, y, z: ops.sigmoid(x * y) * z,
        "from autodiff import sigmoid\ndef g(x, y, z):\n s = sigmoid(x * y)\n"
        " d = z * s * (1.0 - s)\n return d * y, d * x, s",
    ),
    "masks joined": (
        lambda x, y, z: ad.where(x > y, z * x, 0.0) + ad.where(y > z, z * y, 0.0),
        "def g(x, y, z):\n a = z if x > y else 0.0\n b = z if y > z else 0.0\n"
        " return a, b, (x if x > y else 0.0) + (y if y > z else 0.0)",
    ),
}


@pytest.mark.parametrize("name", OPTIMISED)
def test_optimised_programs_are_proven(name: str) -> None:
    """What an optimiser may write instead is proven as well."""
    function, text = OPTIMISED[name]
    assert all(proven(ad.trace(function, 0.3, 0.4, 0.6), text))


@pytest.mark.parametrize(
    "wrong",
    [
        "(z if x <= y else 0.0, 0.0, x if x > y else 0.0)",
        "(z, 0.0, x if x > y else 0.0)",
        "(z if x > y else 0.0, 0.0, x if x > y else x)",
        "(z if x > y and z > 0.0 else 0.0, 0.0, x if x > y else 0.0)",
        "(z if x > y else 1.0, 0.0, x if x > y else 0.0)",
    ],
)
def test_wrong_masks_are_not_proven(wrong: str) -> None:
    """A mask inverted, missing, with a condition too many, or with another branch: not proven."""
    graph = ad.trace(lambda x, y, z: ad.where(x > y, z * x, 0.0), 0.3, 0.2, 0.6)
    right = "(z if x > y else 0.0, 0.0, x if x > y else 0.0)"
    assert all(proven(graph, f"def g(x, y, z): return {right}"))
    assert not all(proven(graph, f"def g(x, y, z): return {wrong}"))


def test_a_mask_applied_twice_is_the_mask() -> None:
    """A condition is 0 or 1, so a gate behind the same gate changes nothing."""
    graph = ad.trace(lambda x, y: ad.where(x > y, x * y, 0.0), 0.3, 0.2)
    twice = "(y if x > y else 0.0) if x > y else 0.0"
    assert all(proven(graph, f"def g(x, y): return {twice}, x if x > y else 0.0"))


def test_division_by_a_condition_proves_nothing() -> None:
    """0 / 0 is not 1: what a closed gate divides by its own condition is not cancelled."""
    graph = ad.trace(lambda x, y: ad.where(x > y, x / y, 0.0), 0.3, 0.2)
    text = "def g(x, y):\n m = (1.0 if x > y else 0.0) * y\n return x / m * 0.0 + {}, 0.0"
    for derivative in ("1.0 / y", "(1.0 if x > y else 0.0) / m"):
        assert not all(proven(graph, text.format(derivative)))


def test_mutants_are_not_proven() -> None:
    """No text that gives other numbers is proven."""

    def f(x: Any, y: Any) -> Any:
        a = ad.where(x > y, ad.exp(x * y), ops.maximum(x, y) / (1.0 + y * y))
        return a * ad.tanh(x) + ops.clip(y, -1.0, x)

    graph = ad.trace(f, 0.3, 0.4)
    source = CompiledGradient(graph, "python", None).source
    points = [(0.3, 0.7), (1.1, 0.4), (-0.6, -1.2), (0.9, -0.5), (-2.0, -1.5)]
    assert all(proven(graph, source))
    wrong = 0
    for mutant in mutants(source, 200):
        if differs(source, mutant.text, points):
            wrong += 1
            assert not all(proven(graph, mutant.text)), mutant
    assert wrong >= 100


def test_no_false_proof_when_guesses_are_wrong() -> None:
    """With fields so small that most guesses are wrong, every proven equality is still true.

    The judges are fields of 127 bits with random bits for conditions: each node that was found
    equal to another must have its value there.
    """
    source = random.Random(11)
    prime = random_prime(127)
    proofs = wrong_guesses = 0
    for trial in range(60):
        graph = random_graph(source, inputs=4, nodes=40)
        tiny = (61, 127, 251, 509)[trial % 4]
        nodes, _ = composed(graph, [Lane(tiny, trial)])
        judges = [Lane(prime, seed) for seed in range(4)]
        truth = Composition(judges)
        values: list[Any] = [None] * len(nodes._made)
        truth._values = values
        for made, index in nodes._found.items():
            found = tuple(truth._value(lane, k, made) for k, lane in enumerate(judges))
            if nodes._made[index] == made:
                meaning = nodes._meant.get(index)
                values[index] = found if meaning is None else values[next(iter(meaning))[0][0]]
                continue
            proofs += 1
            pairs = [(x, y) for x, y in zip(found, values[index], strict=True) if x and y]
            assert all(x.v == y.v for x, y in pairs), (made, nodes._made[index])
        wrong_guesses += nodes.wrong
    assert proofs > 60
    assert wrong_guesses > 2 * proofs
