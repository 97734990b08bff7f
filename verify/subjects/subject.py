"""Subject: what is verified, read into Programs.

Our own compiled code and somebody else's gradient (foreign) end up in the same form: the traced
function, and the Programs that claim to compute its partial derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Tuple, size
from autodiff.graph.tree.tree import leaves_of, tree_of
from autodiff.run.interpret import backpropagate
from autodiff.run.transform import value_and_gradient, vjp
from codegen.call.tie_texts import settled_halves
from verify.answer.certificate import sha256
from verify.induction.asking.opened import opened
from verify.induction.asking.questions import Questions
from verify.induction.definedness import Definedness
from verify.numbers.switching_steps import asks
from verify.program.limits import LARGE
from verify.program.program import Program, Written, program_of
from verify.subjects.rewritten import ArrayText
from verify.subjects.tied_text import Ties
from verify.subjects.under_proof import UnderProof
from verify.truth.cusps import Cusp, cusps
from verify.truth.derived import chain_rule_program

__all__ = ["Subject", "facts_of", "places_of"]


@dataclass
class Subject(UnderProof):
    """A gradient under proof: value, if it is given, and partial derivatives.

    Args:
        inputs: The inputs it is differentiated by.
        value: Whether the programs give the value too, first.
        settles: True if what runs settles ties, though nothing that was read says so.
        called: What the partial derivatives are called, where not as their inputs.
        numbers: Gives the numbers at ties, where the text settles these and is no ``source`` here.
        nowhere: Where the function has no derivatives because it is one itself, and is none there.
        slope_of: What the function is the derivative of, and by which input, if it is one.
    """

    inputs: list[int]
    _: KW_ONLY
    value: bool = True
    settles: bool = False
    called: Sequence[str] = ()
    numbers: Callable[[Sequence[float]], list[float]] | None = None
    nowhere: Sequence[Cusp] = ()
    slope_of: tuple[Graph, int] | None = None

    @cached_property
    def ties(self) -> Ties:
        """What the text holds for where switches tie, as it follows from the function."""
        return Ties(_settled_by(self), self.source)

    @property
    def text(self) -> str:
        """What of the source is read as it stands: all but what is said of ties."""
        return self.ties.untied.text

    def settled(self, point: Sequence[float]) -> list[float] | None:
        """What the text gives at ``point`` if it settles ties; None if it says all by itself.

        What it says of ties is set aside when it is read, because it follows from the function to
        the letter; so its numbers there are those of the interpreter, which settles them likewise.
        """
        if self.numbers is not None:
            return self.numbers(point)
        if not self.settles and self.text == self.source:
            return None
        arguments = tree_of(Tuple(tuple(structure for _, structure in self.graph.parameters)))
        _, gradient = backpropagate(self.graph, *arguments.rebuild(list(point)))
        numbers = leaves_of(gradient)
        return [float(numbers[i]) for i in self.inputs]

    @property
    def names(self) -> list[str]:
        """What the partial derivatives are called: as the inputs, if nothing else was said."""
        return (
            list(self.called) if self.called else [self.graph.inputs.names[i] for i in self.inputs]
        )

    @property
    def facts(self) -> dict[str, object]:
        """What a saved report needs to establish the verdict again."""
        entry = self.entry or "value_and_gradient"
        of_text = facts_of(self.graph, self.source, self.arrays, self.entry)
        return of_text | {"entry": entry, "remarks": self.remarks}

    @property
    def is_large(self) -> bool:
        """True if many digits at many points would take too long."""
        return len(self.graph.nodes) > LARGE

    @cached_property
    def truth(self) -> Program:
        """Value and derivatives, as the chain rule gives them."""
        return chain_rule_program(self.graph)

    @cached_property
    def truth_in_steps(self) -> Program:
        """The same with the numbers of the function as they are, each to be read as another one."""
        return chain_rule_program(self.graph, in_steps=True)

    @cached_property
    def definedness(self) -> Definedness:
        """What the function and its chain rule need to be defined."""
        return Definedness(self.truth)

    @cached_property
    def opened(self) -> list[Program]:
        """The programs, with unknown numbers for what only they ask."""
        return [program for program, _ in self._opened]

    @cached_property
    def _opened(self) -> list[tuple[Program, bool]]:
        """These, and whether what they ask is asked of numbers that are nearly exact."""
        if not any(map(asks, self.programs)):
            return [(program, True) for program in self.programs]
        questions = Questions(self.truth)
        return [opened(questions, program) for program in self.programs]

    @cached_property
    def cusps(self) -> list[Cusp]:
        """Where the function surely has no derivative."""
        return [*cusps(self.graph), *self.nowhere]

    @property
    def _bends(self) -> list[Cusp]:
        return [] if self.compiled_here or self.is_large else self.cusps

    @property
    def _intervals(self) -> list[tuple[int, float, float]]:
        """Inputs known to lie in intervals wherever the function and its chain rule are defined."""
        if self.compiled_here or self.is_large:
            return []
        return self.definedness.intervals()

    @cached_property
    def switching(self) -> tuple[Written, int] | None:
        """What the function is the derivative of, if that switches somewhere."""
        if self.compiled_here or self.is_large or self.slope_of is None:
            return None
        function, by = self.slope_of
        program = program_of(function)
        return (program.to_json(), by) if asks(program) else None

    def message(
        self,
        examples: list[list[float]],
        nonce: int | str,
        chain: bool,
        seed: int = 0,
        written: bool = False,
    ) -> dict[str, object]:
        """The job for the worker process.

        Args:
            examples: Points to compare near.
            nonce: What random points and numbers are drawn from.
            chain: Whether the oracle has to be linear in the graph.
            seed: Of further points; 0 for none.
            written: Whether constants are read as what they were written as (decimals.py).
        """
        unbounded = [[float("-inf"), float("inf")]] * self.graph.inputs.size
        truth = self.truth_in_steps if written else self.truth
        return {
            "rules" if self.is_large else "truth": truth.to_json(),
            "forward": program_of(self.graph).to_json(),
            "subjects": [program.to_json() for program in self.programs],
            "opened": [program.to_json() for program in self.opened],
            "near": all(near for _, near in self._opened),
            "intervals": self._intervals,
            "cusps": [[c.squares.to_json(), sorted(c.inputs)] for c in self._bends],
            "slope_of": self.switching,
            "inputs": self.inputs,
            "names": self.graph.inputs.names,
            "value": self.value,
            "domain": unbounded,
            "examples": examples,
            "seed": nonce,
            "further": seed,
            "chain": chain,
            "written": written,
        }


def facts_of(graph: Graph, source: str, arrays: ArrayText | None, entry: str) -> dict[str, object]:
    """What a saved report says of a function and of the text that was read: its kind, its digest.

    Args:
        graph: The function.
        source: The text of numbers, "" if there is none.
        arrays: The text of whole arrays, if there is one.
        entry: Which function of somebody else's text was read; "" for text of ours.
    """
    form = "arrays" if arrays else "callable" if not source else "text" if entry else "emitted"
    text, own = arrays.source if arrays else source, str(graph)
    return {
        "graph": own,
        "graph_sha256": sha256(own),
        "form": form,
        "source_sha256": sha256(text) if text else None,
    } | ({"arrays": arrays.facts} if arrays else {})


def places_of(graph: Graph, positions: Sequence[int]) -> list[int]:
    """Inputs that belong to these arguments."""
    starts, start = [], 0
    for _, structure in graph.parameters:
        starts.append(start)
        start += size(structure)
    return [starts[p] + i for p in positions for i in range(size(graph.parameters[p][1]))]


def _settled_by(subject: Subject) -> dict[str, Graph]:
    """The graph whose derivatives each function of an emitted text settles where switches tie."""
    if "_settled(" not in subject.source:
        return {}
    graph, positions, start = subject.graph, [], 0
    for position, (_, structure) in enumerate(graph.parameters):
        if start in subject.inputs:
            positions.append((subject.inputs.index(start), position))
        start += size(structure)
    by = [position for _, position in sorted(positions)]
    settled = {"value_and_gradient": value_and_gradient(graph, by)}
    return settled | settled_halves(graph, vjp(graph, by))
