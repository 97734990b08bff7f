"""At the example, and on borders: what is said of a gradient where the function has a kink.

The rule is that of sides.py, and it is applied here alone: for the report of ``verify_gradient``,
and for ``df.verdict``, which asks when it is read, if the example looks like such a point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.run.transform import gradient
from autodiff.table.primitive import Primitive
from verify.answer.reasons import Reason, Remark, Ruling
from verify.answer.report import Entry, Verdict, Witness
from verify.program.limits import KINKS_UP_TO
from verify.rungs.process.findings import AtPoint, Kink, Lost, OfInput
from verify.rungs.process.process import StepError
from verify.rungs.process.session import Session
from verify.subjects.subject import Subject

__all__ = ["at_borders", "at_the_example", "may_be_special"]

_METHOD = "derivatives from both sides of the example"
# Where the gradients nearby do not tell what a number means, but the function's slopes do.
_OF_RULINGS = {Ruling.RIGHT: "the derivative", Ruling.WRONG: "NOT-CLARKE"}
_ADVICE = (
    "the gradient returns {found} at the example, where the derivative is {derivative:g}: write "
    "what is inside {calls} in one piece that is smooth there, or look at another point"
)
_BORDER = "run on doubles, and with 60 digits, where the function switches"
_OPEN = (Verdict.CERTIFIED_NUMERIC, Verdict.UNDECIDED)


def at_the_example(
    subject: Subject, session: Session, entries: Sequence[Entry], points: Sequence[Sequence[float]]
) -> list[Entry]:
    """The entries, with what is known of those whose input reaches a kink at the example."""
    graph = subject.graph
    finite = points and all(map(math.isfinite, points[0]))
    if not finite or len(graph.nodes) > KINKS_UP_TO:
        return list(entries)
    try:
        kinks = [Kink(**each) for each in session.ask("kinks", points[0])]
        judged = any(kink.defined for kink in kinks) and subject.programs
        told = session.meaning(points[0], subject.settled(points[0])) if judged else AtPoint()
    except StepError:
        return list(entries)
    rulings = dict(zip(subject.names, told.rulings, strict=False))
    by_input = {
        name: [kink for kink in kinks if place in kink.inputs]
        for name, place in zip(subject.names, subject.inputs, strict=True)
    }
    point = dict(zip(graph.inputs.names, points[0], strict=True))
    return [
        _ruled(entry, graph, point, active, rulings.get(entry.input), told.meaning)
        if (active := by_input.get(entry.input))
        else entry
        for entry in entries
    ]


def _ruled(
    entry: Entry,
    graph: Graph,
    point: dict[str, float],
    kinks: Sequence[Kink],
    ruling: OfInput | None,
    meaning: str,
) -> Entry:
    """An entry with what is said of it at the example."""
    entry = entry.with_remarks(*(_kink_remark(graph, kink) for kink in kinks))
    if ruling is None:
        return entry
    if ruling.sides:
        meant = _OF_RULINGS.get(ruling.ruling, meaning) if "unknown" in meaning else meaning
        entry = entry.with_remarks(Remark(Reason.AT_EXAMPLE, f"{ruling.sides}: {meant}"))
    derivative = ruling.derivative
    if ruling.ruling != Ruling.WRONG or derivative is None or entry.verdict is Verdict.REFUTED:
        return entry
    calls = ", ".join(dict.fromkeys(_call(graph, kink) for kink in kinks if kink.defined))
    advice = _ADVICE.format(found=ruling.found, derivative=derivative, calls=calls)
    witness = Witness(point, ruling.found, derivative)
    refuted = replace(entry, verdict=Verdict.REFUTED, method=_METHOD, witness=witness)
    return refuted.with_remarks(Remark(Reason.HINT, advice))


def _call(graph: Graph, kink: Kink) -> str:
    row = graph.nodes[kink.place].primitive
    assert row is not None
    return f"{row.name}({', '.join(f'{x:g}' for x in kink.operands)})"


def _kink_remark(graph: Graph, kink: Kink) -> Remark:
    row, call = graph.nodes[kink.place].primitive, _call(graph, kink)
    assert row is not None
    if not kink.defined:
        return Remark(Reason.UNDEFINED, f"{call} is not defined at the example")
    if row.predicate:
        text = f"kink at the example: {call} is on its border, the branch taken counts"
        return Remark(Reason.KINK, text)
    conventions = "; ".join(f"{where}: {value}" for where, value in row.kinks)
    text = f"kink at the example: {call}" + (f" ({conventions})" if conventions else "")
    return Remark(Reason.KINK, text)


# --- in floats, for whoever has no time -----------------------------------------------------


def may_be_special(graph: Graph, point: Sequence[float]) -> bool:
    """False only if no step of the function is at a kink at ``point``, as floats tell."""
    return len(graph.nodes) <= KINKS_UP_TO and any(
        _may_be_kink(row, operands) for row, operands in _steps(graph, point)
    )


def _steps(graph: Graph, point: Sequence[float]) -> Iterator[tuple[Primitive, list[float]]]:
    """Every step whose row has a kink somewhere, and its operands."""
    values = list(point)
    for node in graph.nodes[graph.inputs.size :]:
        row, operands = node.primitive, node.operands
        if row is None:
            values.append(float(node.value))  # type: ignore[arg-type]  # a constant has a value
            continue
        arguments = [values[i] for i in operands]
        values.append(row.impl(*arguments))
        if (row.kinks and not row.conditions) or row.predicate:
            yield row, arguments


def _may_be_kink(row: Primitive, operands: Sequence[float]) -> bool:
    if row.module:  # a user's: its kinks are wherever they are
        return True
    if len(operands) > 1 and len(set(operands)) < len(operands):
        return True
    if row.predicate:
        return False
    return any(x % 0.5 == 0.0 if _steps_at(row) else x in (0.0, 1.0, -1.0) for x in operands)


def _steps_at(row: Primitive) -> bool:
    """True for rows with kinks at whole numbers, or halves."""
    return any(word in row.sympy for word in ("floor", "ceiling", "%", "gamma"))


def at_borders(subject: Subject, session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, refuted where the function switches if there they are other numbers."""
    found = list(entries)
    if subject.is_large:
        return found
    try:
        if subject.value and found[0].verdict in _OPEN:
            told = session.ask("border")
            if told:
                found[0] = _wrong_there(subject, found[0], told)
        if _may_be_others(subject, found[int(subject.value) :]):
            place, told = session.ask("border_slope")
            if place >= 0 and subject.settled(told["point"]) is None:
                found[place] = _wrong_there(subject, found[place], told)
    except StepError:
        pass
    return found


def _may_be_others(subject: Subject, partials: Sequence[Entry]) -> bool:
    """True if derivatives may be others where the function switches.

    Where several switches meet, even those of the chain rule may, and where one does that the
    first derivatives come by.
    """
    if subject.switching or any(entry.verdict in _OPEN for entry in partials):
        return True
    limits = None if subject.compiled_here else gradient(subject.graph).limits
    return bool(limits and limits.places)


def _wrong_there(subject: Subject, entry: Entry, told: Lost) -> Entry:
    point = dict(zip(subject.graph.inputs.names, told["point"], strict=True))
    witness = Witness(point, told["found"], told["expected"])
    wrong = replace(entry, verdict=Verdict.REFUTED, method=_BORDER, witness=witness)
    return wrong.without(Reason.NOT_BY_SYMBOLS)
