"""Mutants by the hundred: what the verifier refutes, and what finite differences let pass.

    python -m tests.figures.mutation [mutants per function]

The finite-difference tests get the true function and the wrong gradient, at the example, as such
tests do.  A criterion that rejects even the true gradient there is left out for that function.
"""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autodiff.table.primitive import REGISTRY, Primitive
from codegen import compile_gradient
from tests.figures.differences import CRITERIA
from tests.verify.mutated import FUNCTIONS, points
from tests.verify.rule_mutants import disagree, mutated_rules, recorded_rule, with_rule
from tests.verify.run_text import differs, run_text
from verify import Verdict, mutate, prove_rule

PER_FUNCTION = 70
PER_RULE = 6


@dataclass
class Row:
    """What became of the mutants of one function."""

    name: str
    mutants: int = 0
    wrong: int = 0
    refuted: int = 0
    equal: int = 0  # proven to change nothing
    unseen: int = 0  # not refuted, not proven equal, and no difference seen by floats either
    gradients: int = 0  # refuted ones whose gradient, not only the value, is wrong for doubles
    passed: Counter[str] = field(default_factory=Counter)  # of these, what a criterion lets pass
    seconds: float = 0.0
    alarms: list[str] = field(default_factory=list)


def packed(examples: Sequence[Any]) -> tuple[list[float], Callable[[Sequence[float]], list[Any]]]:
    """The example as one list of floats, and the way back to an emitted function's arguments."""
    sizes = [np.size(e) if np.ndim(e) else None for e in examples]
    flat = [float(x) for e in examples for x in np.ravel(e)]

    def arguments(x: Sequence[float]) -> list[Any]:
        given, start = [], 0
        for size in sizes:
            given.append(x[start] if size is None else list(x[start : start + size]))
            start += size or 1
        return given

    return flat, arguments


def measured(function: Callable[..., Any], examples: tuple[Any, ...], count: int) -> Row:
    """Verify mutants of one function, and give each to the criteria."""
    source = compile_gradient(function, *examples).source
    start = time.perf_counter()
    report = mutate(function, *examples, count=count, seed=5)
    row = Row(function.__name__, len(report.trials), seconds=time.perf_counter() - start)
    row.refuted, row.equal = len(report.refuted), len(report.equal)
    flat, arguments = packed(examples)

    def gradient_of(text: str) -> Callable[[Sequence[float]], list[float]]:
        def gradient(x: Sequence[float]) -> list[float]:
            found = run_text(text, arguments(x))
            return found if len(found) == len(x) + 1 else [math.nan] * (len(x) + 1)

        return gradient

    true = gradient_of(source)
    usable = {
        name: passes
        for name, passes in CRITERIA.items()
        if passes(lambda x: true(x)[0], true, flat)
    }
    somewhere = points(examples)
    for trial in report.trials:
        other = differs(source, trial.mutant.text, somewhere)
        if trial.verdict is not Verdict.REFUTED:
            row.unseen += trial.verdict is not Verdict.PROVED and not other
            if other:
                row.wrong += 1
                row.alarms.append(f"{row.name}: {trial}")
            continue
        row.wrong += 1
        if not trial.visible or all(e.verdict is not Verdict.REFUTED for e in trial.report.entries):
            continue
        row.gradients += 1
        wrong = gradient_of(trial.mutant.text)
        for name, passes in usable.items():
            row.passed[name] += passes(lambda x: true(x)[0], wrong, flat)
    return row


def measured_rules(count: int) -> Row:
    """Verify mutants of the rules themselves."""
    row = Row("rules of the table")
    start = time.perf_counter()
    for primitive in list(REGISTRY.values()):
        for position in range(primitive.arity):
            if position not in primitive.literal and not primitive.literal:
                _rule(row, primitive, position, count)
    row.seconds = time.perf_counter() - start
    return row


def _rule(row: Row, primitive: Primitive, position: int, count: int) -> None:
    if primitive.partials[position] is None or position in primitive.conditions:
        return
    rule = recorded_rule(primitive, position)
    for mutant in mutated_rules(rule, count):
        verdict = prove_rule(with_rule(primitive, position, mutant), position, 3.0).verdict
        other = disagree(rule, mutant, primitive)
        row.mutants += 1
        row.refuted += verdict is Verdict.REFUTED
        row.equal += verdict is Verdict.PROVED and not other
        row.wrong += verdict is Verdict.REFUTED or other
        row.unseen += verdict not in (Verdict.REFUTED, Verdict.PROVED) and not other
        if other and verdict is not Verdict.REFUTED:
            row.alarms.append(f"{primitive.name}, operand {position}: {verdict}\n{mutant}")


def line(row: Row) -> str:
    """A line of the table."""
    passed = "".join(f"{row.passed[name]:>12}" for name in CRITERIA)
    numbers = f"{row.mutants:>8}{row.equal:>8}{row.unseen:>8}{row.wrong:>8}{row.refuted:>9}"
    numbers += f"{row.gradients:>11}"
    return f"{row.name:<20}{numbers}{passed}{row.seconds:>9.1f} s"


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PER_FUNCTION
    heads = "".join(f"{name:>12}" for name in CRITERIA)
    print(
        f"{'':<20}{'mutants':>8}{'equal':>8}{'unseen':>8}{'wrong':>8}{'refuted':>9}{'gradients':>11}{heads}"
    )
    rows = []
    for function, examples in FUNCTIONS:
        rows.append(measured(function, examples, count))
        print(line(rows[-1]), flush=True)
    total = Row("all functions")
    for row in rows:
        for name in ("mutants", "wrong", "refuted", "equal", "unseen", "gradients", "seconds"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.passed += row.passed
    print(line(total))
    share = "".join(
        f"{100 * total.passed[name] / max(1, total.gradients):>10.0f} %" for name in CRITERIA
    )
    print(
        f"{'let pass':<51}{100 * (1 - total.refuted / max(1, total.wrong)):>8.0f} %{'':>11}{share}"
    )
    rules = measured_rules(PER_RULE)
    print(line(rules))
    for alarm in [a for row in (*rows, rules) for a in row.alarms]:
        print("NOT REFUTED", alarm)


if __name__ == "__main__":
    main()
