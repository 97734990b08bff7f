"""Every derivative of programs with loops, compiled: short texts with loops, certified."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.run.derive.joint import derivatives
from codegen import compile_hessian, compile_jacobian
from codegen.asked import compile as compile_derivatives
from tests.autodiff.trace.whole.test_programs import flat
from tests.figures.simulations import PROGRAMS, examples
from verify import Verdict

_TARGETS = pytest.mark.parametrize("target", ["numpy", "native"])


@_TARGETS
@pytest.mark.parametrize("name", ["garch", "kalman"])
def test_products_and_hessians(name: str, target: str) -> None:
    """By default loops stay loops, in every derivative, with the numbers of the repetitions."""
    args, count = examples(name, {"garch": 120, "kalman": 40}[name])
    wrt = tuple(range(count))
    draw = np.random.default_rng(0)
    scalars = ad.trace(PROGRAMS[name], *args)
    for what in ("hessian", "hvp", "jvp"):
        dots = [] if what == "hessian" else [draw.normal(size=x.shape) for x in args[:count]]
        made = compile_derivatives(PROGRAMS[name], *args, what=what, target=target, wrt=wrt)
        assert len(made.source.splitlines()) < 450
        assert "for i in range" in made.source
        assert made.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
        wanted = flat(ad.evaluate(derivatives(scalars, [what], wrt), *args, *dots))
        found = flat(made(*args, *dots))
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-11 * np.max(np.abs(wanted)))


def _growth(p: Any, noise: Any) -> Any:
    """Every state of a population that levels off."""
    states, x = [], p[0]
    for k in range(len(noise)):
        x = x + p[1] * x * (1.0 - x / p[2]) + 0.01 * noise[k]
        states.append(x)
    return np.stack(states)


@_TARGETS
def test_a_jacobian_of_states(target: str) -> None:
    """Every state by every parameter, written as a list that grows or as a scan."""

    def scanned(p: Any, noise: Any) -> Any:
        def step(x: Any, e: Any) -> Any:
            x = x + p[1] * x * (1.0 - x / p[2]) + 0.01 * e
            return x, x

        return ad.scan(step, p[0], noise)[1]

    p, noise = np.array([0.1, 0.3, 1.2]), np.random.default_rng(0).normal(size=80)
    wanted = flat(ad.evaluate(ad.jacobian(ad.trace(_growth, p, noise), "p"), p, noise))
    for function, expand in ((_growth, None), (scanned, None), (scanned, False)):
        made = compile_jacobian(function, p, noise, target=target, wrt="p", expand=expand)
        assert made(p, noise).shape == (80, 3)
        np.testing.assert_allclose(flat(made(p, noise)), wanted, rtol=1e-10)
        if expand is False:
            assert "for i in range" in made.source


@_TARGETS
def test_a_guarded_pole_inside_a_loop(target: str) -> None:
    """What no repetition lets through adds no nan to a Hessian."""

    def f(p: Any, x: Any) -> Any:
        total = 0.0
        for k in range(len(x)):
            total = total + np.where(x[k] > 0.0, np.sqrt(p[0] * x[k]), p[1] ** 3)
        return total

    p, x = np.array([0.7, 1.3]), np.concatenate([np.zeros(1), np.linspace(-1.0, 1.0, 600)])
    made = compile_hessian(f, p, x, target=target, wrt="p")
    wanted = flat(ad.evaluate(ad.hessian(ad.trace(f, p, x), "p"), p, x))
    assert np.all(np.isfinite(wanted))
    np.testing.assert_allclose(flat(made(p, x)), wanted, rtol=1e-11)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_sparse_matrices_of_simulations(target: str) -> None:
    """Where straight code would pass on much more than a sparse matrix has entries, loops stay."""

    def steps(x: Any) -> Any:
        for _ in range(400):
            x = x + 0.01 * np.sin(x) * x[::-1]
        return x

    def terms(x: Any) -> Any:
        total = 0.0
        for k in range(len(x) - 1):
            total = total + (x[k + 1] - x[k] ** 2) ** 2 + np.exp(-x[k])
        return total

    x = np.linspace(0.1, 1.0, 6)
    found = compile_jacobian(steps, x, sparse=True, target=target)
    assert len(found.source.splitlines()) < 400
    dense = compile_jacobian(steps, x, target=target)(x)
    np.testing.assert_allclose(found(x).toarray(), dense, rtol=1e-12)
    assert found(x).nnz == 12
    x = np.linspace(0.1, 1.0, 200)  # terms are written one by one
    short = compile_hessian(terms, x, sparse=True, target=target)
    assert short(x).nnz == 598
    assert "in range(" not in short.source


def test_number_by_number_on_request() -> None:
    """``expand=True`` writes the repetitions out."""
    args, _ = examples("garch", 20)
    made = codegen.compile_hessian(PROGRAMS["garch"], *args, target="numpy", wrt=0, expand=True)
    assert "for i in range" not in made.source
