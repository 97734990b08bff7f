"""Session: one gradient under proof, step by step, in the worker process.

The rungs, from certain to complete:

1. Compare the gradient with SymPy's derivative at points, with 60 digits and more.  A difference
   refutes; the point is the witness.  Balls make the refutation rigorous, and bound the difference
   where nothing better is known (enclosure.py).
2. Subtract the two as expressions and show that nothing is left.  That proves.
3. Run the two over a large prime field (identity.py).  That certifies, up to a stated chance.

A step that takes too long is killed; its entry is left to the other rungs.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from verify.answer.reasons import Reason, Remark
from verify.answer.report import Entry, Verdict, Witness
from verify.program.language.ways import AFTER_EXCEPTION
from verify.program.limits import DIGITS, ROUNDING
from verify.rungs.process.findings import (
    AtPoint,
    Compared,
    Enclosed,
    Facts,
    OfInput,
    Outcome,
    Shown,
)  # fmt: skip
from verify.rungs.process.in_words import in_words
from verify.rungs.process.process import StepError, Worker
from verify.rungs.process.remarks import EXCEPTIONAL, differs_unseen, no_point, readings_told

__all__ = ["Session"]

_BONUS = 0.2  # of the time, for more about what is proven
# For a step that others left too little: it takes linear time, and a machine that does much else
# must not decide what is proven.
_LEAST, _SHARE = 1.0, 0.5  # seconds, and of the time
_Given = TypeVar("_Given")
Message = Callable[[bool], Mapping[str, object]]


class _Close(NamedTuple):
    """What balls tell of a number at some points, and how the method says so."""

    known: Enclosed
    method: str
    point: Sequence[float] = ()  # where they tell it, if it is a difference
    partly: bool = False  # whether they tell none at another point


class _Clocks(defaultdict[int, float]):
    """Seconds spent on each number alone."""

    def __call__(self, place: int, step: Callable[[int, float], _Given], deadline: float) -> _Given:
        """What ``step`` gives; the time it takes is that number's."""
        start = time.perf_counter()
        try:
            return step(place, deadline)
        finally:
            self[place] += time.perf_counter() - start


class Session:
    """A gradient under proof.

    Args:
        message: The job for the worker; its argument asks for the oracle that is linear in the
            graph.
        names: The numbers under proof: "value" if the gradient gives it, then the inputs.
        inputs: All inputs by name, for witnesses.
        labels: What each text under proof is, "" where there is no need to say.
        worker: The process.
        seconds: Time limit of a step.
        one_is_enough: The other numbers stay open once one is refuted.

    Attributes:
        known: Numbers that are proven already: they get a share of the time only.
    """

    def __init__(
        self,
        message: Message,
        names: Sequence[str],
        inputs: Sequence[str],
        labels: Sequence[str],
        worker: Worker,
        seconds: float,
        one_is_enough: bool = False,
    ) -> None:
        self._message = message
        self._names, self._inputs, self._labels = names, inputs, labels
        self._worker, self._seconds, self._one_is_enough = worker, seconds, one_is_enough
        self.known = [False] * len(names)
        self._chain = False
        self._loaded = 0  # generation of the process that knows the job
        self._identity: tuple[Sequence[float | None], int] | None = None
        self._proofs: dict[int, Shown] = {}
        self._spent = 0.0
        self._passed = worker.stopwatch()  # since there were points
        self.facts = Facts()
        self.points: list[Compared] = []
        self.trouble: Remark | None = None  # why there are no (more) points

    # --- the worker ---

    def ask(self, call: str, *arguments: object) -> Any:
        """One step.

        Raises:
            StepError: if it gives no answer in time.
        """
        return self._ask(call, arguments, self._seconds)

    def meaning(self, point: Sequence[float], gradient: Sequence[float] | None) -> AtPoint:
        """What the gradient means at a point.

        Raises:
            StepError: if there is no answer in time.
        """
        told = self.ask("meaning", point, gradient)
        rulings = [OfInput(**each) for each in told.pop("rulings")]
        return AtPoint(**told, rulings=rulings)

    def ask_within_the_rest(self, call: str, *arguments: object) -> Any:
        """One step, in what such steps and points before it left of the time.

        Raises:
            StepError: if it gives no answer in time.
        """
        passed = self._worker.stopwatch()
        seconds = max(_LEAST, _SHARE * self._seconds, self._seconds - self._spent)
        try:
            return self._ask(call, arguments, seconds)
        finally:
            self._spent += passed()

    def _ask(self, call: str, arguments: Sequence[object], seconds: float) -> Any:
        self._worker.start()
        if self._worker.generation != self._loaded or self._worker.holder is not self:
            told = self._worker.ask({"load": self._message(self._chain)}, self._seconds)
            self.facts = Facts(**told)
            self._loaded, self._worker.holder = self._worker.generation, self
        if self._worker.watch is not None:
            self._worker.watch(in_words(call, arguments, self._names, len(self.points)))
        return self._worker.ask({"call": call, "arguments": arguments}, seconds)

    def look(self) -> None:
        """Compare at one point: what is wrong is nearly always wrong there."""
        passed = self._worker.stopwatch()
        self._visit(lambda: len(self.points) >= 1)
        self._spent += passed()

    def visit(self) -> None:
        """Compare at all points that tell something."""
        passed = self._worker.stopwatch()
        self._visit(
            lambda: (
                (passed() > self._seconds and len(self.points) > 1)
                or (self._one_is_enough and self.is_refuted)
            )
        )
        self._spent += passed()

    def _visit(self, is_over: Callable[[], bool]) -> None:
        try:
            while not is_over() and (point := self.ask("point")):
                self.points.append(_compared(point))
        except StepError as error:
            if self._chain or len(self.points) > 1:
                self.trouble = error.remark("evaluation")
                return
            # Once more with the oracle that is linear in the graph.
            self._chain, self._loaded, self.points = True, 0, []
            self._visit(is_over)

    @property
    def is_refuted(self) -> bool:
        """True if a number is wrong at a point, as floats show."""
        return any(o.kind == "wrong" and o.is_seen for point in self.points for o in point.outcomes)

    def visit_hidden(self, thoroughly: bool = True) -> None:
        """Compare on sides that no point was on, thoroughly at more of any kind before."""
        if not self.points or self.is_refuted:
            return
        for call in ("point", "hidden_point") if thoroughly else ("hidden_point",):
            passed = self._worker.stopwatch()
            long = thoroughly and call == "hidden_point"
            seconds = self._seconds if long else _BONUS * self._seconds
            try:
                while passed() <= seconds and (point := self._ask(call, (thoroughly,), seconds)):
                    self.points.append(_compared(point))
            except StepError as error:
                self.trouble = error.remark("evaluation")

    # --- entries ---

    def entries(self) -> list[Entry]:
        """What is known about each number, in order."""
        begun, places, own = time.perf_counter(), range(len(self._names)), _Clocks(float)
        self.visit()
        self._passed = self._worker.stopwatch()
        deadlines = self._seconds, _BONUS * self._seconds
        if self._one_is_enough and self.is_refuted:  # the answer is there
            deadlines = 0.0, 0.0
        else:
            steps = [own(p, self._proven, deadlines[self.known[p]]).step for p in places]
            self.visit_hidden(thoroughly=None in steps and not all(self.known))
        made = [own(p, self._entry, deadlines[self.known[p]]) for p in places]
        shared = (time.perf_counter() - begun - sum(own.values())) / max(1, len(places))
        return [replace(e, seconds=shared + own[p]) for p, e in enumerate(made)]

    def _entry(self, place: int, deadline: float) -> Entry:
        name = self._names[place]
        outcomes = [(p.point, p.outcomes[place]) for p in self.points]
        told = [o for _, o in outcomes if o.kind not in ("undefined", "exceptional")]
        wrong = [both for both in outcomes if both[1].kind == "wrong"]
        equal = [point for point, outcome in outcomes if outcome.kind == "equal"]
        # What is right but where a series was cut off below the last digit refutes nothing.
        if wrong and (not equal or any(o.is_seen for _, o in wrong)):
            return self._refuted(name, place, *max(wrong, key=lambda both: both[1].visible()))
        if len(told) < sum(o.kind != "undefined" for _, o in outcomes):
            return _entry(name, Verdict.UNDECIDED, "none", EXCEPTIONAL)
        if not told:
            return _entry(name, Verdict.UNDECIDED, "none", no_point(self.trouble))
        close = any(outcome.kind == "close" for outcome in told)
        shown = self._proven(place, deadline)
        if shown.step is not None:
            paths = Remark(Reason.PATHS, "; ".join(shown.paths))
            said = Remark(Reason.CONVENTION, shown.said), paths, self.readings
            return _entry(name, Verdict.PROVED, f"sympy.diff, {shown.step}", *said)
        exactly = f"equal within the rounding of constants ({ROUNDING:g})" if close else "equal"
        count = len(told) - len(wrong)
        points = f"{count} point{'s' if count > 1 else ''}"
        method = f"{exactly} at {points}, {DIGITS} digits, {self.facts.oracle}"
        close_by = self._enclosed(place, equal[:1] if self.known[place] else equal, deadline)
        unseen = [point for point, _ in wrong]
        if close_by.known.refutes(close):
            if close_by.known.is_seen or not close_by.partly:
                return self._refuted(name, place, close_by.point, close_by.known)
            unseen.append(close_by.point)
        method += "" if unseen else close_by.method
        chance, sides = (None, 0) if close or unseen else self._identical(place)
        verdict = Verdict.CERTIFIED_NUMERIC
        if chance is not None:
            where = f" on {sides} sides of its conditions" if sides else ""
            identity = f"sympy.diff of the function modulo a large prime{where}"
            method = f"{identity}, error < {chance:.0e}; {method}"
            verdict = verdict if sides else Verdict.CERTIFIED
        remarks = [self.readings, *(self._told_unseen(place, point) for point in unseen[:1])]
        if why := shown.said:
            remarks.insert(0, Remark(Reason.NOT_BY_SYMBOLS, f"not proven by symbols: {why}"))
        if close:
            remarks.append(Remark(Reason.ROUNDED_CONSTANTS))
        return _entry(name, verdict, method, *remarks)

    def _identical(self, place: int) -> tuple[float | None, int]:
        """The chance that this number agrees with SymPy's by accident, and on how many sides."""
        if self._identity is None:
            try:
                self._identity = self.ask("identity")
            except StepError:
                self._identity = [None] * len(self._names), 0
        chances, sides = self._identity
        return chances[place], sides

    def _proven(self, place: int, deadline: float) -> Shown:
        """What a proof by symbols says of this number (prove.py)."""
        if place not in self._proofs:
            kinds = {p.outcomes[place].kind for p in self.points}
            tried = kinds <= {"equal", "close", "undefined"} and kinds != {"undefined"}
            found = self._by_symbols(place, deadline) if tried else Shown(None)
            self._proofs[place] = found
        return self._proofs[place]

    def _by_symbols(self, place: int, deadline: float) -> Shown:
        if self._passed() > deadline:
            return Shown(None, "the time was used up by other inputs")
        offset = 0 if self._names[0] == "value" else 1
        try:
            return Shown(**self.ask("prove", place + offset, self.known[place]))
        except StepError as error:
            return Shown(None, str(error))

    @property
    def readings(self) -> Remark:
        """What constants of the text stand for."""
        return readings_told(self.facts.read)

    def _refuted(
        self, name: str, place: int, point: Sequence[float], outcome: Outcome | Enclosed
    ) -> Entry:
        known, said = self._enclosed(place, [point], float("inf"))[:2]
        method = f"{DIGITS} digits, {self.facts.oracle}{said}"
        if known.kind == "different":  # for sure
            measure = known.by.removeprefix("the ")
            outcome, method = known, f"balls of {known.bits} bits, {measure} of the function"
        witness = Witness(
            dict(zip(self._inputs, point, strict=True)), outcome.found, outcome.expected
        )
        hints = list(self._explanations(place, outcome.subject))
        if witness.found == witness.expected and known.radius:
            hints.append(f"the two differ by {known.radius:.0e}, less than floats show")
        remarks = tuple(Remark(Reason.HINT, hint) for hint in hints)
        if (label := self._labels[outcome.subject]).endswith(AFTER_EXCEPTION):
            remarks = (Remark(Reason.AFTER_EXCEPTION, f"in {label}"), *remarks)
        if math.isnan(witness.found):
            at = ", ".join(f"{name} = {x!r}" for name, x in witness.point.items())
            text = f"UNDEFINED-AT {at}: the text gives no number"
            remarks = (Remark(Reason.UNDEFINED_AT, text), *remarks)
        return Entry(name, Verdict.REFUTED, method, witness=witness, remarks=remarks)

    def _told_unseen(self, place: int, point: Sequence[float]) -> Remark:
        known = self._enclosed(place, [point], float("inf")).known
        return differs_unseen(zip(self._inputs, point, strict=True), known)

    def _explanations(self, place: int, subject: int) -> Iterator[str]:
        label = self._labels[subject]
        if label and not label.endswith(AFTER_EXCEPTION):
            yield f"in {label}"
        for other, name in enumerate(self._names):
            if other != place and name != "value" and self._same_everywhere(place, other, 1.0):
                yield f"this is the derivative by {name}"
                return
        if self._same_everywhere(place, place, -1.0):
            yield "the sign is wrong"

    def _enclosed(self, place: int, points: Sequence[Sequence[float]], deadline: float) -> _Close:
        """What balls tell about a number at these points."""
        told: list[Enclosed] = []
        hidden: _Close | None = None
        for point in points:
            if self._passed() > deadline:
                break
            try:
                known = Enclosed(**self.ask("enclose", point, place))
            except StepError as error:
                known = Enclosed("unknown", reason=f"balls: {error}")
            if known.kind == "different":
                by = f"; balls: {known.radius:.0e} from {known.by}, rounded constants"
                hidden = _Close(known, by, point)
                if known.found != known.expected:
                    return hidden
                continue  # floats do not show it here; elsewhere they may
            if known.kind == "unknown":
                return hidden or _Close(known, f" ({known.reason})")
            told.append(known)
        if hidden is not None:
            return hidden._replace(partly=bool(told))
        if not told:
            return _Close(Enclosed("unknown"), "")
        worst = max(told, key=lambda known: known.radius)
        within = f"{worst.radius:.0e}" if worst.radius else "less than 1e-323"
        return _Close(worst, f"; balls: within {within} of {worst.by}")

    def _same_everywhere(self, place: int, other: int, factor: float) -> bool:
        """True if what was found here is ``factor`` times what is expected there, at each point."""
        pairs = [
            (p.outcomes[place].found, factor * p.outcomes[other].expected) for p in self.points
        ]
        return any(x != 0.0 for _, x in pairs) and all(
            abs(found - expected) <= 1e-12 * abs(expected) for found, expected in pairs
        )


def _entry(name: str, verdict: Verdict, method: str, *remarks: Remark) -> Entry:
    told = tuple(r for r in remarks if r.text or r.reason is Reason.ROUNDED_CONSTANTS)
    return Entry(name, verdict, method, remarks=told)


def _compared(told: Any) -> Compared:
    """What a comparison told, out of JSON."""
    outcomes = [Outcome(**each) for each in told["outcomes"]]
    return Compared(told["point"], outcomes, told["derivatives"])
