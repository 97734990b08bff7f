"""Kinks: which steps of a function have no derivative at a point.

A step is at a kink when a condition inside it is met exactly on its border (``max(x, x)`` apart),
or when one of its partial derivatives is not finite there.  Steps that only an untaken branch
needs do not count; one does whose infinite value a later step makes finite again (``1 / log(0)``),
or whose infinite slope meets a factor zero (``x * sqrt(x)``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpmath import mpf

from verify.numbers.precise import Answers, Precise
from verify.program.program import Program
from verify.rungs.process.findings import Kink
from verify.truth.oracle import ChainRule

__all__ = ["active_kinks"]


@dataclass
class _Visited:
    """One step of the function at the point."""

    operands: list[mpf]
    places: tuple[int, ...]
    inputs: set[int]  # that it depends on
    moves: bool  # with an input: a truth value does not
    border: bool  # a condition inside is met exactly
    partials: list[object]
    flows: list[bool]  # per operand: its derivative is not zero everywhere
    defined: bool


def active_kinks(program: Program, precise: Precise, point: Sequence[float]) -> list[Kink]:
    """Place and operands of each step at a kink, whether it is defined, and its inputs."""
    steps = _visit(program, precise, point)
    kinks = []
    for place in _relevant(program, precise, steps):
        step = steps[place]
        if step.inputs and (step.border or _is_singular(precise, steps, step)):
            operands = [float(x) for x in step.operands]
            kinks.append(Kink(place, operands, step.defined, sorted(step.inputs)))
    return kinks


def _visit(program: Program, precise: Precise, point: Sequence[float]) -> list[_Visited]:
    chain = ChainRule(program, range(program.inputs))
    values = [*map(precise.context.mpf, point), *[None] * len(program.steps)]
    steps = [_Visited([], (), {i}, True, False, [], [], True) for i in range(program.inputs)]
    steps += [_Visited([], (), set(), False, False, [], [], True) for _ in program.steps]
    for place, step in program.computed():
        if type(step) is not tuple:
            values[place] = precise.literal(step)  # type: ignore[arg-type]  # a float
            continue
        text, places = step
        operands = [values[i] for i in places]
        precise.restart()
        values[place] = precise.apply(text, operands)
        inputs = set().union(*(steps[i].inputs for i in places))
        border, answers = bool(precise.ties), tuple(precise.answers)
        border = border and not _ties_anyway(precise, text, places, operands, steps)
        wanted = [steps[i].inputs for i in places]
        partials = [
            _partial(chain, precise, text, answers, operands, i, bool(w))
            for i, w in enumerate(wanted)
        ]
        flows = chain.flows(text, answers, len(operands))
        moves = any(steps[i].moves and f for i, f in zip(places, flows, strict=True))
        defined = precise.finite(values[place])
        steps[place] = _Visited(operands, places, inputs, moves, border, partials, flows, defined)
    return steps


def _partial(
    chain: ChainRule,
    precise: Precise,
    text: str,
    answers: Answers,
    operands: Sequence[object],
    place: int,
    is_wanted: bool,
) -> object:
    """Value of one partial derivative; 1 if nobody can compute it, as by the order of a Bessel
    function: then nothing is known of a kink there."""
    if not is_wanted:
        return 0
    try:
        alone = [i == place for i in range(len(operands))]
        return chain.partials(precise, text, answers, operands, alone)[place]
    except (AttributeError, NotImplementedError, TypeError):
        return 1


def _is_singular(precise: Precise, steps: Sequence[_Visited], step: _Visited) -> bool:
    """True if a slope of the step is infinite."""
    parts = zip(step.places, step.partials, strict=True)
    return any(steps[i].moves and not precise.finite(x) for i, x in parts)


def _ties_anyway(
    precise: Precise,
    text: str,
    places: Sequence[int],
    operands: Sequence[mpf],
    steps: Sequence[_Visited],
) -> bool:
    """True if a step compares equal things wherever its inputs are: max(x, x), a literal with 0."""
    tiny = precise.context.mpf(10) ** -20
    moved = [
        x if type(x) is int or not steps[i].inputs else x + (1 + abs(x)) * (1 + i) * tiny
        for i, x in zip(places, operands, strict=True)
    ]
    precise.restart()
    precise.apply(text, moved)
    return bool(precise.ties)


def _relevant(program: Program, precise: Precise, steps: Sequence[_Visited]) -> list[int]:
    """Places that the result depends on at the point, in order."""
    rough = bytearray(len(steps))  # an infinite slope or value is on its way
    for place in range(program.inputs, len(steps)):
        step = steps[place]
        behind = any(rough[i] and f for i, f in zip(step.places, step.flows, strict=True))
        rough[place] = behind or not step.defined or _is_singular(precise, steps, step)
    needed = bytearray(len(steps))
    needed[program.outputs[0]] = 1
    for place in range(len(steps) - 1, program.inputs - 1, -1):
        if needed[place]:
            step = steps[place]
            parts = zip(step.places, step.operands, step.partials, step.flows, strict=True)
            for i, x, partial, flows in parts:
                decides = type(x) is int  # a truth value
                if partial != 0 or decides or (flows and rough[i]):
                    needed[i] = 1
    return [place for place in range(program.inputs, len(steps)) if needed[place]]
