"""Steps that something needs: what is computed or chosen for nothing is left out.

LLVM finds that itself; in a text that people read, and that compilers warn of, it is not written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from autodiff.table.primitive import REGISTRY
from codegen.nests.lower.loop_statement import Home, Opaque, Repeat, Statement, Step

__all__ = ["living", "reads_of", "targets_of"]

_WHERE = REGISTRY["where"]


def living(steps: Sequence[Step], results: Collection[int]) -> list[Step]:
    """The steps that these tensors need, in order.

    Args:
        steps: All steps.
        results: The tensors that something reads behind them.
    """
    needed, kept = set(results), list[Step]()
    for step in reversed(steps):
        if needed.isdisjoint(targets_of(step)):
            continue
        one = _with_living_body(step, needed) if isinstance(step, Repeat) else _chosen(step)
        needed |= reads_of(one)
        kept.append(one)
    return kept[::-1]


def _chosen(step: Step) -> Step:
    """What chooses between a number and itself is that number."""
    if not isinstance(step, Statement) or step.primitive is not _WHERE:
        return step
    _, x, y = step.operands
    return replace(step, primitive=None, operands=(x,)) if x == y else step


def reads_of(step: Step) -> set[int]:
    """The tensors that a step reads, of those that it stands among."""
    if isinstance(step, Opaque):
        return set(step.operands)
    return {access.tensor for access in step.reads()}


def targets_of(step: Step) -> Collection[int]:
    """The tensors that a step stores in."""
    if isinstance(step, Repeat):
        return step.targets
    return [step.target.tensor if isinstance(step, Statement) else step.target]


def _with_living_body(step: Repeat, needed: Collection[int]) -> Repeat:
    """A loop without what none of its results needs, and without stacks that nothing reads."""
    carries = len(step.begins)
    wanted = [k < carries or tensor in needed for k, tensor in enumerate(step.targets)]
    results = tuple(x if wanted[k] else None for k, x in enumerate(step.results))
    inside = {
        tensor
        for tensor, known in enumerate(step.own)
        if (known.home is Home.OUTPUT and wanted[known.place]) or known.home is Home.CARRY
    }
    inside |= {x.tensor for x in results if x is not None and not isinstance(x, float)}
    if step.switch is not None:
        inside.add(step.switch)
    return replace(step, steps=living(step.steps, inside), results=results)
