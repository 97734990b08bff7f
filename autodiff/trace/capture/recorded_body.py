"""One repetition of a loop, recorded: what it began with, and what it left behind."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np

from autodiff.graph.graph import Builder
from autodiff.table import ops
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import UNBOUND
from autodiff.trace.branching.objects.unsure import Entries
from autodiff.trace.branching.reachable import Contents, Reachable, contents_of, read_globals
from autodiff.trace.capture.boxes import fill, held, restore
from autodiff.trace.capture.by_repetition import Known
from autodiff.trace.capture.elements import Elements
from autodiff.trace.capture.lists.growing import Standing, has_grown, original
from autodiff.trace.capture.own_records import OwnRecords
from autodiff.trace.capture.segment import Carry, Segment
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.capture.variables import mutable_parts, note_sharing, pairs_of, shape_of
from autodiff.trace.capture.widened import conformed, widened
from autodiff.trace.placeholder import Tracer

__all__ = ["Repetition"]


class Repetition:
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
        self.segment, self.count, self.boxes = Segment(builder), count, list(boxes)
        self._records = OwnRecords(records, lambda one: id(one) in self._reachable.ids)
        self._standing = Standing(lists, may_append, self._records, self._placeholder)
        self.elements = Elements(self.segment)
        self.tests = set[int]()  # conditions that tell repetitions apart, and nothing else
        self.behind: dict[int, Callable[[], None]] = {}  # what follows once the loop is recorded
        self._builder, self._contents = builder, contents
        self._variables: dict[str, object] = {}  # as they were before
        self._foreseen: Mapping[str, object] = {}  # those that are no carries
        self._begun: dict[str, object] = {}  # with placeholders
        self._boxes: list[tuple[Contents, list[object]]] = []  # the same of what boxes hold
        # By the id of a placeholder: its node, and what it was.
        self._first: dict[int, tuple[int, object]] = {}
        self._held: list[ArrayTracer] = []  # so that ids stay
        self._reachable = Reachable(())
        self._filled = [(x, x.index) for x in filled]
        for x, index in self._filled:
            x._index = self.segment.unfolded(index)

    def tracer(self, known: Known) -> object:
        """What stands for a number that is known."""
        return self.elements.known(known)

    # --- before ---

    def begin(
        self,
        names: Sequence[str],
        variables: Mapping[str, object],
        frame: types.FrameType,
        foreseen: Mapping[str, object],
    ) -> dict[str, object]:
        """The variables with placeholders for what they hold, but for what is foreseen."""
        self._variables = {name: variables.get(name, UNBOUND) for name in names}
        self._foreseen = foreseen
        standing = self._standing
        self._begun = {
            name: foreseen[name] if name in foreseen else standing.of(x, self._placeholder)
            for name, x in self._variables.items()
        }
        for box in self.boxes:
            before = contents_of(box)
            holds = self._contents.get(id(box)) or held(box)
            begun = [standing.of(one, self._placeholder) for one in holds]
            fill(box, begun)
            self._boxes.append((before, begun))
        scope = read_globals(frame.f_code, frame.f_globals)
        others = [x for name, x in variables.items() if name not in self._begun]
        roots = [*others, *self._begun.values(), *scope]
        standing.put(roots)
        self._reachable = Reachable(roots)
        if not self._reachable.ids.isdisjoint(standing.originals):
            raise UncapturableError  # another name leads to such a list
        return self._begun

    def _placeholder(self, leaf: object) -> object:
        made = ArrayTracer(self._builder, self.segment.placeholder(shape_of(leaf)))
        self._first[id(made)] = made.index, leaf
        self._held.append(made)
        return made

    @property
    def unbound(self) -> set[str]:
        """Variables without a value before."""
        return {name for name, value in self._variables.items() if value is UNBOUND}

    # --- after ---

    def changed(self, left: Mapping[str, object]) -> list[object]:
        """Objects besides the boxes that it changed in place.

        Args:
            left: The variables as it left them.
        """
        own = {id(x) for x in (*self.boxes, *mutable_parts(self._begun.values()))}
        return [
            one
            for one, first, now in zip(
                self._reachable.objects, self._reachable.first, self._reachable.now(), strict=True
            )
            if not first.same(now)
            and id(one) not in own
            and not isinstance(one, Entries)
            and not self._is_variable(first, now, left)
        ]

    def grown(self, left: Mapping[str, object], changed: Sequence[object]) -> list[list[object]]:
        """Lists to which it appended, among what it changed and what the variables hold.

        Args:
            left: The variables as it left them.
            changed: What ``changed`` gives.
        """
        first = dict(zip(map(id, self._reachable.objects), self._reachable.first, strict=True))
        found = [x for x in changed if isinstance(x, list) and has_grown(first[id(x)], x)]
        pairs = [(x, self._begun[name], left[name]) for name, x in self._variables.items()]
        for box, (before, begun) in zip(self.boxes, self._boxes, strict=True):
            pairs += zip(before.values, begun, held(box), strict=False)
        for one, copy, now in pairs:
            if type(one) is type(copy) is list and copy is now and len(copy) > len(one):
                found.append(one)
        return found

    def given_anew(self, left: Mapping[str, object]) -> list[object]:
        """Objects that it began with, and made others for.

        Args:
            left: The variables as it left them.
        """
        pairs = [(x, left[name]) for name, x in self._begun.items()]
        for (_, begun), box in zip(self._boxes, self.boxes, strict=True):
            pairs += zip(begun, held(box), strict=False)
        return [one for pair in pairs for one in self._records.given_anew(*pair)]

    def widened(
        self, left: Mapping[str, object], nothing: Callable[[object], object]
    ) -> tuple[dict[str, object], dict[int, list[object]]]:
        """What variables and boxes, by their ids, have to begin with, where that is more.

        Args:
            left: The variables as it left them.
            nothing: Numbers that nobody reads, in place of some.
        """
        names, boxes = dict[str, object](), dict[int, list[object]]()
        for name, begun in self._begun.items():
            before = self._variables[name]
            wide = widened(before, begun, left[name], nothing)
            if wide is not before:
                names[name] = wide
        for box, (first, begun) in zip(self.boxes, self._boxes, strict=True):
            before = self._contents.get(id(box)) or [*first.values]
            rows = zip(before, begun, held(box), strict=False)
            wide = [widened(*row, nothing) for row in rows]
            if any(x is not y for x, y in zip(wide, before, strict=False)):
                boxes[id(box)] = wide
        return names, boxes

    def _is_variable(self, first: Contents, now: Contents, left: Mapping[str, object]) -> bool:
        """True for the cell of a variable that the loop assigns."""
        return any(_holds(first, x) and _holds(now, left[name]) for name, x in self._begun.items())

    def give_back(self) -> None:
        """Leave nothing of the recording where the user keeps lists."""
        self._standing.leave()

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
        self._standing.leave()
        first = dict(zip(map(id, self._reachable.objects), self._reachable.first, strict=True))
        for x, index in self._filled:
            x._index = index
        for one in changed:
            if self._records.is_copy(one):
                raise UncapturableError  # it was another object that the user's code would change
            restore(one, first[id(one)])
        for box, (before, _) in zip(self.boxes, self._boxes, strict=True):
            restore(box, before)
        return self._variables

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
        values = {
            n: conformed(x, left[n]) for n, x in self._begun.items() if n not in self._foreseen
        }
        others = self._names_alike(values)
        values = {n: x for n, x in values.items() if n not in others}
        contents = [
            [conformed(x, now) for x, now in zip(begun, held(box), strict=True)]
            for box, (_, begun) in zip(self.boxes, self._boxes, strict=True)
        ]
        self._require_unshared([*values.values(), *contents])
        found = [
            (name, *pair)
            for name, now in values.items()
            for pair in pairs_of(self._begun[name], now, self._records)
        ]
        for (_, begun), now in zip(self._boxes, contents, strict=True):
            found += [("carry", *pair) for pair in pairs_of(begun, now, self._records)]
        for pair in self._standing.read_back([*values.values(), *contents]):
            found += [("carry", *one) for one in pairs_of(*pair, self._records)]
        found += [("carry", *self._noted(way)) for way in failing]
        like, ended = ArrayTracer(self._builder, 0), [x for _, _, x in found]
        after = [like.node_of(_met(x), "carry") for x in ended]
        appended = [x for one in self._standing.every for x in one.leaves()]
        rows = [like.node_of(x, "carry") for x in appended]
        self.segment.cut()
        for one in outer:
            one.elements.relocated(self.segment.start, self.segment.relocate)
        streams, lagging = self.elements.resolve()
        carries = [
            self._carry(name, before, node)
            for (name, before, _), node in zip(found, after, strict=True)
        ]
        every, stacked = [*carries, *lagging], [*self.elements.stacked, *rows]
        loop, operands = self.segment.loop(every, streams, stacked, self.count)
        add = partial(loop.add, self._builder, operands)
        made = [ArrayTracer(self._builder, add(k)) for k in range(loop.results)]
        self._name(found, made)
        now = [self._end(b, x, end) for (_, b, x), end in zip(found, made, strict=False)]
        note_sharing(ended, now, {n: leaf for n, (_, leaf) in self._first.items()}, True)
        ends = iter(now)
        carried = {n: self._behind(x, ends) for n, x in values.items()}
        results = {n: last[n] if n in last else carried[others.get(n, n)] for n in self._begun}
        self._standing.leave()
        for box, holds in zip(self.boxes, contents, strict=True):
            fill(box, [self._behind(x, ends) for x in holds])
        self.elements.put(made[len(every) : len(made) - len(rows)])
        self._grow(appended, made[len(made) - len(rows) :], ended, made)
        return results, made[len(carries) - len(failing) : len(carries)]

    def _names_alike(self, values: Mapping[str, object]) -> dict[str, str]:
        """Variables that no repetition begins with, for arrays that others hold as well: which."""
        others = [(x, n) for n, x in values.items() if n not in self.unbound]
        held = {id(x): n for x, n in others if isinstance(x, ArrayTracer) and x.shape}
        return {n: held[id(values[n])] for n in self.unbound & {*values} if id(values[n]) in held}

    def _behind(self, left: object, ends: Iterator[object]) -> object:
        """What there is behind the loop for what the last repetition left."""
        return original(left, lambda _: next(ends), self._records)

    def _grow(
        self,
        appended: Sequence[ArrayTracer],
        stacks: Sequence[ArrayTracer],
        left: Sequence[object],
        ends: Sequence[ArrayTracer],
    ) -> None:
        """Append to lists; an array that a variable still holds is the last in a list."""
        given = iter(stacks)
        for one in self._standing.every:
            one.grow(given, self.count)
        holding = {id(x): rows for x, rows in zip(appended, stacks, strict=True) if x.shape}
        note_sharing(left, ends, holding)
        for rows in holding.values():
            note_sharing(left, ends, dict.fromkeys(self._standing.arrays_read, rows))

    def _noted(self, way: Sequence[tuple[Tracer, bool]]) -> tuple[object, object]:
        """A number that is 1.0 from the repetition on in which conditions hold, or do not."""
        before: object = self._placeholder(0.0)
        after: object = 1.0
        for condition, holds in reversed(way):
            after = ops.where(condition, *((after, before) if holds else (before, after)))
        return before, after

    def _require_unshared(self, values: Sequence[object]) -> None:
        """Nothing that is changed in place is there twice.

        Raises:
            UncapturableError: if it is: a change of one would be a change of the other.
        """
        parts = [*mutable_parts(values)]
        tracers = [x for x in parts if isinstance(x, ArrayTracer)]
        first = zip(self._reachable.objects, self._reachable.first, strict=True)
        begun = {id(x) for x in mutable_parts(self._begun.values())}
        changes = any(id(x) in begun and not c.same(contents_of(x)) for x, c in first)
        if not changes and not any(x.version for x in tracers):
            return
        if len({id(x) for x in parts}) < len(parts) or any(x._parent for x in tracers):
            raise UncapturableError
        ended = {id(x) for x in parts}
        for x in self._held:
            if x.version and id(x) not in ended:
                raise UncapturableError

    def _carry(self, name: str, before: object, after: int) -> Carry:
        if before is UNBOUND:
            shape = self.segment.shape(after)
            zero = ArrayTracer(self._builder, 0).node_of(np.zeros(shape), "carry")
            return Carry(name, None, zero, after)
        index, leaf = self._first[id(before)]
        first = ArrayTracer(self._builder, 0).node_of(_met(leaf), "carry")
        return Carry(name, index, first, after)

    def _end(self, before: object, left: object, end: ArrayTracer) -> object:
        """What stands for a number or array after the loop."""
        if isinstance(left, Known):
            return left.values[-1]
        if not isinstance(left, ArrayTracer):
            return left if not isinstance(left, np.ndarray) else end
        if left is before:  # the array itself, which may have been changed
            original = self._first[id(before)][1]
            if not left.version:
                return original
            if not isinstance(original, ArrayTracer):
                raise UncapturableError
            original.assigned(end)
            return original
        end.integer = left.integer and getattr(before, "integer", False)
        if left._doubtful and before is not UNBOUND:  # it may be what it was before
            original = self._first[id(before)][1]
            if isinstance(original, ArrayTracer):
                end.may_share(original)
        return end

    def _name(
        self, found: Sequence[tuple[str, object, object]], made: Sequence[ArrayTracer]
    ) -> None:
        """Let the trace know how the user calls what the loop gives."""
        recorder = self._builder.recorder
        if recorder is not None:
            for (name, _, _), end in zip(found, made, strict=False):
                if name != "carry" and not name.startswith("__"):
                    recorder.recording.parameters.append((0, name, [end.index], ()))


def _met(leaf: object) -> object:
    if not isinstance(leaf, Known):
        return leaf
    return 0.0 if leaf.is_text else leaf.tracer()  # nobody reads what text is carried as


def _holds(contents: Contents, value: object) -> bool:
    """True for what holds one value and nothing else, as a cell does."""
    return not contents.keys and len(contents.values) == 1 and contents.values[0] is value
