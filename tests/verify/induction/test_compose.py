"""The proof by composition: what it proves, what it must not, and that no wrong guess gets in."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.table import ops
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient
from tests.orders import literals_of
from tests.random_graphs import random_graph
from tests.verify.run_text import differs
from verify.beside.mutants import mutants
from verify.field.execute import Emitted
from verify.field.prime import random_prime
from verify.induction.compose import Composition, lanes_for
from verify.induction.nodes import Nodes
from verify.induction.samples import Samples
from verify.rungs import by_rules
from verify.subjects.emitted import compiled_subject, packed
from verify.subjects.foreign.foreign import foreign_subject
from verify.truth.spec import chain_rule


def proven(graph: Graph, text: str) -> list[bool]:
    """Per number, whether a gradient text is proven to equal the chain rule."""
    subject = foreign_subject(graph, text)
    truth = subject.truth
    value = truth.outputs[:1] if subject.value else ()
    rules = replace(truth, outputs=(*value, *(truth.outputs[1 + i] for i in subject.inputs)))
    found = by_rules.composed(rules, subject.opened, lanes_for(graph).points)
    return [all(each) for each in zip(*found, strict=True)]


def composed(graph: Graph, samples: Samples | None = None) -> tuple[Composition, list[bool]]:
    """The nodes of a proof of the emitted code, and what is proven."""
    nodes = Composition(samples or lanes_for(graph))
    inputs = [nodes.input(i) for i in range(graph.inputs.size)]
    expected = [nodes.lift(x) for x in chain_rule(graph, inputs)]
    code = Emitted(compile_gradient(graph, check=False).loaded)
    found = code.run("value_and_gradient", packed(graph, inputs), nodes)
    return nodes, [x.index == y.index for x, y in zip(expected, found, strict=True)]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_primitive_is_proven(name: str) -> None:
    """Each row's emitted code is proven to be the chain rule over its rule."""
    row = REGISTRY[name]
    free = [p for p in range(row.arity) if p not in row.literal]

    def f(x: Any, y: Any, z: Any) -> Any:
        operands: list[Any] = [literals_of(row)[-1]] * row.arity
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
    "log of a sum by pairs": (
        lambda x, y, z: ad.log(ad.exp(x) + ad.exp(y) + ad.exp(z)),
        "from autodiff import exp, logaddexp, sigmoid\ndef g(x, y, z):\n p = logaddexp(x, y)\n"
        " s = sigmoid(p - z)\n"
        " return s * sigmoid(x - y), s * sigmoid(y - x), exp(z - logaddexp(p, z))",
    ),
    "fractions in fractions": (
        lambda x, y, z: x / (y * y + z * z / (1.0 + x * x)),
        "def g(x, y, z):\n a = 1.0 + x * x\n d = a * y * y + z * z\n"
        " return (a * d + 2.0 * x * x * z * z) / d**2, -2.0 * x * y * a**2 / d**2,"
        " -2.0 * x * z * a / d**2",
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
    source = compiled_subject(compile_gradient(graph, check=False)).text
    points = [(0.3, 0.7), (1.1, 0.4), (-0.6, -1.2), (0.9, -0.5), (-2.0, -1.5)]
    assert all(proven(graph, source))
    wrong = 0
    for mutant in mutants(source, 30):
        if differs(source, mutant.text, points):
            wrong += 1
            assert not all(proven(graph, mutant.text)), mutant
    assert wrong >= 20


def test_no_false_proof_when_guesses_are_wrong() -> None:
    """With fields so small that most guesses are wrong, every proven equality is still true.

    The judge is a field of 31 bits at 256 points: each node that was found equal to another must
    have its value there, wherever there is no pole.
    """
    source = random.Random(11)
    judge = Samples(random_prime(31), 5, 256)
    proofs = wrong_guesses = 0
    for trial in range(80):
        graph = random_graph(source, inputs=4, nodes=40)
        tiny = Samples((61, 127, 251, 509)[trial % 4], trial, 1 + trial % 3)
        nodes = composed(graph, tiny)[0].nodes
        truth = Nodes(judge)
        truth.made, truth._values, truth._exact = nodes.made, [], bytearray()
        for made in nodes.made:
            value, exact = truth._value(made)
            truth._values.append(value)
            truth._exact.append(exact)
        for made, index in nodes._found.items():
            if nodes.made[index] == made:
                continue
            proofs += 1
            value, exact = truth._value(made)
            if exact and truth._exact[index]:
                assert (value == truth._values[index]).all(), (made, nodes.made[index])
        wrong_guesses += nodes.wrong
    assert proofs > 60
    assert wrong_guesses > 2 * proofs


def network(activation: Any, size: int, layers: int) -> Graph:
    """A network of square layers with a sum of squares on top."""

    def f(x: Any, *weights: Any) -> Any:
        for w in weights:
            x = activation(w @ x)
        return (x * x).sum()

    matrices = [np.ones((size, size))] * layers
    return ad.trace(f, np.ones(size), *matrices)


NETWORKS = {
    "relu": lambda z: np.maximum(z, 0.0),
    "clip": lambda z: np.clip(z, -1.0, 1.0),
    "hard tanh": lambda z: np.minimum(np.maximum(z, -1.0), 1.0),
    "max pooling": lambda z: np.maximum(z, z[::-1]),
    "leaky": lambda z: np.where(z > 0.0, z, 0.1 * z),
    "abs": np.abs,
    "huber": lambda z: np.where(np.abs(z) < 1.0, 0.5 * z * z, np.abs(z) - 0.5),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_piecewise_networks_are_proven(name: str) -> None:
    """What is added up behind gates of several layers is proven."""
    for size, layers in ((5, 2), (3, 3)):
        assert all(composed(network(NETWORKS[name], size, layers))[1])


def test_a_wide_network_is_proven() -> None:
    """The union of many gates is one condition, whose opposite is a long conjunction."""
    assert all(composed(network(NETWORKS["relu"], 16, 2))[1])


def test_sorting_networks_are_proven() -> None:
    """Minima and maxima that depend on one another are proven, ties included."""

    def f(x: Any, w: Any) -> Any:
        values = list(x)
        for start in range(len(values)):
            for i in range(start % 2, len(values) - 1, 2):
                low, high = values[i], values[i + 1]
                values[i], values[i + 1] = np.minimum(low, high), np.maximum(low, high)
        return sum(a * b for a, b in zip(values, w, strict=True))

    assert all(composed(ad.trace(f, np.ones(8), np.ones(8)))[1])


FALSE = {
    "a root of a square": ("ad.sqrt(x * x) * y", "y, ad.sqrt(x * x)"),
    "a square of a root": ("ad.where(x > y, ad.sqrt(x) * ad.sqrt(x), 0.0)", "1.0, 0.0"),
    "abs is the number": ("abs(x) * y", "y, x"),
    "exp of a difference": ("ad.exp(x - y)", "ad.exp(x) / ad.exp(-y), -ad.exp(x - y)"),
    "exp of a log": ("x * x * y", "ad.exp(y + ad.log(x)) * 2.0 / ad.exp(y), x * x"),
    "log of exp": ("ad.exp(ad.log(x * y))", "x, y"),
    "another side at a tie": (
        "ad.where(x < y, x * y, 0.0)",
        "(y if x <= y else 0.0), (x if x <= y else 0.0)",
    ),
    "the other side": (
        "ad.where(x < y, x * y, 0.0)",
        "(y if y < x else 0.0), (x if y < x else 0.0)",
    ),
    "inf - inf": ("x * y", "y + (np.inf - np.inf), x"),
    "nan": ("x * y", "y * (np.nan / np.nan), x"),
    "inf / inf": ("x * y", "y * (np.inf / np.inf), x"),
    "0 / 0": ("ad.where(x > y, x, y)", "(1.0 if x > y else 0.0 / 0.0), (0.0 if x > y else 1.0)"),
    "another power": ("ad.pow(x, 2.5) * y", "2.5 * x * y, ad.pow(x, 2.5)"),
    "a power one too high": (
        "ad.pow(x, y)",
        "y * ad.pow(x, y - 2.0) * x * x, ad.pow(x, y) * ad.log(x)",
    ),
    "another condition": (
        "ad.where(x < y, x * y, 0.0)",
        "(y if 2.0 * x < 3.0 * y else 0.0), (x if x < y else 0.0)",
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_falsehoods_are_not_proven(name: str) -> None:
    """What holds on one side only, or nowhere, is not proven."""
    function, wrong = FALSE[name]
    graph = ad.trace(eval(f"lambda x, y: {function}", {"ad": ad}), 0.7, 0.4)
    text = f"import numpy as np\nimport autodiff as ad\ndef g(x, y):\n return {wrong}"
    assert not all(proven(graph, text))


@pytest.mark.parametrize("points", [1, 128])
def test_quotients_of_what_may_be_zero_are_not_one(points: int) -> None:
    """c / c, (c x) / (c x) and their like are cancelled for no condition c."""
    nodes = Composition(Samples(random_prime(31), 0, points))
    x, y = nodes.input(0), nodes.input(1)
    gate = nodes.less(x, y)
    for zero in (gate, gate * x, nodes.where(gate, x, 0 * x), nodes.where(gate, y, x) - x):
        for one in (zero / zero, zero * (1 / zero), (zero * y) / (zero * y)):
            assert nodes.nodes.value(nodes.lift(one).index) != 1
        split = nodes.where(nodes.negation(gate), 5 + x, zero * (1 / zero) * x)
        assert split.index != nodes.where(nodes.negation(gate), 5 + x, x).index
    assert nodes.nodes.value((x / x).index) == 1


def test_a_sum_in_any_order_is_proven_in_linear_work() -> None:
    """Ten thousand terms from left to right and pairwise are one number."""
    nodes = Composition(Samples(random_prime(61), 0))
    terms = [nodes.input(i) * nodes.input(i + 1) for i in range(10_000)]
    left, level = terms[0], terms
    for term in terms[1:]:
        left = left + term
    while len(level) > 1:
        pairs = [a + b for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[2 * len(pairs) :]
    assert left.index == level[0].index or nodes.prove(
        max(left.index, level[0].index), min(left.index, level[0].index)
    )
