"""Products found number by number are those that a chain rule recorded twice gives."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import autodiff as ad
from verify.field.field import Field
from verify.field.gates import Gates
from verify.field.prime import random_prime
from verify.truth.directed import directed_products
from verify.truth.spec import values_of
from verify.truth.twice import expected


def smooth(x: ad.Value, y: ad.Value) -> object:
    """Every operator, numbers on either side, and functions of two operands."""
    return 2.0 / x - ad.exp(x * y) ** 3 + ad.hypot(x, -y) * 0.3 - (1.0 - y) * x**y + 3.0 * x * x


def broken(x: ad.Value, y: ad.Value) -> object:
    """Branches inside branches, ties, and a number that flows nowhere."""
    inner = ad.where(x < y, x * x * y, ad.maximum(x, 1.0) * y)
    return ad.where(ad.abs(inner) > 0.5, ad.sin(inner) * x, y * y) + ad.relu(x - y) * ad.floor(x)


def several(x: ad.Value, y: ad.Value) -> object:
    """Several results, one of them twice."""
    product = x * ad.log(y)
    return product, product, x / y, 3.0


@pytest.mark.parametrize("kind", [Field, Gates])
@pytest.mark.parametrize(
    ("function", "what", "wrt"),
    [
        (smooth, ("value", "gradient", "hvp"), None),
        (smooth, ("hvp", "jvp", "vjp"), ["y"]),
        (broken, ("gradient", "hvp"), None),
        (broken, ("jvp",), ["x"]),
        (several, ("value", "jvp", "vjp"), None),
        (lambda x, y: 2.0 * x + y, ("gradient", "hvp"), None),
    ],
)
def test_products_are_those_of_a_recorded_chain_rule(
    kind: Callable[..., Field], function: Callable[..., object], what: tuple[str, ...], wrt: object
) -> None:
    """Element by element, in a field whose conditions are unknowns and in one that keeps them."""
    graph = ad.trace(function, 1.5, 0.7)
    recorded = expected(graph, what, wrt)
    field = kind(random_prime(119), 7, cuts=True)
    inputs = [field.unknown(i) for i in range(recorded.graph.inputs.count)]
    values = values_of(recorded.graph, inputs, recorded.turn)
    must = [field.lift(values[i]).v for i in recorded.graph.outputs]
    assert [field.lift(x).v for x in directed_products(graph, what, wrt, inputs)] == must
