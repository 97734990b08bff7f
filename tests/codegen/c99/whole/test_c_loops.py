"""C99 of loops, conditions and bounded ``while``: loops, ``if`` and ``break`` of C."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from codegen.c99 import to_c
from tests.arrays_in_c import BOTH, assert_right, graph_of, run_alone, same
from tests.c_compiler import arrays_in_c, compiled, needs_compiler, work_size
from tests.codegen.native.loop_losses import LOSSES, W, _x
from tests.figures.simulations import PROGRAMS, examples
from tests.random_loops import RandomLoop

_WITH_SORT = {"solving"}


@needs_compiler
@pytest.mark.parametrize("length", [1, 2, 21])
def test_every_kind_of_loop(length: int, tmp_path: Path) -> None:
    """Of one repetition and of many: value and gradient are the interpreter's."""
    x = _x(length)
    graphs = [graph_of(name, LOSSES[name], W, x) for name in LOSSES if name not in _WITH_SORT]
    sources = [to_c(graph, expand=False) for graph in graphs]
    library = compiled(sources, tmp_path, "-O3" if length == 21 else "-O0")
    for source, graph in zip(sources, graphs, strict=True):
        assert_right(library, source, graph, W, x)
        assert_right(library, source, graph, -0.5 * W, 2.0 * x)


def _drawn(seed: int) -> RandomLoop:
    draw = random.Random(seed)

    def places(least: int, most: int) -> tuple[int, ...]:
        return tuple(draw.randrange(31) for _ in range(draw.randint(least, most)))

    steps = tuple((draw.randrange(31), *places(2, 2)) for _ in range(draw.randint(1, 6)))
    return RandomLoop(
        steps,  # type: ignore[arg-type]  # three numbers each
        places(1, 3), places(0, 2), draw.randint(1, 6), draw.random() < 0.5,
    )  # fmt: skip


@needs_compiler
def test_random_loops(tmp_path: Path) -> None:
    """Bodies of a few operations on carries, elements and what stays the same."""
    drawn = [_drawn(seed) for seed in range(24)]
    graphs = [graph_of(f"loop{k}", one, *one.examples) for k, one in enumerate(drawn)]
    sources = [to_c(graph, expand=False) for graph in graphs]
    library = compiled(sources, tmp_path)
    for one, source, graph in zip(drawn, sources, graphs, strict=True):
        w, x = one.examples
        assert_right(library, source, graph, w, x)
        assert_right(library, source, graph, w[::-1] * 1.7, np.cos(3.0 * x))


@needs_compiler
@pytest.mark.parametrize("name", PROGRAMS)
def test_ordinary_loops_stay_loops(name: str, tmp_path: Path) -> None:
    """Programs over time: text does not grow with the steps, and gives the unrolled gradient."""
    args, count = examples(name, 120)
    wrt = 0 if count == 1 else tuple(range(count))
    source = to_c(PROGRAMS[name], *args, wrt=wrt)
    longer = to_c(PROGRAMS[name], *examples(name, 3000)[0], wrt=wrt)
    assert abs(len(source.body.splitlines()) - len(longer.body.splitlines())) <= 12
    assert len(source.body.splitlines()) < 450
    value, slope = ad.backpropagate(ad.trace(PROGRAMS[name], *args), *args, wrt=wrt)
    expected = np.concatenate([np.ravel(x) for x in (slope if count > 1 else [slope])])
    call = arrays_in_c(compiled([source], tmp_path), source, BOTH, expected.size)
    found, (gradient,) = call(*args)
    same(found, value)
    same(gradient, expected)


@needs_compiler
@pytest.mark.parametrize("what", ["hvp", "hessian", ("value", "gradient", "hessian")])
def test_other_derivatives_stay_loops(what: Any, tmp_path: Path) -> None:
    """Their text does not grow with the steps, and their numbers are those of straight lines."""

    def after(steps: int) -> Any:
        def chaotic(p: Any) -> Any:
            x = p[0]
            for _ in range(steps):
                x = p[1] * x * (1.0 - x) + 0.01 * np.sin(p[2] * x)
            return x

        return chaotic

    p, d = np.array([0.3, 2.9, 0.5]), np.array([1.0, -2.0, 0.5])
    source = to_c(after(60), p, what=what, expand=False)
    assert len(to_c(after(3000), p, what=what).body) < len(source.body) + 400
    expected = codegen.compile(after(60), p, what=what, check=False)
    found = expected(p, d) if what == "hvp" else expected(p)
    parts = found[1:] if isinstance(found, tuple) else (found,)
    library = compiled([source], tmp_path)
    call = arrays_in_c(library, source, expected.entry, *(part.size for part in parts))
    value, written = call(p, *([d] if what == "hvp" else []))
    if isinstance(found, tuple):
        assert value == found[0]
    for one, part in zip(written, parts, strict=True):
        np.testing.assert_allclose(one, part.ravel(), rtol=1e-12)


@needs_compiler
def test_loops_of_scalars_have_the_interpreters_bits(tmp_path: Path) -> None:
    """A body of scalars is what scalars are written as, repetition by repetition."""
    x = _x(50)

    def f(w: Any, x: Any) -> Any:
        def step(c: Any, y: Any) -> Any:
            after = np.sin(c * w[0]) + y / (1.0 + c * c)
            return after, None

        return ad.scan(step, w[1], x)[0]

    graph = graph_of("f", f, W, x)
    source = to_c(graph, expand=False)
    call = arrays_in_c(compiled([source], tmp_path, "-O3"), source, "value")
    assert call(W, x)[0] == ad.evaluate(ad.trace(f, W, x), W, x)


# --- the text ------------------------------------------------------------------------------------


def test_a_scan_is_a_loop_with_its_carry() -> None:
    """The value of a recurrence is what a person would write."""

    def f(w: Any, x: Any) -> Any:
        def step(total: Any, y: Any) -> Any:
            return total * w[0] + np.sin(y), None

        return ad.scan(step, w[1], x)[0]

    body = to_c(f, W, _x(500), expand=False).body
    assert (
        body[body.index("double f_value(") : body.index("double f_value_and")]
        == """\
double f_value(const double *restrict w, const double *restrict x)
{
    double total = w[1];
    for (size_t t = 0; t < 500; ++t) {
        const double y = x[t];
        total = total * w[0] + libm_sin(y);
    }
    return total;
}

"""
    )


def test_a_backward_loop_runs_from_the_last_element() -> None:
    """What is kept of every step lies in the workspace, whose size the header says."""
    args, _ = examples("garch", 5000)
    source = to_c(PROGRAMS["garch"], *args, wrt=0)
    assert "= 5000; t2-- > 0;)" in source.body
    assert 5000 <= work_size(source, f"garch_{BOTH}") <= 40_000
    assert "malloc" not in source.body


# --- conditions ----------------------------------------------------------------------------------


def chosen(p: Any, x: Any) -> Any:
    """One of two sums over rows, by a number."""
    return ad.cond(
        p[0] > 0.3,
        lambda: np.sum(np.exp(x * p[0]) + np.log1p(x * x)),
        lambda: np.sum(np.sin(x) * p[1]) + p[0],
    )


def nested(p: Any, x: Any) -> Any:
    """A choice inside a choice, arrays on its sides."""

    def inner() -> Any:
        return ad.cond(p[1] > 0.0, lambda: np.sqrt(x * x + p[1]), lambda: np.cos(x * p[1]))

    return np.sum(ad.cond(p[0] > 0.0, inner, lambda: np.tanh(x - p[0])) ** 2) + p[1] * p[0]


def root(p: Any, x: Any) -> Any:
    """Newton's method until it stands still, at most fifty times."""

    def step(r: Any) -> Any:
        return r - (np.exp(r) * p[0] - x[0]) / (np.exp(r) * p[0])

    found = ad.while_loop(lambda r: np.abs(np.exp(r) * p[0] - x[0]) > 1e-10, step, p[1], most=50)
    return found * found + np.sum(np.sin(x * found))


def shrinking(p: Any, x: Any) -> Any:
    """A vector that is halved until it is short."""
    short = ad.while_loop(lambda v: np.sum(v * v) > p[0] * p[0], lambda v: 0.5 * v, x * p[1])
    return np.sum(short * np.arange(1.0, len(x) + 1.0))


_POINTS = [(0.9, 0.4), (0.1, 0.4), (0.9, -0.4), (-0.5, 0.7), (2.0, 1.5)]


@needs_compiler
def test_conditions_and_bounded_loops(tmp_path: Path) -> None:
    """Value and gradient on every path are the interpreter's."""
    x = np.linspace(0.5, 2.0, 90)
    graphs = [graph_of(f.__name__, f, np.array([0.9, 0.4]), x) for f in (chosen, nested, shrinking)]
    graphs.append(graph_of("root", root, np.array([1.0, 0.2]), x))
    sources = [to_c(graph, expand=False) for graph in graphs]
    library = compiled(sources, tmp_path)
    for source, graph in zip(sources, graphs, strict=True):
        for point in _POINTS:
            if graph.name == "root" and point[0] < 0.0:
                continue  # it has none: refused, or nan
            assert_right(library, source, graph, np.array(point), x)


def test_a_path_that_is_not_taken_is_not_computed() -> None:
    """Loops of one side alone stand in an ``if``, those of the other in its ``else``."""
    body = to_c(chosen, np.array([0.9, 0.4]), np.linspace(0.5, 2.0, 400), expand=False).body
    value = body[body.index("double chosen_value(") : body.index("double chosen_value_and")]
    before, then, otherwise = value.split("if (")[0], *value.split("if (")[1].split("} else {")
    assert "for (" not in before
    assert "libm_exp" in then
    assert "libm_sin" not in then
    assert "libm_sin" in otherwise
    assert "libm_exp" not in otherwise


@needs_compiler
def test_a_while_loop_ends_where_its_condition_fails(tmp_path: Path) -> None:
    """What comes behind the condition is not run once it fails, and the result is the same."""

    def f(p: Any, x: Any) -> Any:
        v = ad.while_loop(lambda v: v > p[0], lambda v: 0.5 * v, p[1], most=3000)
        return v + np.sum(x)

    source = to_c(f, np.array([0.1, 3.0]), np.ones(200), what="value", expand=False)
    assert "break;" in source.body
    call = arrays_in_c(compiled([source], tmp_path, "-O0"), source, "evaluate")
    assert call(np.array([0.1, 3.0]), np.ones(200))[0] == 3.0 / 32.0 + 200.0


@needs_compiler
@pytest.mark.parametrize("name", ["filtering", "indexed", "nested", "field"])
def test_loops_read_and_write_nothing_outside(name: str, tmp_path: Path) -> None:
    """The compiler's own checks of addresses and of undefined behaviour find nothing."""
    x = _x(70)
    graph = graph_of("f", LOSSES[name], W, x)
    run_alone(to_c(graph, expand=False), graph, [W, x], tmp_path)
