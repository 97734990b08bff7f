"""What is compiled of a function with loops for target "python": its graphs and its texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from autodiff.errors import UnsupportedError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Graph
from autodiff.graph.structure import leaf_parts
from autodiff.run.roll.spread.spreading import spread
from codegen.call.lists.list_passes import list_passes
from codegen.call.whole.array_derivative import ArrayDerivative
from codegen.language.lines import safe_name
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.language.totalled import PYTHON_TOTAL
from codegen.passes.array_passes import array_passes
from codegen.text.function import Function
from codegen.text.lists.list_functions import list_halves, list_result, list_whole
from codegen.text.lists.list_module import LISTS, LISTS_ONCE, in_lists
from codegen.text.module import Module
from codegen.text.parameters import kept_names

__all__ = ["ListDerivative"]


_LONG = 100  # lines from which a text is written once, and not a second time for exceptions


class ListDerivative(ArrayDerivative):
    """A function with loops over numbers and what is compiled of it (as ``Derivative``)."""

    _notes = ()
    _results = "the floats of the result, each array as a list"

    def _passed(self, graph: Graph) -> Graph:
        return list_passes(spread(array_passes(graph), derived=True))

    sides = None  # pieces that meet are settled by its scalars
    behind = None

    @cached_property
    def has_text(self) -> bool:
        """False if something of it cannot be written in numbers and lists."""
        try:
            return bool(self.file.emitted)
        except UnsupportedError:
            return False

    @cached_property
    def main(self) -> Module:  # type: ignore[override]
        """The text of what a call runs."""
        return self.file

    @property
    def saved(self) -> tuple[str, tuple[tuple[str, ArrayConstant], ...]]:
        """Nothing but the text."""
        return "", ()

    @cached_property
    def halves(self) -> Module:  # type: ignore[override]
        """The text of ``forward`` and ``backward``."""
        return self._text(self._halves)

    @cached_property
    def file(self) -> Module:  # type: ignore[override]
        """The emitted file."""
        return self._text(self._all if self.kind.in_halves else self._fused)

    def module_of(self, graph: Graph, entry: str) -> Module:  # type: ignore[override]
        """A module of one function that gives the result of a graph of the same arguments."""
        made = self._passed(graph)

        def emit(language: Target) -> tuple[Function, ...]:
            beside = self._beside(language)
            bare = len(leaf_parts("", graph.result)) == 1
            return list_result(made, beside, self._names(beside, entry), entry, bare=bare)

        return self._text(emit)

    def _text(self, emit: Callable[[Target], tuple[Function, ...]]) -> Module:
        functions = emit(LISTS)
        language = LISTS if sum(len(f.body) for f in functions) <= _LONG else LISTS_ONCE
        if language is LISTS_ONCE:
            functions = emit(language)
        return Module(language.name, self._summary, functions, emit)

    def _beside(self, language: Target) -> Target:
        return in_lists(language).beside(kept_names(self.frame.parameters))

    def _names(self, beside: Target, *taken: str) -> Names:
        return Names([*beside.functions, *beside.portable, *taken])

    def _fused(self, language: Target) -> tuple[Function, ...]:
        beside, entry = self._beside(language), self.kind.entry
        names = self._names(beside, entry)
        return list_result(self.flagged, beside, names, entry, self._wishes())

    def _halves(self, language: Target) -> tuple[Function, ...]:
        beside = self._beside(language)
        return list_halves(self.flagged_halves, beside, self._names(beside), self.bars, self.bare)

    def _all(self, language: Target) -> tuple[Function, ...]:
        halves = self._halves(language)
        if language is PYTHON_TOTAL:  # the whole calls the first forms, which go on by themselves
            return halves
        names = self._names(self._beside(language))
        names.keep(kept_names(self.frame.parameters))
        return (*halves, list_whole(names, halves, safe_name(self.graph.name)))
