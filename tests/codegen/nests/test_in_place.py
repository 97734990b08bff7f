"""Arrays that a loop changes a few elements of: in place, in machine code, C and NumPy's texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient, to_c
from codegen.nests.lower import repeating
from tests.arrays_in_c import assert_right
from tests.c_compiler import compiled, needs_compiler

_N = 15
_A = np.eye(_N) * 3.0 + np.cos(np.arange(_N * _N)).reshape(_N, _N) * 0.1


def _factors(a: Any) -> Any:
    a = a.copy()
    for k in range(_N):
        for i in range(k + 1, _N):
            a[i, k] = a[i, k] / a[k, k]
            for j in range(k + 1, _N):
                a[i, j] -= a[i, k] * a[k, j]
    return np.sum(np.log(np.abs(np.diag(a))))


def _cholesky(a: Any) -> Any:
    lower = np.zeros((_N, _N))
    for i in range(_N):
        for j in range(i + 1):
            s = a[i, j]
            for k in range(j):
                s -= lower[i, k] * lower[j, k]
            if i == j:
                lower[i, i] = np.sqrt(s)
            else:
                lower[i, j] = s / lower[j, j]
    return np.sum(np.log(np.diag(lower)))


def _counted(a: Any) -> Any:
    sums = np.zeros(12)
    for i in range(_N):
        place = int(3.0 + 2.0 * a[i, 0])
        sums[place] += a[i, 1] * a[i, 2]
        sums[place - 1] -= np.sin(a[i, 3])
    return np.sum(sums * sums)


def _late(a: Any) -> Any:
    """What was there is used after it has changed, also as a result."""
    y, total = a[0] * 1.0, 0.0
    for i in range(1, _N):
        place = int(abs(6.0 * np.sin(total + i)))
        before = y[place]
        y[place] = before * 0.5 + a[i, 1]
        y[place // 2] = y[place // 2] + before
        total += before * y[i]
    return total + np.sum(y * y)


def _rows(a: Any) -> Any:
    """Whole rows, and a column that a row is put into."""
    a = a.copy()
    for i in range(1, _N):
        place = int(abs(5.0 * a[i, 0]))
        a[place] = a[i] * a[place] + 0.25
        a[i, place] = a[place, i]
    return np.sum(a * a)


def _chosen(a: Any) -> Any:
    """Both sides of a branch put something, at different places."""
    y = a[0] * 1.0
    for i in range(1, _N):
        place = int(abs(2.0 * a[i, 2]))
        if a[i, 1] > 0.02:
            y[place] = y[place] * a[i, 3]
            y[place + 1] += a[i, 4]
        elif y[place] > 0.1:
            y[place + 2] = np.exp(-y[place])
    return np.sum(np.sin(y))


def _swapped(a: Any) -> Any:
    """Two arrays that change places."""
    x, y = a[0] * 1.0, a[1] * 1.0
    for i in range(_N):
        place = int(abs(2.0 * a[i, 2]))
        y[place] = x[place] + y[i] * 0.5
        x, y = y, x
    return np.sum(x * x) + np.sum(y)


_FUNCTIONS = [_factors, _cholesky, _counted, _late, _rows, _chosen, _swapped]
_IN_PLACE = [_factors, _counted, _late, _chosen]
_EVERY = pytest.mark.parametrize("function", _FUNCTIONS, ids=lambda f: f.__name__)


def _differences(function: Callable[[Any], Any], a: Any) -> list[float]:
    found = []
    for at in ((0, 0), (1, 1), (3, 3), (5, 1)):
        step = np.zeros_like(a)
        step[at] = 1e-6
        found.append((function(a + step) - function(a - step)) / 2e-6)
    return found


@_EVERY
@pytest.mark.parametrize("target", ["numpy", "native"])
def test_value_and_gradient(function: Callable[[Any], Any], target: str) -> None:
    """The function's own value, and its slopes, at two points; loops stay loops."""
    df = compile_gradient(function, _A, target=target)
    assert len(df.source.splitlines()) < 300
    for a in (_A, _A * 1.01 + 0.003):
        value, gradient = df(a)
        assert value == pytest.approx(function(a.copy()), rel=1e-12)
        found = [gradient[at] for at in ((0, 0), (1, 1), (3, 3), (5, 1))]
        assert found == pytest.approx(_differences(function, a), rel=2e-5, abs=2e-7)


@pytest.mark.parametrize(
    ("function", "statement"),
    [
        (_factors, r"a2?\[x\w*, x\w*\] -= "),
        (_cholesky, r"lower\[x\w*, x\w*\] = "),
        (_counted, r"sums\[v\d+\[i\]\.astype\(int\)\] \+= "),
        (_chosen, r"if x:\n +y\[place\.astype\(int\)\] = "),
        (_rows, r"a2\[x, \w+\.astype\(int\)\] = a2\[\w+\.astype\(int\), x\]"),
    ],
)
def test_statements(function: Callable[[Any], Any], statement: str) -> None:
    """NumPy's text writes elements as the function does, forwards, and copies no array for it."""
    source = compile_gradient(function, _A, target="numpy", check=False).source
    forward = source[source.index("def forward") : source.index("def backward")]
    assert re.search(statement, forward)
    assert re.search(r"_at\(|_where\(", forward) is None


@needs_compiler
@_EVERY
def test_in_c(function: Callable[[Any], Any], tmp_path: Path) -> None:
    """C's value and gradient are the interpreter's."""
    graph = compile_gradient(function, _A, target="numpy").graph
    source = to_c(graph, expand=False)
    library = compiled([source], tmp_path)
    assert_right(library, source, graph, _A)
    assert_right(library, source, graph, _A * 1.01 + 0.003)


@pytest.mark.parametrize("function", _IN_PLACE, ids=lambda f: f.__name__)
def test_no_repetition_copies(
    function: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement of a body goes over all of an array that it carries."""
    longest: list[int] = []
    finish = repeating.Repeating.finish

    def noted(self: Any, *given: Any) -> Any:
        longest.extend(
            int(np.prod(step.extents))
            for step in self.to.steps
            if type(step).__name__ == "Statement"
        )
        return finish(self, *given)

    monkeypatch.setattr(repeating.Repeating, "finish", noted)
    _ = compile_gradient(function, _A, target="native", check=False)(_A)
    assert longest
    assert sorted(longest)[9 * len(longest) // 10] <= 1
