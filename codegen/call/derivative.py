"""What is compiled: the graphs that code is written from, and the text of that code.

``Derivative`` is value and gradient of a traced function; ``Evaluation`` is a graph as it is.  Both
find a graph or a text when it is first asked for, and never again, whatever is asked for and in
which order: a target takes from here what it runs, ``source`` and ``explain`` what they show.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Scalar, Structure, Tuple, leaf_parts
from autodiff.run.reverse_plan import Wrt, reverse_plan, select_arguments
from autodiff.run.transform import value_and_gradient, vjp
from codegen.call.tie_texts import at_ties, settled_halves
from codegen.language.lines import safe_name
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.language.totalled import PYTHON_TOTAL
from codegen.passes import Pass, before_emission, run_passes
from codegen.text.at_ties import lowered, unflagged
from codegen.text.chunks import LIMIT, evaluate_in_parts, fused_in_parts, halves_in_parts
from codegen.text.comments import commented
from codegen.text.emit import (
    emit_evaluate,
    emit_value_and_gradient,
)
from codegen.text.explain import Explanation, explanation
from codegen.text.function import Function
from codegen.text.header import header, title_of
from codegen.text.module import TARGETS, Module
from codegen.text.parameters import kept_names, named_parts, parts_of
from codegen.text.two_halves import emit_forward_backward

__all__ = [
    "FAST",
    "Derivative",
    "Emission",
    "Evaluation",
    "pickled_defaults",
    "takes_scalars",
]

# What the header of a text says whose bits are not the interpreter's.
FAST = "Fast profile: the same real numbers, rounded differently; not bit-preserving."


class Emission(Protocol):
    """What compiled functions and gradients have in common, whatever runs them."""

    defaults: Mapping[str, object]  # of the user's arguments
    target: str
    profile: str

    @property
    def graph(self) -> Graph:
        """The traced function."""

    @property
    def frame(self) -> Graph:
        """What calls need to know of the graph: its name, its arguments and its result."""

    @property
    def name(self) -> str:
        """Name of the compiled function, an identifier."""

    @property
    def language(self) -> Target:
        """The language of ``file``."""

    @property
    def lowered(self) -> Graph:
        """The graph that the code of a call is written from."""

    @property
    def flagged(self) -> Graph:
        """``lowered``; if it has limits, its last output says whether switches tie."""

    @property
    def whole(self) -> Graph:
        """The graph before the passes."""

    @property
    def result(self) -> Structure:
        """Structure of what ``lowered`` gives."""

    @property
    def main(self) -> Module:
        """The text that a call runs."""

    @property
    def file(self) -> Module:
        """The whole emitted file, in its parts."""

    @property
    def title(self) -> str:
        """What the file is, in one line."""

    @property
    def source(self) -> str:
        """The text of the file."""

    def explain(self) -> Explanation:
        """Where each line of the file comes from."""


def _names(language: Target) -> Names:
    """Fresh identifiers that no function of the language uses."""
    return Names(language.functions)


class Evaluation:
    """A graph as it is.

    Args:
        graph: The graph.
        target: The target's name.
        language: The language of its text: "python" or "numpy".
    """

    profile = "exact"
    defaults: Mapping[str, object] = MappingProxyType({})

    def __init__(self, graph: Graph, target: str = "python", language: str = "python") -> None:
        self.graph = self.frame = graph
        self.target, self.language = target, TARGETS[language]
        self.name, self.result = safe_name(graph.name), graph.result
        self.title = title_of("Value", graph.name, graph.parameters)

    @cached_property
    def lowered(self) -> Graph:
        """The graph after the passes."""
        return unflagged(self.flagged)

    @cached_property
    def flagged(self) -> Graph:
        """``lowered``; if it has limits, its last output says whether switches tie."""
        return lowered(self.graph, run_passes)

    @property
    def whole(self) -> Graph:
        """The graph before the passes."""
        return self.graph

    @cached_property
    def main(self) -> Module:
        """The emitted file."""
        graph = self.frame
        inputs = named_parts(graph.parameters, _names(self.language))
        output = f"evaluate gives {len(graph.outputs)} floats, a list for each array"
        summary = header(self.title, graph, inputs, output)
        return Module(self.language.name, summary, self._text(self.language), self._text)

    @property
    def file(self) -> Module:
        """The emitted file: all of it is run."""
        return self.main

    @property
    def source(self) -> str:
        """The text of the file."""
        return self.main.source

    def _text(self, language: Target) -> tuple[Function, ...]:
        graph = self.flagged
        parts = leaf_parts("result", graph.result)
        beside = language.beside(kept_names(graph.parameters))
        if len(graph.nodes) > LIMIT:
            return evaluate_in_parts(self.lowered, beside, _names(beside), parts)
        second = language is PYTHON_TOTAL
        functions = emit_evaluate(graph, beside, _names(beside), parts, second)
        return at_ties("evaluate", self.graph, graph, language) + functions

    def explain(self) -> Explanation:
        """Where each line of the file comes from."""
        return explanation(self.file.source, [(f, self._flagged) for f in self.main.emitted])

    def _flagged(self) -> Graph:
        return self.flagged


class Derivative:
    """Value and gradient of a traced function.

    Args:
        graph: The traced function.
        wrt: Positions or names of the arguments to differentiate.
        profile: "exact" or "fast": which passes may rewrite it.
        target: The target's name.
        language: The language of its text: "python", or "numpy" where it takes many points.
        comments: Whether ``source`` says beside each line of a backward section where it is from.
        static: What is said about each argument that is not traced, but fixed in the text.
        defaults: The defaults of the function's arguments, which calls may leave out.

    Attributes:
        positions: Positions of the arguments it is differentiated by.
    """

    def __init__(
        self,
        graph: Graph,
        wrt: Wrt = None,
        profile: str = "exact",
        target: str = "python",
        language: str = "python",
        comments: bool = False,
        static: Sequence[str] = (),
        defaults: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self.static = tuple(static)
        self.defaults: Mapping[str, object] = dict(defaults)
        self.frame, self.wrt, self.profile, self.target = graph, wrt, profile, target
        self.language, self.comments = TARGETS[language], comments
        self.positions, self._single = select_arguments(graph, wrt)
        self.name = f"{safe_name(graph.name)}_gradient"
        self.title = title_of("Value and gradient", graph.name, graph.parameters)

    @property
    def options(self) -> tuple[object, ...]:
        """What it was made with, besides the graph, as far as it can be pickled."""
        made = self.wrt, self.profile, self.target, self.language.name
        return *made, self.comments, self.static, pickled_defaults(self.defaults)

    # --- graphs ---

    @property
    def graph(self) -> Graph:
        """The traced function."""
        return self.frame

    @property
    def passes(self) -> tuple[Pass, ...]:
        """What rewrites the graphs."""
        return before_emission(self.profile, self.target)

    @cached_property
    def lowered(self) -> Graph:
        """Value and gradient in one graph, after the passes."""
        return unflagged(self.flagged)

    @cached_property
    def flagged(self) -> Graph:
        """``lowered``; if it has limits, its last output says whether switches tie."""

        def passes(graph: Graph) -> Graph:
            return run_passes(graph, self.passes)

        return lowered(self.whole, passes)

    @property
    def whole(self) -> Graph:
        """Value and gradient in one graph, before the passes."""
        return value_and_gradient(self.graph, self.wrt)

    @cached_property
    def flagged_halves(self) -> Graph:
        """Value, and the gradient times a cotangent, after the passes; see ``flagged``."""
        return lowered(self._whole_halves, lambda graph: run_passes(graph, self.passes))

    @cached_property
    def _whole_halves(self) -> Graph:
        return vjp(self.graph, self.wrt)

    @cached_property
    def mirror(self) -> Structure:
        """Structure of the gradient."""
        return reverse_plan(self.frame, self.wrt).mirror

    @property
    def result(self) -> Structure:
        """Structure of ``(value, gradient)``."""
        return Tuple((SCALAR, self.mirror))

    @cached_property
    def bars(self) -> Sequence[tuple[str, Structure]]:
        """Each scalar and array of the gradient."""
        return parts_of([self.frame.parameters[p] for p in self.positions])

    @cached_property
    def bare(self) -> bool:
        """True if the text gives the gradient's one part as it is, and not in a tuple."""
        return bool(self.language.module) and self._single and len(self.bars) == 1

    # --- texts ---

    @cached_property
    def main(self) -> Module:
        """The text of ``value_and_gradient``."""
        return Module(self.language.name, self.summary, self._fused(self.language), self._fused)

    @cached_property
    def halves(self) -> Module:
        """The text of ``forward`` and ``backward``."""
        return Module(self.language.name, self.summary, self._halves(self.language), self._halves)

    @cached_property
    def file(self) -> Module:
        """The emitted file: ``forward``, ``backward``, ``value_and_gradient``."""
        functions = self.halves.emitted + self.main.emitted

        def again(language: Target) -> tuple[Function, ...]:
            return self._halves(language) + self._fused(language)

        return Module(self.language.name, self.summary, functions, again)

    @cached_property
    def source(self) -> str:
        """The text of the file, with its comments."""
        text = self.file.source
        if not self.comments:
            return text
        graphs = dict.fromkeys(("forward", "backward"), self.flagged_halves)
        graphs["value_and_gradient"] = self.flagged
        return commented(text, self._explained(text), graphs.get)

    def _fused(self, language: Target) -> tuple[Function, ...]:
        graph, beside = self.flagged, language.beside(kept_names(self.frame.parameters))
        names = _names(beside)
        if len(graph.nodes) > LIMIT:
            return fused_in_parts(self.lowered, beside, names, self.bars, self.bare)
        second = language is PYTHON_TOTAL
        functions = emit_value_and_gradient(graph, beside, names, self.bars, self.bare, second)
        if graph.limits is None:
            return functions
        return at_ties("value_and_gradient", self.whole, graph, language) + functions

    def _halves(self, language: Target) -> tuple[Function, ...]:
        graph, beside = self.flagged_halves, language.beside(kept_names(self.frame.parameters))
        names = _names(beside)
        if len(graph.nodes) > LIMIT:
            return halves_in_parts(unflagged(graph), beside, names, self.bars, self.bare)
        second = language is PYTHON_TOTAL
        halves = emit_forward_backward(graph, beside, names, self.bars, self.bare, second)
        settled = settled_halves(self.graph, self._whole_halves)
        return (
            tuple(
                function
                for half in halves
                if half.settles
                for function in at_ties(half.name, settled[half.name], graph, language)
            )
            + halves
        )

    @cached_property
    def summary(self) -> str:
        """What the docstring of the file says."""
        graph = self.frame
        inputs = named_parts(graph.parameters, _names(self.language))
        chosen = [graph.parameters[p] for p in self.positions]
        by = ", ".join(name for name, _ in named_parts(chosen, _names(self.language)))
        output = (
            f"value_and_gradient gives the value and its derivatives by {by}, in this order; "
            "forward and backward are its halves"
        )
        notes = [] if self.profile == "exact" else [FAST]
        if self.static:
            fixed = ", ".join(self.static)
            notes.append(f"Static, fixed in this text and no input of it: {fixed}.")
        return header(self.title, graph, inputs, output, *notes)

    def explain(self) -> Explanation:
        """Where each line of ``source`` comes from in the user's code, and back."""
        return self._explained(self.source)

    def _explained(self, source: str) -> Explanation:
        halves = [(f, self._flagged_halves) for f in self.halves.emitted]
        fused = [(f, self._flagged) for f in self.main.emitted]
        return explanation(source, [*halves, *fused], self.static)

    def _flagged(self) -> Graph:
        return self.flagged

    def _flagged_halves(self) -> Graph:
        return self.flagged_halves


def pickled_defaults(defaults: Mapping[str, object]) -> dict[str, object]:
    """Those that a pickle can hold; the others have to be given to what comes out of it."""
    return {name: value for name, value in defaults.items() if _can_be_pickled(value)}


def _can_be_pickled(value: object) -> bool:
    try:
        pickle.dumps(value)
    except Exception:  # whatever the object's own code objects to
        return False
    return True


def takes_scalars(frame: Graph) -> bool:
    """True if every argument is a float: emitted functions take the arguments as they are."""
    return all(isinstance(structure, Scalar) for _, structure in frame.parameters)
