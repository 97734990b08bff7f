"""Every rule of the primitive table against ``sympy.diff``.

A rule says ``g * d out / d operand``.  It is run on placeholders, becomes a Program, and climbs the
same ladder as a whole gradient: the function is ``g`` times the row's ``sympy`` text, the gradient
under proof is the rule.  So a rule a user registers is proven like ours.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product

from autodiff.errors import ArgumentError, TraceError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR
from autodiff.graph.tree.given import given_seconds
from autodiff.run.interpret import evaluate
from autodiff.table import ops
from autodiff.table.float import Float
from autodiff.table.primitive import REAL, REGISTRY, Guarded, Primitive
from autodiff.trace.trace import record
from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Report, Verdict, verdict_of
from verify.induction.definedness import Definedness
from verify.program.program import program_of
from verify.rungs.process.findings import Undefined
from verify.rungs.process.process import StepError, shared_worker
from verify.rungs.process.session import Session

__all__ = ["prove_rule", "prove_rules", "rule_graphs"]

# Literal operands that a rule wants as numbers: every way such a rule can go.
_LITERALS = (2.0, 3.0, -1.0, 0.5, 2.5, 1.0 / 3.0, -2.7, 1.0, 0.0)


def prove_rules(primitives: Iterable[Primitive] | None = None, time_limit: float = 10.0) -> Report:
    """Prove every rule of these primitives; of the whole registry by default.

    Literal operands have no rule and no entry.

    Args:
        primitives: Rows of the table; None: all that are registered.
        time_limit: Seconds a step may take.

    Returns:
        A report with an entry per rule.

    Raises:
        ArgumentError: if ``time_limit`` is no time.

    >>> from autodiff import ops
    >>> str(prove_rules([ops.mul, ops.tanh]).verdict)
    'PROVED'
    """
    given_seconds("time_limit", time_limit)
    rows = list(REGISTRY.values() if primitives is None else primitives)
    entries = [
        prove_rule(row, position, time_limit)
        for row in rows
        for position in range(row.arity)
        if position not in row.literal
    ]
    return Report("the primitives", "rules", tuple(entries))


def prove_rule(
    primitive: Primitive, position: int = 0, time_limit: float = 10.0, everywhere: bool = False
) -> Entry:
    """Prove that ``primitive.partials[position]`` is the derivative of the ``sympy`` text.

    A rule None says that the derivative is zero, and is proven to be.

    Args:
        primitive: Any row, also one that was just registered.
        position: Of the operand.
        time_limit: Seconds a step may take.
        everywhere: True to prove it of all reals, whatever the row's domain.

    Returns:
        Verdict and method, with the point that shows it where the rule is refuted.

    Raises:
        ArgumentError: if there is no such operand, or it is a literal.

    >>> from autodiff import ops
    >>> print(prove_rule(ops.div, 1).method)
    sympy.diff, identical
    """
    given_seconds("time_limit", time_limit)
    name = f"{primitive.name}: operand {position}"
    if not 0 <= position < primitive.arity or position in primitive.literal:
        raise ArgumentError(f"{name}: found no operand there that a derivative can flow to")
    cases = list(rule_graphs(primitive, position))
    worker = shared_worker()
    found = []
    with worker.lock:
        for fixed, forward, rule in cases:
            message = _message(primitive, forward, rule, position, everywhere)
            inputs = ("g", *(f"x{i}" for i in range(primitive.arity)))
            session = Session(message, [name], inputs, [""], worker, time_limit)
            entry = session.entries()[0]
            if primitive.module:
                entry = _where_defined(session, forward, rule, entry)
            found.append((fixed, entry))
    return _worst(primitive, found)


def _where_defined(session: Session, forward: Graph, rule: Graph, entry: Entry) -> Entry:
    """A user's rule is a number wherever its function has a derivative that is one."""
    program = program_of(rule)
    lacks = Definedness(program_of(forward)).lacks(program)[0]
    pole: Undefined = {}
    if lacks and entry.verdict is not Verdict.REFUTED:
        with suppress(StepError):
            pole = session.ask("undefined", 0, program.to_json(), [lack.place for lack in lacks])
    if not pole:
        return entry
    point = dict(zip(forward.inputs.names, pole["point"], strict=True))
    at = ", ".join(f"{name} = {x!r}" for name, x in point.items())
    text = f"UNDEFINED-AT {at}: the rule gives no number, the derivative is {pole['expected']:g}"
    return replace(entry, verdict=Verdict.UNDECIDED).with_remarks(Remark(Reason.UNDEFINED_AT, text))


Fixed = dict[int, float]


def rule_graphs(primitive: Primitive, position: int) -> Iterator[tuple[Fixed, Graph, Graph]]:
    """Operands that are fixed, and the graphs of ``g * out`` and of the rule, for each case."""
    for fixed in _cases(primitive, position):
        yield fixed, *_case(primitive, position, fixed)


def _cases(primitive: Primitive, position: int) -> Iterator[Fixed]:
    """Operands that are numbers: conditions both ways; literals where the rule asks for one, or
    of the lowest order."""
    choices: dict[int, tuple[float, ...]] = {}
    choices |= {p: (1.0, 0.0) for p in primitive.conditions if p != position}
    fixed = {p: values[0] for p, values in choices.items()}
    try:
        _case(primitive, position, fixed)
    except TraceError:  # float(n): the rule computes with its literal
        for p in primitive.literal:
            low, high = primitive.interval(p)
            choices[p] = tuple(n for n in _LITERALS if low <= n <= high)
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))
    for p in set(primitive.literal).difference(choices):
        lowest = primitive.interval(p)[0]  # an order, which a rule may treat on its own
        if math.isfinite(lowest):
            yield fixed | {p: lowest}


def _case(primitive: Primitive, position: int, fixed: Fixed) -> tuple[Graph, Graph]:
    """Graphs of ``g * out`` and of the rule, with some operands fixed."""
    rule = primitive.partials[position]
    parameters = [("g", SCALAR), *((f"x{i}", SCALAR) for i in range(primitive.arity))]

    def operands(placeholders: Sequence[object]) -> list[object]:
        return [Float(fixed[i]) if i in fixed else x for i, x in enumerate(placeholders)]

    def forward(g: object, *placeholders: object) -> object:
        return g * primitive(*operands(placeholders))

    def partial(g: object, *placeholders: object) -> object:
        arguments = operands(placeholders)
        result = None if rule is None else rule(g, primitive(*arguments), *arguments)
        return _settled(result)

    return record(forward, "forward", parameters), record(partial, "rule", parameters)


def _settled(result: object) -> object:
    """What flows: nothing is zero, a guarded contribution is zero where its condition fails."""
    if result is None:
        return 0.0
    if isinstance(result, Guarded):
        if result.polarity:
            return ops.where(result.condition, result.value, 0.0)
        return ops.where(result.condition, 0.0, result.value)
    return result


def _message(
    primitive: Primitive, forward: Graph, rule: Graph, position: int, everywhere: bool
) -> Callable[[bool], Mapping[str, object]]:
    own = [REAL if everywhere else primitive.interval(i) for i in range(primitive.arity)]
    domain = [REAL, *own]
    conventions = _bound_at_ties(primitive, forward)

    def message(chain: bool) -> dict[str, object]:
        return {
            "forward": program_of(forward).to_json(),
            "subjects": [program_of(rule).to_json()],
            "inputs": [position + 1],
            "value": False,
            "domain": domain,
            "examples": [],
            "seed": secrets.token_hex(16),
            "chain": chain,
        } | conventions

    return message


def _bound_at_ties(primitive: Primitive, forward: Graph) -> dict[str, object]:
    """What a user's rule is held to where something that it asks ties: the slopes beside.

    The conventions of our own rules at kinks are part of the table, so nothing is asked there.
    """
    if not primitive.module:
        return {}
    size = forward.inputs.size

    def none(*operands: object) -> list[object]:
        return [evaluate(forward, *operands), *[math.nan] * size]

    return {"truth": program_of(record(none, "no convention", forward.parameters)).to_json()}


def _worst(primitive: Primitive, found: Sequence[tuple[Fixed, Entry]]) -> Entry:
    entries = [entry for _, entry in found]
    worst = next(e for e in entries if e.verdict is verdict_of(entries))
    seconds = sum(entry.seconds for entry in entries)
    method = worst.method
    literals = sorted({fixed[p] for fixed, _ in found for p in primitive.literal if p in fixed})
    if literals and worst.verdict is not Verdict.REFUTED:
        every = any(p not in fixed for fixed, _ in found for p in primitive.literal)
        method += f"; {'any literal, and ' if every else ''}literal "
        method += ", ".join(f"{n:g}" for n in literals)
    return replace(worst, method=method, seconds=seconds)
