"""Repetitions that do nothing, and loops that are done: what of a turn has to run.

A repetition that is switched by a condition (``autodiff/graph/loops/ending.py``) leaves its carries
as they are and stacks zeros where that does not hold.  What leads to the condition runs first, then
the rest where it holds.  Where the condition depends on nothing but carries, the loop is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from autodiff.table.primitive import REGISTRY
from codegen.nests.living import living, reads_of, targets_of
from codegen.nests.lower.loop_statement import Access, Home, Operand, Repeat, Statement, Step

__all__ = ["Ending", "ending"]

_WHERE = REGISTRY["where"]


class Ending(NamedTuple):
    """A loop whose repetitions may do nothing.

    Args:
        condition: The tensor of the condition.
        before: The steps that lead to it.
        after: The other ones, where it holds.
        done: True if nothing is left to do once it does not hold.
        stacks: The results that are stacked: zero before the loop.
    """

    condition: int
    before: list[Step]
    after: list[Step]
    done: bool
    stacks: list[int]


def ending(step: Repeat) -> Ending | None:
    """How repetitions of a loop end early; None if all do everything."""
    if step.switch is None and _changes_in_place(step):
        return None
    made, stacks = _results(step)
    choices = {k: one for k, one in made.items() if one is not None and _keeps(step, k, one)}
    if step.switch is None:
        test = _found_test(step, made, choices, stacks)
        if test is None:
            return None
    else:
        test = step.switch
        choices = {k: one for k, one in choices.items() if _test(one) == test}
    before = living(step.steps, {test})
    taken = {tensor for one in before for tensor in targets_of(one)}
    after: list[Step] = []
    for one in step.steps:
        if any(one is choice for choice in choices.values()):
            assert isinstance(one, Statement)
            after.append(replace(one, primitive=None, operands=one.operands[1:2]))
        elif taken.isdisjoint(targets_of(one)):
            after.append(one)
    streams = {t for t, known in enumerate(step.own) if known.home is Home.STREAM}
    done = test not in streams and all(streams.isdisjoint(reads_of(one)) for one in before)
    return Ending(test, before, after, done, stacks)


def _results(step: Repeat) -> tuple[dict[int, Statement | None], list[int]]:
    """What gives each result that a turn has to give, and those that are stacked."""
    carries = len(step.begins)
    wanted = [k for k in range(len(step.results)) if k >= carries or _changes(step, k)]
    stacks = [k for k in wanted if k >= carries and _is_stored(step, k)]
    return {k: _writer(step, k) for k in wanted if k < carries or k in stacks}, stacks


def _found_test(
    step: Repeat,
    made: Mapping[int, Statement | None],
    choices: Mapping[int, Statement],
    stacks: Sequence[int],
) -> int | None:
    """The one comparison by which all results are kept; None if there is no such."""
    tests = {_test(one) for one in choices.values()}
    test = tests.pop() if len(tests) == 1 else None
    if test is None or not _is_truth(step, test):
        return None
    if any(k not in choices and not (k in stacks and _is(step, k, test)) for k in made):
        return None
    return test


def _changes_in_place(step: Repeat) -> bool:
    """True if a carry is written where it lies, which is done in every turn."""
    return any(step.own[t].home is Home.CARRY for one in step.steps for t in targets_of(one))


def _changes(step: Repeat, k: int) -> bool:
    result, carry = step.results[k], _tensor(step, Home.CARRY, k)
    if result is not None:
        return isinstance(result, float) or result.tensor != carry
    return _tensor(step, Home.OUTPUT, k) >= 0


def _is_stored(step: Repeat, k: int) -> bool:
    """True for what is stacked and wanted."""
    output = _tensor(step, Home.OUTPUT, k)
    return step.results[k] is not None or any(output in targets_of(one) for one in step.steps)


def _tensor(step: Repeat, home: Home, k: int) -> int:
    places = (t for t, known in enumerate(step.own) if (known.home, known.place) == (home, k))
    return next(places, -1)


def _result(step: Repeat, k: int) -> int:
    """The tensor of a result; -1 for a number that is known."""
    result = step.results[k]
    if isinstance(result, float):
        return -1
    return _tensor(step, Home.OUTPUT, k) if result is None else result.tensor


def _is(step: Repeat, k: int, tensor: int) -> bool:
    return _result(step, k) == tensor


def _writer(step: Repeat, k: int) -> Statement | None:
    """The one statement that gives a result."""
    tensor = _result(step, k)
    found = [s for s in step.steps if isinstance(s, Statement) and s.target.tensor == tensor]
    return found[0] if len(found) == 1 else None


def _keeps(step: Repeat, k: int, choice: Statement) -> bool:
    """True if a statement keeps a carry on one side, or stacks zero there."""
    if choice.primitive is not _WHERE or choice.fold is not None:
        return False
    kept, carry = choice.operands[2], _tensor(step, Home.CARRY, k)
    if _reads(step.steps, choice.target.tensor):
        return False
    if k >= len(step.begins):
        return kept == 0.0
    if isinstance(kept, float) or kept.pick is not None or kept.tensor != carry:
        return False
    return (kept.strides, kept.offset) == (choice.target.strides, choice.target.offset)


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
