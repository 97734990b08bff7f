"""Job: one gradient under proof, as the worker process holds it between steps.

Steps are small, so that each can have a time limit: compare at the next point, prove one entry.

One file, because every step is a question about the same programs, points and regions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from verify.answer.reasons import Ruling
from verify.induction.functions.factors import is_product
from verify.numbers.precise import Answers, Precise
from verify.numbers.switching_steps import asks, has_jump, has_whole_numbers
from verify.program.limits import DIGITS
from verify.program.literals import compares, with_readings
from verify.program.number_steps import with_numbers_folded
from verify.program.program import Program, Written
from verify.rungs import by_rules
from verify.rungs.compare import Comparison
from verify.rungs.constants.leverage import is_levered
from verify.rungs.constants.meant import meant, meant_matters
from verify.rungs.covered import is_covered
from verify.rungs.doubles import agree_at, cancels_numbers, is_lost, on_doubles
from verify.rungs.enclosure import Enclosure, OnSide
from verify.rungs.hidden import hidden_points
from verify.rungs.identity import Identity, Region
from verify.rungs.kinks.clarke import at_point
from verify.rungs.kinks.kinks import active_kinks
from verify.rungs.kinks.meeting_sides import Continuous
from verify.rungs.on_borders import wrong_on_border, wrong_slope_on_border
from verify.rungs.points import candidates, inside, spread
from verify.rungs.process.findings import (
    AtPoint,
    Compared,
    Enclosed,
    Facts,
    Kink,
    Lost,
    Message,
    Outcome,
    Shown,
    Undefined,
)  # fmt: skip
from verify.rungs.process.proofs import first_shown, is_slope
from verify.rungs.prove import Constants, Proof
from verify.rungs.rounding_losses import far_points, worst_losses
from verify.rungs.undefined import undefined_at
from verify.truth.oracle import ChainRule, Oracle, ProvenRules, fits_whole, whole_function

__all__ = ["Job"]

_Inside: TypeAlias = tuple[int, float, float]  # an input, and the interval it lies in
_TRIES = 90  # points tried at most
_PLAIN = 6  # points wanted on any side; further ones only on sides not seen yet
_POINTS = 24
_AT_WHOLE_NUMBERS = 4  # times as many where something is rounded to them
_FURTHER = 6  # points from a seed that the user chose
_ROUNDED, _NEAR = 64, 3.0  # points at which doubles are looked at besides, not too far out
_SEARCHED = 200_000  # steps to run in the search for further sides
# Steps to run in the search for sides that no random point is on, where symbols prove and not.
_HIDDEN = 4_000, 60_000
_HIDDEN_POINTS = 12
_SPECIAL = 24
_SURE = frozenset({"equal", "close"})


class Job:
    """A gradient under proof.

    Args:
        message: What ``Subject.message`` (subject.py) wrote.
    """

    def __init__(self, message: Message) -> None:
        texts = [Program.from_json(p) for p in message["subjects"]]
        self._inputs: Sequence[int] = message["inputs"]
        self._domain = [(low, high) for low, high in message["domain"]]
        self._value: bool = message["value"]
        self._slope_of = message.get("slope_of")
        exact = Program.from_json(message["forward"])
        truth = Program.from_json(message["truth"]) if "truth" in message else None
        self._rules = Program.from_json(message["rules"]) if "rules" in message else None
        written = self._written = bool(message.get("written"))
        places = [*[0][: self._value], *(1 + i for i in self._inputs)]
        self._read = meant(exact, texts, truth or self._rules, written, places)
        # As it was written: the same reading of the same constant in the function, too.
        # Whatever is compared is compared as doubles, where anything is.
        by_doubles = self._by_doubles = written and any(map(compares, (exact, *texts)))
        self._forward = with_readings(exact, self._read, by_doubles) if written else exact
        self._texts = texts
        # What constants may not cancel in: the function, too, where they are read in both.
        self._constant = [exact, *texts] if written else texts
        self._cancels = any(map(cancels_numbers, texts))
        self._subjects = [with_readings(p, self._read, by_doubles) for p in texts]
        whole = any(map(has_whole_numbers, (exact, *texts)))
        self._plain = _PLAIN * (_AT_WHOLE_NUMBERS if whole else 1)
        oracle = self._oracle(message)
        self._comparison = Comparison(self._forward, self._subjects, self._value, oracle)
        opened = message.get("opened", message["subjects"])
        self._opened = [Program.from_json(p) for p in opened]
        names = message.get("names", [f"x{i}" for i in range(self._forward.inputs)])
        self._about = self._domain, names, message.get("intervals", ())
        # What a text computes of numbers alone is also the double that it is.
        self._folded = [p if written else with_numbers_folded(p) for p in self._opened]
        self._proofs = self._all_proofs(message, exact, truth, opened != message["subjects"])
        self._seed: str = message["seed"]
        self._examples = {tuple(point) for point in message["examples"]}
        self._candidates, self._spread, self._further = self._points(message, exact)
        self._enclosure = Enclosure(self._forward, self._subjects, self._inputs, self._value)
        self._identity = Identity(self._subjects, self._value, self._seed)
        self._seen: list[Answers] = []
        self._visited: list[list[float]] = []
        self._hidden: Iterator[list[float]] | None = None
        self._regions: dict[tuple[Answers, ...], Region] = {}  # by what is answered there
        self._derivatives: dict[tuple[float, ...], OnSide | None] = {}  # by point
        self._search_left = _SEARCHED

    def _all_proofs(
        self, message: Message, exact: Program, truth: Program | None, is_opened: bool
    ) -> list[list[Proof]]:
        """Per text the proofs to try, in their order."""
        if truth is not None and self._written:
            truth = with_readings(truth, self._read, self._by_doubles)
        about = truth, self._value, self._inputs, *self._about
        cusps = [(Program.from_json(p), frozenset(by)) for p, by in message.get("cusps", ())]
        near = truth is not None and bool(message.get("near")) and is_opened

        def proof(kind: type[Proof], text: Program) -> Proof:
            constants = Constants(exact, text, self._read)
            read = with_readings(text, self._read, self._by_doubles)
            return kind(self._forward, read, *about, constants, cusps)

        forms = [
            [(Proof, p), *[(Continuous, text)][:near], *[(Proof, folded)][: folded != p]]
            for p, text, folded in zip(self._opened, self._texts, self._folded, strict=True)
        ]
        return [[proof(*form) for form in each] for each in forms]

    def _points(self, message: Message, exact: Program) -> tuple[Iterator[list[float]], ...]:
        """Points to compare at, spread ones, and further ones from a seed that the user chose."""
        literals = [x for p in (exact, *self._texts) for x in p.literals()]
        special = [x for x in literals if 1e-12 < abs(x) < 1e12][:_SPECIAL]
        first = candidates(message["examples"], self._domain, special, self._seed)
        wide = spread(message["examples"], self._domain, self._seed)
        seed = message.get("further", 0)
        further = islice(candidates([], self._domain, special, seed), _FURTHER if seed else 0)
        return islice(first, _TRIES), islice(wide, _TRIES), further

    def _oracle(self, message: Message) -> Oracle:
        if "rules" in message:
            return ProvenRules(Program.from_json(message["rules"]), self._inputs)
        if message["chain"] or not fits_whole(self._forward, len(self._inputs)):
            return ChainRule(self._forward, self._inputs)
        return whole_function(self._forward, self._inputs)

    def facts(self) -> Facts:
        """What the report says about the methods."""
        return Facts(self._comparison.oracle.method, self._read)

    def point(self, thoroughly: bool = False) -> Compared | None:
        """Compare at the next point that tells something; None when there is none."""
        plain = max(self._plain, _POINTS) if thoroughly else self._plain
        while len(self._seen) < plain or (len(self._seen) < _POINTS and self._sides_left()):
            beyond = thoroughly and len(self._seen) >= self._plain
            point = next(self._spread, None) if beyond else None
            point = point or next(self._candidates, None)
            if point is None:
                break
            valid, answers = self._comparison.visit(point)
            if valid and (len(self._seen) < plain or answers not in self._seen):
                return self._compared_at(point, answers)
        for point in self._further:
            valid, answers = self._comparison.visit(point)
            if valid:
                return self._compared_at(point, answers)
        return None

    def hidden_point(self, thoroughly: bool) -> Compared | None:
        """Compare at the next point on a side of the conditions that no other was on."""
        if self._hidden is None:
            programs = (self._forward, *self._subjects)
            starts = self._visited[:2] if any(self._seen) else []
            self._hidden = hidden_points(programs, starts, _HIDDEN[thoroughly])
            self._last = len(self._visited) + _HIDDEN_POINTS
        for point in self._hidden if len(self._visited) < self._last else ():
            valid, answers = self._comparison.visit(point)
            new = valid and answers not in self._seen and inside(point, self._domain)
            if new and self._has_derivative(point):
                found = self._compared_at(point, answers)
                if any(outcome.kind == "close" for outcome in found.outcomes):
                    self._seen.pop()  # right beside a border; farther away more may be told
                return found
        return None

    def _has_derivative(self, point: list[float]) -> bool:
        """True where a function that is on no border surely has one: not sqrt(x*x) at 0, nor
        x * exp(-1/x), which floats take for 0 * 0 there.
        """
        precise = Precise()
        values = precise.run(self._forward, [precise.context.mpf(x) for x in point])
        infinite = any(x is not None and precise.context.isinf(x) for x in values)
        return not infinite and not self.kinks(point)

    def _compared_at(self, point: list[float], answers: Answers) -> Compared:
        """What the comparison tells at the point it visited."""
        self._seen.append(answers)
        self._visited.append(point)
        compared = self._compared(point)
        self._remember(tuple(point))
        return compared

    def _remember(self, point: tuple[float, ...]) -> None:
        """Keep the derivatives by SymPy of the region that the point lies in."""
        own, *others = self._comparison.answers
        found = self._comparison.oracle.program(own)
        self._derivatives[point] = OnSide(found, own) if found is not None else None
        if found is not None:
            self._regions[own, *others] = Region(found, others)

    def _sides_left(self) -> bool:
        """True while the search for other sides of conditions is worth its time."""
        self._search_left -= sum(len(p.steps) for p in (self._forward, *self._subjects))
        return self._search_left > 0 and any(self._seen)

    def _compared(self, point: list[float]) -> Compared:
        if not self._subjects:
            derivatives = [float(x) for x in self._comparison.derivatives()]
            exceptional = self._exceptional(point)
            value, *rest = derivatives
            known = zip(self._inputs, rest, strict=True)
            slopes = (math.nan if i in exceptional else x for i, x in known)
            return Compared(point, derivatives=[value, *slopes])
        outcomes = self._comparison.outcomes()
        if not all(outcome.kind in _SURE for outcome in outcomes):
            outcomes = self._judged(point, outcomes)
        return Compared(point, outcomes)

    def _judged(self, point: list[float], outcomes: Sequence[Outcome]) -> list[Outcome]:
        """A difference refutes only where the function has a derivative beyond doubt.

        What is right at the user's example, if that is no such point, is told by ``meaning``.
        """
        exceptional = self._exceptional(point)
        is_example = tuple(point) in self._examples
        places = [*([-1] if self._value else []), *self._inputs]
        judged = list(outcomes)
        for k, (place, outcome) in enumerate(zip(places, outcomes, strict=True)):
            is_odd = outcome.kind == "wrong" and place in exceptional
            if outcome.kind in _SURE or (
                not is_odd and math.isfinite(outcome.found + outcome.expected)
            ):
                continue
            if not is_example and (kind := self._with_more_digits(point, k, place, outcome)):
                judged[k] = replace(outcome, kind=kind)
            elif is_odd or self._is_right_for_doubles(point, k, outcome):
                judged[k] = replace(outcome, kind="undefined" if is_example else "exceptional")
        return judged

    def _with_more_digits(
        self, point: Sequence[float], output: int, place: int, outcome: Outcome
    ) -> str:
        """What is known where 60 digits round away what keeps a part off its border; "" if nothing.

        1 - 1 / (1 + exp(-200)) is no zero, though 60 digits take it for one.
        """
        for digits in self._comparison.more_digits:
            if place not in self._exceptional(point, digits) and (
                kind := self._comparison.kind_with(digits, output, outcome.subject)
            ):
                return kind
        return ""

    def _is_right_for_doubles(self, point: list[float], output: int, outcome: Outcome) -> bool:
        """True if a number is none over the reals, but for Python: nan is not above anything."""
        if math.isfinite(outcome.found):
            return False
        found = on_doubles(self._texts[outcome.subject], point)
        return found is not None and not is_lost(found[output], outcome.expected)

    def _exceptional(self, point: Sequence[float], digits: int = DIGITS) -> set[int]:
        """Inputs on whose way to the result a step has no derivative, or no finite value."""
        return {place for kink in self.kinks(point, digits) for place in kink.inputs}

    def enclose(self, point: Sequence[float], output: int) -> Enclosed:
        """What balls tell about number ``output`` at ``point``."""
        return self._enclosure.outcome(point, output, self._derivatives.get(tuple(point)))

    def covered(
        self,
        need: str,
        wanted: Written,
        known: Sequence[tuple[str, Written]],
        intervals: Sequence[_Inside],
        doubles: Written,
    ) -> bool:
        """Whether what a text needs holds wherever the chain rule is defined (covered.py).

        Args:
            need: "nonzero", "positive" or "nonnegative".
            wanted: What has to be that.
            known: What is that, and what is another of these.
            intervals: Of inputs.
            doubles: What has to be that, with numbers computed as doubles.
        """
        inside = {place: (low, high) for place, low, high in intervals}
        given = [(kind, Program.from_json(program)) for kind, program in known]
        return is_product(need, Program.from_json(doubles), given) or is_covered(
            need, Program.from_json(wanted), given, inside
        )

    def undefined(
        self, output: int, part: Written, places: Sequence[int], passes_infinity: bool = False
    ) -> Undefined:
        """A point where a part of a text is no number though the function has a derivative.

        Args:
            output: The number under proof.
            part: What of the text is meant, as a Program of one number.
            places: Its steps that may be undefined.
            passes_infinity: Whether an infinity made of another one counts as a number.
        """
        place = output - (1 if self._value else 0)
        expected = math.nan

        def is_smooth(point: list[float]) -> bool:
            nonlocal expected
            if not inside(point, self._domain) or not self._comparison.visit(point)[0]:
                return False
            if place >= 0 and self._inputs[place] in self._exceptional(point):
                return False
            run = on_doubles(self._forward, point)
            if run is not None and not math.isfinite(run[0]):
                return False  # for doubles it is no number, either
            expected = float(self._comparison.derivatives()[output + (not self._value)])
            return math.isfinite(expected)

        starts = [*self._visited[:2], *map(list, self._examples)]
        text, digits = Program.from_json(part), self._comparison.more_digits
        found = undefined_at(text, 0, places, starts, is_smooth, passes_infinity, digits)
        if found is None or not is_smooth(found[0]):
            return {}
        return {"point": found[0], "inside": found[1], "expected": expected}

    def raising(self, demanded: Written) -> list[float]:
        """A point where a double is none of what Python computes, if it is so at most points."""
        program = Program.from_json(demanded)
        points = [p for p in self._visited if (run := on_doubles(program, p)) is not None
                  and not all(map(math.isfinite, run))]  # fmt: skip
        return points[0] if 2 * len(points) > len(self._visited) else []

    def raises(self, steps: Written, point: Sequence[float]) -> bool:
        """True if a double is none of these steps at a point, so that Python raises there."""
        run = on_doubles(Program.from_json(steps), point)
        return run is not None and not all(map(math.isfinite, run))

    def folded(self, output: int, point: Sequence[float], truth: Written) -> bool:
        """True if texts differ from the chain rule at a point by what folding its constants does.

        Args:
            output: The number.
            point: Where.
            truth: The chain rule, all of it.
        """
        wanted = self._wanted(truth)
        folded, differs = with_numbers_folded(wanted), False
        for text in self._texts:
            if not agree_at(point, output, wanted, text):
                differs = True
                if not agree_at(point, output, folded, text):
                    return False
        return differs

    def rounding(self, truth: Written) -> list[Lost]:
        """Per output, a point where doubles make another number of a text than of the chain rule.

        Args:
            truth: The chain rule, all of it.
        """
        drawn = islice(candidates([], self._domain, (), f"{self._seed} doubles"), _ROUNDED)
        near = [p for p in drawn if max(map(abs, p), default=0.0) < _NEAR]
        points = [*self._visited, *near, *far_points(self._forward.inputs)]
        wanted, examples = self._wanted(truth), list(self._examples)
        return worst_losses(self._texts, wanted, self._right_at, points, self._visited, examples)

    def border(self) -> Lost:
        """A point where the function switches and a text gives another value than it does."""
        starts = [*self._visited[:2], *map(list, self._examples)]
        return wrong_on_border(self._forward, self._texts, starts, _HIDDEN[False])

    def border_slope(self) -> tuple[int, Lost]:
        """A number, and a point where it is not the slope along what the function switches at."""
        starts = [*map(list, self._examples), *self._visited[:2]]
        partials = {int(self._value) + place: i for place, i in enumerate(self._inputs)}
        about = self._forward, self._texts, starts, _HIDDEN[False], partials, self._slope_of
        return wrong_slope_on_border(*about)

    def _right_at(self, point: Sequence[float]) -> list[float] | None:
        """The true numbers at a point, if there are some."""
        if not self._comparison.visit(list(point))[0]:
            return None
        return [*map(float, self._comparison.derivatives()[0 if self._value else 1 :])]

    def identity(self) -> tuple[list[float | None], int]:
        """Texts against SymPy's derivatives over a field.

        Returns:
            Chances of an accident per number, None where they do not agree or SymPy's derivatives
            are not affordable; of how many regions, 0 if it is only one.
        """
        affordable = self._regions and None not in self._derivatives.values()
        if not affordable or self._is_levered() or any(map(has_jump, self._opened)):
            return [None] * len(self._subjects[0].outputs), 0
        asked = any(answers for region in self._regions for answers in region)
        sides = len(self._regions) if asked else 0
        return self._identity.chances(self._regions.values()), sides

    def prove(self, entry: int, known: bool = False) -> Shown:
        """How entry ``entry`` (0 is the value) is proven by symbols, or why it is not."""
        if self._is_levered():
            return Shown(None, "constants cancel: it matters what they stand for")
        every = []
        for proofs in self._proofs:
            shown = first_shown(proofs, entry, known)
            every.append(shown)
            if shown.step is None:
                return shown
        said = next((shown.said for shown in every if shown.said), "")
        return replace(max(every, key=lambda shown: len(shown.step or "")), said=said)

    def _is_levered(self) -> bool:
        """True if constants cancel, so that no reading of them decides."""
        points = self._visited[:3]
        return self._cancels or any(is_levered(x, self._read, points) for x in self._texts)

    def compose(self, points: int, rules: Written | None = None) -> list[list[bool]]:
        """Per text and number, whether it is proven to be the chain rule's (by_rules.py).

        Args:
            points: Random points that suggest what may be equal.
            rules: The chain rule as a Program, if the job was loaded without it.
        """
        if self._cancels:
            return [[False] * len(text.outputs) for text in self._texts]
        wanted = self._wanted(rules)
        found = by_rules.composed(*self._as_read(wanted, self._opened), points)
        if self._folded == self._opened or all(map(all, found)):
            return found
        again = by_rules.composed(*self._as_read(wanted, self._folded), points)
        return [
            [x or y for x, y in zip(*both, strict=True)] for both in zip(found, again, strict=True)
        ]

    def in_parts(
        self, rules: Written, texts: Sequence[Written], claims: Sequence[Sequence[Written]]
    ) -> list[bool]:
        """Per number, whether all texts give the chain rule's, slopes of parts as unknown numbers.

        Never of the value: with a slope times its argument for a part it is another function's.

        Args:
            rules: The chain rule of the numbers under proof, of as many inputs more.
            texts: The texts likewise.
            claims: A part, a slope and the chain rule of the part each, of one number, and whether
                that is added up in another order (parts.py).
        """
        wanted, *others = map(Program.from_json, (rules, *texts))
        wanted = replace(wanted, outputs=wanted.outputs[0 if self._value else 1 :])
        first = [False] if self._value else []
        read = {} if meant_matters(self._texts, self._read, self._visited) else self._read
        if not self._cancels and all(
            is_slope([*map(Program.from_json, programs)], bool(reordered), read)
            for *programs, reordered in claims
        ):
            proven = by_rules.composed(*self._as_read(wanted, others), 1)
            return first + [all(each) for each in zip(*proven, strict=True)][len(first) :]
        return [False] * len(wanted.outputs)

    def on_sides(self, place: int, rules: Written | None = None) -> bool:
        """Whether a number is the chain rule's on each side of the conditions that it rests on.

        Args:
            place: The number.
            rules: The chain rule as a Program, if the job was loaded without it.
        """
        wanted, *texts = (
            replace(p, outputs=(p.outputs[place],)) for p in (self._wanted(rules), *self._opened)
        )
        if self._cancels or self._read or not any(map(asks, (wanted, *texts))):
            return False
        proofs = (Proof(wanted, text, wanted, True, (), *self._about) for text in texts)
        return all(proof.step(0).step is not None for proof in proofs)

    def chances(self, rules: Written | None = None) -> list[float | None]:
        """Per number, the chance that it is another than the chain rule's; None if it differs."""
        if self._cancels:
            return [None] * len(self._texts[0].outputs)
        return by_rules.chances(*self._as_read(self._wanted(rules), self._opened), self._seed)

    def _as_read(
        self, wanted: Program, texts: Sequence[Program]
    ) -> tuple[Program, Sequence[Program]]:
        """The chain rule and the texts, constants as they are read unless these cancel."""
        if not self._read or meant_matters(self._constant, self._read, self._visited):
            return wanted, texts
        by_doubles = self._by_doubles or (self._written and compares(wanted))
        read = [with_readings(p, self._read, by_doubles) for p in (wanted, *texts)]
        return read[0], read[1:]

    def _wanted(self, rules: Written | None) -> Program:
        """The chain rule, of the numbers under proof."""
        program = Program.from_json(rules) if rules is not None else self._rules
        if program is None:
            raise ValueError("found no chain rule")
        value = program.outputs[:1] if self._value else ()
        return replace(program, outputs=(*value, *(program.outputs[1 + i] for i in self._inputs)))

    def meaning(self, point: Sequence[float], settled: Sequence[float] | None = None) -> AtPoint:
        """What the gradient means at ``point``, and one-sided derivatives.

        Of several texts the first that is wrong there speaks; else the first.

        Args:
            point: Where.
            settled: What the gradient gives there, if that is not what the texts say.
        """
        told: AtPoint | None = None
        for gradient in self._gradients(point) if settled is None else [list(settled)]:
            found = at_point(self._forward, point, self._inputs, gradient)
            if any(each.ruling is Ruling.WRONG for each in found.rulings):
                told = found
                break
            told = told or found
        if told is None:
            raise ValueError("found no text")
        always = self._exceptional_around(point)
        rulings = [
            replace(each, ruling=Ruling.UNKNOWN) if place in always else each
            for place, each in zip(self._inputs, told.rulings, strict=True)
        ]
        return replace(told, rulings=rulings)

    def _gradients(self, point: Sequence[float]) -> Iterator[list[float]]:
        """What each text gives at ``point``."""
        first = 1 if self._value else 0
        for subject in self._subjects:
            precise = Precise(read=self._read)
            values = precise.run(subject, [precise.context.mpf(x) for x in point])
            yield [float(values[i]) for i in subject.outputs[first:]]

    def _exceptional_around(self, point: Sequence[float]) -> set[int]:
        """Inputs that reach a kink beside the point, too: there is none at the point alone."""
        beside = (
            [x + sign * (1.0 + abs(x)) * 1e-3 / (1.37 + i) for i, x in enumerate(point)]
            for sign in (-1.0, 1.0)
        )
        return set.intersection(*map(self._exceptional, beside))

    def kinks(self, point: Sequence[float], digits: int = DIGITS) -> list[Kink]:
        """Where the function has no derivative at ``point``."""
        return active_kinks(self._forward, Precise(digits), point)
