"""Loops that end early: where no repetition changes a carry any more, none has to be run.

A ``while`` loop of the user's is recorded as so many repetitions, each of which keeps its carries
once the condition does not hold.  What it is computed from is the same from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from autodiff.table.primitive import REGISTRY
from codegen.nests.living import living, reads_of, targets_of
from codegen.nests.lower.loop_statement import Access, Home, Operand, Repeat, Statement, Step

__all__ = ["Ending", "ending"]

_WHERE = REGISTRY["where"]


class Ending(NamedTuple):
    """A loop that goes on while a condition holds.

    Args:
        condition: The tensor of the condition.
        before: The steps that lead to it.
        after: The other ones, where it holds.
    """

    condition: int
    before: list[Step]
    after: list[Step]


def ending(step: Repeat) -> Ending | None:
    """How a loop ends early; None if it does not."""
    if len(step.results) > len(step.begins) or step.streams:
        return None  # what is stacked is wanted of every repetition
    choices = [_choice(step, k) for k in range(len(step.begins)) if _changes(step, k)]
    if not choices or None in choices:
        return None
    tests = {_test(choice) for choice in choices if choice is not None}
    (test,) = tests if len(tests) == 1 else (None,)
    if test is None or not _is_truth(step, test):
        return None
    before = living(step.steps, {test})
    taken = {tensor for one in before for tensor in targets_of(one)}
    after: list[Step] = []
    for one in step.steps:
        if any(one is choice for choice in choices):
            assert isinstance(one, Statement)
            after.append(replace(one, primitive=None, operands=one.operands[1:2]))
        elif taken.isdisjoint(targets_of(one)):
            after.append(one)
    return Ending(test, before, after)


def _changes(step: Repeat, k: int) -> bool:
    result, carry = step.results[k], _tensor(step, Home.CARRY, k)
    if result is not None:
        return isinstance(result, float) or result.tensor != carry
    return _tensor(step, Home.OUTPUT, k) >= 0


def _tensor(step: Repeat, home: Home, k: int) -> int:
    places = (t for t, known in enumerate(step.own) if (known.home, known.place) == (home, k))
    return next(places, -1)


def _choice(step: Repeat, k: int) -> Statement | None:
    """The one statement that gives a carry, if that is kept on one side."""
    result = step.results[k]
    if isinstance(result, float):
        return None
    tensor = _tensor(step, Home.OUTPUT, k) if result is None else result.tensor
    found = [s for s in step.steps if isinstance(s, Statement) and s.target.tensor == tensor]
    if len(found) != 1 or found[0].primitive is not _WHERE or found[0].fold is not None:
        return None
    choice, carry = found[0], _tensor(step, Home.CARRY, k)
    kept = choice.operands[2]
    if isinstance(kept, float) or kept.pick is not None or kept.tensor != carry:
        return None
    same = (kept.strides, kept.offset) == (choice.target.strides, choice.target.offset)
    return choice if same and _reads(step.steps, tensor) == 0 else None


def _reads(steps: Sequence[Step], tensor: int) -> int:
    """How many steps read a tensor."""
    return sum(tensor in reads_of(step) for step in steps)


def _test(choice: Statement) -> int | None:
    test: Operand = choice.operands[0]
    return test.tensor if isinstance(test, Access) and test.pick is None else None


def _is_truth(step: Repeat, tensor: int) -> bool:
    """True for a number that one comparison gives."""
    made = [s for s in step.steps if isinstance(s, Statement) and s.target.tensor == tensor]
    known = step.own[tensor]
    return (
        known.home is Home.WORK
        and known.size == known.written == len(made) == 1
        and made[0].primitive is not None
        and made[0].primitive.predicate
    )
