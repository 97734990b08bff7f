"""The oracle: the true derivatives of the traced function, by ``sympy.diff``.

``WholeFunction`` differentiates the function's whole expression.  Where that expression gets too
large, ``ChainRule`` lets SymPy differentiate each primitive's text and multiplies numbers along
the graph: twenty lines that share nothing with the gradient under proof, and linear in the graph.

Both run the forward Program at a point first; its answers say on which side of every condition the
point lies.

``ProvenRules`` is for graphs so large that even that takes minutes: numbers are run through a
Program that holds the chain rule (spec.py), made of the rules that ``sympy.diff`` proved before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import sympy

from verify.numbers.evaluate import Evaluator
from verify.numbers.precise import Answers, Precise
from verify.numbers.symbols import Lift, Recorded, Symbolic
from verify.program.expression import InexpressibleError, program_of_expressions
from verify.program.program import Program

__all__ = ["ChainRule", "Oracle", "ProvenRules", "WholeFunction", "fits_whole", "whole_function"]

sp = sympy

# Beyond these sizes the whole expression is not built: sharing decides, not the number of steps.
_STEPS = 500
_TREE = 8_000
_TREE_TIMES_INPUTS = 60_000


def fits_whole(program: Program, inputs: int) -> bool:
    """True if SymPy can differentiate the whole function in about a second."""
    size = program.tree_size()
    return len(program.steps) <= _STEPS and size <= min(_TREE, _TREE_TIMES_INPUTS // (inputs + 1))


class WholeFunction:
    """Derivatives of one expression, differentiated by SymPy.

    Args:
        program: The traced function.
        inputs: Places of the inputs to differentiate by.
    """

    method = "sympy.diff of the function"

    def __init__(self, program: Program, inputs: Sequence[int]) -> None:
        self._program, self._inputs = program, inputs
        self._lift = Lift(program.literals())
        self._symbols = [sp.Symbol(f"x{i}", real=True) for i in range(program.inputs)]
        self._sides: dict[tuple[object, ...], list[sympy.Basic]] = {}
        self._chain = ChainRule(program, inputs)

    def derivatives(self, precise: Precise, point: Sequence[object]) -> list[object]:
        """Value of the function at ``point``, then its derivatives."""
        precise.restart()
        value = precise.run(self._program, point)[self._program.outputs[0]]
        values = dict(zip(self._symbols, point, strict=True))
        values |= {c: precise.literal(size) for c, size in self._lift.values.items()}
        evaluate = Evaluator(precise, values)
        expressions = self._differentiated(tuple(precise.answers))
        if _is_folded(expressions[0]):
            return self._chain.derivatives(precise, point)
        return [value, *(evaluate.real(x) for x in expressions[1:])]

    def program(self, answers: Answers) -> Program | None:
        """The value and the derivatives where the function's questions have these answers.

        None if there is no text for them.
        """
        expressions = self._differentiated(answers)
        if _is_folded(expressions[0]):
            return None
        try:
            return program_of_expressions(expressions, self._symbols, self._lift.values)
        except InexpressibleError:
            return None

    def _differentiated(self, answers: Answers) -> list[object]:
        """Value and derivatives as expressions."""
        if answers not in self._sides:
            algebra = Symbolic(self._lift, Recorded(answers))
            value = algebra.run(self._program, self._symbols)[self._program.outputs[0]]
            derived = [sp.diff(value, self._symbols[i]) for i in self._inputs]
            self._sides[answers] = [sp.sympify(value), *derived]
        return self._sides[answers]


def whole_function(program: Program, inputs: Sequence[int]) -> WholeFunction:
    """The oracle of a function, which one gradient after the other may be held to."""
    return _whole_function(json.dumps(program.to_json()), tuple(inputs))


@lru_cache(maxsize=8)
def _whole_function(program: str, inputs: tuple[int, ...]) -> WholeFunction:
    return WholeFunction(Program.from_json(json.loads(program)), inputs)


def _is_folded(value: sympy.Basic) -> bool:
    """True if SymPy made infinity or nan of a part: the derivative of that is no evidence."""
    return bool(value.has(sp.nan, sp.zoo, sp.oo, -sp.oo))


class ChainRule:
    """Derivatives by the chain rule over primitives that SymPy differentiates.

    Args:
        program: The traced function.
        inputs: Places of the inputs to differentiate by.
    """

    method = "sympy.diff of each primitive and the chain rule"

    def __init__(self, program: Program, inputs: Sequence[int]) -> None:
        self._program, self._inputs = program, inputs

    def derivatives(self, precise: Precise, point: Sequence[object]) -> list[object]:
        """Value of the function at ``point``, then its derivatives."""
        program = self._program
        values, answers = self._forward(precise, point)
        varies = self._varying(answers)
        bars: list[sympy.Basic] = [0] * len(values)
        bars[program.outputs[0]] = precise.context.mpf(1)
        for place, step in reversed(list(program.computed())):
            # A closed branch has the cotangent 0, and whatever happens inside it stays there.
            if bars[place] == 0 or type(step) is not tuple or not varies[place]:
                continue
            operands = [values[i] for i in step[1]]
            wanted = [varies[i] for i in step[1]]
            partials = self.partials(precise, step[0], answers[place], operands, wanted)
            for i, partial in zip(step[1], partials, strict=True):
                if partial != 0:
                    bars[i] += bars[place] * partial
        return [values[program.outputs[0]], *(bars[i] for i in self._inputs)]

    def program(self, answers: Answers) -> Program | None:
        """There is no expression of the whole function."""
        return None

    def _forward(
        self, precise: Precise, point: Sequence[object]
    ) -> tuple[list[object], dict[int, Answers]]:
        """Value at every place, and what each step answered."""
        values: list[sympy.Basic] = [*point, *[None] * len(self._program.steps)]
        answers = {}
        precise.restart()
        for place, step in self._program.computed():
            asked = len(precise.answers)
            if type(step) is tuple:
                values[place] = precise.apply(step[0], [values[i] for i in step[1]])
                answers[place] = tuple(precise.answers[asked:])
            else:
                values[place] = precise.literal(step)  # type: ignore[arg-type]  # a float
        return values, answers

    def _varying(self, answers: Mapping[int, Answers]) -> list[bool]:
        """For each place, whether it moves with an input on this side: truth values do not."""
        varies = [True] * self._program.inputs + [False] * len(self._program.steps)
        for place, step in self._program.computed():
            if type(step) is tuple and any(varies[i] for i in step[1]):
                flows = self.flows(step[0], answers[place], len(step[1]))
                varies[place] = any(varies[i] and f for i, f in zip(step[1], flows, strict=True))
        return varies

    def flows(self, text: str, answers: Answers, arity: int) -> list[bool]:
        """For each operand, whether the primitive's derivative by it is not zero everywhere."""
        return [x != 0 for x in _derived(text, answers, arity)[1]]

    def partials(
        self,
        precise: Precise,
        text: str,
        answers: Answers,
        operands: Sequence[object],
        wanted: Sequence[object],
    ) -> list[object]:
        """Value of each partial derivative of one primitive; 0 for those that nobody wants."""
        symbols, expressions = _derived(text, answers, len(operands))
        evaluate = Evaluator(precise, dict(zip(symbols, operands, strict=True)))
        both = zip(expressions, wanted, strict=True)
        return [evaluate.real(x) if is_wanted else 0 for x, is_wanted in both]


@lru_cache(maxsize=4096)
def _derived(text: str, answers: Answers, arity: int) -> tuple[list[sympy.Basic], list[object]]:
    """Symbols for the operands, and a primitive's derivatives as expressions of these."""
    symbols = [sp.Symbol(f"x{i}", real=True) for i in range(arity)]
    value = sp.sympify(Symbolic(_no_literals, Recorded(answers)).apply(text, symbols))
    return symbols, [sp.diff(value, x) for x in symbols]


class ProvenRules:
    """Derivatives by the chain rule over the rules of the primitives.

    Args:
        program: Value and derivatives, as the chain rule gives them.
        inputs: Places of the inputs to differentiate by.
    """

    method = "the chain rule and rules proven by sympy.diff"

    def __init__(self, program: Program, inputs: Sequence[int]) -> None:
        wanted = [program.outputs[0], *(program.outputs[1 + i] for i in inputs)]
        self._program = replace(program, outputs=tuple(wanted))

    def derivatives(self, precise: Precise, point: Sequence[object]) -> list[object]:
        """Value of the function at ``point``, then its derivatives."""
        precise.restart()
        values = precise.run(self._program, point)
        return [values[i] for i in self._program.outputs]

    def program(self, answers: Answers) -> Program | None:
        """SymPy did not derive it."""
        return None


_no_literals = Lift(())

Oracle = WholeFunction | ChainRule | ProvenRules
