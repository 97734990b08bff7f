"""Mutants of whole arrays by the hundred: emitted texts, loops, and gradients written by hand.

``python -m tests.figures.array_mutation [mutants per function [by hand]]`` prints a table, and ends
with 1 if a mutant that doubles tell from the gradient is not refuted.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterable

from autodiff.errors import ArgumentError
from tests.adversary.arrays_by_hand import GRADIENTS, ByHand, as_function
from tests.array_functions import ARRAYS, LOOPS
from tests.verify.mutated_arrays import Judged, differs, judged, points_around
from verify import Report, Verdict
from verify.answer.report import Entry
from verify.beside.array_mutants import array_mutants
from verify.ladder.ladder import examine, subject_and_points

PER_FUNCTION, BY_HAND = 60, 15


def of_hand(one: ByHand, count: int) -> Iterable[Judged]:
    """Mutants of a gradient written by hand, each verified as the callable that it is."""
    (function, arguments), text = one
    points, right = points_around(arguments), as_function(text)
    for mutant in array_mutants(text, count):
        wrong = as_function(mutant.text)
        try:
            found = examine(*subject_and_points(function, arguments, wrong), one_is_enough=True)
        except ArgumentError as error:  # it returns something else, or raises
            entry = Entry("", Verdict.REFUTED, "refused", note=str(error))
            found = Report(function.__name__, "gradient", (entry,))
        yield Judged(mutant, found, differs(right, wrong, points))


def row(name: str, found: Iterable[Judged]) -> tuple[int, int, list[str]]:
    """Print what became of the mutants of one function: how many, how many wrong, alarms."""
    start, every = time.perf_counter(), list(found)
    wrong = [each for each in every if each.wrong]
    refuted = sum(not each.escaped for each in wrong)
    alarms = [
        f"{name}: line {each.mutant.line}: {each.mutant.kind}: {each.mutant.change}: "
        f"{each.report.verdict} though {'wrong' if each.wrong else 'doubles see no difference'}"
        for each in every
        if each.escaped or each.accused
    ]
    seconds = time.perf_counter() - start
    print(f"{name:<28}{len(every):>8}{len(wrong):>8}{refuted:>9}{seconds:>8.1f} s", flush=True)
    return len(every), len(wrong), alarms


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    given = [int(x) for x in sys.argv[1:]]
    count, hand = (*given, *(PER_FUNCTION, BY_HAND)[len(given) :])[:2]
    print(f"{'':<28}{'mutants':>8}{'wrong':>8}{'refuted':>9}")
    rows = [row(each[0].__name__, judged(each, count)) for each in ARRAYS + LOOPS]
    rows += [row(f"{e.example[0].__name__} by hand", of_hand(e, hand)) for e in GRADIENTS if hand]
    mutants, wrong = (sum(each[i] for each in rows) for i in (0, 1))
    alarms = [alarm for *_, some in rows for alarm in some]
    print(f"{mutants} mutants, {wrong} wrong", *alarms, sep="\n")
    print(f"{len(alarms)} false verdicts")
    sys.exit(bool(alarms))


if __name__ == "__main__":
    main()
