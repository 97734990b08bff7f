"""Figures of saved files and of the cache: ``python -m tests.figures.files``.

A saved module is called as it is, the compiled callable beside it in turns; the cache is read by
new processes.
"""

from __future__ import annotations

import json
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codegen import compile_gradient
from tests.examples_by_path import example
from tests.modules_by_path import module_at

ROUNDS, CALLS = 31, 4000
STATEMENTS = 100_000

SCRIPT = """
import sys, time, json
import autodiff as ad
from codegen import compile_gradient
COUNT = int(sys.argv[2])
def f(x, y):
    for _ in range(COUNT):
        x, y = x * 0.5 + ad.sin(y), y * 0.25 + x / 3.0
    return x + y
start = time.perf_counter()
df = compile_gradient(f, 0.3, 0.4, cache=sys.argv[1])
seconds = time.perf_counter() - start
print(json.dumps([type(df).__name__, seconds, df.loaded.module.statements, str(df(0.3, 0.4))]))
"""


def main() -> None:
    """Print the table."""
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        df = compile_gradient(example("black_scholes").price)
        module = _saved(df, Path(folder))
        rows.append(_bits(df, module))
        rows += _times(df, module)
        rows.append(_cache(Path(folder)))
    for what, bar, measured in rows:
        print(f"{what:62} | {bar:12} | {measured}")


def _saved(df: Any, folder: Path) -> Callable[..., Any]:
    path = folder / "black_scholes_grad.py"
    df.save(path)
    module = module_at(path)
    function: Callable[..., Any] = module.value_and_gradient
    return function


def _bits(df: Any, module: Callable[..., Any]) -> tuple[str, str, str]:
    special = (0.0, -0.0, 1.0, 110.0, -1.0, 1e308, float("inf"), float("nan"))
    points = [
        (s, k, t, 0.03, v) for s in special for k in special for t in special for v in special
    ]
    differing = sum(_packed(df(*p)) != _packed(module(*p)) for p in points)
    what = f"saved module against callable: {len(points)} special points that differ"
    return what, "0", str(differing)


def _packed(result: Any) -> bytes:
    value, gradient = result
    return b"".join(b"nan" if x != x else struct.pack("<d", x) for x in (value, *gradient))


def _times(df: Any, module: Callable[..., Any]) -> list[tuple[str, str, str]]:
    rows = []
    for what, at in (
        ("", (100.0, 110.0, 1.3, 0.03, 0.25)),
        (", poles", (0.0, 110.0, 1.3, 0.03, 0.25)),
    ):
        seconds: dict[str, list[float]] = {"df": [], "module": []}
        for _ in range(ROUNDS):
            for name, function in (("df", df), ("module", module)):
                start = time.perf_counter()
                for _ in range(CALLS):
                    function(*at)
                seconds[name].append((time.perf_counter() - start) / CALLS)
        ours, saved = (statistics.median(seconds[name]) for name in ("df", "module"))
        ratio = statistics.median(
            m / d for m, d in zip(seconds["module"], seconds["df"], strict=True)
        )
        measured = f"{ratio:.3f}  ({saved * 1e9:.0f} ns, {ours * 1e9:.0f} ns)"
        rows.append((f"saved module / callable, Black-Scholes{what}", "<= 1.05", measured))
    return rows


def _cache(folder: Path) -> tuple[str, str, str]:
    runs = []
    for _ in range(4):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(folder / "cache"), str(STATEMENTS // 4)],
            env=os.environ | {"PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            check=True,
        )
        runs.append(json.loads(done.stdout))
    (_, compiled, statements, expected), *hits = runs
    assert all(hit[0] == "CachedGradient" and hit[3] == expected for hit in hits)
    loaded = statistics.median(hit[1] for hit in hits)
    measured = f"1/{compiled / loaded:.0f}  ({loaded:.3f} s, {compiled:.2f} s)"
    return f"cached load / compile, {statements} statements, new process", "<= 1/10", measured


if __name__ == "__main__":
    main()
