"""The stable profile: bits lost by value and gradient on FPBench, and special points.

``python -m tests.figures.stable`` prints per function the mean bits lost (Herbie's measure: log2 of
the distance in doubles, plus one, over random doubles of the precondition's domain) of the exact
and of the stable profile, value / mean over the gradient; then how many are better and worse, and
the edge points of edge_cases.json.  A number N: of every Nth function.  ``--domain`` tells the
compile the precondition's intervals.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient
from codegen.stable.measured.measure import bits_lost
from codegen.stable.measured.sample_points import ordinal
from tests.formulas import compiled_from, load
from verify.beside.true_numbers import true_numbers

_POINTS = 256
_LARGEST = 1.7976931348623157e308
_COMPARED = {
    "<": lambda x, y: x < y, "<=": lambda x, y: x <= y, ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}  # fmt: skip
_RING = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
}  # fmt: skip


def number(text: Any, at: dict[str, float]) -> Fraction:
    """The exact value of an expression of a precondition."""
    if isinstance(text, list):
        return _RING[text[0]](*[number(x, at) for x in text[1:]])  # type: ignore[no-untyped-call]
    return Fraction(at[text]) if text in at else Fraction(text)


def holds(pre: Any, at: dict[str, float]) -> bool:
    """True if a precondition holds at a point."""
    if pre is None:
        return True
    if pre[0] == "and":
        return all(holds(part, at) for part in pre[1:])
    values = [number(x, at) for x in pre[1:]]
    if pre[0] == "!=":
        return all(values[0] != x for x in values[1:])
    return all(_COMPARED[pre[0]](x, y) for x, y in pairwise(values))


def intervals(kernel: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """The intervals that a precondition gives its arguments."""
    found = dict.fromkeys(kernel["args"], (-math.inf, math.inf))
    parts = kernel["pre"] or []
    for part in parts[1:] if parts and parts[0] == "and" else [parts]:
        if not part or part[0] not in _COMPARED:
            continue
        for left, right in pairwise(part[1:]):
            small, large = (left, right) if "<" in part[0] else (right, left)
            if isinstance(small, list) or isinstance(large, list):
                continue
            if large in found and small not in found:
                found[large] = max(found[large][0], float(Fraction(small))), found[large][1]
            elif small in found and large not in found:
                found[small] = found[small][0], min(found[small][1], float(Fraction(large)))
    return found


def _drawn(draw: random.Random, low: float, high: float) -> float:
    """A random double of an interval; of a bounded one every other time a uniform number.

    Conditions between arguments hold nearly nowhere else.
    """
    if high - low < 1e300 and draw.random() < 0.5:
        return draw.uniform(low, high)
    return ordinal(draw, low, high)


def points(kernel: dict[str, Any], seed: int = 9) -> Iterator[list[float]]:
    """Random doubles of the domain, without end."""
    draw = random.Random(seed)
    box = intervals(kernel)
    failed = 0
    while True:
        at = {name: _drawn(draw, *box[name]) for name in kernel["args"]}
        failed += 1
        if failed > 2000:  # a thin domain: between points that are known to lie in it
            weight, (a, b) = draw.random(), draw.sample(kernel["points"], 2)
            mixed = [weight * x + (1.0 - weight) * y for x, y in zip(a["x"], b["x"], strict=True)]
            at = dict(zip(kernel["args"], mixed, strict=True))
        if holds(kernel["pre"], at) or failed > 4000:
            failed = 0 if failed <= 2000 else failed
            yield list(at.values())


def measured(kernel: dict[str, Any], with_domain: bool) -> dict[str, Any] | None:
    """Bits lost of the exact and the stable profile, value and each partial derivative."""
    names, example = kernel["args"], kernel["points"][0]["x"]
    setup = [f"{name} = {expr}" for name, expr in kernel["assign"]]
    function = compiled_from(kernel["expr"], names, setup)
    whole = value_and_gradient(ad.trace(function, *example))
    rows: list[list[float]] = []
    true: list[list[float]] = []
    stream = points(kernel)
    for _ in range(12):
        batch = [next(stream) for _ in range(_POINTS)]
        for point, row in zip(batch, true_numbers(whole, batch), strict=True):
            if math.isfinite(row[0]):
                rows.append(point)
                true.append([y if math.isfinite(y) else math.nan for y in row])
        if len(rows) >= _POINTS:
            break
    rows, true = rows[:_POINTS], true[:_POINTS]
    start = time.perf_counter()
    domain = intervals(kernel) if with_domain else None
    stable = compile_gradient(
        function, *example, wrt=names, profile="stable", domain=domain, check=False
    )
    seconds = time.perf_counter() - start
    lost = []
    for df in (compile_gradient(function, *example, wrt=names, check=False), stable):
        found = [[value, *gradient] for value, gradient in (df(*row) for row in rows)]
        columns = zip(zip(*found, strict=True), zip(*true, strict=True), strict=True)
        lost.append([float(np.nanmean(bits_lost(np.array(x), np.array(y)))) for x, y in columns])
    return {"exact": lost[0], "stable": lost[1], "seconds": seconds}


def fpbench(with_domain: bool, step: int = 1) -> None:
    """Print the table and its sums, of every so many functions."""
    better = 0
    worse: list[str] = []
    sums = np.zeros((2, 2))
    seconds = []
    for kernel in load("fpbench/fpbench_golden.json")["functions"][::step]:
        found = measured(kernel, with_domain)
        assert found is not None
        exact, stable = found["exact"], found["stable"]
        pair = [[x[0], float(np.mean(x[1:]))] for x in (exact, stable)]
        sums += np.array(pair)
        seconds.append(found["seconds"])
        better += any(a - b > 0.1 for a, b in zip(exact, stable, strict=True))
        worse += [
            f"{kernel['name']}[{k}] +{b - a:.2f}"
            for k, (a, b) in enumerate(zip(exact, stable, strict=True))
            if b - a > 0.1
        ]
        (a, b), (c, d) = pair
        text = f"value {a:5.2f} -> {c:5.2f} | gradient {b:5.2f} -> {d:5.2f}"
        print(f"{kernel['name'][:40]:40} | {text} | {found['seconds']:.2f} s", flush=True)
    count = len(seconds)
    (a, b), (c, d) = sums / count
    print(f"mean bits lost of {count}: value {a:.2f} -> {c:.2f}, gradient {b:.2f} -> {d:.2f}")
    print(f"better by more than 0.1 bit: {better}; worse: {len(worse)} {', '.join(worse)}")
    print(f"compile, unchecked: median {np.median(seconds):.2f} s, at most {max(seconds):.2f} s")


def main() -> None:
    """Print it all."""
    fpbench("--domain" in sys.argv, next((int(x) for x in sys.argv[1:] if x.isdigit()), 1))


if __name__ == "__main__":
    main()
