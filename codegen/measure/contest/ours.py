"""Proofgrad's own contenders: the interpreter and every target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from autodiff.run.interpret import backpropagate
from codegen.gradient import compile_gradient
from codegen.measure.contest.case import Case, Contender, Prepared, emitted_size, flat_numbers

__all__ = ["OURS", "read_pair"]


def read_pair(result: tuple[SupportsFloat, object]) -> tuple[float, Sequence[float]]:
    """``(value, gradient)`` as a number and a flat list."""
    value, gradient = result
    return float(value), flat_numbers(gradient)


def _interpreter(case: Case) -> Prepared:
    graph, arguments = case.graph, case.arguments
    return Prepared(lambda: backpropagate(graph, *arguments), read_pair)


def _python(case: Case) -> Prepared:
    compiled = compile_gradient(case.graph)
    return Prepared((compiled, *case.arguments), read_pair, emitted_size(compiled.loaded.module))


def _native(case: Case) -> Prepared:
    compiled = compile_gradient(case.graph, target="native")
    return Prepared((compiled, *case.arguments), read_pair, len(compiled.llvm))


def _native_bound(case: Case) -> Prepared:
    """Bound to one array: a call without arguments."""
    compiled = compile_gradient(case.flat, target="native")
    out = np.empty(len(case.inputs))
    call = compiled.bind(case.vector, out=out)
    return Prepared(call, lambda value: (value, out.tolist()), len(compiled.llvm))


def _batched(case: Case, target: str) -> Prepared:
    compiled = compile_gradient(case.graph, target=target, batch=True)
    columns = case.columns
    return Prepared((compiled, *columns), lambda result: _first_point(case, result))


def _first_point(case: Case, result: tuple[ArrayLike, Any]) -> tuple[float, Sequence[float]]:
    """Sum over all points, so that each one counts in the comparison."""
    values, gradient = result
    parts = gradient if len(case.graph.parameters) > 1 else (gradient,)
    sums = [np.asarray(part).sum(axis=0).reshape(-1) for part in parts]
    return float(np.sum(values)), np.concatenate(sums).tolist()


OURS = (
    Contender("interpreter", "", _interpreter, ours=True),
    Contender("emitted Python", "", _python, ours=True),
    Contender("emitted NumPy", "", None, lambda case: _batched(case, "numpy"), ours=True),
    Contender("native", "llvmlite", _native, lambda case: _batched(case, "native"), ours=True),
    Contender("native, bound", "llvmlite", _native_bound, ours=True, bound=True),
)
