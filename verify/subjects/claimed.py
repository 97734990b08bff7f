"""Derivatives somebody else wrote, as an ``Entire``: a Jacobian, a Hessian, products.

They may come as the structure that ours have, as a matrix with a row per number of the function's
result (of the gradient, for a Hessian), or as a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Structure, size
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import tree_of
from autodiff.run.reverse_plan import Wrt
from codegen import CompiledFunction
from codegen.kind import Kind
from verify.subjects.entire import Entire, compiled_entire
from verify.subjects.foreign.foreign import require_fitting
from verify.subjects.foreign.traced_claims import trace_claim
from verify.subjects.foreign.written_claims import read_claim

__all__ = ["claimed_entire"]

Claimed = str | Callable[..., Any]


@runtime_checkable
class SparseMatrix(Protocol):
    """A matrix of SciPy, or of whoever has the same method."""

    def toarray(self) -> object:
        """The matrix with its zeros."""


def claimed_entire(
    graph: Graph,
    kind: Kind,
    wrt: Wrt,
    claimed: Claimed,
    entry: str = "",
    time_limit: float = 10.0,
    whole: bool = False,
) -> Entire:
    """Derivatives somebody else wrote: source text, or a callable.

    Args:
        graph: The function.
        kind: What they are derivatives of it.
        wrt: Positions or names of the arguments it is differentiated by.
        claimed: The derivatives.
        entry: Which function of a text it is; by default the last one.
        time_limit: Seconds a call of a callable may take.
        whole: True to refuse a text with functions that are no part of it.

    Raises:
        ArgumentError: if it takes or returns something else, or takes too long.
    """
    if isinstance(claimed, CompiledFunction) and claimed.what == kind.what:
        return _ours_of_another(graph, kind, wrt, claimed)
    entire = Entire(graph, kind.noun, kind, wrt)
    who = f"{kind.noun} text" if isinstance(claimed, str) else kind.noun
    leaves = _Numbers(entire, who).leaves
    if isinstance(claimed, str):
        read_claim(entire, entire.frame, leaves, claimed, who, entry, whole)
    elif callable(claimed):
        trace_claim(entire, entire.frame, leaves, claimed, who, time_limit)
    else:
        raise ArgumentError(
            f"{kind.noun}: found {type(claimed).__name__}; expected a callable or source text"
        )
    return entire


def _ours_of_another(graph: Graph, kind: Kind, wrt: Wrt, claimed: CompiledFunction) -> Entire:
    require_fitting(claimed, graph, wrt, kind.noun)
    return replace(compiled_entire(claimed), graph=graph, arrays=None)


class _Numbers:
    """Finds the numbers in what somebody's derivatives return, in the order of our result.

    Args:
        entire: What they are.
        who: How to call them in an error.
    """

    def __init__(self, entire: Entire, who: str) -> None:
        self._who, self._name = who, entire.graph.name
        self._structure = entire.whole.result
        self._order = entire.expected.matrix_order()
        self._shape = entire.expected.matrix_shape()

    def leaves(self, result: object) -> list[object]:
        """The numbers.

        Raises:
            ArgumentError: if there are others.
        """
        if isinstance(result, SparseMatrix):
            return self.leaves(result.toarray())
        own = _flat(self._structure, result)
        if own is None and self._shape is not None:
            rows = _flat(Array(self._shape), result)
            own = None if rows is None else [rows[place] for place in self._order]
        if own is None:
            matrix = "" if self._shape is None else f", or a matrix of {self._shape}"
            raise ArgumentError(
                f"{self._who}: returned {_shown(result)}; expected {self._structure}{matrix}, for "
                f"the arguments of {self._name}"
            )
        return own


def _flat(structure: Structure, value: object) -> list[object] | None:
    try:
        found: Sequence[object] = tree_of(structure).leaves(value)
    except ArgumentError:
        return None
    return list(found) if len(found) == size(structure) else None


def _shown(result: object) -> str:
    try:
        return str(structure_of(result))
    except ArgumentError:
        return type(result).__name__
