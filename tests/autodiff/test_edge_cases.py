from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph, to_c
from tests.c_compiler import compiled, in_c, needs_compiler
from tests.formulas import compiled_from, load, number
from tests.random_graphs import same

_ARRAY_WORDS = ("array", "sum", "prod")
CASES = [
    case
    for case in load("edge_cases.json")["cases"]
    if not any(isinstance(x, list) for x in case["point"])
    and not any(word in " ".join([case["expr"], *case["setup"]]) for word in _ARRAY_WORDS)
]

# A case that gives an allowed value, not the recommended one, with the reason.
ALLOWED = {
    "sinc-by-branch-2nd": "sin(x)/x at x == 0 needs more digits of sin than a step has: the branch",
    "arccos-cos-0": "acos'(1) = -inf meets sin(0) = 0: nan, no silent number",
    "xlogx-at-0": "log(0) + 0 / 0: nan, no silent number; use xlogy",
    "relu-at-0": "maximum(x, constant) is 0 at its tie, as relu: DESIGN.md, section 4",
}
# A case that gives neither, with the reason.
MISSES: dict[str, str] = {}


def as_numbers(values: Any) -> list[float]:
    """One number or several, as floats."""
    return [number(v) for v in (values if isinstance(values, list) else [values])]


def agrees(found: float, wanted: float, rtol: float | None) -> bool:
    """True if a derivative is the wanted one, by the rules of the data file."""
    if math.isnan(wanted):
        return math.isnan(found)
    if rtol is None:
        return abs(found) < 1e-20
    return found == wanted or abs(found - wanted) <= rtol * abs(wanted)


def derivatives(case: dict[str, Any]) -> list[tuple[float, ...]]:
    """The wanted derivative, by the interpreter and by emitted Python."""
    point = case["point"]
    with np.errstate(all="ignore"):
        graph = ad.trace(compiled_from(case["expr"], case["args"], case["setup"]), *point)
    if case["order"] == 1:
        found = [
            ad.backpropagate(graph, *point, wrt=case["args"])[1],
            compile_gradient(graph, wrt=case["args"])(*point)[1],
        ]
    else:
        found = []
    for _ in range(case["order"]):
        graph = ad.gradient(graph)
    return [
        x if isinstance(x, tuple) else (x,)
        for x in (*found, ad.evaluate(graph, *point), compile_graph(graph)(*point))
    ]


def outcome(case: dict[str, Any], found: tuple[float, ...]) -> str:
    """Which of the values the case knows were found."""
    wanted, allowed = as_numbers(case["expected"]), as_numbers(case["allowed"] or [])
    if all(agrees(x, y, case["rtol"]) for x, y in zip(found, wanted, strict=True)):
        return "expected"
    if allowed and all(any(agrees(x, y, case["rtol"]) for y in allowed) for x in found):
        return "allowed"
    return "nan" if any(map(math.isnan, found)) else "wrong"


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_edge_case(case: dict[str, Any]) -> None:
    """The interpreter and emitted Python give the same bits: the expected value, or one allowed."""
    first, *others = derivatives(case)
    for other in others:
        assert same(first, other)
    result = outcome(case, first)
    if case["id"] in MISSES:
        assert result == "nan", "a miss must not be a silent wrong number"
    elif case["id"] in ALLOWED:
        assert result == "allowed"
    else:
        assert result == "expected", first


@needs_compiler
def test_edge_points_in_c(tmp_path: Path) -> None:
    """C99 gives the interpreter's bits at edge points, in one library of every other case."""
    graphs = []
    cases = CASES[::2]
    for number_, case in enumerate(cases):
        with np.errstate(all="ignore"):
            function = compiled_from(case["expr"], case["args"], case["setup"])
            graph = ad.trace(function, *case["point"])
        for _ in range(case["order"] - 1):
            graph = ad.gradient(graph)
        graphs.append(replace(graph, name=f"edge{number_}"))
    sources = [to_c(g, wrt=case["args"]) for g, case in zip(graphs, cases, strict=True)]
    library = compiled(sources, tmp_path)
    for graph, case in zip(graphs, cases, strict=True):
        _, found = in_c(library, graph.name, graph, len(case["args"]))(case["point"])
        expected = ad.backpropagate(graph, *case["point"], wrt=case["args"])[1]
        expected = expected if isinstance(expected, tuple) else (expected,)
        assert all(map(same, expected, found)), case["id"]


def test_score() -> None:
    """All 66 scalar cases are there; 62 give the recommended value, 4 an allowed one, none miss."""
    assert len(CASES) == 66
    results = [outcome(case, derivatives(case)[0]) for case in CASES]
    assert {r: results.count(r) for r in set(results)} == {"expected": 62, "allowed": 4}
