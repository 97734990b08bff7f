"""Elements and rows that loops assign, alone and among several targets, recorded once."""

from __future__ import annotations

import opcode
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.branching.source.subscripts import takes_elements
from autodiff.trace.trace import trace_loops
from tests.autodiff.trace.same_meaning import require_the_unrolled

N = 40
XS = np.linspace(0.0, 1.0, N)


def side_by_side(x: Any, v: Any) -> Any:
    """A state and what it gives."""
    state, given = np.zeros(N + 1), np.zeros(N)
    state[0] = x
    for i in range(N):
        state[i + 1], given[i] = 0.9 * state[i] + XS[i], state[i] * v
    return state[-1] + np.sum(given**2)


def at_once(x: Any, v: Any) -> Any:
    """One value in two arrays."""
    one, other = np.zeros(N), np.zeros(N)
    for i in range(N):
        one[i] = other[N - 1 - i] = np.sin(XS[i] * x) * v
    return np.sum(one * other)


def swapped(x: Any, v: Any) -> Any:
    """Both are read before one is written."""
    a = np.array([x, v, x * v, 1.0] * (N // 4))
    for i in range(N // 2):
        a[i], a[N - 1 - i] = a[N - 1 - i] * 0.9, a[i]
    return np.sum(a * XS)


def inside(x: Any, v: Any) -> Any:
    """Tuples in tuples, and variables among them."""
    a, r = np.zeros((N, 2)), x
    for i in range(N):
        r, a[i, 0], (a[i, 1], q) = 0.9 * r + 0.1, r * v, (r * r, 2.0)
    return np.sum(a) + r * q


def of_lists(x: Any, v: Any) -> Any:
    """Elements of a list, and the rest."""
    a = [x] * N
    for i in range(1, N):
        *_, b, a[i] = x, 1.0, v, a[i - 1] * 0.9
    return sum(a) + b


def rows(x: Any, v: Any) -> Any:
    """Rows are written whole, as a tuple, and read by their elements."""
    states = np.zeros((N + 1, 2))
    states[0] = x, v
    for i in range(N):
        now = states[i, 1]
        states[i + 1] = states[i, 0] + 0.1 * now, now - 0.1 * np.sin(states[i, 0])
    return np.sum(states**2)


def rows_by_slices(x: Any, v: Any) -> Any:
    """``a[i, :]`` is ``a[i]``."""
    states = np.zeros((N + 1, 2))
    states[0, :] = [x, 1.0]
    for i in range(N):
        a, b = states[i]
        states[i + 1, :] = [a + 0.1 * b, b - v * a]
    return np.sum(states[:, 0] ** 2)


def with_a_counter(x: Any, v: Any) -> Any:
    """The variables of the function around are the state."""
    n, a = 0, x

    def step() -> Any:
        nonlocal a, n
        n += 1
        a = a + 0.1 * np.sin(a) * v * n
        return a

    total = 0.0
    for _ in range(N):
        total = total + step()
    return total * n


def from_left_to_right(x: Any, v: Any) -> Any:
    """The index is assigned before the element."""
    a = np.zeros(N)
    i = 3
    for k in range(N - 4):
        i, a[i] = k + 4, x * v
    return a[i] + x + a[3] * 5.0


STAYING = [
    side_by_side, at_once, swapped, inside, of_lists, rows, rows_by_slices, with_a_counter,
]  # fmt: skip


@pytest.mark.parametrize("program", STAYING)
def test_elements_among_targets_stay_in_loops(program: Callable[..., Any]) -> None:
    """The loop is recorded once, and means what it does."""
    graph = trace_loops(500, program, 0.7, 0.3)
    assert graph is not None
    assert loops_of(graph)
    require_the_unrolled(program, graph)


def test_targets_are_assigned_in_order() -> None:
    """As Python does."""
    graph = trace_loops(500, from_left_to_right, 0.7, 0.3)
    assert graph is not None
    require_the_unrolled(from_left_to_right, graph)


@pytest.mark.parametrize("key", ["x[0]", "x[k]", "x[k][0]"])
def test_reading_an_element_is_seen_on_every_python(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.14 has no instruction of its own for it: an operator among others does it."""
    reads, adds = (compile(text, "f", "eval") for text in (key, "x + k"))
    assert takes_elements(reads)
    assert not takes_elements(adds)
    before = [op for op in getattr(opcode, "_nb_ops", ()) if op[1] != "[]"]
    table = {name: n for name, n in opcode.opmap.items() if name != "BINARY_SUBSCR"}
    monkeypatch.setattr(opcode, "opmap", table)
    monkeypatch.setattr(opcode, "_nb_ops", [*before, ("NB_SUBSCR", "[]")], raising=False)

    def code(operator: int) -> Any:
        return types.SimpleNamespace(co_code=bytes([table["BINARY_OP"], operator]))

    assert takes_elements(code(len(before)))
    assert not takes_elements(code(0))
