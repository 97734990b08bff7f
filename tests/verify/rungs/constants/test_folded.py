"""What constants of a text stand for, where the chain rule makes them of numbers alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from verify import Verdict, verify_gradient, verify_hessian
from verify.program.program import program_of
from verify.rungs.constants.folded import folded
from verify.truth.derived import chain_rule_program


def test_a_folded_constant_is_read_as_its_product() -> None:
    """Such a reading is exact: the product of the doubles, not the decimal."""
    graph = ad.trace(lambda x: 0.2 * (0.7 * (0.9 * x)), 1.0)
    made = (0.2 * 0.7) * 0.9
    read = folded(chain_rule_program(graph), program_of(graph).literals(), [made, 0.9])
    assert read == {made: "(0.2 * 0.7) * 0.9"}


def test_numbers_of_the_function_stand_for_themselves() -> None:
    """Even where the chain rule makes the same double of others."""
    graph = ad.trace(lambda x: 0.3 * (0.7 * x) + 0.21 * x, 1.0)
    assert not folded(chain_rule_program(graph), program_of(graph).literals(), [0.21])


def test_many_folded_constants_are_proven() -> None:
    """A function with constants at every step has a Hessian of proven numbers."""

    def f(x: Any) -> Any:
        return np.sum(0.3 * (0.7 * x[1:] - x[:-1]) ** 2 * 0.9 + np.exp(0.11 * x[:-1] * 0.7))

    report = verify_hessian(f, np.array([0.1, 0.4, 0.7]))
    assert report.verdict is Verdict.PROVED, report


DATA = np.random.default_rng(1).normal(size=(12, 3))


def squares(w: Any) -> Any:
    """Its second derivatives are sums of products of data."""
    return np.sum((DATA[:, :2] @ w - DATA[:, 2]) ** 2)


def test_sums_of_products_of_data_are_proven() -> None:
    """In whatever order they were added up, and however they were rounded on the way."""
    report = verify_hessian(squares, np.ones(2))
    assert report.verdict is Verdict.PROVED, report
    assert "the sum of products of the function's numbers" in str(report)


def test_a_sum_that_rounding_does_not_explain_is_no_reading() -> None:
    """Few sums and products round by a few units; ones that cancel are not read at all."""
    graph = ad.trace(lambda x: 0.2 * (0.7 * x) + 0.31 * (0.1 * x), 1.0)
    rules, own = chain_rule_program(graph), program_of(graph).literals()
    made = 0.2 * 0.7 + 0.31 * 0.1
    assert folded(rules, own, [made * (1.0 + 2.0**-52)])
    assert not folded(rules, own, [made * (1.0 + 2.0**-47)])
    graph = ad.trace(lambda x: 0.1 * (0.3 * x) - 0.03 * x, 1.0)
    rules, own = chain_rule_program(graph), program_of(graph).literals()
    assert not folded(rules, own, [0.1 * 0.3 - 0.03])


def test_wrong_sums_of_products_are_refuted() -> None:
    """A constant of somebody's Hessian beyond what rounding explains is wrong."""
    first, second = (2.0 * DATA[:, :2].T @ DATA[:, :2]).tolist()
    text = f"def h(w):\n    return [[{first[0] * (1.0 + 1e-12)!r}, {first[1]!r}], {second!r}]\n"
    report = verify_hessian(squares, np.ones(2), hessian=text)
    assert report.entries[0].verdict is Verdict.REFUTED
    assert all(e.verdict is Verdict.PROVED for e in report.entries[1:]), report


def bump(x: Any) -> Any:
    """Zero in doubles but around one point."""
    return x * np.exp(-1e1 * (x - 43.4) ** 2)


def kink(x: Any) -> Any:
    """Zero but far out."""
    return np.maximum(0.0, x - 1e6) ** 2


@pytest.mark.parametrize("part", [bump, kink, lambda x: x * x])
def test_constants_that_cancel_are_not_proven(part: Any) -> None:
    """1e17 * (0.1 * (0.3 * g) - 0.03 * g) is a sixth of g; doubles fold its derivatives to 0."""

    def f(x: Any) -> Any:
        return 1e17 * (0.1 * (0.3 * part(x)) - 0.03 * part(x)) + x * x

    for verify in (verify_gradient, verify_hessian):
        report = verify(f, 1.0)
        as_doubles = [e for e in report.entries if not e.says("AS-WRITTEN")]
        assert not any(e.verdict is Verdict.PROVED for e in as_doubles), report


def test_cancellation_on_one_side_of_a_condition_is_seen() -> None:
    """1e16 is 0.1 * 1e17 but for rounding, and the rounding decides what is left."""

    def f(x: Any) -> Any:
        part = 0.1 * (0.3 * x * x) - 0.03 * x * x
        return 1e17 * part * np.maximum(0.0, x - 1e6) + x * x * x

    report = verify_hessian(f, 1.0)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC, report
