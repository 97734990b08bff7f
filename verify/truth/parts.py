"""Parts: sums of functions of one number each, cut so that each is proven alone.

A loss is often a sum over rows, ``phi(z_1) + phi(z_2) + ...``, and a gradient computes the slope of
each term in a form of its own: a sigmoid where the function has ``max`` and ``abs``.  All rows at
once have more sides than anybody can look at; one has two or three.  So each slope is proven to be
that of its term, as functions of z alone, and then stands as an unknown number in both: in the
chain rule, where the term is that number times z, and in the text.  What is left is linear.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from autodiff.graph.graph import Graph
from autodiff.graph.rebuild import Rebuild, Ref, rebuild
from autodiff.graph.structure import SCALAR
from autodiff.table import ops
from autodiff.table.primitive import Primitive
from verify.induction.asking.opened import with_open_questions
from verify.induction.asking.questions import Questions
from verify.induction.shapes import Shapes
from verify.program.program import Program, Step, program_of
from verify.truth.derived import chain_rule_program
from verify.truth.terms import Terms, is_smooth

__all__ = ["Claim", "Cut", "cut"]

_MOST = 4000  # nodes
_INSIDE = 60  # of a part
_TRIED = -2.3, -0.31, 0.43, 1.7, 9.0  # where a number that is no slope shows it
_NEAR = 1e-9
_ASKS = re.compile(r"[<>]|\b(?:Eq|Ne|Max|Min|Abs|sign)\(")


@dataclass(frozen=True)
class Claim:
    """That a number of a text is the slope of a part, up to its sign: functions of one number.

    Args:
        function: The part.
        slope: The number.
        truth: The chain rule of the part.
        reordered: Whether the text adds up the number in another order than the function, so that
            doubles of the two may be on different sides of a question.
    """

    function: Program
    slope: Program
    truth: Program
    reordered: bool


@dataclass(frozen=True)
class Cut:
    """A gradient with unknown numbers in the place of the slopes of parts.

    Args:
        rules: The chain rule, of the value and each input.
        texts: What gives the numbers under proof.
        claims: What has to be proven of the unknown numbers.
    """

    rules: Program
    texts: list[Program]
    claims: list[Claim]


@dataclass(frozen=True)
class _Part:
    """Terms that are functions of one node.

    Args:
        argument: The node.
        terms: Factors, relative to that of the first, and nodes.
        function: Their sum as a function of the node.
        is_bent: Whether it bends or switches.
    """

    argument: int
    terms: list[tuple[Fraction, int]]
    function: Graph
    is_bent: bool


def cut(graph: Graph, texts: Sequence[Program], inputs: Sequence[int]) -> Cut | None:
    """The gradient cut at the parts that its texts compute slopes of; None if there are none.

    Args:
        graph: The function.
        texts: What gives the derivatives by ``inputs``.
        inputs: The inputs of the derivatives.
    """
    if len(graph.nodes) > _MOST:
        return None
    asks = any(
        _ASKS.search(step[0]) for text in texts for step in text.steps if type(step) is tuple
    )
    program, tables = program_of(graph), (Shapes(strict=True), Shapes(ordered=False))
    own, alike = (shapes.run(program) for shapes in tables)
    replaced = [_Replaced(text, [s.run(text) for s in tables]) for text in texts]
    parts, claims = list[_Part](), dict[Claim, None]()
    for part in _parts(graph, asks):
        function = program_of(part.function)
        truth = chain_rule_program(part.function)
        slopes = [[*text.slopes_of(alike[part.argument], truth)] for text in replaced]
        if not part.is_bent and not all(any(map(_asks, found)) for found in slopes):
            continue  # as it stands it is proven as well
        for text, found in zip(replaced, slopes, strict=True):
            for place, sign, slope, shape in found:
                text.put(place, len(parts), sign)
                claims[Claim(function, slope, truth, abs(shape) != abs(own[part.argument]))] = None
        parts.append(part)
    if not claims or len(parts) < 2:
        return None
    rules = chain_rule_program(_with_slopes(graph, parts))
    places = [0, *(1 + i for i in inputs)]
    rules = replace(rules, outputs=tuple(rules.outputs[i] for i in places))
    questions = Questions(rules)
    return Cut(
        rules,
        [with_open_questions(questions, text.program(len(parts))) for text in replaced],
        [*claims],
    )


def _asks(found: tuple[int, int, Program, int]) -> bool:
    """True if what may be a slope has conditions."""
    return any(_ASKS.search(step[0]) for step in found[2].steps if type(step) is tuple)


def _parts(graph: Graph, smooth: bool = False) -> Iterator[_Part]:
    """What of the sum are functions of one node, that bend or switch; smooth ones as well."""
    terms = Terms(graph)
    kinked = {i for i, row, _ in graph.operations() if not is_smooth(row) and row is not ops.sqrt}
    found: dict[int, list[tuple[Fraction, int]]] = {}
    every = [*terms]
    uses = Counter(place for _, place in every)
    for place in [*uses]:
        uses.update(terms.cone([place]) - {place})
    for factor, place in every:  # its value matters to nothing but the sum
        if uses[place] != 1:
            continue
        argument = _argument(terms, place, kinked)
        if argument is None and smooth and not terms.cone([place]) & kinked:
            argument = _deepest(terms, place)
        if argument is not None:
            found.setdefault(argument, []).append((factor, place))
    for argument, own in found.items():
        first = own[0][0]
        scaled = [(factor / first, place) for factor, place in own]
        if all(Fraction(float(factor)) == factor for factor, _ in scaled):
            bent = bool(terms.cone([i for _, i in own], [argument]) - {argument} & kinked)
            yield _Part(argument, scaled, terms.piece([argument], scaled), bent)


def _argument(terms: Terms, place: int, kinked: set[int]) -> int | None:
    """The node that alone a bent term is a function of; None if there is none that is smooth."""
    cone, inputs = terms.cone([place]), {*terms.graph.inputs.nodes}
    if not cone & kinked:
        return None
    for node in sorted(cone - {place}, reverse=True):
        if terms.graph.nodes[node].primitive is None and node not in inputs:
            continue  # a number
        inside = terms.cone([place], [node], _INSIDE) - {node}
        if len(inside) >= _INSIDE or inside & inputs or terms.cone([node]) & kinked:
            continue
        return node
    return None


def _deepest(terms: Terms, place: int) -> int | None:
    """The first node that alone a smooth term is a function of: w @ x of softplus(-(w @ x))."""
    inputs = {*terms.graph.inputs.nodes}
    for node in sorted(terms.cone([place], most=_MOST) - {place} - inputs):
        if terms.graph.nodes[node].primitive is None:
            continue  # a number
        inside = terms.cone([place], [node], _INSIDE) - {node}
        if len(inside) < _INSIDE and not inside & inputs:
            return node
    return None


def _with_slopes(graph: Graph, parts: Sequence[_Part]) -> Graph:
    """The function with an unknown number times its argument in the place of each part."""
    count = graph.inputs.count
    slopes = {part.terms[0][1]: (count + k, part.argument) for k, part in enumerate(parts)}
    gone = {place for part in parts for _, place in part.terms[1:]}

    def rule(walk: Rebuild, index: int, _: Primitive, __: tuple[int, ...]) -> Ref | None:
        if index in gone:
            return 0.0
        if index not in slopes:
            return None
        slope, argument = slopes[index]
        return walk.builder.add(ops.mul, (slope, walk.placed(argument)))

    more = [(f"slope_{k}", SCALAR) for k in range(len(parts))]
    return rebuild(graph, rule, parameters=[*graph.parameters, *more])


class _Replaced:
    """A text in which steps become unknown numbers.

    Args:
        text: The text.
        shapes: Of each place, what doubles it has; what it has but for the order in which terms
            are added.
    """

    def __init__(self, text: Program, shapes: Sequence[Sequence[int]]) -> None:
        self._text, (self._shapes, self._alike) = text, shapes
        self._put: dict[int, tuple[int, int]] = {}

    def slopes_of(self, number: int, truth: Program) -> Iterator[tuple[int, int, Program, int]]:
        """Steps that may be slopes of a function of one number: place, sign, program, shape.

        Each is made of doubles of one shape: two of them may be on two sides of a question.

        Args:
            number: What the doubles are but for the order in which terms are added.
            truth: Value and slope of the function.
        """
        pairs = zip(self._shapes, self._alike, strict=True)
        for shape in sorted({abs(x) for x, like in pairs if x and abs(like) == abs(number)}):
            for found in self._slopes_of(shape, number, truth):
                yield *found, shape

    def _slopes_of(
        self, shape: int, number: int, truth: Program
    ) -> Iterator[tuple[int, int, Program]]:
        places, program = self._functions_of(shape, number)
        if not places:
            return
        points = [(_values(truth, z), _values(program, z)) for z in _TRIED]
        for k, (place, output) in enumerate(zip(places, program.outputs, strict=True)):
            signs = {1, -1}
            for expected, found in points:
                signs &= {s for s in (1, -1) if _is_near(expected[1], s * found[k])}
            if len(signs) == 1:
                alone = _trimmed(replace(program, outputs=(output,)))
                sign = signs.pop()
                yield place, sign, alone if sign > 0 else _negated(alone)

    def _functions_of(self, shape: int, number: int) -> tuple[list[int], Program]:
        """Steps that are functions of numbers of one shape, and what computes them of it."""
        steps: list[Step] = [("-{0}", (0,))]
        text = self._text
        made = {
            i: int(self._alike[i] != number) for i, s in enumerate(self._shapes) if abs(s) == shape
        }
        places: list[int] = []
        for place, step in text.computed() if made else ():
            if type(step) is not tuple or place in made or len(steps) > _INSIDE:
                continue
            numbers = {i: x for i in step[1] if i not in made if (x := self._number(i)) is not None}
            own = [i for i in step[1] if i in made]
            if not own or len(own) + sum(i in numbers for i in step[1]) < len(step[1]):
                continue
            for i, x in numbers.items():
                steps.append(x)
                made[i] = len(steps)
            steps.append((step[0], tuple(made[i] for i in step[1])))
            made[place] = len(steps)
            places.append(place)
        return places, Program(1, tuple(steps), tuple(made[i] for i in places))

    def _number(self, place: int) -> float | None:
        step = None if place < self._text.inputs else self._text.steps[place - self._text.inputs]
        return step if type(step) is float else None

    def put(self, place: int, unknown: int, sign: int) -> None:
        """Have an unknown number, or its negative, at a place."""
        self._put[place] = unknown, sign

    def program(self, more: int) -> Program:
        """The text as it is then, with so many unknown numbers."""
        old = self._text
        moved = list(range(old.inputs))
        steps: list[Step] = []
        for place, step in enumerate(old.steps, old.inputs):
            unknown, sign = self._put.get(place, (0, 0))
            if sign > 0:
                moved.append(old.inputs + unknown)
                continue
            if sign < 0:
                steps.append(("-{0}", (old.inputs + unknown,)))
            else:
                steps.append(_moved(step, moved))
            moved.append(old.inputs + more + len(steps) - 1)
        return Program(old.inputs + more, tuple(steps), tuple(moved[i] for i in old.outputs))


def _trimmed(program: Program) -> Program:
    """A program without the steps that do not matter, so that equal ones look it."""
    moved = list(range(program.inputs + len(program.steps)))
    steps: list[Step] = []
    for place, step in program.computed():
        steps.append(_moved(step, moved))
        moved[place] = program.inputs + len(steps) - 1
    return Program(program.inputs, tuple(steps), tuple(moved[i] for i in program.outputs))


def _moved(step: Step, moved: Sequence[int]) -> Step:
    """A step whose operands have other places."""
    return step if isinstance(step, float) else (step[0], tuple(moved[i] for i in step[1]))


def _negated(program: Program) -> Program:
    place = program.inputs + len(program.steps)
    return replace(program, steps=(*program.steps, ("-{0}", program.outputs)), outputs=(place,))


def _values(program: Program, z: float) -> list[float]:
    """What a program of one number gives."""
    from verify.numbers.precise import Precise  # mpmath takes long to import, and few ask

    precise = Precise()
    values = precise.run(program, [precise.context.mpf(z)])
    return [float(values[i]) for i in program.outputs]


def _is_near(x: float, y: float) -> bool:
    return abs(x - y) <= _NEAR * max(abs(x), abs(y), 1e-3)
