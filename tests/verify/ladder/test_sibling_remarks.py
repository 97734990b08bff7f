"""What reports on Hessians and Jacobians say besides: constants, kinks, folded products."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from verify import (
    Verdict,
    recheck,
    verify_derivatives,
    verify_hessian,
    verify_jacobian,
)
from verify.answer.reasons import Reason
from verify.ladder.doors.all_at_once import composed
from verify.subjects.entire import compiled_entire


def test_rounded_constants_are_told() -> None:
    """Constants that meet in a second derivative are doubles, and the report says so."""

    def f(x: float, y: float) -> Any:
        return ad.erfc(x * y / np.sqrt(2.0)) * 0.3 + 0.1 * x * np.exp(0.7 * y)

    report = verify_hessian(f, 0.5, 0.7)
    assert report.verdict is Verdict.PROVED, str(report)
    close = [e for e in report.entries if e.says(Reason.ROUNDED_CONSTANTS)]
    assert all("chain rule" in e.method for e in close)


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (lambda x: ad.relu(x) ** 2, (0.0,)),
        (lambda x, y: x * abs(y), (1.0, 0.0)),
        (lambda x, y: np.maximum(x, y) ** 3, (1.0, 1.0)),
        (lambda x, y: np.where(x > y, x * x, y * y), (1.0, 1.0)),
    ],
)
def test_kinks_at_the_example(function: Any, point: tuple[float, ...]) -> None:
    """Numbers are named by two inputs each; what is said of a kink reaches those of its inputs."""
    report = verify_hessian(function, *point)
    assert str(report.verdict) == "PROVED"
    assert "kink at the example" in str(report)
    both = verify_jacobian(lambda *args: (function(*args), args[0]), *point)
    assert str(both.verdict) == "PROVED"
    assert str(codegen.compile_hessian(function, *point).verdict) == "CERTIFIED"


def test_functions_with_kinks() -> None:
    """Where sides meet, second derivatives hold on each side."""

    def f(x: float, y: float) -> Any:
        return np.maximum(x, y) * np.abs(x) + np.where(x > y, x * y, y)

    assert verify_hessian(f, 0.5, 2.0).verdict in (Verdict.PROVED, Verdict.CERTIFIED)


def _variance(p: Any) -> Any:
    """A square is a number of the function, and what its slopes fold of ``p * x * x``."""
    x = 1.3597475403099617
    h = p[0] + p[1] * x * x
    return np.log(h) + x * x / h + (p[1] * x * x) ** 2 * p[0]


def test_one_double_is_a_number_here_and_a_folded_product_there() -> None:
    """Each is proven where it stands; one unit off, it is neither."""
    p = np.array([0.3, 0.2])
    assert verify_hessian(_variance, p, time_limit=2.0).verdict is Verdict.PROVED
    entire = compiled_entire(codegen.compile_hessian(_variance, p, check=False))
    (program,) = entire.programs
    square = 1.3597475403099617 * 1.3597475403099617
    for found in (square, math.nextafter(square, 2.0)):
        steps = tuple([found if x == square else x for x in program.steps])
        entire.programs[0] = replace(program, steps=steps)
        assert all(composed(entire, 10.0)[0]) is (found == square)


def test_so_it_is_proven_again_from_its_file(tmp_path: Path) -> None:
    """A certificate's graph has none of the function's names, so steps come in another order."""
    compiled = codegen.compile_hessian(_variance, np.array([0.3, 0.2]), check=False)
    compiled.save(tmp_path / "d.py")
    verify_derivatives(compiled, time_limit=2.0).save(tmp_path / "c.json")
    assert recheck(tmp_path / "c.json", tmp_path / "d.py").verdict is Verdict.PROVED
