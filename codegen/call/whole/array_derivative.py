"""What is compiled of a graph of arrays: its graphs, its texts, the arrays of constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TypeAlias

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.rebuild import live_nodes, rebuild
from autodiff.run.transform import vjp
from autodiff.run.whole.array_flags import moving_inputs
from autodiff.run.whole.array_sides import array_sides, has_array_sides
from autodiff.run.whole.array_ties import tied_graph, watched_graph
from autodiff.run.whole.written_out import written_out
from codegen.call.derivative import Derivative
from codegen.language.naming import Names
from codegen.passes.array_passes import array_passes
from codegen.text.explain import Explanation, explanation
from codegen.text.function import Function
from codegen.text.header import header
from codegen.text.module import called_by
from codegen.text.parameters import kept_names, parts_of
from codegen.text.whole.array_functions import (
    array_halves,
    array_result,
    fused_arrays,
    named_constants,
    whole_of_halves,
)
from codegen.text.whole.array_module import ARRAYS, ArrayModule
from codegen.text.whole.given_back import LIBRARIES, given_back
from codegen.text.whole.tied_file import BY_CONVENTION, COUNTING, PIECES, settling_functions

__all__ = ["ArrayDerivative"]

_REPEATED = 8000  # nodes that loops stand for, up to which ties are settled as arrays
_Emit: TypeAlias = Callable[[Graph, dict[int, str]], tuple[Function, ...]]


class ArrayDerivative(Derivative):
    """A traced function of arrays and what is compiled of it (as ``Derivative``)."""

    _notes: tuple[str, ...] = ("Arrays are NumPy's; sums may be taken in any fixed order.",)
    _results = "evaluate gives the scalars and arrays of the result"
    _given_way: frozenset[str] = frozenset()

    def _passed(self, graph: Graph) -> Graph:
        """``graph`` as it is written."""
        return array_passes(graph)

    @cached_property
    def whole(self) -> Graph:
        """All of it in one graph, before the passes: as few nodes as the function's, so kept."""
        return super().whole

    @cached_property
    def flagged(self) -> Graph:
        """All of it after the passes."""
        return self._passed(self.whole)

    @cached_property
    def flagged_halves(self) -> Graph:
        """Value, and the gradient times a cotangent, after the passes."""
        return self._passed(vjp(self.graph, self.wrt))

    @cached_property
    def moving(self) -> list[int]:
        """Inputs of the function that it is differentiated by, and that move at a tie."""
        return moving_inputs(self.graph, self.graph.inputs.of(self.positions))

    @property
    def derived(self) -> Sequence[int]:
        """Outputs of ``flagged`` that are derivatives."""
        return self._derived_in(self.flagged)

    def _derived_in(self, graph: Graph) -> Sequence[int]:
        skipped = len(self.graph.outputs) if self.kind.what[:1] == ("value",) else 0
        return graph.outputs[skipped:]

    @cached_property
    def bare(self) -> bool:
        """True if the text gives the gradient's one part as it is, and not in a tuple."""
        return self._single and len(self.bars) == 1

    @cached_property
    def main(self) -> ArrayModule:
        """The text of what a call runs."""
        return self.file if self._repeats else self._module([self.flagged], [self._emit_fused])

    @cached_property
    def watched(self) -> ArrayModule | None:
        """``main`` with one result more, above 0 where derivatives are to be settled.

        None where they never are, and of loops, whose ties are counted by a text of their own.
        """
        return None if self._counting is None else self.module_of(self._counting, "watched")

    @cached_property
    def _counting(self) -> Graph | None:
        if not self.kind.what or loops_of(self.graph):
            return None
        derived = self._derived_in(self.whole)
        return watched_graph(self.whole, self.graph, derived, self.kind.twice, self.moving)

    @cached_property
    def sides(self) -> Graph | None:
        """All results where switches tie; the last is above 0 where it cannot tell."""
        straight = written_out(self.flagged, _REPEATED)
        if straight is None or not has_array_sides(straight):
            return None
        made = array_sides(straight, self.moving, self._derived_in(straight))
        return self._passed(rebuild(made, live=live_nodes(made)))

    @cached_property
    def behind(self) -> tuple[str, ArrayModule] | None:
        """What stands behind the text in a file, and what leads to it; None if nothing settles."""
        counting = self._counting
        sides = None if counting is None else self.sides
        if counting is None or sides is None:
            return None
        graphs, emits = self._of_file
        own = [partial(self._emit_result, entry=name) for name in (COUNTING, PIECES)]
        module = self._module([*graphs, self._passed(counting), sides], [*emits, *own])
        bare = self.bare if self.kind.in_halves else len(self.flagged.outputs) == 1
        counts, pieces = module.emitted[-2:]
        before, functions = settling_functions(counts, pieces, self.kind.entry, bare)
        return before, replace(module, emitted=functions, summary="Where switches tie.")

    @property
    def _repeats(self) -> bool:
        """True for value and gradient with loops: the lines of these are written once."""
        return self.kind.in_halves and bool(loops_of(self.graph))

    @cached_property
    def halves(self) -> ArrayModule:
        """The text of ``forward`` and ``backward``."""
        return self._module([self.flagged_halves], [self._emit_halves])

    @cached_property
    def file(self) -> ArrayModule:
        """The emitted file."""
        return self._module(*self._of_file) if self.kind.in_halves else self.main

    @property
    def _of_file(self) -> tuple[list[Graph], list[_Emit]]:
        """The graphs of the emitted file, and what writes each."""
        if not self.kind.in_halves:
            return [self.flagged], [self._emit_fused]
        if self._repeats:
            return [self.flagged_halves], [self._emit_all]
        return [self.flagged_halves, self.flagged], [self._emit_halves, self._emit_fused]

    @property
    def saved(self) -> tuple[str, tuple[tuple[str, ArrayConstant], ...]]:
        """What a file holds behind the text, and the arrays beside it."""
        if self.behind is None:
            ties = self.kind.what and tied_graph(self.graph, self.kind.twice, self.moving)
            return BY_CONVENTION if ties else "", self.file.data
        before, module = self.behind
        return f"{before}\n\n{module.source}", module.data

    def module_of(self, graph: Graph, entry: str) -> ArrayModule:
        """A module of one function that gives the result of a graph of the same arguments."""

        return self._module([self._passed(graph)], [partial(self._emit_result, entry=entry)])

    def _emit_result(
        self, graph: Graph, constants: dict[int, str], entry: str
    ) -> tuple[Function, ...]:
        return array_result(graph, ARRAYS, self._fresh(constants), constants, entry)

    def _module(self, graphs: list[Graph], emits: Sequence[_Emit]) -> ArrayModule:
        """A module of functions that share names for their constants.

        What they call has the name of a parameter only if the parameter gave way at first: then
        the two exchange their names, for parameters keep the user's.
        """
        self._given_way = frozenset()
        module = self._named(graphs, emits)
        self._given_way = (called_by(module.functions) | LIBRARIES).intersection(self._kept)
        if not self._given_way:
            return module
        module = self._named(graphs, emits)
        parameters = self.frame.parameters
        return replace(module, emitted=given_back(module.emitted, parameters, self._given_way))

    @property
    def _kept(self) -> list[str]:
        """The parameters that have the user's names."""
        return [x for x in kept_names(self.frame.parameters) if x not in self._given_way]

    def _named(self, graphs: list[Graph], emits: Sequence[_Emit]) -> ArrayModule:
        names = Names([*ARRAYS.functions, *ARRAYS.portable])
        names.keep(self._kept)
        known: dict[ArrayConstant, str] = {}
        functions: list[Function] = []
        for graph, emit in zip(graphs, emits, strict=True):
            own = named_constants(graph, names, known)
            functions += emit(graph, own)
        data = tuple((name, constant) for constant, name in known.items())
        return ArrayModule("arrays", self._summary, tuple(functions), data=data)

    def _fresh(self, constants: dict[int, str]) -> Names:
        """Names of one function: those of the file's constants are taken."""
        names = Names([*ARRAYS.functions, *ARRAYS.portable, *constants.values(), "_data"])
        names.keep(self._kept)
        return names

    def _emit_fused(self, graph: Graph, constants: dict[int, str]) -> tuple[Function, ...]:
        names = self._fresh(constants)
        if not self.kind.in_halves:
            entry, wishes = self.kind.entry, self._wishes()
            return array_result(graph, ARRAYS, names, constants, entry, wishes)
        return fused_arrays(graph, ARRAYS, names, constants, self.bars, self.bare)

    def _wishes(self) -> list[str]:
        """What each part of the result is to be called."""
        results = [""] * len(self.graph.outputs)
        inputs = [name for name, _ in self.bars]
        wishes: list[str] = []
        for one in self.kind.what:
            if one == "value":
                wishes += results
            elif one == "jvp":
                wishes += ["tangent"] * len(results)
            elif one in ("jacobian", "hessian") and self.kind.sparse:
                wishes.append(one)
            elif one == "jacobian":
                wishes += _of_matrix(one, inputs) * len(results)
            elif one == "hessian":
                wishes += _of_matrix(one, [f"{x}_{y}" for x in inputs for y in inputs])
            else:
                suffix = "hvp" if one == "hvp" else "bar"
                wishes += [f"{name}_{suffix}" for name in inputs]
        return wishes

    def _emit_halves(self, graph: Graph, constants: dict[int, str]) -> tuple[Function, ...]:
        names = self._fresh(constants)
        return array_halves(graph, ARRAYS, names, constants, self.bars, self.bare)

    def _emit_all(self, graph: Graph, constants: dict[int, str]) -> tuple[Function, ...]:
        forward, backward = self._emit_halves(graph, constants)
        whole = whole_of_halves(graph, self._fresh(constants), forward)
        return forward, backward, whole

    @property
    def _summary(self) -> str:
        frame, notes = self.frame, list(self._notes)
        if self.static:
            notes.append(
                f"Static, fixed in this text and no input of it: {', '.join(self.static)}."
            )
        output = (
            "value_and_gradient gives the value and its derivatives by "
            f"{', '.join(n for n, _ in self.bars)}, in this order; forward and backward are its "
            "halves"
            if self.kind.in_halves
            else self._results
        )
        return header(self.title, frame, parts_of(frame.parameters), output, *notes)

    @property
    def _graphs(self) -> dict[str, Graph]:
        """The graph that each function of the text is written from."""
        if not self.kind.in_halves:
            return {self.kind.entry: self.flagged}
        graphs = dict.fromkeys(("forward", "backward"), self.flagged_halves)
        entry = self.flagged_halves if self._repeats else self.flagged
        return {self.kind.entry: entry, **graphs}

    def _explained(self, source: str) -> Explanation:
        fused = [(f, self._flagged) for f in self.main.emitted]
        if not self.kind.in_halves:
            return replace(explanation(source, fused, self.static), whole=True)
        halves = [(f, self._flagged_halves) for f in self.halves.emitted]
        return replace(explanation(source, [*halves, *fused], self.static), whole=True)


def _of_matrix(name: str, by: list[str]) -> list[str]:
    return [name] if len(by) == 1 else [f"{one}_{name}" for one in by]
