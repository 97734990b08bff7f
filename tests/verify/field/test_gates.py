"""Gates: equal residues are equal functions on all sides of conditions; joins are certified."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.verify.ladder.test_quick import with_text
from verify import Verdict
from verify.field.field import Field
from verify.field.gates import Gates
from verify.field.prime import random_prime
from verify.ladder.checked import CheckedGradient
from verify.ladder.quick import _bounded, _in_the_field

_PRIME = random_prime(127)
_CONDITIONS = 3
_NUMBERS = 2


class _Bits(Field):
    """The truth: conditions are bits, and Python decides."""

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """The side that the bit says."""
        return x if condition.v else y


def grown(field: Field, conditions: list[Any], numbers: list[Any], seed: int) -> list[Any]:
    """Many numbers, made by random selections, sums and products; the same for equal seeds."""
    source = random.Random(seed)
    conditions, numbers = list(conditions), [*numbers, field.lift(0)]
    for _ in range(60):
        kind = source.randrange(6)
        c, d = source.choice(conditions), source.choice(conditions)
        x, y = source.choice(numbers), source.choice(numbers)
        if kind == 0:
            joined = field.conjunction(c, d)
            conditions += joined, field.negation(joined)
        elif kind <= 3:
            numbers.append(field.where(c, x, y))
        else:
            numbers.append(x + y if kind == 4 else x - y)
    return numbers


def sides_of(field: Field, values: list[Any], seed: int) -> list[tuple[int, ...]]:
    """Each number on every side of all conditions, the first of random elements."""
    columns = []
    for bits in product((0, 1), repeat=_CONDITIONS):
        conditions = [field._truth(bit, 1) for bit in bits]
        columns.append([x.v for x in grown(field, conditions, values, seed)])
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("parts", [1, 4, 64])
def test_equal_residues_are_equal_functions(parts: int) -> None:
    """Among random selections under random conditions none look equal that are not, on all sides.

    Most pairs that are equal are seen to be, too, if facts are kept.
    """
    seen = missed = 0
    for seed in range(30):
        truth, gates = _Bits(_PRIME, b""), Gates(_PRIME, b"", parts)
        numbers = [truth.unknown(k) for k in range(_NUMBERS)]
        table = sides_of(truth, numbers, seed)
        gates.turned = True
        conditions = [gates._truth(gates._value(("c", k)), 1) for k in range(_CONDITIONS)]
        found = grown(gates, conditions, [gates.unknown(k) for k in range(_NUMBERS)], seed)
        for i, x in enumerate(found):
            for j in range(i):
                if x.v == found[j].v:
                    assert table[i] == table[j]
                    seen += 1
                elif table[i] == table[j]:
                    missed += 1
    assert seen > 300
    assert parts < 64 or missed < seen / 10


def test_a_condition_is_its_own_square() -> None:
    """c * c, c ** 2 and c times a number that c selected."""
    gates = Gates(_PRIME, b"")
    gates.turned = True
    c, x = gates._truth(gates._value("c"), 1), gates.unknown("x")
    assert (c * c).v == (c**2).v == c.v
    selected = gates.where(c, x, gates.lift(0))
    assert (c * selected).v == selected.v
    assert gates.where(gates.negation(c), selected, gates.lift(0)).v == 0


def network(activation: Callable[[Any], Any], layers: int) -> ad.Graph:
    """Dense layers with an activation."""

    def f(w: Any, x: Any) -> Any:
        for k in range(layers):
            x = activation(w[k] @ x)
        return (x * x).sum()

    return ad.trace(f, np.ones((layers, 4, 4)), np.ones(4))


_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "max": lambda z: np.maximum(z, 0.0),
    "clip": lambda z: np.clip(z, -1.0, 1.0),
    "neighbour": lambda z: np.maximum(z, z[::-1]),
    "leaky": lambda z: np.where(z > 0.0, z, 0.01 * z),
}


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("name", _ACTIVATIONS)
def test_networks_of_gates_are_certified(name: str, target: str) -> None:
    """Gradients that use a mask twice are certified with a bound, through three layers."""
    check = compile_gradient(network(_ACTIVATIONS[name], 3), target=target).check
    assert check.verdict is Verdict.CERTIFIED
    assert check.chance < 1e-12


@pytest.mark.parametrize("kept", [slice(0, 4), slice(1, 4), slice(3, None)])
def test_sums_of_the_smallest_are_certified(kept: slice) -> None:
    """What one of two numbers leaves to the other joins conditions: (c and not d) or d."""
    examples = np.array([0.3, -1.2, 0.8, 0.1, 1.7])
    graph = ad.trace(lambda x: np.sum(np.sort(x)[kept] ** 2), examples)
    subject = CheckedGradient(compile_gradient(graph, check=False))
    found = _bounded(subject, {"cuts": True, "relations": True, "parts": 64})
    assert found is not None
    assert found[0] is Verdict.CERTIFIED


def test_wrong_joins_are_seen() -> None:
    """Each ``or``, each ``and`` and each branch of a network's gates matters to the field.

    What stands for ties decides nothing elsewhere: it is left as it is.
    """
    compiled = compile_gradient(network(_ACTIVATIONS["max"], 2))
    text = compiled.loaded.module.functions[-1].text
    asked = [
        m.span() for m in re.finditer(r"^ +(?:v\d+ = |if )[^\n]* == [^\n]* or [^\n]*", text, re.M)
    ]
    changes = [
        (" and ", " or "),
        (" or ", " and "),
        (" > 0.0", " < 0.0"),
        (" else 0.0", " else 1.0"),
    ]
    for old, new in changes:
        places = [i for i in range(len(text)) if text.startswith(old, i)]
        places = [i for i in places if "backward" in text[:i]]
        places = [i for i in places if not any(a <= i < b for a, b in asked)]
        assert places
        for i in places[:: max(1, len(places) // 6)]:
            changed = text[:i] + new + text[i + len(old) :]
            assert _in_the_field(CheckedGradient(with_text(compiled, changed))) is None, (old, new)
    assert _in_the_field(CheckedGradient(with_text(compiled, text))) is not None


def test_a_search_for_ways_ends() -> None:
    """Maxima of maxima, selected again: facts are forgotten where there would be too many."""

    def american_put(spot: Any, sigma: Any) -> Any:
        steps = 12
        up = np.exp(sigma * np.sqrt(1.0 / steps))
        p = (1.0 - 1.0 / up) / (up - 1.0 / up)
        value = np.maximum(1.05 - spot * up ** np.arange(steps, -steps - 1.0, -2.0), 0.0)
        for i in range(steps - 1, -1, -1):
            held = p * value[:-1] + (1.0 - p) * value[1:]
            value = np.maximum(held, 1.05 - spot * up ** np.arange(i, -i - 1.0, -2.0))
        return value[0]

    start = time.process_time()  # others may keep this machine busy
    df = compile_gradient(american_put, 1.0, 0.2)
    assert df.check.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
    assert time.process_time() - start < 40.0  # it was more than a minute
