"""Every row of the table at many points at once."""

from __future__ import annotations

import itertools
import math
import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.table.primitive import REGISTRY, Primitive
from codegen import compile_gradient, compile_graph
from tests.orders import LITERALS

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, -7.0, 1e-200, 1e200, -1e200, 5e-324, -5e-324,
    746.0, -746.0, 1e308, math.inf, -math.inf, math.nan,
)  # fmt: skip


EXACT = ("add", "sub", "mul", "div", "sqrt")  # as IEEE 754 rounds them


# Where NumPy's spelling of a row deviates from the interpreter, as functions of the operands.
DEVIATES: dict[str, Callable[..., bool]] = {
    # NumPy replaces a number 0.5 in the exponent by sqrt, which gives nan for -inf.
    "pow": lambda x, y: x == -math.inf and y == 0.5,
    "pow_literal": lambda x, y: x == -math.inf and y == 0.5,
    # Below zero terms cancel; test_vectorized.py measures the error against the largest.
    "polygamma": lambda n, x: x < 0.0,
}


def operands(row: Primitive) -> list[tuple[float, ...]]:
    """Operands for the free positions of a row: random in its domain, and special ones."""
    draw = random.Random(row.name)
    free = [p for p in range(row.arity) if p not in row.literal]

    def number(position: int) -> float:
        low, high = row.interval(position)
        low, high = max(low, -8.0), min(high, 8.0)
        return draw.uniform(low, high) if low < high else low

    drawn = [tuple(number(p) for p in free) for _ in range(200)]
    special = SPECIAL if len(free) < 3 else SPECIAL[::2]
    return drawn + list(itertools.product(special, repeat=len(free)))


def bits(x: float) -> bytes:
    """A float's bits; all nans are one."""
    return struct.pack("d", math.nan if x != x else x)


def same(name: str, found: float, expected: float) -> bool:
    """The same number up to 4 ulp; for arithmetic the same bits."""
    if name in EXACT or not math.isfinite(found) or not math.isfinite(expected):
        return bits(found) == bits(expected)
    return abs(found - expected) <= 4.0 * math.ulp(expected)


@pytest.mark.parametrize("name", REGISTRY)
def test_rows_agree_with_the_interpreter(name: str) -> None:
    """Every row gives the interpreter's number: to 4 ulp, and arithmetic to the last bit."""
    row = REGISTRY[name]
    deviates = DEVIATES.get(name, lambda *operands: False)
    cases = operands(row)
    wrong = []
    for literal in LITERALS.get(name, (3.0, 0.5, -2.0)) if row.literal else (math.nan,):

        def complete(free: Sequence[Any], literal: float = literal) -> list[Any]:
            rest = iter(free)
            return [literal if p in row.literal else next(rest) for p in range(row.arity)]

        def function(*free: Any, complete: Callable[..., Any] = complete) -> Any:
            return row(*complete(free))

        graph = ad.trace(function, *cases[0])
        in_one = compile_gradient(graph, target="numpy", batch=True)
        alone = compile_graph(graph, "numpy")
        batch = in_one(*map(np.array, zip(*cases, strict=True)))[0].tolist()
        for case, in_batch in zip(cases, batch, strict=True):
            expected = ad.evaluate(graph, *case)
            found = (in_batch, alone(*case))
            if not all(same(name, y, expected) for y in found) and not deviates(*complete(case)):
                wrong.append((*complete(case), found, expected))
    assert wrong == []
