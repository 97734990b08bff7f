"""Derivatives of whole arrays where switches tie or a slope is infinite.

The pieces that meet settle them, over arrays.  Where these cannot tell, the graph is written out in
scalars, once, and its interpreter settles the derivative; what has too many scalars keeps the
conventions of its rows.  Such points are rare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Sparse, Structure, leaf_parts
from autodiff.graph.tree.tree import tree_of
from autodiff.run.interpret import backpropagate, evaluate
from autodiff.run.whole.array_ties import has_infinite_slopes, tied_graph
from autodiff.run.whole.scalarize import scalarize
from codegen.call.derivative import Derivative
from codegen.call.results.refused import refusal
from codegen.call.runner import Call
from codegen.call.whole.array_derivative import ArrayDerivative
from codegen.language.numpy.in_floats import called
from codegen.load.array_loading import ArrayLoaded
from codegen.load.load import load
from codegen.text.whole.array_module import ArrayModule
from codegen.text.whole.array_writer import index_inputs

__all__ = ["AtTies", "ties_of"]


class AtTies:
    """What is asked after every call.

    Args:
        derivative: What is compiled.
    """

    def __init__(self, derivative: ArrayDerivative) -> None:
        self._derivative = derivative
        self._tied = tied_graph(derivative.graph, derivative.kind.twice, derivative.moving)
        self._slopes = has_infinite_slopes(derivative.graph)

    @property
    def needed(self) -> bool:
        """False if no call needs to ask."""
        return self._tied is not None or self._slopes

    @cached_property
    def _ties(self) -> Call | None:
        """What counts the elements that tie; None if none can."""
        if self._tied is None:
            return None
        module = self._derivative.module_of(self._tied, "ties")
        loaded = ArrayLoaded(module) if isinstance(module, ArrayModule) else load(module, _wrong)
        return loaded.functions["ties"]

    @cached_property
    def _sides(self) -> Call | None:
        """What gives the results on the pieces that meet: the text that files hold, too."""
        sides = self._derivative.sides
        if sides is None:
            return None
        return ArrayLoaded(self._derivative.module_of(sides, "sides")).functions["sides"]

    def _with_places(self, parts: Sequence[object]) -> list[object]:
        """Arguments with whole numbers where they are places."""
        found = list(parts)
        for i in self._places:
            found[i] = np.asarray(found[i]).astype(np.intp, copy=False)
        return found

    @cached_property
    def _places(self) -> frozenset[int]:
        """Inputs that are places; a call bound to memory finds floats there."""
        return index_inputs(self._derivative.graph)

    @cached_property
    def _scalars(self) -> Graph | None:
        """The derivatives of the function written out in scalars; None if these are too many."""
        derivative = self._derivative
        try:
            scalars = scalarize(derivative.graph)
        except UnsupportedError:
            return None
        if derivative.kind.in_halves:
            return scalars
        return replace(derivative.kind, drop_zeros=False).whole(scalars, derivative.wrt)

    def settled(
        self, parts: Sequence[object], items: Sequence[Any], args: Sequence[object]
    ) -> list[Any] | None:
        """The settled result, in its scalars and arrays; None where ``items`` may stand.

        Args:
            parts: The scalars and arrays of the arguments.
            items: What the emitted function gave.
            args: The arguments.
        """
        with np.errstate(all="ignore"):
            lost = self._slopes and not all(np.all(np.isfinite(x)) for x in items)
            if not lost and not self._tie(parts):
                return None
        return self.settle(parts, items, args)

    def settle(
        self, parts: Sequence[object], items: Sequence[object], args: Sequence[object]
    ) -> list[object] | None:
        """As ``settled``, where it is known that switches tie or a slope is infinite."""
        derivative = self._derivative
        if refusal(derivative.graph, args) is not None:
            return None  # there is no result
        if self._sides is not None:
            whole: list[object]
            *whole, lost = called(self._sides, self._with_places(parts))
            if not lost > 0.0:
                return whole
        scalars = self._scalars
        if scalars is None:
            return None
        if derivative.kind.in_halves:
            bars = backpropagate(scalars, *args, wrt=derivative.wrt)[1]
            return [items[0], *tree_of(derivative.mirror).numbers(bars)]
        found = tree_of(scalars.result).numbers(evaluate(scalars, *args))
        own = [part for _, part in leaf_parts("", scalars.result)]
        return [_kept(*each) for each in zip(found, own, self._structures, strict=True)]

    def _tie(self, parts: Sequence[object]) -> bool:
        """True if switches tie at the function's own arguments; directions come behind them."""
        own = self._with_places(parts[: self._derivative.graph.inputs.count])
        return self._ties is not None and bool(called(self._ties, own) > 0.0)

    @cached_property
    def _structures(self) -> list[Structure]:
        return [part for _, part in leaf_parts("", self._derivative.result)]


def _kept(part: object, own: Structure, wanted: Structure) -> object:
    """A part of the result; of a sparse matrix the entries that a call gives."""
    if not (isinstance(own, Sparse) and isinstance(wanted, Sparse)):
        return part
    has, keeps = own.pattern.keys, wanted.pattern.keys
    entries = np.zeros(len(keeps))
    entries[np.isin(keeps, has)] = np.asarray(part)[np.isin(has, keeps)]
    return entries


def ties_of(derivative: Derivative) -> AtTies | None:
    """What settles derivatives of arrays, if any call needs to ask."""
    assert isinstance(derivative, ArrayDerivative)
    found = AtTies(derivative) if derivative.kind.what else None
    return found if found is not None and found.needed else None


def _wrong(name: str, arguments: tuple[object, ...]) -> object:
    """Arguments that are no numbers were refused before anybody asks for ties."""
    raise TypeError(f"{name}: {arguments!r}")
