"""Definedness: what a text needs to be defined that its function does not need.

``2*x*(x - 1.5)/(x - 1.5)`` is ``2*x`` over the reals, and no number at 1.5, where ``x*x`` has a
derivative.  So what each step of a text needs (needs.py) is compared with what the function and
its chain rule need.  A step that only one branch of a condition uses needs nothing on the other
side; a need of the function counts only where the function has it, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations

from verify.induction.between import between
from verify.induction.needs import Need, Structures
from verify.induction.shapes import CONSTANT
from verify.induction.spelled import spelled
from verify.program.program import Program

__all__ = ["Definedness", "Lack"]

_WHERE = "Piecewise(({1}, {0}), ({2}, True))"
_PASSING = frozenset({"{0} + {1}", "{0} - {1}", "-{0}"})  # infinite where an operand is
_SINGLY = 40  # outputs that are looked at one by one
_FACTS = 40  # remembered of a step
_RESOLVED = 8  # guards of a need that are looked at in pairs
Guard = frozenset[tuple[int, bool]]


@dataclass(frozen=True)
class Lack:
    """A step of a text that may be undefined where the function is not.

    Args:
        place: Of the step.
        need: What it needs.
    """

    place: int
    need: Need


class Definedness:
    """What a function and its chain rule need.

    Args:
        truth: The chain rule of the function as a Program.

    Attributes:
        own: The steps of the chain rule that need something.
    """

    def __init__(self, truth: Program) -> None:
        self._structures = Structures()
        self._inputs = truth.inputs
        self._needs: dict[Need, list[Guard]] = {}
        self._shapes: list[int] = []  # of the program that was looked at last
        self.own: list[Lack] = []
        for place, need, guard in self._of(truth):
            if need not in self._needs:
                self.own.append(Lack(place, need))
            self._needs.setdefault(need, []).append(guard)
        finite = self._where_finite(truth) if self._needs else frozenset()
        for guards in self._needs.values():
            guards += [*self._on_both_sides(guards[:_RESOLVED])]
            guards += [guard - finite for guard in guards if guard & finite]

    def _on_both_sides(self, guards: list[Guard]) -> Iterator[Guard]:
        """What is left to ask where one guard has a condition, and another its opposite."""
        for one, other in permutations(guards, 2):
            for condition, holds in sorted(one):
                if holds and (condition, False) in other:
                    sides = (self._structures.facts(condition, side) for side in (True, False))
                    yield one.difference(next(sides)) | other.difference(next(sides))

    def _where_finite(self, truth: Program) -> Guard:
        """What holds wherever the function is no infinity that a branch of it says."""
        found, waiting = set[tuple[int, bool]](), [truth.outputs[0]]
        while waiting:
            place = waiting.pop()
            step = truth.steps[place - truth.inputs] if place >= truth.inputs else 0.0
            if not isinstance(step, tuple):
                continue
            if step[0] in _PASSING:
                waiting += step[1]
            elif step[0] == _WHERE:
                condition, *sides = step[1]
                infinite = [truth.inputs <= k and _is_infinite(truth.steps[k - truth.inputs])
                            for k in sides]  # fmt: skip
                if any(infinite) and not all(infinite):
                    found |= {*self._structures.facts(self._shapes[condition], infinite[1])}
                    waiting.append(sides[infinite[0]])
        return frozenset(found)

    def always(self) -> list[Lack]:
        """Steps of the chain rule whose need is met wherever it is defined, the strongest told."""
        met = [lack for lack in self.own if frozenset() in self._needs[lack.need]]
        above = [
            replace(x, need=("positive", x.need[1])) for x in met if x.need[0] == "nonnegative"
        ]
        return [x for x in above if self._is_met(x.need, frozenset())] + met

    def spelled(self, need: Need) -> Program | None:
        """What has to be nonzero or positive, as arithmetic; None if nobody can say it so."""
        if need[0] not in _SPELLED:
            return None
        shapes, shape = self._structures.shapes, need[1]
        if need[0] == "nonzero" and shapes.made[abs(shape)][0] == "add":
            # Whichever sign: x - 2, not 2 - x.
            terms = [x for x in shapes.made[abs(shape)][1:] if shapes.value(x) is None]
            shape = abs(shape) if not terms or terms[0] > 0 else -abs(shape)
        return spelled(shapes, shape, self._inputs)

    def intervals(self) -> list[tuple[int, float, float]]:
        """Inputs that lie between two numbers wherever the chain rule is defined, ends excluded."""
        found: dict[int, tuple[float, float]] = {}
        for kind, shape, *_ in self._needs:
            if kind not in ("positive", "nonnegative") or not self._is_met(
                ("positive", shape), frozenset()
            ):
                continue
            place, low, high = between(self._structures.shapes, shape)
            if place < 0:
                continue
            before = found.get(place, (-math.inf, math.inf))
            found[place] = max(low, before[0]), min(high, before[1])
        return [(place, low, high) for place, (low, high) in found.items() if low < high]

    def lacks(self, text: Program, doubles: Program | None = None) -> list[list[Lack]]:
        """Per output of a text, steps that need what the function does not need.

        Args:
            text: The text.
            doubles: The same with numbers that Python computes as doubles, ``cos(1)``: what the
                function needs of such a double needs no other number.
        """
        doubles = text if doubles is None else doubles
        if not any(_may_need(s[0]) for _, s in text.computed() if type(s) is tuple):
            return [[] for _ in text.outputs]
        whole = self._lacks(text, doubles)
        outputs = text.outputs
        if not whole or len(outputs) > _SINGLY:
            return [whole] * len(outputs)
        single = ((replace(p, outputs=(i,)) for p in (text, doubles)) for i in outputs)
        return [self._lacks(*each) for each in single]

    def lacking(self, text: Program) -> list[int]:
        """Outputs of a text that may rest on a step which lacks something, in time linear in it."""
        if len(text.outputs) <= _SINGLY:
            return list(text.outputs)
        touched = bytearray(text.inputs + len(text.steps))
        for place, need, guard in self._of(text):  # of which a guard of all outputs is the weakest
            touched[place] |= not self._is_met(need, guard)
        for place, step in text.computed():
            if type(step) is tuple and any(touched[i] for i in step[1]):
                touched[place] = 1
        return [place for place in text.outputs if touched[place]]

    def _lacks(self, text: Program, doubles: Program) -> list[Lack]:
        left = self._unmet(text)
        if left and doubles.steps != text.steps:
            places = {lack.place for lack in self._unmet(doubles)}
            left = [lack for lack in left if lack.place in places]
        found: dict[Need, Lack] = {}
        for lack in left:
            found.setdefault(lack.need, lack)
        return list(found.values())

    def _unmet(self, text: Program) -> list[Lack]:
        return [
            Lack(place, need)
            for place, need, guard in self._of(text)
            if not self._is_met(need, guard)
        ]

    def _is_met(self, need: Need, guard: Guard) -> bool:
        kinds = (need[0], *_STRONGER.get(need[0], ()))
        known = [g for kind in kinds for g in self._needs.get((kind, *need[1:]), ())]
        if need[0] == "nonzero":
            known += [g for s in (1, -1) for g in self._needs.get(("positive", s * need[1]), ())]
        if any(g <= guard for g in known) or self._is_guarded(need, guard):
            return True
        if need[0] != "positive":
            return False
        parts = ("nonnegative", need[1]), *self._structures.reduced("nonzero", need[1])
        return all(self._is_met(part, guard) for part in parts)

    def _is_guarded(self, need: Need, guard: Guard) -> bool:
        """True if the conditions before a step see to it."""
        if need[0] not in ("nonzero", "positive", "nonnegative"):
            return False
        shapes = self._structures.shapes
        asked = shapes.form(need[1], shapes.number(0.0))
        if asked is None:
            return False
        form, sign = asked
        up, down = ("above", "below") if sign > 0 else ("below", "above")
        enough = {(up, True)}
        if need[0] == "nonnegative":
            enough.add((down, False))
        if need[0] == "nonzero":
            enough |= {(down, True), ("zero", False)}
        facts = [(shapes.made[abs(condition)], holds) for condition, holds in guard]
        if any((made[2], holds) in enough for made, holds in facts if made[3:] == (form,)):
            return True
        told = (core for made, holds in facts if (core := _told_of(made, holds, need[0])))
        return any(need in self._structures.reduced(need[0], core) for core in told)

    def _of(self, program: Program) -> Iterator[tuple[int, Need, Guard]]:
        """What the steps of a program need, and under which conditions they are used."""
        structures = self._structures
        values = [structures.input(i) for i in range(program.inputs)]
        every = [*values, *[None] * len(program.steps)]
        needs: dict[int, list[Need]] = {}
        for place, step in program.computed():
            if type(step) is tuple:
                structures.needs = []
                operands = [every[i] for i in step[1]]
                found = structures.text(step[0], len(operands))(*operands)
                every[place] = structures.lift(found)
                if structures.needs:
                    needs[place] = list(dict.fromkeys(structures.needs))
            else:
                every[place] = structures.lift(step)
        if not needs:
            return
        self._shapes = [0 if x is None else x.shape for x in every]
        guards = self._guards(program, self._shapes)
        for place, here in needs.items():
            guard = guards[place]
            if guard is not None:
                yield from ((place, need, guard) for need in here)

    def _guards(self, program: Program, shapes: list[int]) -> list[Guard | None]:
        """For each place, the conditions under which alone it matters."""
        guards: list[Guard | None] = [None] * len(shapes)

        def used(place: int, guard: Guard) -> None:
            before = guards[place]
            guards[place] = guard if before is None else before & guard

        for place in program.outputs:
            used(place, frozenset())
        for place in range(len(shapes) - 1, program.inputs - 1, -1):
            step, guard = program.steps[place - program.inputs], guards[place]
            if guard is None or type(step) is not tuple:
                continue
            text, places = step
            for k, i in enumerate(places):
                more: Guard = frozenset()
                if text == _WHERE and k and len(guard) < _FACTS:
                    more = frozenset(self._structures.facts(shapes[places[0]], k == 1))
                used(i, guard | more)
        return guards


def _told_of(made: Sequence[object], holds: bool, need: str) -> int:
    """What a condition says is above zero, or is not zero, as needed; 0 if it says no such thing.

    A number that conditions compare with another one is told of if it is never below zero.
    """
    form = made[3] if tuple(made[:2]) == ("call", "condition") else ()
    if not (isinstance(form, tuple) and form and form[-1][1] == 1):
        return 0
    constant, (core, _), kind = form[:-1], form[-1], made[2]
    if core == CONSTANT or len(constant) > 1 or (constant and constant[0][0] != CONSTANT):
        return 0
    number = constant[0][1] if constant else 0
    above = number <= 0 if (kind, holds) == ("above", True) else number < 0
    says = above and (kind, holds) in (("above", True), ("below", False))
    apart = need == "nonzero" and not constant and (kind, holds) == ("zero", False)
    return int(core) if says or apart else 0


def _is_infinite(step: object) -> bool:
    return isinstance(step, float) and step - step != 0.0


@cache
def _may_need(text: str) -> bool:
    """True if a primitive may be undefined somewhere, by a glance at its text."""
    return _PARTIAL.search(_WHOLE.sub("", text)) is not None


_WHOLE = re.compile(r"\*\*\s*\d+|/\s*\d+")
_PARTIAL = re.compile(r"[/%]|\*\*|log|sqrt|asin|acos|atanh|acosh|tan|gamma|atan2")
_SPELLED = frozenset({"nonzero", "positive", "nonnegative"})
_STRONGER = {"nonnegative": ("positive",)}
