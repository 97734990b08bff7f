"""Derivatives under proof, all numbers of them: a Jacobian, a Hessian, products, several at once.

They are read once, into Programs that give every number; each row of them is a ``Subject`` for the
rungs, which know one function and its derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Part, Sparse, Tuple, leaf_parts
from autodiff.graph.tree.tree import leaves_of, tree_of
from autodiff.run.interpret import evaluate
from autodiff.run.reverse_plan import Wrt
from autodiff.run.whole.scalarize import scalarize
from codegen import CompiledFunction
from codegen.kind import Kind
from verify.field.whole.execute_lists import is_of_lists
from verify.program.program import Program
from verify.program.read import UnreadableError, flat, given
from verify.program.untied import unread
from verify.subjects.any_direction import patterns_of
from verify.subjects.each_element import elements_program, elements_remark
from verify.subjects.emitted import (
    both_ways,
    check_complete,
    packed,
    require_layout,
    text_of,
    title_of,
    what_was_read,
)
from verify.subjects.rewritten import ArrayText
from verify.subjects.subject import Subject, facts_of
from verify.subjects.tied_text import Ties
from verify.subjects.under_proof import UnderProof
from verify.truth.cusps import nowhere
from verify.truth.twice import Expected, Row, expected

__all__ = ["Entire", "compiled_entire", "emitted_entire"]


@dataclass
class Entire(UnderProof):
    """Derivatives under proof: all the numbers, in the order of the result.

    Args:
        kind: What they are.
        wrt: Positions or names of the arguments it is differentiated by.
        patterns: Where the entries of sparse matrices stand, by quantity.
        compiled: What this process compiled to that text, None if somebody else may have.
    """

    kind: Kind
    wrt: Wrt
    _: KW_ONLY
    patterns: Mapping[str, Pattern] = field(default_factory=dict)
    compiled: CompiledFunction | None = None

    @cached_property
    def expected(self) -> Expected:
        """What the numbers must be."""
        return expected(self.graph, self.kind.what, self.wrt, self.patterns, exact=True)

    def complete(self, program: Program) -> Program:
        """A program of a call with a zero for each entry that a sparse matrix does not keep."""
        absent = self.expected.absent
        if not absent:
            return program
        zero = program.inputs + len(program.steps)
        outputs = (*program.outputs, *[zero] * absent)
        return Program(program.inputs, (*program.steps, 0.0), outputs)

    @cached_property
    def frame(self) -> Graph:
        """The function with all arguments of a call."""
        return self.kind.frame(self.graph, self.wrt)

    @cached_property
    def whole(self) -> Graph:
        """The numbers as our transforms give them: for ties, which texts of ours settle alike."""
        return self.kind.whole(self.graph, self.wrt)

    def row(self, row: Row) -> Subject:
        """The numbers of one row as the gradient of its function."""
        places, opaque = row.places, self.opaque
        programs = [replace(p, outputs=tuple(p.outputs[i] for i in places)) for p in self.programs]
        return Subject(
            row.graph,
            self.title,
            list(row.inputs),
            programs=programs,
            labels=self.labels,
            value=not row.inputs,
            opaque=None if opaque is None else lambda point: [opaque(point)[i] for i in places],
            entry=self.entry,
            compiled_here=self.compiled_here,
            called=row.names if row.inputs else (),
            demanded=self.demanded,
            raising=self.raising,
            doubt=self.doubt,
            numbers=self._settled(places) if self.settles_ties else None,
            slope_of=row.slope_of,
            nowhere=[] if self.compiled_here or row.slope_of is None else nowhere(*row.slope_of),
        )

    @cached_property
    def ties(self) -> Ties:
        """What the text holds for where switches tie, as it follows from the function."""
        settled = {self.kind.entry: self.whole} if self.settles_ties else {}
        return Ties(settled, self.source)

    @property
    def settles_ties(self) -> bool:
        """True if what runs settles ties, which is none of what is read."""
        if self.source:
            return "_settled(" in self.source
        limits = self.whole.limits if self.compiled_here else None
        return limits is not None and bool(limits.every)

    def _settled(self, places: Sequence[int]) -> Callable[[Sequence[float]], list[float]]:
        arguments = tree_of(Tuple(tuple(structure for _, structure in self.frame.parameters)))

        def at(point: Sequence[float]) -> list[float]:
            numbers = leaves_of(evaluate(self.whole, *arguments.rebuild(list(point))))
            numbers = [*numbers, *[0.0] * self.expected.absent]
            return [float(numbers[i]) for i in places]

        return at

    @property
    def _kept(self) -> dict[str, object]:
        """Of sparse matrices, what a certificate has to say of their structure."""
        if not self.kind.sparse:
            return {}
        patterns = {one: str(pattern) for one, pattern in self.patterns.items()}
        return {"sparse": self.kind.sparse, "patterns": patterns}

    @property
    def facts(self) -> dict[str, object]:
        """What a saved report needs to establish the verdict again."""
        by = self.wrt if self.wrt is None or isinstance(self.wrt, (int, str)) else list(self.wrt)
        return facts_of(self.graph, self.source, self.arrays, self.entry) | {
            "entry": self.entry or self.kind.entry,
            "derivative": {"what": list(self.kind.what), "wrt": by, **self._kept},
            "remarks": self.remarks,
        }


def compiled_entire(compiled: CompiledFunction) -> Entire:
    """The text that was emitted for derivatives of a function."""
    kind = compiled.kind
    patterns = patterns_of(kind, compiled.result)
    if not compiled.graph.expanded and not is_of_lists(compiled.loaded):
        return _entire_arrays(compiled, kind, patterns)
    source, title = compiled.source, f"{kind.noun}: {title_of(compiled)}"
    entire = emitted_entire(scalarize(compiled.graph), kind, compiled.wrt, source, title, patterns)
    entire.compiled_here, entire.demanded, entire.compiled = True, None, compiled
    entire.remarks.append(what_was_read(compiled))
    return entire


def _entire_arrays(
    compiled: CompiledFunction, kind: Kind, patterns: Mapping[str, Pattern]
) -> Entire:
    """The text of whole arrays at the graph's own shapes, element by element.

    Raises:
        UnsupportedError: if there are too many elements, or the text does what cannot be traced.
    """
    title = f"{kind.noun}: {title_of(compiled)}"
    entire = Entire(scalarize(compiled.graph), title, kind, compiled.wrt, patterns=patterns)
    program, count = elements_program(compiled), len(entire.expected.graph.outputs)
    if len(program.outputs) != count - entire.expected.absent:
        raise UnsupportedError(
            f"{compiled.graph.name}: its text gives {len(program.outputs)} numbers; expected "
            f"{count - entire.expected.absent}"
        )
    entire.programs.append(entire.complete(program))
    entire.labels.append(compiled.entry)
    entire.compiled_here, entire.arrays, entire.compiled = True, ArrayText(compiled), compiled
    entire.remarks.append(elements_remark(compiled))
    return entire


def emitted_entire(
    graph: Graph,
    kind: Kind,
    wrt: Wrt,
    source: str,
    title: str,
    patterns: Mapping[str, Pattern] | None = None,
) -> Entire:
    """Text of ours, wherever it comes from.

    Args:
        graph: The function.
        kind: What was compiled of it.
        wrt: What it is differentiated by.
        source: The text.
        title: What to call it.
        patterns: Of sparse matrices, by quantity; those that we find by default.
    """
    entire = Entire(graph, title, kind, wrt, source=source)
    entire.patterns = _found(entire) if patterns is None else patterns
    try:
        _read(entire)
    except UnreadableError as error:
        entire.unreadable = unread(error, entire.ties.untied.text)
    return entire


def _found(entire: Entire) -> Mapping[str, Pattern]:
    kind = entire.kind
    return patterns_of(kind, entire.whole.result) if kind.sparse else {}


def _parts(entire: Entire) -> list[Part]:
    """What the text returns: of sparse matrices the entries that it keeps."""
    patterns = (entire.patterns[one] for one in entire.kind.what if one in entire.patterns)
    parts = leaf_parts("", entire.whole.result)
    return [(n, Sparse.of(next(patterns)) if isinstance(s, Sparse) else s) for n, s in parts]


def _read(entire: Entire) -> None:
    frame, entry = entire.frame, entire.kind.entry
    text = text_of(entire.ties, frame)
    arguments = [given(place) for place in packed(frame, range(frame.inputs.size))]
    count = len(entire.expected.graph.outputs) - entire.expected.absent
    parts = _parts(entire)
    for suffix, outputs in both_ways(text, lambda: text.call(entry, arguments), entire.ties):
        places = flat(outputs)
        if len(places) != count:
            raise UnreadableError(f"{entry}: found {len(places)} numbers; expected {count}")
        require_layout(entry, outputs, parts)
        entire.programs.append(entire.complete(text.builder.program(places)))
        entire.labels.append(entry + suffix)
    entire.demanded = text.demanded()
    check_complete(text, frame, entry)
