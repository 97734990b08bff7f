"""Builds of a program: the same bits, one in the place of the other while it runs."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError, UnsupportedError
from autodiff.graph.tree.tree import leaves_of, tree_of
from codegen import CompiledFunction, compile_function, compile_gradient
from codegen.native.run import second_build
from codegen.native.run.jit import FULL, QUICK, WIDE
from codegen.native.run.second_build import OFTEN, Tier, efforts
from codegen.native.write import kernel
from tests.at_once import at_once
from tests.random_graphs import random_graph, random_number, same


def energy(x: Any) -> Any:
    """Some thousand operations."""
    total: Any = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            total = total + ad.sqrt(d * d + 0.1) * ad.sin(d) + abs(d)
    return total


POINT = np.linspace(-1.0, 1.5, 30)


def tier_of(df: CompiledFunction) -> Tier | None:
    """What replaces its build."""
    found: Tier | None = df._runner._program.tier  # type: ignore[attr-defined]
    return found


def test_both_builds_have_the_same_bits() -> None:
    """The quick build, the full one and the text agree in value and gradient."""
    results = [
        compile_gradient(energy, POINT, target="native", effort=effort, expand=True)(POINT)
        for effort in ("quick", "full", None)
    ]
    results.append(compile_gradient(energy, POINT, expand=True)(POINT))
    for value, gradient in results[1:]:
        assert value == results[0][0]
        assert gradient.tobytes() == results[0][1].tobytes()


def test_the_full_build_takes_the_place_of_the_quick_one() -> None:
    """After many calls, bound or not, the groups are others; no result differs on the way."""
    df = compile_gradient(energy, POINT, target="native", expand=True)
    tier = tier_of(df)
    assert tier is not None
    expected = df(POINT)
    out = np.empty(30)
    bound = df.bind(POINT, out=out)
    before = tier.groups()
    for turn in range(OFTEN):
        value, gradient = (bound(), out) if turn % 2 else df(POINT)
        assert value == expected[0]
        assert gradient.tobytes() == expected[1].tobytes()
    tier.wait()
    assert not set(tier.groups()) & set(before)
    assert df(POINT)[1].tobytes() == expected[1].tobytes()
    assert bound() == expected[0]
    assert out.tobytes() == expected[1].tobytes()


def test_lists_are_counted_as_arrays_are() -> None:
    """A call that is walked counts as well."""
    df = compile_gradient(lambda x: energy(x["a"]), {"a": POINT}, target="native", expand=True)
    tier = tier_of(df)
    assert tier is not None
    before = tier.groups()
    for _ in range(OFTEN + 1):
        value, _gradient = df({"a": POINT})
    tier.wait()
    assert not set(tier.groups()) & set(before)
    assert df({"a": POINT})[0] == value


def test_threads_may_call_while_it_is_replaced() -> None:
    """Calls from many threads, during the exchange, all have the first call's bits."""
    df = compile_gradient(energy, POINT, target="native", expand=True)
    expected = df(POINT)[1].tobytes()

    def is_right(_: int) -> bool:
        return all(df(POINT)[1].tobytes() == expected for _ in range(2 * OFTEN))

    assert all(at_once(is_right, range(4)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_fork_in_between_has_a_program_that_runs() -> None:
    """A child that is forked during the exchange calls on, with the same bits."""
    script = """
import os, sys
from tests.codegen.native.run.test_second_build import *
df = compile_gradient(energy, POINT, target="native", expand=True)
expected = df(POINT)[1].tobytes()
for _ in range(OFTEN):
    df(POINT)
child = os.fork()
same = all(df(POINT)[1].tobytes() == expected for _ in range(OFTEN))
if child == 0:
    os._exit(0 if same else 1)
print(same, os.waitpid(child, 0)[1])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.split() == ["True", "0"], done.stderr
    assert done.returncode == 0


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors after a few calls, also in short programs, whether or not they gain anything.

    Chunks for programs of more than a hundred operations.
    """
    monkeypatch.setattr(second_build, "OFTEN", 2)
    monkeypatch.setattr(second_build, "VERY_OFTEN", 3)
    monkeypatch.setattr(second_build, "_GAIN", float("inf"))
    monkeypatch.setattr(kernel, "AGAIN", 1)
    monkeypatch.setattr(kernel, "WHOLE", 100)


def called_often(df: CompiledFunction, *args: Any) -> list[Any]:
    """What each call gives, with every build there is."""
    tier, found, seen = tier_of(df), [], set()
    for _ in range(9):
        found.append(df(*args))
        if tier is not None:
            seen.add(tier.groups()[0])
            tier.wait()
    assert tier is None or len(seen) > 1
    return found


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("point", [POINT[[0, 1, 0]], POINT[:6]], ids=["tie", "chunks"])
def test_vectors_keep_every_bit(point: Any) -> None:
    """Of a program in one piece, where its derivatives tie, and of one in chunks."""
    df = compile_gradient(energy, point, target="native", expand=True)
    for value, gradient in called_often(df, point):
        assert (value, gradient.tobytes()) == (df(point)[0], df(point)[1].tobytes())
    expected = compile_gradient(energy, point, expand=True)(point)
    assert expected[1].tobytes() == df(point)[1].tobytes()


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("seed", range(6))
def test_vectors_keep_the_bits_of_random_programs(seed: int) -> None:
    """Whatever the rows; so do programs of one operation."""
    graph = random_graph(random.Random(seed))
    df = compile_function(graph, target="native", check=False)
    source = random.Random(seed)
    args = [
        tree_of(whole).rebuild([random_number(source) for _ in range(tree_of(whole).size)])
        for _, whole in graph.parameters
    ]
    expected, *others = (leaves_of(found) for found in called_often(df, *args))
    assert all(all(map(same, expected, found)) for found in others)


def test_vectors_stay_only_where_they_are_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not clearly faster on numbers of the trial's own does not take the place."""
    monkeypatch.setattr(second_build, "VERY_OFTEN", 3)
    monkeypatch.setattr(second_build, "_GAIN", 0.0)
    df = compile_gradient(energy, POINT[:9], target="native", expand=True)
    tier = tier_of(df)
    assert tier is not None
    before = tier.groups()
    for _ in range(9):
        df(POINT[:9])
        tier.wait()
    assert tier.groups() == before


@pytest.mark.parametrize("seed", range(6))
def test_random_programs_have_the_same_bits(seed: int) -> None:
    """Whatever the rows, long programs too."""
    graph = random_graph(random.Random(seed))
    built = [
        compile_function(graph, target="native", effort=effort, check=False)
        for effort in ("quick", "full")
    ]
    source = random.Random(seed)
    for _ in range(20):
        point = [random_number(source) for _ in range(graph.inputs.count)]
        args = [tree_of(structure) for _, structure in graph.parameters]
        start, given = 0, []
        for tree in args:
            given.append(tree.rebuild(point[start : start + tree.size]))
            start += tree.size
        quick, full = (leaves_of(df(*given)) for df in built)
        assert all(map(same, quick, full))


def test_what_is_short_or_fast_is_built_once() -> None:
    """A short program is compiled with full effort; so is one that may be rounded otherwise."""
    assert tier_of(compile_gradient(lambda x: x[0] * x[1], POINT, target="native")) is None
    assert tier_of(compile_gradient(energy, POINT, target="native", profile="fast")) is None
    assert tier_of(compile_gradient(energy, POINT, target="native", effort="quick")) is None
    assert efforts(None, True, True) == (QUICK, (FULL, WIDE))
    assert efforts(None, True, False) == (FULL, (WIDE,))
    assert efforts(None, False, True) == (FULL, ())
    assert efforts("quick", True, True) == (QUICK, ())
    assert efforts("full", True, True) == (FULL, ())


def test_efforts_are_known() -> None:
    """Another word, target or a batch is refused by name."""
    with pytest.raises(ArgumentError, match="effort: found 'high'; expected 'quick', 'full'"):
        compile_gradient(energy, POINT, target="native", effort="high")
    with pytest.raises(UnsupportedError, match="effort: target 'python' is compiled in one way"):
        compile_gradient(energy, POINT, effort="full")
    with pytest.raises(UnsupportedError, match=r"effort: .* with batch="):
        compile_gradient(lambda x: x * x, 1.0, target="native", batch=True, effort="full")
