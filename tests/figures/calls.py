"""Figures of a call of any structure: ``python -m tests.figures.calls [python] [native]``.

Fourteen numbers as every kind of argument, against the bare emitted function (Python) and the bound
callable (native); ``out=``, keywords, and a batch of one point.  One core, the fastest of many
short rounds, by the clock of the thread: a machine that others use disturbs the fewest of these.
"""

from __future__ import annotations

import os
import sys
import time
import timeit
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autodiff as ad
from codegen import compile_gradient
from codegen.load.often import OFTEN

COUNT = 14
ROUNDS = 31
NUMBERS = [0.1 + 0.07 * k for k in range(COUNT)]
FLAT = np.array(NUMBERS)
Pair = namedtuple("Pair", "first rest")  # what users have


@dataclass
class Model:
    """Parameters as users keep them."""

    weights: Any
    bias: Any


def formula(x: Any) -> Any:
    """Fourteen numbers, a few operations each."""
    total: Any = 0.0
    for k in range(COUNT - 1):
        total = total + x[k] * ad.sin(x[k + 1]) - x[k] * x[k]
    return total


def chained(*parts: Any) -> Any:
    """The same, of parts in a row."""
    return formula([number for part in parts for number in part])


def _named(a: Any, b: Any) -> Any:
    return chained(a, b)


Case = tuple[str, Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]  # name, f, example, call
HALVES = FLAT[:7], FLAT[7:]
CASES: list[Case] = [
    ("ndarray", formula, (FLAT,), (FLAT,)),
    ("strided array", formula, (FLAT,), (np.repeat(FLAT, 2)[::2],)),
    ("float32 array", formula, (FLAT,), (FLAT.astype(np.float32),)),
    ("list for an array", formula, (FLAT,), (NUMBERS,)),
    ("ints for an array", formula, (FLAT,), (np.arange(COUNT),)),
    ("two arrays", _named, HALVES, HALVES),
    ("matrix 2 x 7", lambda x: chained(x[0], x[1]), (FLAT.reshape(2, 7),), (FLAT.reshape(2, 7),)),
    ("14 floats", lambda *x: formula(x), tuple(NUMBERS), tuple(NUMBERS)),
    ("14 0-d arrays", lambda *x: formula(x), tuple(NUMBERS), tuple(map(np.array, NUMBERS))),
    ("14 float64 scalars", lambda *x: formula(x), tuple(NUMBERS), tuple(FLAT)),
    ("14 float32 scalars", lambda *x: formula(x), tuple(NUMBERS), tuple(FLAT.astype(np.float32))),
    ("14 ints", lambda *x: formula(x), tuple(NUMBERS), tuple(range(COUNT))),
    ("list of floats", formula, (NUMBERS,), (NUMBERS,)),
    ("tuple of floats", formula, (tuple(NUMBERS),), (tuple(NUMBERS),)),
    ("list of two lists", lambda x: chained(*x), ([NUMBERS[:7], NUMBERS[7:]],),
     ([NUMBERS[:7], NUMBERS[7:]],)),
    ("dict of floats", lambda x: formula(list(x.values())),
     ({f"x{k}": v for k, v in enumerate(NUMBERS)},),
     ({f"x{k}": v for k, v in enumerate(NUMBERS)},)),
    ("dict of arrays", lambda p: chained(p["w"], p["b"]),
     ({"w": HALVES[0], "b": HALVES[1]},), ({"w": HALVES[0], "b": HALVES[1]},)),
    ("dict of float32 arrays", lambda p: chained(p["w"], p["b"]),
     ({"w": HALVES[0], "b": HALVES[1]},),
     ({"w": HALVES[0].astype(np.float32), "b": HALVES[1].astype(np.float32)},)),
    ("float and list", lambda a, b: chained([a], b), (NUMBERS[0], NUMBERS[1:]),
     (NUMBERS[0], NUMBERS[1:])),
    ("dataclass", lambda m: chained(m.weights, [m.bias]), (Model(FLAT[:13], 0.5),),
     (Model(FLAT[:13], 0.5),)),
    ("named tuple", lambda p: chained([p.first], p.rest), (Pair(0.5, FLAT[1:]),),
     (Pair(0.5, FLAT[1:]),)),
    ("list of dicts", lambda x: chained(*[[v["a"], *v["b"]] for v in x]),
     ([{"a": 0.5, "b": HALVES[0][1:]}, {"a": 0.5, "b": HALVES[1][1:]}],),
     ([{"a": 0.5, "b": HALVES[0][1:]}, {"a": 0.5, "b": HALVES[1][1:]}],)),
]  # fmt: skip


def fastest(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Nanoseconds of each, the fastest of many interleaved rounds."""
    for call in calls.values():
        for _ in range(OFTEN + 1):  # from then on machine code takes arguments apart
            call()
    timers = {name: timeit.Timer(call, timer=time.thread_time) for name, call in calls.items()}
    found = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, watch in timers.items():
            found[name] = min(found[name], watch.timeit(1000) / 1000 * 1e9)
    return found


def calling(function: Callable[..., object], args: tuple[Any, ...], **named: Any) -> Any:
    """A call without arguments, written as a user would."""
    scope = {f"x{k}": x for k, x in enumerate(args)} | {
        f"n{k}": x for k, x in enumerate(named.values())
    }
    given = [f"x{k}" for k in range(len(args))] + [f"{n}=n{k}" for k, n in enumerate(named)]
    scope["f"] = function
    return eval(f"lambda f=f, {', '.join(f'{k}={k}' for k in scope if k != 'f')}: "
                f"f({', '.join(given)})", scope)  # fmt: skip


def flat(args: tuple[Any, ...], example: tuple[Any, ...], df: Any) -> tuple[Any, ...]:
    """What the bare emitted function takes for ``example``."""
    from codegen.call.arguments import pack

    return tuple(pack(df.frame, example))


def python() -> None:
    """Calls of the Python target, against the function that they run."""
    print("python: µs; bar: the function + 0.3 + 40 ns a leaf")
    for name, function, example, args in CASES:
        df = compile_gradient(function, *example, check=False)
        bare = df.loaded.functions["value_and_gradient"]
        found = fastest({"bare": calling(bare, flat(args, example, df)), "call": calling(df, args)})
        over = found["call"] - found["bare"]
        row(name, found["bare"], found["call"], found["bare"] + 300 + 40 * COUNT, over)


def native() -> None:
    """Calls of the native target, against the callable bound to its arrays."""
    print("native: µs; bar: 0.35 + 25 ns a leaf")
    for name, function, example, args in CASES:
        df = compile_gradient(function, *example, target="native", check=False)
        found = fastest({"call": calling(df, args)})["call"]
        row(name, 0.0, found, 350 + 25 * COUNT, found)
    df = compile_gradient(formula, FLAT, target="native", check=False)
    out = np.empty(COUNT)
    bound = df.bind(FLAT, out=out)
    calls = {"bound": bound, "plain": calling(df, (FLAT,)), "out=": calling(df, (FLAT,), out=out)}
    found = fastest(calls)
    for name, each in found.items():
        row(name, found["bound"], each, found["plain"], each)
    two = compile_gradient(_named, *HALVES, target="native", check=False)
    named = {"keywords": calling(two, (), a=HALVES[0], b=HALVES[1])}
    row("keywords", 0.0, fastest(named)["keywords"], 350 + 25 * COUNT, 0.0)
    batch = compile_gradient(formula, FLAT, target="native", batch=True, check=False)
    one = FLAT.reshape(1, COUNT).copy()
    found = fastest(
        {"bound": batch.bind(one, out=np.empty_like(one)), "one": calling(batch, (one,))}
    )
    row("batch of one point", found["bound"], found["one"], 3000.0, 0.0)
    wide = compile_gradient(
        lambda *x: formula(x), *NUMBERS, target="native", batch=True, check=False
    )
    ones = tuple(np.array([x]) for x in NUMBERS)
    row("batch of one, 14 arrays", 0.0, fastest({"one": calling(wide, ones)})["one"], 3000.0, 0.0)


def row(name: str, bare: float, call: float, bar: float, over: float) -> None:
    """One line of the table."""
    verdict = "" if call <= bar else "  over the bar"
    print(f"{name:24} {bare / 1e3:8.3f} {call / 1e3:8.3f} {bar / 1e3:8.3f}{verdict}", flush=True)


def main(wanted: list[str]) -> None:
    """Print the tables that are asked for, or all."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for table in (python, native):
        if not wanted or table.__name__ in wanted:
            table()


if __name__ == "__main__":
    main(sys.argv[1:])
