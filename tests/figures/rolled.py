"""Figures of loops: ``python -m tests.figures.rolled [COUNT [SEED]]``.

Random programs with loops (one or two inside each other, over data, indices and what was before,
with branches, vectors and arrays that are filled) are traced unrolled, rolled from the unrolled
trace, and recorded as loops.  All three have to agree in value and gradient, and so has what the
two with loops are when they are expanded again.
"""

from __future__ import annotations

import linecache
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.parted import parted
from autodiff.run.roll.rolled import roll
from autodiff.run.whole.scalarize import scalarize
from autodiff.trace.trace import trace_loops, trace_repeating

_DATA = np.sin(np.arange(200.0))
_UNARY = ("np.sin({})", "np.tanh({})", "0.5 * {}", "np.exp(-{} * {})", "np.sqrt({} * {} + 1.0)")
_BINARY = (
    "{} + {}", "{} - 0.5 * {}", "0.3 * {} * {}", "{} / (1.5 + {} ** 2)",
    "np.where({} > 0.1, {}, 0.7)",
)  # fmt: skip
_TIGHT, _LOOSE = 1e-10, 1e-7


def source(draw: random.Random) -> str:
    """A random program."""
    count = draw.randint(1, 3)
    length = draw.choice([12, 13, 17, 24])
    lines = ["def f(p):", f"    y = np.zeros({length + 2})", "    total = 0.0"]
    lines += [
        f"    c{k} = p[{k % 3}] * {draw.choice(['1.0', '0.5', '-0.8'])}" for k in range(count)
    ]
    names = [f"c{k}" for k in range(count)] + ["p[0]", "p[1]", "x"]
    lines.append(f"    for i in range({length}):")
    lines.append(f"        x = D[{draw.choice(['i', '2 * i', 'i + 3', '50 - i'])}]")
    if draw.random() < 0.3:
        lines.append("        x = x * (0.1 * i)")
    for k in range(draw.randint(1, 5)):
        lines.append(f"        t{k} = {_expression(draw, names)}")
        names.append(f"t{k}")
    if draw.random() < 0.3:
        lines += _inner(draw, names)
    if draw.random() < 0.3:
        lines += [
            f"        if {draw.choice(names)} > 0.2:",
            f"            c0 = 0.9 * {draw.choice(names)}",
        ]
        lines += ["        else:", f"            c0 = c0 * 0.8 + 0.1 * {draw.choice(names)}"]
    if draw.random() < 0.4:
        lines.append(f"        y[i + {draw.randint(0, 2)}] = {draw.choice(names)}")
    elif draw.random() < 0.4:
        lines.append(f"        y[i + 1] = 0.5 * y[i] + {draw.choice(names)}")
    if draw.random() < 0.2:
        lines += ["        if total > 2.0:", "            break"]
    after = [f"0.6 * {draw.choice(names)} + 0.3 * c{k}" for k in range(count)]
    lines.append(f"        {', '.join(f'c{k}' for k in range(count))} = {', '.join(after)}")
    lines.append(f"        total = total {draw.choice('+-')} {draw.choice(names)}")
    ends = " + ".join(f"c{k} * {k + 1}.0" for k in range(count))
    return "\n".join([*lines, f"    return total + {ends} + np.sum(y * y)", ""])


def _expression(draw: random.Random, names: list[str]) -> str:
    form = draw.choice(_UNARY + _BINARY)
    if form in _UNARY:
        one = draw.choice(names)
        return form.format(*[one] * form.count("{}"))
    return form.format(draw.choice(names), draw.choice(names))


def _inner(draw: random.Random, names: list[str]) -> list[str]:
    """A loop in the loop."""
    one, other = draw.choice(names), draw.choice(names)
    names.append("s")
    return [
        "        s = 0.0",
        f"        for j in range({draw.choice([3, 12, 14])}):",
        f"            s = 0.7 * s + np.sin({one}) * D[j] + 0.05 * {other}",
    ]


def programs(count: int, seed: int) -> Any:
    """Random programs, with their texts; they stand in files, as what is recorded has to."""
    draw = random.Random(seed)
    for number in range(count):
        text = source(draw)
        name = f"<program {seed} {number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        space: dict[str, Any] = {"np": np, "D": _DATA}
        exec(compile(text, name, "exec"), space)
        yield text, space["f"]
        del linecache.cache[name]


def forms(function: Callable[[Any], Any], point: Any) -> dict[str, Graph]:
    """The graphs of a program that have loops, and these expanded."""
    made: dict[str, Graph] = {}
    rolled = roll(trace_repeating(function, point)) if not _branches(function, point) else None
    if rolled is not None:
        made["rolled"] = rolled
    recorded = trace_loops(20_000, function, point)
    if recorded is not None and loops_of(recorded):
        made["recorded"], made["parted"] = recorded, parted(recorded)
    return made | {f"{name} expanded": scalarize(one) for name, one in made.items()}


def _branches(function: Callable[[Any], Any], point: Any) -> bool:
    return bool(ad.trace(function, point).origins.conditions)  # type: ignore[union-attr]


def agree(one: Graph, other: Graph, point: Any) -> bool:
    """True if value and gradient are the same but for rounding."""
    value, expected = ad.evaluate(one, point), ad.evaluate(other, point)
    slope, slopes = (ad.evaluate(ad.gradient(g), point) for g in (one, other))
    return bool(
        np.allclose(value, expected, rtol=_TIGHT, atol=_TIGHT, equal_nan=True)
        and np.allclose(slope, slopes, rtol=_LOOSE, atol=_LOOSE, equal_nan=True)
    )


def main(count: int, seed: int) -> int:
    """Print what was counted; the programs that differ are printed as they are."""
    seen: Counter[str] = Counter()
    wrong, start = 0, time.perf_counter()
    points = [np.array([0.6, -0.3, 0.4]), np.array([-0.2, 0.5, 0.9])]
    for text, function in programs(count, seed):
        straight = ad.trace(function, points[0])
        for name, graph in forms(function, points[0]).items():
            seen[name] += 1
            if not all(agree(graph, straight, point) for point in points):
                wrong += 1
                print(f"{name} differs:\n{text}")
    shown = ", ".join(f"{name} {number}" for name, number in sorted(seen.items()))
    print(f"{count} programs in {time.perf_counter() - start:.0f} s: {shown}; {wrong} differ")
    return wrong


if __name__ == "__main__":
    given = [int(x) for x in sys.argv[1:]]
    sys.exit(main(*(given + [200, 0][len(given) :])) > 0)
