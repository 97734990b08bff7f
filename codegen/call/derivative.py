"""What is compiled: the graphs that code is written from, and the text of that code.

A ``Derivative`` is a traced function and what is compiled of it: value and gradient, a Hessian, or
the graph as it is (``kind.py``).  It finds a graph or a text when it is first asked for, and never
again, whatever is asked for and in which order: a target takes from here what it runs, ``source``
and ``explain`` what they show.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Scalar, Structure, Tuple, leaf_parts
from autodiff.run.reverse_plan import Wrt, mirror_of, select_arguments
from autodiff.run.transform import vjp
from codegen.call.tie_texts import at_ties, settled_halves
from codegen.kind import GRADIENT, Kind
from codegen.language.lines import safe_name
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.language.totalled import PYTHON_TOTAL
from codegen.passes import Pass, before_emission, dce, run_passes
from codegen.stable import EVERYWHERE, Bits, Domain, Stable, bits_of, stabilised
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
    "NOTES",
    "Derivative",
    "pickled_defaults",
    "takes_scalars",
]

# What the header of a text says whose bits are not the interpreter's.
FAST = "Fast profile: the same real numbers, rounded differently; not bit-preserving."
STABLE = "Stable profile: the same real numbers, in the form that was measured to lose fewest bits."
NOTES = {"fast": FAST, "stable": STABLE}


def _names(language: Target, *taken: str) -> Names:
    """Fresh identifiers that no function of the language uses."""
    return Names([*language.functions, *taken])


class Derivative:
    """A traced function and what is compiled of it.

    Args:
        graph: The traced function.
        kind: What is compiled.
        wrt: Positions or names of the arguments to differentiate.
        profile: "exact", "fast" or "stable": what may rewrite it.
        target: The target's name.
        language: The language of its text: "python", or "numpy" where it takes many points.
        comments: Whether ``source`` says beside each line of a derivative where it is from.
        static: What is said about each argument that is not traced, but fixed in the text.
        defaults: The defaults of the function's arguments, which calls may leave out.
        domain: Where it is called, for the stable profile.

    Attributes:
        frame: What calls need to know: the function's name and all arguments of a call.
        positions: Positions of the arguments it is differentiated by.
    """

    def __init__(
        self,
        graph: Graph,
        kind: Kind = GRADIENT,
        wrt: Wrt = None,
        profile: str = "exact",
        target: str = "python",
        language: str = "python",
        comments: bool = False,
        static: Sequence[str] = (),
        defaults: Mapping[str, object] = MappingProxyType({}),
        domain: Domain = EVERYWHERE,
    ) -> None:
        graph = kind.fitting(graph)
        self.static, self.domain = tuple(static), domain
        self.defaults: Mapping[str, object] = dict(defaults)
        self.kind, self.wrt, self.profile, self.target = kind, wrt, profile, target
        self.frame, self._graph = kind.frame(graph, wrt), graph
        self.language, self.comments = TARGETS[language], comments
        self.positions, self._single = select_arguments(graph, wrt)
        self.name = f"{safe_name(graph.name)}_{kind.suffix}" if kind.what else safe_name(graph.name)
        self.title = title_of(kind.title, graph.name, self.frame.parameters)

    @property
    def options(self) -> tuple[object, ...]:
        """What it was made with, besides the graph, as far as it can be pickled."""
        made = self.kind, self.wrt, self.profile, self.target, self.language.name
        return *made, self.comments, self.static, pickled_defaults(self.defaults), self.domain

    # --- graphs ---

    @property
    def graph(self) -> Graph:
        """The traced function."""
        return self._graph

    @property
    def passes(self) -> tuple[Pass, ...]:
        """What rewrites the graphs."""
        found = before_emission(self.profile, self.target)
        return found if self.kind.in_halves else (*found, dce)

    @cached_property
    def lowered(self) -> Graph:
        """The graph that the code of a call is written from: all of it, after the passes."""
        return unflagged(self.flagged)

    @cached_property
    def flagged(self) -> Graph:
        """``lowered``; if it has limits, its last output says whether switches tie."""

        def passes(graph: Graph) -> Graph:
            return run_passes(graph, self.passes)

        return lowered(self.whole, passes)

    @cached_property
    def _raising(self) -> Graph:
        """``flagged`` for text that raises where a slope is infinite."""
        limits = self.flagged.limits  # as those of ``whole``, which is not made for this alone
        if limits is None or not limits.singular:
            return self.flagged
        return lowered(self.whole, lambda graph: run_passes(graph, self.passes), raises=True)

    def _written(self, language: Target) -> Graph:
        """The graph that a text is written from."""
        return self._raising if language is TARGETS["python"] else self.flagged

    @property
    def whole(self) -> Graph:
        """All of it in one graph, before the passes."""
        if self.profile == "stable":
            return self.stable.whole
        return self._made_again() if self.kind.in_halves else self._made

    @cached_property
    def stable(self) -> Stable:
        """Function and ``whole`` in the form that loses fewest bits, if that is the profile."""
        if self.profile != "stable":
            return Stable(self.graph, self.whole, self.whole)
        return stabilised(self.graph, lambda g: self.kind.whole(g, self.wrt), self.domain)

    @cached_property
    def accuracy(self) -> Bits:
        """Bits lost as the function was written, and as it is compiled."""
        return bits_of(self.stable, self.domain)

    @property
    def settling(self) -> Graph:
        """``whole`` of the function as it was given: it settles derivatives where switches tie."""
        return self.stable.given if self.profile == "stable" else self.whole

    @property
    def _function(self) -> Graph:
        """The traced function in the form that is compiled."""
        return self.stable.graph if self.profile == "stable" else self.graph

    @cached_property
    def _made(self) -> Graph:
        return self._made_again()

    def _made_again(self) -> Graph:
        """``whole``, which is seldom needed twice where it is large."""
        return self.kind.whole(self.graph, self.wrt)

    @cached_property
    def flagged_halves(self) -> Graph:
        """Value, and the gradient times a cotangent, after the passes; see ``flagged``."""
        return lowered(self._whole_halves, lambda graph: run_passes(graph, self.passes))

    @cached_property
    def _whole_halves(self) -> Graph:
        made = vjp(self._function, self.wrt)
        if self.profile != "stable":
            return made
        given = self._given_halves
        if given.limits is None or not given.limits.every:  # what ties in a form alone is no tie
            return replace(made, limits=given.limits)
        same = made.limits is not None and len(made.limits.every) == len(given.limits.every)
        return made if same else given

    @property
    def _given_halves(self) -> Graph:
        """``_whole_halves`` as they follow from the function."""
        return vjp(self.graph, self.wrt) if self.profile == "stable" else self._whole_halves

    @cached_property
    def mirror(self) -> Structure:
        """Structure of the gradient."""
        return mirror_of(self.frame, self.positions, self._single)

    @cached_property
    def result(self) -> Structure:
        """Structure of what a call gives."""
        return Tuple((SCALAR, self.mirror)) if self.kind.in_halves else self.whole.result

    @property
    def given(self) -> Structure:
        """Structure of ``out=``: the result, without a float that comes first and is returned."""
        if not self.kind.leads_with_value(self.graph):
            return self.result
        rest = self.result.items[1:] if isinstance(self.result, Tuple) else ()
        return rest[0] if len(rest) == 1 else Tuple(rest)

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
        """The text of what a call runs."""
        return Module(self.language.name, self.summary, self._fused(self.language), self._fused)

    @property
    def watched(self) -> Module | None:
        """``main`` with one result more, above 0 where switches tie, if that is what calls run."""
        return None

    @cached_property
    def halves(self) -> Module:
        """The text of ``forward`` and ``backward``."""
        return Module(self.language.name, self.summary, self._halves(self.language), self._halves)

    @cached_property
    def file(self) -> Module:
        """The emitted file: ``forward`` and ``backward``, if it has them, and ``main``."""
        if not self.kind.in_halves:
            return self.main
        functions = self.halves.emitted + self.main.emitted

        def again(language: Target) -> tuple[Function, ...]:
            return self._halves(language) + self._fused(language)

        return Module(self.language.name, self.summary, functions, again)

    @property
    def saved(self) -> tuple[str, tuple[tuple[str, ArrayConstant], ...]]:
        """What a file holds behind the text, and the arrays of constants beside it."""
        return "", ()

    @cached_property
    def source(self) -> str:
        """The text of the file, with its comments."""
        text = self.file.source
        return commented(text, self._explained(text), self._graphs.get) if self.comments else text

    @property
    def _graphs(self) -> dict[str, Graph]:
        """The graph that each function of the text is written from."""
        graphs = {self.kind.entry: self._written(self.language)}
        if self.kind.in_halves:
            graphs |= dict.fromkeys(("forward", "backward"), self.flagged_halves)
        return graphs

    def _fused(self, language: Target) -> tuple[Function, ...]:
        graph, entry = self._written(language), self.kind.entry
        beside = language.beside(kept_names(self.frame.parameters))
        names, second = _names(beside, entry), language is PYTHON_TOTAL
        functions: tuple[Function, ...]
        if not self.kind.in_halves:
            parts = leaf_parts("result", self.result)
            evaluate = evaluate_in_parts if len(graph.nodes) > LIMIT else emit_evaluate
            functions = evaluate(graph, beside, names, parts, second, entry)
        else:
            fused = fused_in_parts if len(graph.nodes) > LIMIT else emit_value_and_gradient
            functions = fused(graph, beside, names, self.bars, self.bare, second)
        if graph.limits is None:
            return functions
        return at_ties(entry, self.settling, graph, language) + functions

    def _halves(self, language: Target) -> tuple[Function, ...]:
        graph, beside = self.flagged_halves, language.beside(kept_names(self.frame.parameters))
        emit = halves_in_parts if len(graph.nodes) > LIMIT else emit_forward_backward
        second = language is PYTHON_TOTAL
        halves = emit(graph, beside, _names(beside), self.bars, self.bare, second)
        settled = settled_halves(self.graph, self._given_halves)
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
        notes = [note for note in (self.language.numbers, NOTES.get(self.profile)) if note]
        if self.static:
            fixed = ", ".join(self.static)
            notes.append(f"Static, fixed in this text and no input of it: {fixed}.")
        return header(self.title, graph, inputs, self._output, *notes)

    @property
    def _output(self) -> str:
        """What the docstring of the file says of the result."""
        if not self.kind.what:
            return f"evaluate gives {len(self.graph.outputs)} floats, a list for each array"
        chosen = [self.frame.parameters[p] for p in self.positions]
        by = ", ".join(name for name, _ in named_parts(chosen, _names(self.language)))
        if self.kind.in_halves:
            return (
                f"value_and_gradient gives the value and its derivatives by {by}, in this order; "
                "forward and backward are its halves"
            )
        return f"{self.kind.entry} gives the {self.kind.listed} by {by}, each array as a list"

    def explain(self) -> Explanation:
        """Where each line of ``source`` comes from in the user's code, and back."""
        return self._explained(self.source)

    def _explained(self, source: str) -> Explanation:
        fused = [(f, self._flagged) for f in self.main.emitted]
        if not self.kind.in_halves:
            return self._with_rewrites(explanation(source, fused, self.static))
        halves = [(f, self._flagged_halves) for f in self.halves.emitted]
        return self._with_rewrites(explanation(source, [*halves, *fused], self.static))

    def _with_rewrites(self, found: Explanation) -> Explanation:
        if self.profile != "stable":
            return found
        return replace(found, rewrites=tuple([(r.name, r.place) for r in self.stable.rewrites]))

    def _flagged(self) -> Graph:
        return self._written(self.language)

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
