"""What a text of ours holds for where switches tie, and a proof that it looks for them.

Its statements for ties are taken out of a text (``program/untied.py``); their conditions are read
with the rest, and each must be the flag that is true where switches of the function tie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array
from autodiff.run.pieces import flagged
from codegen.call.tie_texts import functions_at_ties
from codegen.language.settling import settling_source
from codegen.language.totalled import PYTHON_TOTAL
from codegen.text.at_ties import settled_name
from codegen.text.module import NUMPY_AT_TIES
from codegen.text.parameters import parts_of
from codegen.text.standalone import standing
from verify.induction.compose import lanes_for
from verify.program.language.refusal import UnreadableError
from verify.program.program import Program, ProgramBuilder, program_of
from verify.program.tie_forms import Settles
from verify.program.untied import AtTies, Untied, without_ties
from verify.rungs.by_rules import composed

__all__ = ["Ties"]

_HALVES = "forward", "backward"  # look for ties at all places of ``backward``


@dataclass
class Ties:
    """Where switches tie in a function, and what its text does there.

    Args:
        settled: Per emitted function, the graph whose derivatives it settles.
        source: The text.
    """

    settled: Mapping[str, Graph]
    source: str

    @cached_property
    def expected(self) -> AtTies:
        """What the text must hold."""
        rows = "_settled_rows(" in self.source
        language = NUMPY_AT_TIES if rows else PYTHON_TOTAL
        texts, settles = list[str](), list[tuple[str, Settles]]()
        for name, whole in self.settled.items():
            limits = whole.limits
            if limits is None or not limits.every:
                continue
            if f"def {settled_name(name)}(" in self.source:
                functions = functions_at_ties(name, whole, language)
                texts += [f.text if rows else standing(f).text for f in functions]
            arrays = tuple([isinstance(part, Array) for _, part in parts_of(whole.parameters)])
            leads = bool(limits.places) or name in _HALVES
            found = Settles(len(limits.outputs), arrays, whole.inputs.count, leads)
            settles.append((name, found))
        if not texts:
            return AtTies()
        return AtTies((*texts, settling_source(rows)), tuple(settles), rows)

    @property
    def untied(self) -> Untied:
        """The text without what it says of them."""
        return without_ties(self.source, self.expected)

    def hold(self, conditions: Mapping[int, int], builder: ProgramBuilder) -> None:
        """Prove that a text looks for ties where the function's switches tie, and nowhere else.

        Args:
            conditions: Places of its conditions, by their line.
            builder: Holds their steps.

        Raises:
            UnreadableError: naming the line of one that is not shown to be.
        """
        for line, place in conditions.items():
            flag = self.untied.flags[line]
            graph = self.settled["backward" if flag.function in _HALVES else flag.function]
            limits = graph.limits
            assert limits is not None
            raises = flag.leads and flag.function not in _HALVES  # where a slope is infinite
            graph = flagged(graph, limits.places if raises else limits.every)
            expected = _placed(graph, builder)
            if place != expected and not _is_proven(builder, place, expected, graph):
                raise UnreadableError(
                    f"line {line}: the condition is not shown to hold where switches tie, and "
                    "nowhere else"
                )


def _placed(graph: Graph, builder: ProgramBuilder) -> int:
    """Where the last output of a graph is among the steps of a text; a cotangent is 1.0."""
    program = program_of(graph)
    program = Program(program.inputs, program.steps, program.outputs[-1:])
    inputs = [i if i < builder.inputs else builder.seed() for i in range(program.inputs)]
    return builder.added(program, inputs)[0]


def _is_proven(builder: ProgramBuilder, place: int, expected: int, graph: Graph) -> bool:
    """True if two conditions are one by exact polynomials.

    Doubles that cancel in the reals (``x + 1e16 - 1e16 == 0.0``) need a number of their own.
    """
    found, wanted = builder.program([place]), builder.program([expected])
    if not {*map(abs, found.literals())} <= {0.0, 1.0, *map(abs, wanted.literals())}:
        return False
    return composed(wanted, [found], lanes_for(graph).points) == [[True]]
