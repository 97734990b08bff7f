from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.derive.guard import Guard, join, meet, unguarded
from autodiff.run.transform import value_and_gradient
from autodiff.table.float import Float
from tests.random_graphs import same

# Guards as the transforms see them, over three conditions a, b, c.
PATHS: list[tuple[tuple[str, bool], ...]] = [
    path
    for length in range(4)
    for names in itertools.permutations("abc", length)
    for path in itertools.product(*[[(n, True), (n, False)] for n in names])
]


def guard_of(
    path: tuple[tuple[str, bool], ...], inputs: dict[str, Any], made: dict[Any, Guard]
) -> Guard | None:
    """The guard of a path of conditions; equal beginnings are one object, as in a transform."""
    guard: Guard | None = None
    for end in range(1, len(path) + 1):
        key = path[:end]
        if key not in made:
            name, polarity = key[-1]
            made[key] = Guard(guard, inputs[name], polarity)
        guard = made[key]
    return guard


def holds(path: tuple[tuple[str, bool], ...], world: dict[str, float]) -> bool:
    """True if every condition of the path is as it asks."""
    return all(bool(world[name]) is polarity for name, polarity in path)


@pytest.mark.parametrize("seed", range(60))
def test_join_is_skipping_closed_contributions(seed: int) -> None:
    """Sums of guarded contributions are, bit for bit, the sums of those whose guards hold."""
    source = random.Random(seed)
    paths = [source.choice(PATHS) for _ in range(source.randint(1, 9))]
    numbers = [source.choice([0.0, -0.0, 1.0, 0.1, -0.1, 1e16, float("inf")]) for _ in paths]
    known = [source.random() < 0.5 for _ in paths]

    def joined(a, b, c):
        made: dict[Any, Guard] = {}
        inputs = {"a": a, "b": b, "c": c}
        total: tuple[Any, Any] | None = None
        for path, number, is_known in zip(paths, numbers, known, strict=True):
            # A closed guard's value may be anything: here nan, if it is no number of the program.
            value: Any = Float(number)
            if not is_known:
                value = ad.where(holds_symbolically(path, inputs), number, float("nan"))
            part = (value, guard_of(path, inputs, made))
            total = part if total is None else join(*total, *part)
        return unguarded(*total)

    def holds_symbolically(path, inputs):
        condition: Any = 1.0
        for name, polarity in path:
            own = inputs[name] if polarity else ad.logical_not(inputs[name])
            condition = ad.logical_and(condition, own)
        return condition

    graph = ad.trace(joined, 1.0, 1.0, 1.0)
    for world in itertools.product([0.0, 1.0], repeat=3):
        expected: float | None = None
        for path, number in zip(paths, numbers, strict=True):
            if holds(path, dict(zip("abc", world, strict=True))):
                expected = number if expected is None else expected + number
        assert same(ad.evaluate(graph, *world), 0.0 if expected is None else expected)


def test_meet_joins_related_guards_and_opens_others() -> None:
    """Forward mode joins guards of which one contains the other; unrelated ones end in zeros."""

    def f(a, b, x, y):
        one, two = Guard(None, a, True), Guard(None, b, True)
        related = unguarded(*meet(x, one, y, None))
        opposite = unguarded(*meet(x, one, y, Guard(None, a, False)))
        return related, opposite, unguarded(*meet(x, one, y, two))

    graph = ad.trace(f, 1.0, 1.0, 1.0, 1.0)
    assert ad.evaluate(graph, 1.0, 1.0, 2.0, 3.0) == (5.0, 2.0, 5.0)
    assert ad.evaluate(graph, 0.0, 1.0, math.nan, 3.0) == (3.0, 3.0, 3.0)
    assert ad.evaluate(graph, 0.0, 0.0, math.nan, 3.0) == (3.0, 3.0, 0.0)


def test_a_guard_that_holds_is_its_value() -> None:
    """unguarded gives the value under an open guard, exactly 0.0 under a closed one."""

    def f(c, x):
        guard = Guard(Guard(None, c, True), c, False)  # a contradiction: never open
        return unguarded(x, Guard(None, c, True)), unguarded(x, guard), unguarded(x, None)

    graph = ad.trace(f, 1.0, 1.0)
    nan = float("nan")
    assert same(ad.evaluate(graph, 1.0, 2.0), (2.0, 0.0, 2.0))
    assert same(ad.evaluate(graph, 0.0, nan), (0.0, 0.0, nan))


def test_opposite_guards_select() -> None:
    """Contributions of the two branches of one condition meet in one where, not in a sum."""
    graph = ad.trace(lambda x: np.where(x > 0.0, np.sin(x), np.cos(x)), 1.0)
    text = str(value_and_gradient(graph))
    assert text.count("where") == 2  # one forward, one backward
    assert " add " not in text


def test_shared_branches_join_below_their_common_guard() -> None:
    """Nested conditions with shared subexpressions keep the bits of the interpreter."""

    def f(x, y):
        u = np.sqrt(x * y)
        v = np.where(x > 0.0, np.where(y > 0.0, u, u * x), np.where(y > 0.0, u + y, 1.0))
        w = np.where(y > 0.0, np.log(x), v)
        return v * w + np.where(x > y, u, v)

    graph = ad.trace(f, 1.0, 1.0)
    both = value_and_gradient(graph)
    for at in itertools.product([-2.0, -0.5, 0.0, 0.5, 2.0, float("nan")], repeat=2):
        assert same(ad.evaluate(both, *at), ad.backpropagate(graph, *at))


def test_deep_nesting_stays_fast() -> None:
    """A thousand nested branches are differentiated in time and size linear in their number."""

    def f(x):
        y = x
        for i in range(1000):
            y = np.where(x > i, y * 1.001, np.sin(y))
        return y

    graph = ad.trace(f, 1.0)
    both = value_and_gradient(graph)
    assert len(both) < 15 * len(graph)
    assert same(ad.evaluate(both, 500.5), ad.backpropagate(graph, 500.5))


def test_combined_condition_is_built_once() -> None:
    """The conjunction of a chain of guards is recorded once and shared."""

    def f(a, b, c):
        inner = Guard(Guard(Guard(None, a, True), b, False), c, True)
        return inner.combined(), inner.combined()

    text = str(ad.trace(f, 1.0, 1.0, 1.0))
    assert text.count("logical_and") == 2
    assert text.count("logical_not") == 1


def test_constant_conditions_need_no_guard() -> None:
    """A condition that is a literal gates while the gradient is built."""
    graph = ad.trace(lambda x: ad.where(Float(1.0), x * x, np.log(x)), 1.0)
    assert "where" not in str(ad.gradient(graph)).replace("= where 1.0", "")
    assert ad.evaluate(ad.gradient(graph), 0.0) == 0.0


def test_sums_of_gated_numbers_fold_nothing() -> None:
    """Slopes of several rectified lines are added where they flow, not for each pair of gates."""
    lines = np.array([[0.1, 0.7], [0.3, -0.2], [0.6, 0.9]])
    graph = ad.trace(lambda w: np.sum(np.maximum(lines @ w, 0.0)), np.ones(2))
    known = {abs(x) for x in value_and_gradient(graph).constants.values()}
    assert known <= {0.0, 1.0, *map(float, abs(lines).ravel())}
