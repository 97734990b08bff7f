"""What is known about the Hessians of all formulas of the Feynman and FPBench sets.

Run it: ``python -m tests.figures.hessians [seconds a step]``; one line a set, and each Hessian that
is neither proven nor certified.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tests.formulas import compiled_from, load
from verify import verify_hessian


def formulas() -> Iterator[tuple[str, str, Callable[..., Any], list[float]]]:
    """Set, name, function and point."""
    for equation in load("feynman/feynman_golden.json")["equations"]:
        function = compiled_from(equation["expr"], equation["vars"])
        yield "Feynman", equation["id"], function, equation["points"][0]["x"]
    for kernel in load("fpbench/fpbench_golden.json")["functions"]:
        setup = [f"{name} = {text}" for name, text in kernel["assign"]]
        function = compiled_from(kernel["expr"], kernel["args"], setup)
        yield "FPBench", kernel["name"], function, kernel["points"][0]["x"]


def main() -> None:
    """Verify every Hessian, and count."""
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    counts: dict[str, Counter[str]] = {}
    slowest = 0.0, ""
    for group, name, function, point in formulas():
        start = time.perf_counter()
        report = verify_hessian(function, *point, time_limit=limit)
        slowest = max(slowest, (time.perf_counter() - start, name))
        counts.setdefault(group, Counter())[str(report.verdict)] += 1
        if report.verdict not in ("PROVED", "CERTIFIED"):
            worst = max(report.entries, key=lambda e: list(type(e.verdict)).index(e.verdict))
            print(group, name, report.verdict, worst.input, worst.method, worst.note, flush=True)
    for group, counted in counts.items():
        print(group, dict(counted))
    print(f"slowest: {slowest[1]}, {slowest[0]:.1f} s")


if __name__ == "__main__":
    main()
