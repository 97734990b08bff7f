from __future__ import annotations

import ast
import linecache
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.trace.branching.source.rewriting import Rewriter, rewritten_by
from tests.branching_programs import along_the_path
from tests.modules_by_path import module_at
from tests.random_branching import random_branching


def holds(function: Any, graph: Graph, point: Any) -> None:
    """The graph gives what the function gives, and what Values find along its path."""
    value, gradient = ad.backpropagate(graph, *point)
    bars = gradient if len(point) > 1 else (gradient,)
    assert [value, *bars] == pytest.approx(along_the_path(function, point), rel=1e-9, abs=1e-9)


@settings(max_examples=24, deadline=None)
@given(st.integers(0, 10**9))
def test_random_programs_give_the_gradient_of_the_path_taken(seed: int) -> None:
    """Branches, loops, early exits, lists and objects: one trace serves every point."""
    function, _ = random_branching(seed)
    chance = random.Random(seed)
    points = [(chance.uniform(-2.0, 2.0), chance.uniform(-2.0, 2.0)) for _ in range(8)]
    graph = ad.trace(function, *points[0])
    for point in points:
        holds(function, graph, point)


def relu_sum(x):
    """Each element has a branch."""
    total = 0.0
    for v in x:
        if v > 0.0:
            total += v * v
        else:
            total -= 0.1 * v
    return total


def test_branches_in_a_loop_cost_their_bodies() -> None:
    """200 independent branches are 200 choices, not 2 to the 200 paths."""
    x = np.linspace(-1.0, 1.0, 200)
    graph = ad.trace(relu_sum, x)
    assert len(graph) < 200 * 9
    assert ad.evaluate(graph, x) == pytest.approx(relu_sum(x), rel=1e-14)


def payoff(price, strike):
    """Early returns."""
    if price < strike:
        return 0.0
    if price > 2.0 * strike:
        return strike
    return price - strike


def portfolio(prices):
    """Calls a function with early returns, and skips some elements."""
    total = 0.0
    for price in prices:
        if price < 0.5:
            continue
        total = total + payoff(price, 1.0)
    return total


def test_early_returns_and_continue_meet() -> None:
    """A function with early returns, called in a loop, has one result for all paths."""
    prices = np.linspace(0.0, 3.0, 40)
    graph = ad.trace(portfolio, prices)
    assert len(graph) < 40 * 10
    assert ad.evaluate(graph, prices) == pytest.approx(portfolio(prices), rel=1e-14)


class Tracker:
    """Holds state that its method changes in a branch."""

    def __init__(self) -> None:
        self.best, self.log, self.hits = 0.0, [1.0, 2.0], 0

    def see(self, x: Any) -> Any:
        """Keep the best."""
        if x > self.best:
            self.best = x
            self.log[0] = x * x
            self.hits += 1
        return self.best


def tracked(x, y):
    """The state of an object made inside."""
    tracker = Tracker()
    first, second = tracker.see(x), tracker.see(y)
    return first * second + tracker.log[0] + tracker.hits


def test_state_of_objects_meets() -> None:
    """Attributes, list elements and counters that one side changes are chosen like variables."""
    graph = ad.trace(tracked, 1.0, 2.0)
    for point in ((1.0, 2.0), (2.0, 1.0), (-1.0, 3.0), (-1.0, -2.0)):
        holds(tracked, graph, point)
    assert len(graph) < 30


@dataclass
class Account:
    """Money."""

    balance: Any = 0.0

    def paid(self, amount: Any) -> Account:
        """A new account, with a fee below zero."""
        rest = self.balance - amount
        if rest < 0.0:
            rest = rest - 0.25
        return Account(rest)


def accounts(x, y):
    """Objects of a class that branches, and ``isinstance`` of them."""
    account = Account(x).paid(y).paid(1.0)
    assert isinstance(account, Account)
    return account.balance * 2.0


def test_classes_with_branches_stay_their_classes() -> None:
    """What stands for a class in a trace is one with it."""
    graph = ad.trace(accounts, 1.0, 2.0)
    for point in ((1.0, 2.0), (5.0, 1.0), (2.0, 1.5)):
        holds(accounts, graph, point)


def grows(x, y):
    """A list has another length on either side."""
    items = [x]
    if y > 0.0:
        items.append(y)
    return sum(items) * len(items)


def modes(x, y):
    """A text decides later."""
    mode = "small"
    if x > 1.0:
        mode = "large"
    return x * y if mode == "large" else x + y


def iterates(x, y):
    """One side takes from an iterator."""
    numbers = iter([1.0, 2.0, 3.0])
    if x > y:
        x = x * next(numbers)
    return x * next(numbers)


def aliased(x, y):
    """A variable is one of two lists, which is changed through it."""
    one, two = [x, 1.0], [y, 2.0]
    chosen = one
    if x > y:
        chosen = two
    chosen[0] = 5.0 * x
    return one[0] * one[1] + two[0] * two[1]


def arrays(x, y):
    """Arrays are filled and replaced on one side."""
    out = np.zeros(3)
    if x > y:
        out[0] = x * y
        out = out + 1.0
    else:
        out[1] = y
    out[2] = x
    return np.sum(out * out)


def views(x, y):
    """A view writes through on one side."""
    out = np.array([x, y, x * y])
    part = out[1:]
    if x > 0.0:
        part[0] = 3.0 * x
        part += 1.0
    return np.sum(out * np.array([1.0, 2.0, 3.0]))


def closed(x, y):
    """A function inside changes a variable of the function around it."""
    total = 0.0

    def add(value: Any) -> None:
        nonlocal total
        if value > 0.5:
            total = total + value * value

    add(x)
    add(y)
    return total + x


def unbound(x, y):
    """A variable that only one side assigns."""
    if x > 0.0:
        z = x * y
    if x > 0.0:
        return z + 1.0
    return y


def swaps(x, y):
    """Two variables exchange their values."""
    if x > y:
        x, y = y, x
    return x - 2.0 * y


def same_list(x, y):
    """One list, held by two names, is changed on one side."""
    one = [x, y]
    other = one
    if x > y:
        one[0] = y * y
    return other[0] + x


def zeros(x, y):
    """The sign of a zero is kept."""
    z = 0.0
    if x > y:
        z = -0.0
    return np.arctan2(z, x)


@pytest.mark.parametrize(
    "function",
    [grows, modes, iterates, aliased, arrays, views, closed, unbound, swaps, same_list, zeros],
)
def test_what_cannot_meet_is_left_to_paths(function: Any) -> None:
    """Lists that grow, texts, iterators and aliases are as right as numbers."""
    points = [(1.5, 0.5), (0.5, 1.5), (-0.5, 0.75), (2.0, -1.0), (-1.0, -2.0), (0.7, 0.6)]
    for expand in (True, False):
        graph = ad.trace(function, *points[0], expand=expand)
        for point in points:
            assert ad.evaluate(graph, *point) == pytest.approx(float(function(*point)), rel=1e-13)


def test_the_users_function_stays_as_it_is() -> None:
    """Only copies are rewritten: code, globals and classes of the user's are untouched."""
    before = relu_sum.__code__, portfolio.__globals__["payoff"], tracked.__globals__["Tracker"]
    ad.trace(relu_sum, np.ones(2))
    ad.trace(portfolio, np.ones(2))
    ad.trace(tracked, 1.0, 2.0)
    after = relu_sum.__code__, portfolio.__globals__["payoff"], tracked.__globals__["Tracker"]
    assert all(x is y for x, y in zip(before, after, strict=True))


def test_a_function_without_source_takes_paths() -> None:
    """What was made by ``exec`` has no source to rewrite, and works up to 64 paths."""
    space: dict[str, Any] = {}
    exec("def f(x, y):\n    z = x if x > y else y\n    return z * z if z > 1.0 else z", space)
    graph = ad.trace(space["f"], 1.0, 2.0)
    for point in ((1.0, 2.0), (2.0, 1.0), (0.25, 0.5)):
        holds(space["f"], graph, point)


def test_names_of_the_users_are_kept() -> None:
    """A value that was chosen is called what the user calls it."""

    def f(x):
        speed = x
        if x > 1.0:
            speed = x * x
        return speed * 3.0

    graph = ad.trace(f, 2.0)
    names = [o.name for i in range(len(graph)) if (o := graph.origin(i)) is not None]
    graph_of_returns = ad.trace(portfolio, np.ones(2))
    every = range(len(graph_of_returns))
    names += [o.name for i in every if (o := graph_of_returns.origin(i)) is not None]
    assert {"speed", "total"} <= {*names}
    assert not any("__" in name for name in names)
    assert len(graph.origins.conditions) == 1 if graph.origins else False


def matched(x, y):
    """Conditions are matched with True, which a placeholder is not."""
    match x > 0.0:
        case True:
            return x * y
        case _:
            return np.cos(x) if y > 1.0 else y


def test_match_on_a_condition() -> None:
    """``case True`` takes the path of the condition."""
    graph = ad.trace(matched, 1.0, 2.0)
    for point in ((1.0, 2.0), (-1.0, 0.5)):
        assert ad.evaluate(graph, *point) == pytest.approx(float(matched(*point)))


class Problem:
    """A class of which the trace needs one method."""

    def value(self, x: float) -> float:
        """The method that branches."""
        return x * x if x > 0.0 else -x

    def other(self, x: float) -> float:
        """One that branches too."""
        if x > 1.0:
            return x
        return 0.0


def test_a_method_is_rewritten_without_its_class() -> None:
    """Each method is written anew once, whatever else its class holds."""
    seen: list[str] = []

    class Counting(Rewriter):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
            seen.append(node.name)
            return super().visit_FunctionDef(node)

    assert rewritten_by(Counting, Problem.value.__code__) is not None
    assert seen == ["value"]
    holds(Problem().value, ad.trace(Problem().value, 3.0), (-3.0,))


@pytest.mark.parametrize(("old", "new"), [("0.25", "0.75"), ("sin", "cos"), ("-", "+")])
def test_a_file_that_was_edited_says_nothing_of_the_function(
    old: str, new: str, tmp_path: Path
) -> None:
    """The function that was imported is traced, also where only a number or a name has changed."""
    file = tmp_path / f"edited_{ord(old[0])}.py"
    text = (
        "import numpy as np\ndef f(x):\n    if x > 0.0:\n        y = x\n    else:\n"
        "        y = 0.25 - np.sin(x)\n    return y\n"
    )
    file.write_text(text)
    function = module_at(file).f
    file.write_text(text.replace(old, new))
    linecache.checkcache(str(file))
    assert ad.evaluate(ad.trace(function, 1.0), -2.0) == function(-2.0)
