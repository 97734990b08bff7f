"""Steps that something needs: what is computed for nothing is left out.

LLVM finds that itself; in a text that people read, and that compilers warn of, it is not written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from codegen.nests.lower.loop_statement import Home, Opaque, Repeat, Statement, Step

__all__ = ["living", "reads_of"]


def living(steps: Sequence[Step], results: Collection[int]) -> list[Step]:
    """The steps that these tensors need, in order.

    Args:
        steps: All steps.
        results: The tensors that something reads behind them.
    """
    needed, kept = set(results), list[Step]()
    for step in reversed(steps):
        if needed.isdisjoint(_targets(step)):
            continue
        one = _with_living_body(step) if isinstance(step, Repeat) else step
        needed |= reads_of(one)
        kept.append(one)
    return kept[::-1]


def reads_of(step: Step) -> set[int]:
    """The tensors that a step reads, of those that it stands among."""
    if isinstance(step, Opaque):
        return set(step.operands)
    return {access.tensor for access in step.reads()}


def _targets(step: Step) -> Collection[int]:
    if isinstance(step, Repeat):
        return step.targets
    return [step.target.tensor if isinstance(step, Statement) else step.target]


def _with_living_body(step: Repeat) -> Repeat:
    results = {tensor for tensor, known in enumerate(step.own) if known.home is Home.OUTPUT}
    for result in step.results:
        if result is not None and not isinstance(result, float):
            results.add(result.tensor)
    return replace(step, steps=living(step.steps, results))
