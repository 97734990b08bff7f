"""The check that every compile of arrays gets: the emitted text against the chain rule.

Both are run over whole arrays of residues (``field/whole``).  Agreement certifies the gradient up
to a stated chance.  A disagreement may be false, because a field knows few relations between
functions; so doubles decide then, at the example and at random points, against the chain rule over
the function's scalars: a difference there refutes, agreement certifies numbers only.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import starmap

import numpy as np

from autodiff.graph.loops.in_place import filled_arrays
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.trace.collection import collection_paused
from codegen.call.compiled import CompiledFunction
from verify.answer.compile_check import Check
from verify.answer.report import Verdict
from verify.field.meaning import PoleError
from verify.field.whole.conditions.condition_bits import TooManyPartsError
from verify.field.whole.conditions.gated_field import GatedField
from verify.field.whole.conditions.parted_field import PartedField
from verify.field.whole.drawn_rows import DrawnField, Rows, TooFewRowsError, rows_to_draw
from verify.field.whole.execute_lists import is_of_lists
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.repeated.carried_parts import CarriedParts
from verify.field.whole.repeated.larger_of_two import LargerOfTwo
from verify.field.whole.repeated.visited import lengths_in
from verify.ladder.arrays.array_doubles import POINTS, Found, in_doubles, points_of
from verify.ladder.arrays.array_execution import execute_beside_text
from verify.rules.rests_on import resting
from verify.subjects.array_pairs import pairs_in_field, texts_agree

__all__ = ["check_arrays"]

_CHANCE = 1e-12  # above it, nothing is certified
# Fields for what others tell a difference of: with conditions, and with functions of each other;
# numbers one by one, as in loops, may be written as choices where the chain rule has maxima.
_OF_ARRAYS: tuple[Callable[[], WholeField], ...] = (
    CarriedParts, partial(CarriedParts, relations=True),
)  # fmt: skip
_IN_PARTS: tuple[Callable[[], WholeField], ...] = (CarriedParts, LargerOfTwo, *_OF_ARRAYS[1:])
_NO_BOUND = "the degrees are too large for a bound on the chance of an error"
_DRAWN = "places that the inputs decide are drawn, too many to be unknown"
_MORE = 4  # points more, where the chance at one is too large
_ORDERS = 40  # where orders are drawn: there may be two
_NOWHERE_BESIDE = "no point was found at which machine code and text can be compared"
_OF_LOOPS = "loops at their first and last repetition, and at one drawn between them"
_POLES = "repetitions that are not run leave what others divide by"
_SIDES = 20
_FEW = 1 << 16  # numbers of an array
_FEWEST = 5  # of these, which tell something
# What a text raises that means something else to residues than to arrays.
_NOT_RUN = (KeyError, TypeError, ValueError, IndexError, NameError, AttributeError)
_LONG = 3000  # repetitions of a loop, of which one point tells as much


def check_arrays(compiled: CompiledFunction, examples: Sequence[object] = ()) -> Check:
    """Check what a compile of arrays is about to return.

    Args:
        compiled: Derivatives, or a graph as it is.
        examples: One value per argument, as the function was traced with.

    Raises:
        VerificationError: if a number is wrong; the message holds the point that shows it.
    """
    start = time.perf_counter()
    with collection_paused():
        verdict, method, chance, note = _found(compiled, examples)
        machine = compiled.machine_graph
        if machine is not None:
            long = max(lengths_in(machine), default=0) >= _LONG
            points = points_of(machine, examples, more=1 if long else POINTS)
            count = execute_beside_text(compiled, points)
            beside = f"the machine code executed beside it at {count} points"
            method = "; ".join(filter(None, [method, beside]))
            if not count:
                verdict, chance, note = Verdict.UNDECIDED, None, _NOWHERE_BESIDE
    verdict, chance, note = resting(compiled.graph, verdict, chance, note)
    return Check(verdict, method, chance, time.perf_counter() - start, note)


def _found(compiled: CompiledFunction, examples: Sequence[object]) -> Found:
    reason = ""
    drawn = () if is_of_lists(compiled.loaded) else rows_to_draw(compiled.graph)
    # Where conditions overlap, fields of all rows know more: they are asked, if it takes no longer.
    few = max((math.prod(node.shape) for node in compiled.graph.nodes), default=1) <= _FEW
    numbers = is_of_lists(compiled.loaded) or loops_of(compiled.graph)
    parts = _IN_PARTS if numbers else _OF_ARRAYS
    for rows in (*drawn, None):
        try:
            if rows is None:
                found = _in_field(compiled, WholeField, in_parts=parts)
            else:
                found = _by_rows(compiled, rows, on_sides=not few)
                parts = ()
            if found is not None:
                return found
            reason = "the field alone sees a difference"
        except PoleError:
            reason = "a denominator is zero everywhere in the field"
            if rows is None and (begun := _begun_anew(compiled)) is not None:
                return begun
            if rows is None and (told := _beside_poles(compiled)):
                return Verdict.CERTIFIED_NUMERIC, told, None, _POLES
        except _NOT_RUN as error:
            reason = f"the text cannot be run over a field: {error}"
    return in_doubles(compiled, examples, reason)


def _by_rows(compiled: CompiledFunction, rows: Rows | None, on_sides: bool) -> Found | None:
    """As ``_in_field``, of a few rows that stand for all; None if these would be too many."""
    while rows is not None:
        try:
            found = _in_field(compiled, partial(DrawnField, rows), on_sides)
        except TooFewRowsError as few:
            rows = rows.with_more(few.needed)
            continue
        if found is None:
            return None
        verdict, method, chance, note = found
        return verdict, f"{method}, {rows.drawn} rows for all of {rows.length}", chance, note
    return None


def _in_field(
    compiled: CompiledFunction,
    make: Callable[..., WholeField],
    on_sides: bool = True,
    in_parts: Sequence[Callable[[], WholeField]] = _IN_PARTS,
    poles: bool = False,
) -> Found | None:
    """What a field tells; None if it tells a difference, which may be false.

    Args:
        compiled: What is checked.
        make: Gives a field.
        on_sides: True if sides of conditions may be drawn.
        in_parts: Fields of conditions that overlap.
        poles: True if what is divided by zero is drawn.
    """
    against = "the chain rule" if compiled.what else "the graph"
    method, bounded = f"the emitted code against {against}, arrays modulo primes of 50 bits", True
    kind = GatedField if make is WholeField else make
    waiting: list[Callable[[], WholeField]] = [kind, partial(kind, relations=True)]
    while waiting:
        attempt = waiting.pop(0)
        drawn = partial(_drawing_poles, attempt) if poles else attempt
        field = drawn()
        try:
            chance = _agreed(compiled, field)
        except TooManyPartsError:
            waiting = waiting[-1:]  # the others in parts have as many
            continue
        if chance is None:
            if attempt is GatedField and field.has_conditions:
                waiting[:0] = WholeField, *in_parts
            continue
        more, bounded = _ORDERS if field.choice else _MORE, False
        if chance ** (1 + more) > _CHANCE:  # degrees are too large
            waiting = _cutting(make, field)
        elif (chance := _again(compiled, drawn, chance, more)) <= _CHANCE:
            # All repetitions are one text, whose variable is an index (load/counting.py).
            return Verdict.CERTIFIED, method, chance, _OF_LOOPS if loops_of(compiled.graph) else ""
    if not bounded:
        return Verdict.CERTIFIED_NUMERIC, method, None, _DRAWN if field.choice >= 1.0 else _NO_BOUND
    if on_sides and (told := _on_sides(compiled, partial(make, True, sides=True))):
        method = f"{method}, on {told} random sides of its conditions"
        return Verdict.CERTIFIED_NUMERIC, method, None, "conditions overlap"
    return None


def _begun_anew(compiled: CompiledFunction) -> Found | None:
    """What a field tells where arrays that loops fill begin as unknowns; None if nothing certain.

    Of long loops few repetitions are run, and what others would fill is what the array began with:
    each element an unknown of its number and its place.  What is equal for all that it may begin
    with is equal for these numbers, where it is defined.
    """
    arrays = filled_arrays(compiled.graph)
    filled = frozenset((x.array.shape, np.asarray(x.array, float).tobytes()) for x in arrays)
    if not filled:
        return None

    def make(relations: bool = False, cuts: bool = False, primes: int = 2) -> WholeField:
        field = GatedField(relations, cuts=cuts, primes=primes)
        field.few.filled = filled
        return field

    try:
        found = _in_field(compiled, make, on_sides=False)
    except (PoleError, *_NOT_RUN):
        return None
    if found is None or found[0] is not Verdict.CERTIFIED:
        return None
    verdict, method, chance, note = found
    return verdict, f"{method}, arrays that loops fill begun as unknowns", chance, note


def _beside_poles(compiled: CompiledFunction) -> str:
    """What a field tells of loops, where what is divided by zero is another number each time.

    Of long loops few repetitions are run, so that what others leave, which these divide by, is not
    there.  It tells nothing of what is multiplied by zero later, which is why it proves nothing.
    """
    if not loops_of(compiled.graph):
        return ""
    try:
        found = _in_field(compiled, WholeField, on_sides=False, in_parts=(), poles=True)
    except (PoleError, *_NOT_RUN):
        return ""
    return "" if found is None else found[1]


def _drawing_poles(make: Callable[[], WholeField]) -> WholeField:
    field = make()
    field.ring.draws_poles = True
    return field


def _on_sides(compiled: CompiledFunction, make: Callable[[], WholeField]) -> int:
    """On how many random sides both agree; 0 if they differ on one.

    A side on which something is divided by zero (how many a mask chooses, where it chooses none)
    tells nothing.

    Raises:
        PoleError: if too few sides tell anything.
    """
    told, several = 0, not texts_agree(compiled, WholeField())
    for _ in range(_SIDES):
        try:
            if _agreed(compiled, make(), several) is None:
                return 0
        except PoleError:
            continue
        told += 1
    if told < _FEWEST:
        raise PoleError("a denominator is zero on most sides")
    return told


def _cutting(make: Callable[..., WholeField], field: WholeField) -> list[Callable[[], WholeField]]:
    """A field like one, whose degrees stay small, if there is one."""
    if field.cuts or isinstance(field, PartedField):
        return []
    kind = GatedField if isinstance(field, GatedField) else make
    return [partial(kind, relations=field.relations, cuts=True, primes=3)]


def _agreed(compiled: CompiledFunction, field: WholeField, all_texts: bool = True) -> float | None:
    """The chance that expressions differ which agree at a random point; None if some do not."""
    pairs = pairs_in_field(compiled, field, all_texts)
    field.require_enough()
    return field.chance(pairs) if all(starmap(field.same, pairs)) else None


def _again(
    compiled: CompiledFunction, make: Callable[[], WholeField], chance: float, more: int
) -> float:
    """The chance that expressions differ which agreed, after more random points where it is large.

    Each is drawn for itself, so that the chances of an accident multiply.
    """
    total = chance
    for _ in range(more):
        if total <= _CHANCE:
            break
        found = _agreed(compiled, make())
        if found is None:
            return 1.0
        total *= min(1.0, found)
    return total
