"""Operations that are alike, done by loops: short code, the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import same_bits
from codegen import compile_graph
from codegen.native.write import alike, kernel
from codegen.native.write.alike import Alike, Loop
from codegen.native.write.instructions import live_order
from codegen.passes import run_passes
from tests.sparse_functions import random_function

pytest.importorskip("llvmlite")


def _rosenbrock(x: Any) -> Any:
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))


def _bent(x: Any) -> Any:
    """Terms with functions of the library, truth values, kinks and coefficients of their own."""
    return sum(
        ad.maximum(x[i] * x[i + 1], x[i + 1] ** 2) * ad.sin(x[i])
        + ad.where(x[i] > x[i + 1], x[i] * ad.exp(x[i + 1]), ad.sqrt(abs(x[i]) + 1.0) * i * 0.37)
        + ad.hypot(x[i], x[i + 1])
        for i in range(len(x) - 1)
    )


def _elements(x: Any) -> Any:
    return np.sin(x) * x[::-1] + np.maximum(x, 0.3) * np.arange(float(len(x)))


def _agree(graph: ad.Graph, size: int) -> None:
    native = compile_graph(graph, "native", check=False)
    python = compile_graph(graph, "python", check=False)
    for seed in range(4):
        point = np.random.default_rng(seed).normal(size=size)
        assert all(map(same_bits, native(point).tolist(), python(point).tolist()))


def test_code_does_not_grow_with_the_terms() -> None:
    """Four times the terms are longer tables, and no more instructions."""

    def code(size: int) -> list[str]:
        graph = ad.hessian(_rosenbrock, np.ones(size), sparse=True)
        text = compile_graph(graph, "native", check=False).llvm
        return [line for line in text.splitlines() if "private constant" not in line]

    assert len(code(1200)) == len(code(300))


@pytest.mark.parametrize(
    ("function", "hessian", "size"),
    [(_rosenbrock, True, 400), (_bent, True, 150), (_elements, False, 700)],
)
def test_loops_give_the_bits_of_the_text(function: Any, hessian: bool, size: int) -> None:
    """Machine code with loops agrees with the emitted Python in every bit."""
    graph = ad.trace(function, np.ones(size))
    _agree((ad.hessian if hessian else ad.jacobian)(graph, sparse=True), size)


def test_any_split_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops of few operations between straight code, from tables throughout, change nothing."""
    monkeypatch.setattr(kernel, "WHOLE", 1)
    monkeypatch.setattr(alike, "FEW", 2)
    monkeypatch.setattr(alike, "_MOST_STRAIGHT", 1.0)
    monkeypatch.setattr(alike, "_MOST_TABLES", 1.0)
    for seed in range(25):
        function = random_function(seed, scalar=True)
        graph = ad.hessian(function, np.ones(function.size), sparse=True)
        if graph.outputs:
            _agree(graph, function.size)


def test_each_operation_is_done_once_after_its_operands() -> None:
    """The steps hold every operation, and read nothing that comes later."""
    graph = run_passes(ad.hessian(_bent, np.ones(60), sparse=True))
    order = live_order(graph)
    found = Alike(graph, order)
    ready = set(range(found.first)) | set(range(found.held, found.held + len(found.literals)))
    done = 0
    for step in found.steps:
        if isinstance(step, Loop):
            for reading in step.readings:
                slots = reading.slots or range(reading.first, reading.first + step.count)
                one = reading.node is not None and graph.nodes[reading.node].value is None
                assert set([found.slot(reading.node)] if one else []) <= ready
                assert reading.node is not None or set(slots) <= ready
            ready |= set(range(step.first, step.first + step.count))
            done += step.count if step.primitive else 0
        else:
            for index in step:
                assert {found.slot(i) for i in graph.nodes[index].operands} <= ready
                ready.add(found.slot(index))
                done += 1
    assert done == len(order)


def test_what_is_alike_to_nothing_stays_straight() -> None:
    """A chain has no two operations at one depth, so no loop pays."""

    def chain(x: Any) -> Any:
        for i in range(400):
            x = ad.sin(x) * (1.0 + 0.001 * i)
        return x

    graph = run_passes(ad.hessian(chain, 1.0, sparse=True))
    assert alike.alike(graph, live_order(graph)) is None
