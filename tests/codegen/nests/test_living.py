"""Steps that something needs."""

from __future__ import annotations

from typing import Any

import numpy as np

import autodiff as ad
from codegen.nests.living import living, reads_of, targets_of
from codegen.nests.lower.builder import Builder
from codegen.nests.lower.loop_statement import Home, Repeat
from codegen.nests.lower.lowering import lower


def _lowered(function: Any, *examples: Any) -> tuple[Builder, set[int]]:
    lowered = lower(ad.trace(function, *examples, expand=False), blas=False)
    results = {t for t, known in enumerate(lowered.tensors) if known.home is Home.OUTPUT}
    return lowered, results


def test_what_nothing_reads_is_left_out() -> None:
    """One element of an inverse does not take all of it."""
    lowered, results = _lowered(lambda m: np.linalg.inv(m)[0, 0], np.eye(4) + 0.1)
    kept = living(lowered.steps, results)
    assert 0 < len(kept) < len(lowered.steps)
    read = {tensor for step in kept for tensor in reads_of(step)} | results
    assert all(read.intersection(targets_of(step)) for step in kept)


def test_everything_that_is_needed_stays() -> None:
    """Steps that lead to a result keep their order."""
    lowered, results = _lowered(lambda x: np.sum(np.sin(x) * np.cumsum(x)), np.ones(400))
    assert living(lowered.steps, results) == lowered.steps


def test_stacks_that_nothing_reads_are_not_made() -> None:
    """Of a loop whose stacked results are not used, the body does not compute them."""

    def f(x: Any) -> Any:
        def step(total: Any, y: Any) -> Any:
            return total + y, [np.exp(y), np.sin(np.cos(y))]

        total, (used, _) = ad.scan(step, 0.0, x)
        return total + np.sum(used)

    lowered, results = _lowered(f, np.ones(50))
    (before,) = (step for step in lowered.steps if isinstance(step, Repeat))
    (after,) = (step for step in living(lowered.steps, results) if isinstance(step, Repeat))
    assert len(after.steps) <= len(before.steps)
    names = {getattr(step, "primitive", None) and step.primitive.name for step in after.steps}  # type: ignore[union-attr]
    assert "exp" in names
    assert "sin" not in names
