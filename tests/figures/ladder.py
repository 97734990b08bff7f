"""The ladder on real formulas: which verdict each number of a true gradient gets, and by what.

``python -m tests.figures.ladder`` prints how many are proved by which rung, and how many of all
numbers each rung would decide alone.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from codegen import compile_gradient
from tests.formulas import compiled_from, load
from verify import verify_gradient
from verify.induction.compose import lanes_for
from verify.ladder.ladder import subject_and_points
from verify.rungs.process.job import Job


def formulas() -> Iterator[tuple[str, Callable[..., Any], list[float]]]:
    """Name, function and example of each formula."""
    for equation in load("feynman/feynman_golden.json")["equations"]:
        function = compiled_from(equation["expr"], equation["vars"])
        yield f"Feynman {equation['id']}", function, equation["points"][0]["x"]
    for kernel in load("fpbench/fpbench_golden.json")["functions"]:
        setup = [f"{name} = {text}" for name, text in kernel["assign"]]
        function = compiled_from(kernel["expr"], kernel["args"], setup)
        yield f"FPBench {kernel['name']}", function, kernel["points"][0]["x"]


def alone(compiled: Any, point: list[float]) -> Iterator[tuple[str, bool]]:
    """What each rung decides without the others, number by number."""
    subject, points = subject_and_points(compiled, tuple(point))
    job = Job(subject.message(points, 0, False))
    visited = []
    while told := job.point():
        visited.append([*told.point])
    chances, _ = job.identity()
    by_program = job.compose(lanes_for(subject.graph).points, subject.truth.to_json())
    exact = [all(each) for each in zip(*by_program, strict=True)]
    for place in range(len(exact)):
        yield "composition of proven rules", exact[place]
        yield "expressions, sympy.diff", job.prove(place).step is not None
        yield "a prime field, sympy.diff", chances[place] is not None
        balls = [job.enclose(p, place) for p in visited[:2]]
        yield "balls, sympy.diff", any("sympy" in b.by and b.kind == "same" for b in balls)
        yield "balls, Taylor series", any("Taylor" in b.by for b in balls)


def main() -> None:
    """Print the tables."""
    verdicts: Counter[str] = Counter()
    rungs: Counter[tuple[str, bool]] = Counter()
    seconds = 0.0
    for _, function, point in formulas():
        compiled = compile_gradient(function, *point)
        start = time.perf_counter()
        report = verify_gradient(compiled, *point)
        seconds += time.perf_counter() - start
        numbers = [report.value, *report.entries]
        for entry in filter(None, numbers):
            method = re.sub(r"on each of \d+ sides", "on each side", entry.method.split(";")[0])
            verdicts[f"{entry.verdict}: {method}"] += 1
        rungs.update(alone(compiled, point))
    print(f"true gradients of Feynman and FPBench, {seconds:.1f} s in all:")
    for text, count in verdicts.most_common():
        print(f"  {count:4}  {text}")
    print("what each rung alone decides:")
    for rung in dict.fromkeys(rung for rung, _ in rungs):
        decided, left = rungs[rung, True], rungs[rung, False]
        print(f"  {decided:4} of {decided + left}  {rung}")


if __name__ == "__main__":
    main()
