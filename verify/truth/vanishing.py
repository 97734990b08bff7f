"""Vanishing: which numbers of a graph are zero whatever its inputs are, over the real numbers.

The graph runs at random elements of a prime field.  An expression that is not identically zero is
zero there with a chance that its degree bounds (Schwartz 1980, Zippel 1979); an answer with a
larger chance than one in 2**40 is none.
"""

from __future__ import annotations

import secrets
from itertools import repeat

from autodiff.graph.graph import Graph
from verify.field.field import Element, Field
from verify.field.meaning import PoleError
from verify.field.prime import random_prime
from verify.truth.spec import values_of

__all__ = ["vanishing"]

_BITS = 521
_POINTS = 4  # tried, where a denominator is zero
_CHANCE = 2.0**-40


def vanishing(graph: Graph) -> list[bool]:
    """Per number of the result, whether it is zero wherever it is defined.

    >>> import autodiff as ad
    >>> g = ad.trace(lambda x: (ad.sin(x) ** 2 + ad.cos(x) ** 2 - 1.0, x - x * x), 1.0)
    >>> vanishing(g)
    [True, False]
    """
    field = Field(random_prime(_BITS), secrets.token_bytes(16), relations=True)
    found = _values_in(field, graph)
    zero = field.lift(0.0)
    # A literal is known as it is; another zero is one up to the chance of an accident.
    known = [x.v == 0 and not (x.n or x.d) for x in found]
    pairs = [(x, zero) for x in found if x.v == 0]
    sure = bool(pairs) and field.chance(pairs) <= _CHANCE
    return [one or (sure and x.v == 0) for one, x in zip(known, found, strict=True)]


def _values_in(field: Field, graph: Graph) -> list[Element]:
    """The result at a random point of the field; ones where a denominator is zero everywhere."""
    for attempt in range(_POINTS):
        inputs = [field.unknown((attempt, i)) for i in range(graph.inputs.size)]
        try:
            values = values_of(graph, inputs)
            return [field.lift(values[i]) for i in graph.outputs]
        except PoleError:
            continue
    return list(repeat(field.lift(1.0), len(graph.outputs)))
