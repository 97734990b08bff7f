"""Figures of the emitted text: whose names it has, how wide it is, and what folding gains."""

from __future__ import annotations

import ast
import functools
import re
import statistics
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.trace.trace import trace
from codegen import compile_gradient
from tests.examples_by_path import example

ROUNDS = 31
_OURS = re.compile(r"v\d+(_bar(_\d+)?)?$")


def cases() -> dict[str, tuple[Graph, tuple[Any, ...]]]:
    """The three examples, each with a point."""
    reprojection = example("reprojection")
    camera = [getattr(reprojection, name) for name in ("CAMERA", "POINT", "WEIGHT", "FEATURE")]
    return {
        "Black-Scholes": (trace(example("black_scholes").price), (100.0, 110.0, 1.3, 0.03, 0.25)),
        "reprojection": (trace(reprojection.objective), tuple(camera)),
        "double pendulum": (
            example("double_pendulum").graph, (np.array([0.4, -0.3]), np.array([1.0, 2.0]))),
    }  # fmt: skip


def emitted_names(source: str) -> list[str]:
    """Every name that ``value_and_gradient`` defines: its parameters, and what it assigns."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    function = next(node for node in functions if node.name == "value_and_gradient")
    names = [argument.arg for argument in function.args.args]
    stored = [node for node in ast.walk(function)
              if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]  # fmt: skip
    return list(dict.fromkeys([*names, *(node.id for node in stored)]))


def users(graph: Graph) -> set[str]:
    """The names in the user's code: variables, parameters, functions."""
    assert graph.origins is not None
    labels = {label.base for label in graph.origins.labels.values()}
    return labels | {name for name, _ in graph.parameters}


def is_users(name: str, known: set[str]) -> bool:
    """True for a name of the user's or its cotangent's, whatever index or number is behind it."""
    if _OURS.match(name):  # also where the user has a variable v
        return False
    bare = re.sub(r"(_\d+)+$", "", re.sub(r"(_bar)(_\d+)?$", "", name))
    return any(one in known for one in (name, bare, re.sub(r"_?\d+$", "", bare), bare.rstrip("_")))


def seconds(call: Callable[[], Any]) -> float:
    """Time of one call, in a loop long enough for the clock."""
    count, start = 2000, time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def main() -> None:
    """Print the table."""
    rows: list[tuple[str, str, str]] = []
    for name, (graph, point) in cases().items():
        folded = compile_gradient(graph)
        # Nothing is short enough to be folded: every operation gets a line.
        with mock.patch("codegen.text.write._FOLDED", 0):
            flat = compile_gradient(graph)
        names, known = emitted_names(folded.source), users(graph)
        own = [n for n in names if is_users(n, known)]
        wide = [line for line in folded.source.splitlines() if len(line) > 88]
        # The emitted functions themselves, on the arguments as they take them.
        raw = [d.loaded.functions["value_and_gradient"] for d in (folded, flat)]
        arguments = [x.tolist() if isinstance(x, np.ndarray) else x for x in point]
        ratios = []
        for _ in range(ROUNDS):
            one, other = (seconds(functools.partial(f, *arguments)) for f in raw)
            ratios.append(one / other)
        rows += [
            (f"{name}: names of the user's", ">= 80 %", f"{len(own) / len(names):.0%}"),
            (f"{name}: names like v12", "", f"{sum(map(bool, map(_OURS.fullmatch, names)))}"),
            (f"{name}: lines over 88 columns", "0", str(len(wide))),
            (
                f"{name}: time, of one operation a line",
                "<= 0.85",
                f"{statistics.median(ratios):.2f}",
            ),
        ]
    for what, bar, measured in (("what", "bar", "measured"), *rows):
        print(f"{what:<52}{bar:>10}{measured:>12}")


if __name__ == "__main__":
    main()
