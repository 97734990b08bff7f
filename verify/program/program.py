"""Program: straight-line arithmetic as data, what every step of the proof runs.

The traced function and the text under proof both become a Program, the first from its graph
(``program_of``), the second from its syntax tree (``read.py``).  An algebra (``algebra.py``) then
runs a Program over its kind of numbers: SymPy expressions, 60-digit floats.

A step is a literal or the ``sympy`` text of a primitive with the places of its operands, so a
Program says all there is to know and can be sent to another process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, islice
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from autodiff.graph.graph import Graph
    from verify.program.language.scalars.rough_numbers import Rough

__all__ = ["SIGN_OF_ZEROS", "Program", "ProgramBuilder", "Step", "Written", "program_of"]

# A number, or a primitive's text ("{0} * {1}") and the places of its operands.
Step: TypeAlias = float | tuple[str, tuple[int, ...]]


# As ``Program.to_json`` writes it: the four parts.
Written: TypeAlias = Sequence[object]

# The sign of a number as ``copysign`` sees it.  That of a zero is no matter of real numbers: what
# runs takes it for the positive one, and no proof rests on that (opened.py).
SIGN_OF_ZEROS = "Piecewise((1, {0} >= 0), (-1, True))"


@dataclass(frozen=True)
class Program:
    """Straight-line arithmetic.

    Args:
        inputs: Number of inputs; they have the places 0, 1, ...
        steps: What is computed, in order; the places go on counting.
        outputs: Places of the results.
        folds: Of numbers that reading a text computed of its numbers, how: size -> ``sympy`` text.
    """

    inputs: int
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    folds: Mapping[float, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def live(self) -> bytearray:
        """1 for each place that a result depends on; the others need not be computed."""
        live = bytearray(self.inputs + len(self.steps))
        for place in self.outputs:
            live[place] = 1
        for place in range(len(live) - 1, self.inputs - 1, -1):
            step = self.steps[place - self.inputs]
            if live[place] and type(step) is tuple:
                for operand in step[1]:
                    live[operand] = 1
        return live

    def computed(self) -> Iterator[tuple[int, Step]]:
        """Place and step of what a result depends on, in order."""
        return compress(enumerate(self.steps, self.inputs), islice(self.live, self.inputs, None))

    def literals(self) -> list[float]:
        """The numbers that matter, each once."""
        numbers = (step for _, step in self.computed() if isinstance(step, float))
        return list(dict.fromkeys(numbers))

    def tree_size(self) -> int:
        """Operations when nothing is shared: what symbolic algebra may have to look at."""
        sizes = [1] * self.inputs
        for step in self.steps:
            sizes.append(1 if isinstance(step, float) else 1 + sum(sizes[i] for i in step[1]))
        return sum(sizes[i] for i in self.outputs)

    def is_same(self, other: Program) -> bool:
        """True if both compute the same numbers by the same steps, in whatever order."""
        if (self.inputs, len(self.outputs)) != (other.inputs, len(other.outputs)):
            return False
        builder = ProgramBuilder(self.inputs)
        return builder.added(self) == builder.added(other)

    def beside(self, other: Program) -> Program:
        """The results of both, on the same inputs."""
        shift = len(self.steps)

        def moved(places: Iterable[int]) -> tuple[int, ...]:
            return tuple([i if i < self.inputs else i + shift for i in places])

        steps = (s if isinstance(s, float) else (s[0], moved(s[1])) for s in other.steps)
        outputs = (*self.outputs, *moved(other.outputs))
        return Program(self.inputs, (*self.steps, *steps), outputs)

    def to_json(self) -> Written:
        """Plain lists that ``json`` can write."""
        return [self.inputs, self.steps, self.outputs, [*self.folds.items()]]

    @classmethod
    def from_json(cls, data: Written) -> Program:
        """The Program that ``to_json`` wrote."""
        parts: Sequence[Any] = data
        inputs, steps, outputs, *more = parts
        read = (s if isinstance(s, float) else (s[0], tuple(s[1])) for s in steps)
        return cls(inputs, tuple(read), tuple(outputs), dict(more[0] if more else ()))


class ProgramBuilder:
    """Grows a Program; an equal step is added once."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.steps: list[Step] = []
        self._places: dict[object, int] = {}
        self.folds: dict[float, str] = {}
        self.rough: dict[int, Rough] = {}  # places of numbers whose last digits nobody knows

    def literal(self, value: float) -> int:
        """Place of a number."""
        # By its text: a dict would merge 0.0 with -0.0 and split the nans.
        return self._place(repr(float(value)), float(value))

    def apply(self, text: str, *operands: int) -> int:
        """Place of the result of a primitive's text."""
        return self._place((text, operands), (text, operands))

    def seed(self) -> int:
        """Place of a 1.0 of its own, by which a Program can be told from what it multiplies."""
        return self._place("seed", 1.0)

    def added(self, program: Program, inputs: Iterable[int] | None = None) -> list[int]:
        """Places of the results of a Program, whose steps are added where they are new.

        Args:
            program: The Program.
            inputs: The places of its inputs; by default those of its own.
        """
        places = [
            *(range(program.inputs) if inputs is None else inputs),
            *[-1] * len(program.steps),
        ]
        for place, step in program.computed():
            if isinstance(step, float):
                places[place] = self.literal(step)
            else:
                places[place] = self.apply(step[0], *(places[i] for i in step[1]))
        return [places[i] for i in program.outputs]

    def value(self, place: int) -> float | None:
        """The number at a place, None if it is computed."""
        step = None if place < self.inputs else self.steps[place - self.inputs]
        return step if isinstance(step, float) else None

    def _place(self, key: object, step: Step) -> int:
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self.inputs + len(self.steps)
            self.steps.append(step)
        return place

    def program(self, outputs: Iterable[int]) -> Program:
        """The finished Program."""
        return Program(self.inputs, tuple(self.steps), tuple(outputs), dict(self.folds))


def program_of(graph: Graph) -> Program:
    """A graph as a Program: places are node indices, texts the primitives' ``sympy`` column."""
    steps: list[Step] = []
    for node in graph.nodes[graph.inputs.count :]:
        if node.primitive is None:
            assert node.value is not None
            steps.append(node.value)
        else:
            steps.append((node.primitive.sympy, node.operands))
    return Program(graph.inputs.size, tuple(steps), graph.outputs)
