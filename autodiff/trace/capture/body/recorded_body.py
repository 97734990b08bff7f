"""One repetition of a loop, recorded: what it makes of what it began with is a loop's nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np

from autodiff.graph.graph import Builder
from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import UNBOUND
from autodiff.trace.capture.body.beginning import Beginning
from autodiff.trace.capture.body.boxes import fill
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.elements import Elements
from autodiff.trace.capture.inner.known_tests import KnownTests
from autodiff.trace.capture.lists.growing import original
from autodiff.trace.capture.segment import Carry, Segment
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.capture.variables import mutable_parts, note_sharing, pairs_of
from autodiff.trace.placeholder import Tracer

__all__ = ["Repetition"]


class Repetition(KnownTests):
    """A repetition that stands for all.

    Args:
        builder: What records.
        count: The number of repetitions.
        boxes: Objects that it changes in place.
        lists: Lists to which it appends.
        may_append: False while not every repetition would append.
        records: Objects that every repetition makes anew.
        contents: What some boxes begin with, by their ids, where that is more than they hold.
        filled: Arrays of constants whose elements it assigns.

    Attributes:
        start: What it begins with.
        behind: What follows once the loop is recorded.
    """

    def __init__(
        self,
        builder: Builder,
        count: int,
        boxes: Sequence[object],
        lists: Sequence[list[object]] = (),
        may_append: Callable[[bool], bool] = bool,
        records: Sequence[object] = (),
        contents: Mapping[int, Sequence[object]] = MappingProxyType({}),
        filled: Sequence[ArrayTracer] = (),
    ) -> None:
        self.segment, self.boxes = Segment(builder), list(boxes)
        self.elements = Elements(self.segment)
        super().__init__(builder, count, self.elements.constants_at)
        given = self.boxes, lists, may_append, records, contents, self.holding
        self.start = Beginning(builder, self.segment, *given)
        self.behind: dict[int, Callable[[], None]] = {}
        self._builder = builder
        self._filled = [(x, x.index) for x in filled]
        for x, index in self._filled:
            x._index = self.segment.unfolded(index)

    def tracer(self, known: Known) -> object:
        """What stands for a number that is known."""
        return self.elements.known(known)

    def give_back(self) -> None:
        """Leave nothing of the recording where the user keeps lists."""
        self.start.standing.leave()

    def take_back(
        self, changed: Sequence[object], outer: Sequence[Repetition]
    ) -> dict[str, object]:
        """Make everything as it was; the variables as they were.

        Args:
            changed: What it changed besides its boxes.
            outer: The loops around this one.
        """
        self.segment.cut()
        for loop in outer:
            loop.elements.forget(self.segment.start)
        for x, index in self._filled:
            x._index = index
        self.start.restore(changed)
        return self.start.variables

    def finish(
        self,
        left: Mapping[str, object],
        outer: Sequence[Repetition],
        failing: Sequence[Sequence[tuple[Tracer, bool]]] = (),
        last: Mapping[str, object] = MappingProxyType({}),
    ) -> tuple[dict[str, object], list[ArrayTracer]]:
        """Record the loop.

        Args:
            left: The variables as the repetition left them.
            outer: The loops around this one.
            failing: Conditions, which hold or do not, under which the repetition has no result.
            last: What some variables hold after the loop.

        Returns:
            What the variables hold after the loop; per ``failing``, whether that was so in some
            repetition: 1.0 or 0.0.

        Raises:
            UncapturableError: if the repetitions are not alike.
        """
        start, standing = self.start, self.start.standing
        values, contents = start.left_carried(left)
        others = self._names_alike(values)
        values = {n: x for n, x in values.items() if n not in others}
        self._require_unshared([*values.values(), *contents])
        carried = self._carried(values, contents)
        self._require_no_old_views(carried)
        carried += [("carry", *self._noted(way)) for way in failing]
        like, ended = ArrayTracer(self._builder, 0), [x for _, _, x in carried]
        after = [like.node_of(_met(x), "carry") for x in ended]
        appended = [x for one in standing.every for x in one.leaves()]
        rows = [like.node_of(x, "carry") for x in appended]
        self.segment.cut()
        for one in outer:
            one.elements.relocated(self.segment.start, self.segment.relocate)
        streams, lagging = self.elements.resolve()
        carries = [
            self._carry(name, before, node)
            for (name, before, _), node in zip(carried, after, strict=True)
        ]
        every, stacked = [*carries, *lagging], [*self.elements.stacked, *rows]
        loop, operands = self.segment.loop(every, streams, stacked, self.count)
        add = partial(loop.add, self._builder, operands)
        made = [ArrayTracer(self._builder, add(k)) for k in range(loop.results)]
        self._name(carried, made)
        now = [self._end(b, x, end) for (_, b, x), end in zip(carried, made, strict=False)]
        note_sharing(ended, now, {**start.originals, **self._arrays_changed()}, True)
        ends = iter(now)
        behind = {n: self._behind(x, ends) for n, x in values.items()}
        results = {n: last[n] if n in last else behind[others.get(n, n)] for n in start.begun}
        standing.leave()
        for box, holds in zip(start.boxes, contents, strict=True):
            fill(box.thing, [self._behind(x, ends) for x in holds])
        around = outer[-1].elements if outer else None
        self.elements.put(made[len(every) : len(made) - len(rows)], around)
        self._grow(appended, made[len(made) - len(rows) :], ended, made)
        return results, made[len(carries) - len(failing) : len(carries)]

    # --- what goes from one repetition to the next ---

    def _names_alike(self, values: Mapping[str, object]) -> dict[str, str]:
        """Variables that no repetition begins with, for arrays that others hold as well: which."""
        unbound = self.start.unbound
        others = [(x, n) for n, x in values.items() if n not in unbound]
        held = {id(x): n for x, n in others if isinstance(x, ArrayTracer) and x.shape}
        return {n: held[id(values[n])] for n in unbound & {*values} if id(values[n]) in held}

    def _require_unshared(self, values: Sequence[object]) -> None:
        """Nothing that is changed in place is there twice.

        Raises:
            UncapturableError: if it is: a change of one would be a change of the other.
        """
        parts = [*mutable_parts(values)]
        tracers = [x for x in parts if isinstance(x, ArrayTracer)]
        if not self.start.changes_in_place() and not any(x.version for x in tracers):
            return
        if len({id(x) for x in parts}) < len(parts) or any(x._parent for x in tracers):
            raise UncapturableError
        ended = {id(x) for x in parts}
        for x in self.start.placeholders:
            if x.version and id(x) not in ended:
                raise UncapturableError

    def _arrays_changed(self) -> dict[int, object]:
        """The arrays that a repetition changes in place, by their ids."""
        things = [box.thing for box in self.start.boxes]
        return {id(one): one for one in things if isinstance(one, ArrayTracer)}

    def _is_outside(self, x: ArrayTracer) -> bool:
        """True for an array that was there before the loop."""
        return id(x) in self._arrays_changed() or x._index < self.segment.start

    def _require_no_old_views(self, carried: Sequence[tuple[str, object, object]]) -> None:
        """No repetition reads a view that the last one left of an array which changes in place.

        Raises:
            UncapturableError: if one does: it would read what was there before.
        """
        arrays = self._arrays_changed()
        for _, before, left in carried if arrays else ():
            if left is before or not isinstance(left, ArrayTracer) or not left.shape:
                continue
            if id(left.whole) in arrays and isinstance(before, ArrayTracer):
                index, _ = self.start.stood_for(before)
                nodes = self._builder.nodes
                if any(index in nodes[k].operands for k in range(self.segment.start, len(nodes))):
                    raise UncapturableError

    def _carried(
        self, values: Mapping[str, object], contents: Sequence[list[object]]
    ) -> list[tuple[str, object, object]]:
        """Each number and array that is carried: a name, what it begins as, and what is left."""
        start, records = self.start, self.start.records
        found = [
            (name, *pair)
            for name, now in values.items()
            for pair in pairs_of(start.begun[name], now, records)
        ]
        held: list[tuple[str, object, object]] = [
            (box.name, box.begun, now) for box, now in zip(start.boxes, contents, strict=True)
        ]
        back = start.standing.read_back([*values.values(), *contents])
        held += [("carry", *both) for both in back]
        return found + [
            (name, *pair) for name, one, now in held for pair in pairs_of(one, now, records)
        ]

    def _noted(self, way: Sequence[tuple[Tracer, bool]]) -> tuple[object, object]:
        """A number that is 1.0 from the repetition on in which conditions hold, or do not."""
        before: object = self.start.placeholder(0.0)
        after: object = 1.0
        for condition, holds in reversed(way):
            after = ops.where(condition, *((after, before) if holds else (before, after)))
        return before, after

    def _carry(self, name: str, before: object, after: int) -> Carry:
        if before is UNBOUND:
            shape = self.segment.shape(after)
            zero = ArrayTracer(self._builder, 0).node_of(np.zeros(shape), "carry")
            return Carry(name, None, zero, after)
        index, leaf = self.start.stood_for(before)
        first = ArrayTracer(self._builder, 0).node_of(_met(leaf), "carry")
        return Carry(name, index, first, after)

    # --- what there is behind the loop ---

    def _end(self, before: object, left: object, end: ArrayTracer) -> object:
        """What stands for a number or array after the loop."""
        if isinstance(left, Known):
            return left.values[-1]
        if not isinstance(left, ArrayTracer):
            return left if not isinstance(left, np.ndarray) else end
        if left is before:  # the array itself, which may have been changed
            _, original = self.start.stood_for(before)
            if not left.version:
                return original
            if not isinstance(original, ArrayTracer):
                raise UncapturableError
            original.assigned(end)
            return original
        if left.shape and left._parent is None and self._is_outside(left):
            return left  # an array that was there before the loop, under another name
        end.integer = left.integer and getattr(before, "integer", False)
        if left._doubtful and before is not UNBOUND:  # it may be what it was before
            _, original = self.start.stood_for(before)
            if isinstance(original, ArrayTracer) and isinstance(before, ArrayTracer):
                end.may_still_be(left, before, original)
        return end

    def _behind(self, left: object, ends: Iterator[object]) -> object:
        """What there is behind the loop for what the last repetition left."""
        return original(left, lambda _: next(ends), self.start.records)

    def _grow(
        self,
        appended: Sequence[ArrayTracer],
        stacks: Sequence[ArrayTracer],
        left: Sequence[object],
        ends: Sequence[ArrayTracer],
    ) -> None:
        """Append to lists; an array that a variable still holds is the last in a list."""
        given, standing = iter(stacks), self.start.standing
        for one in standing.every:
            one.grow(given, self.count)
        holding = {id(x): rows for x, rows in zip(appended, stacks, strict=True) if x.shape}
        note_sharing(left, ends, holding)
        for rows in holding.values():
            note_sharing(left, ends, dict.fromkeys(standing.arrays_read, rows))

    def _name(
        self, carried: Sequence[tuple[str, object, object]], made: Sequence[ArrayTracer]
    ) -> None:
        """Let the trace know how the user calls what the loop gives."""
        recorder = self._builder.recorder
        if recorder is not None:
            for (name, _, _), end in zip(carried, made, strict=False):
                if name != "carry" and not name.startswith("__"):
                    recorder.recording.parameters.append((0, name, [end.index], ()))


def _met(leaf: object) -> object:
    if not isinstance(leaf, Known):
        return leaf
    return 0.0 if leaf.is_text else leaf.tracer()  # nobody reads what text is carried as
