"""What a repetition begins with, and what it left of that: whether it has to be recorded again."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence

from autodiff.graph.graph import Builder
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.branching.choices import UNBOUND
from autodiff.trace.branching.objects.unsure import Entries
from autodiff.trace.branching.reachable import Contents, Reachable, contents_of, read_globals
from autodiff.trace.capture.body.boxes import fill, held, longest_ring, restore
from autodiff.trace.capture.body.widened import all_conformed, conformed, widened
from autodiff.trace.capture.inner.known_tests import Holding
from autodiff.trace.capture.lists.growing import Standing, has_grown
from autodiff.trace.capture.own_records import OwnRecords
from autodiff.trace.capture.segment import Segment
from autodiff.trace.capture.uncapturable import UncapturableError
from autodiff.trace.capture.variables import NOBODYS, mutable_parts, shape_of

__all__ = ["Beginning", "Box"]


class Box:
    """An object that a repetition changes in place.

    Args:
        thing: The object.
        before: What it held before the loop.
        begun: What the repetition begins with: placeholders for these values.
        name: What the user calls it.
    """

    def __init__(self, thing: object, before: Contents, begun: Sequence[object], name: str) -> None:
        self.thing, self.before, self.begun, self.name = thing, before, begun, name

    @property
    def left(self) -> list[object]:
        """What it holds now."""
        return held(self.thing)


class Beginning:
    """What a repetition begins with: placeholders for the numbers and arrays that things hold.

    Args:
        builder: What records.
        segment: The nodes of the repetition.
        boxes: Objects that it changes in place.
        lists: Lists to which it appends.
        may_append: False while not every repetition would append.
        records: Objects that every repetition makes anew.
        contents: What some boxes begin with, by their ids, where that is more than they hold.
        holding: In which repetitions a condition holds; None if that depends on values.

    Attributes:
        variables: What variables held before.
        begun: What they hold in the repetition.
        foreseen: Those of them that are known in every repetition, and no carries.
        boxes: The boxes, once it has begun.
        standing: What stands for the lists.
        records: Objects that the repetition makes.
        placeholders: All that were made.
        may_precede: How many repetitions may run before the loop.
    """

    def __init__(
        self,
        builder: Builder,
        segment: Segment,
        boxes: Sequence[object],
        lists: Sequence[list[object]],
        may_append: Callable[[bool], bool],
        records: Sequence[object],
        contents: Mapping[int, Sequence[object]],
        holding: Callable[[int], Holding | None],
    ) -> None:
        self._builder, self._segment = builder, segment
        self._things, self._contents = boxes, contents
        self._reachable, self.may_precede = Reachable(()), 1
        self._stood_for: dict[int, tuple[int, object]] = {}
        self.records = OwnRecords(records, lambda one: id(one) in self._reachable.ids)
        self.standing = Standing(lists, may_append, self.records, self.placeholder, holding)
        self.variables: dict[str, object] = {}
        self.begun: dict[str, object] = {}
        self.foreseen: Mapping[str, object] = {}
        self.boxes: list[Box] = []
        self.placeholders: list[ArrayTracer] = []

    def begin(
        self,
        names: Sequence[str],
        variables: Mapping[str, object],
        frame: types.FrameType,
        foreseen: Mapping[str, object],
    ) -> dict[str, object]:
        """The variables with placeholders for what they hold, but for what is foreseen."""
        self.variables = {name: variables.get(name, UNBOUND) for name in names}
        self.foreseen = foreseen
        standing = self.standing
        self.begun = {
            name: foreseen[name] if name in foreseen else standing.of(x, self.placeholder)
            for name, x in self.variables.items()
        }
        for thing in self._things:
            before = contents_of(thing)
            holds = self._contents.get(id(thing)) or held(thing)
            begun = [standing.of(one, self.placeholder) for one in holds]
            fill(thing, begun)
            self.boxes.append(Box(thing, before, begun, _name_of(thing, variables)))
        scope = read_globals(frame.f_code, frame.f_globals)
        others = [x for name, x in variables.items() if name not in self.begun]
        roots = [*others, *self.begun.values(), *scope]
        standing.put(roots)
        self._reachable = Reachable(roots)
        self.may_precede = longest_ring(self._reachable.objects)
        if not self._reachable.ids.isdisjoint(standing.originals):
            raise UncapturableError  # another name leads to such a list
        return self.begun

    def placeholder(self, leaf: object) -> ArrayTracer:
        """What stands for a number or an array."""
        made = ArrayTracer(self._builder, self._segment.placeholder(shape_of(leaf)))
        self._stood_for[id(made)] = made.index, leaf
        self.placeholders.append(made)  # so that ids stay
        return made

    def stood_for(self, placeholder: object) -> tuple[int, object]:
        """The first node of a placeholder, and what it stood for."""
        return self._stood_for[id(placeholder)]

    @property
    def originals(self) -> dict[int, object]:
        """What placeholders stood for, by their ids."""
        return {key: leaf for key, (_, leaf) in self._stood_for.items()}

    @property
    def unbound(self) -> set[str]:
        """Variables without a value before."""
        return {name for name, value in self.variables.items() if value is UNBOUND}

    # --- what the repetition left ---

    def known_behind(self, left: Mapping[str, object]) -> dict[str, object]:
        """What the variables hold, but for elements of lists, which are others behind the loop."""
        read = {name for name in self.begun if self.standing.reads(left[name])}
        return {**left, **dict.fromkeys(read, NOBODYS)}

    def left_carried(
        self, left: Mapping[str, object]
    ) -> tuple[dict[str, object], list[list[object]]]:
        """What variables and boxes hold at the end, as one of what they began with one of."""
        variables = {
            name: conformed(x, left[name])
            for name, x in self.begun.items()
            if name not in self.foreseen
        }
        return variables, [all_conformed(box.begun, box.left) for box in self.boxes]

    def changed(self, left: Mapping[str, object]) -> list[object]:
        """Objects besides the boxes that it changed in place.

        Args:
            left: The variables as it left them.
        """
        own = {id(x) for x in (*self._things, *mutable_parts(self.begun.values()))}
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

    def _is_variable(self, first: Contents, now: Contents, left: Mapping[str, object]) -> bool:
        """True for the cell of a variable that the loop assigns."""
        return any(_holds(first, x) and _holds(now, left[name]) for name, x in self.begun.items())

    def changes_in_place(self) -> bool:
        """True if it changed what variables began with."""
        begun = {id(x) for x in mutable_parts(self.begun.values())}
        return any(
            id(one) in begun and not first.same(contents_of(one))
            for one, first in zip(self._reachable.objects, self._reachable.first, strict=True)
        )

    def grown(self, left: Mapping[str, object], changed: Sequence[object]) -> list[list[object]]:
        """Lists to which it appended, among what it changed and what the variables hold.

        Args:
            left: The variables as it left them.
            changed: What ``changed`` gives.
        """
        first = self._first_contents()
        found = [x for x in changed if isinstance(x, list) and has_grown(first[id(x)], x)]
        triples = [(x, self.begun[name], left[name]) for name, x in self.variables.items()]
        for box in self.boxes:
            triples += zip(box.before.values, box.begun, box.left, strict=False)
        for one, copy, now in triples:
            if type(one) is type(copy) is list and copy is now and len(copy) > len(one):
                found.append(one)
        return found

    def given_anew(self, left: Mapping[str, object]) -> list[object]:
        """Objects that it began with, and made others for.

        Args:
            left: The variables as it left them.
        """
        pairs = [(x, left[name]) for name, x in self.begun.items()]
        for box in self.boxes:
            pairs += zip(box.begun, box.left, strict=False)
        return [one for pair in pairs for one in self.records.given_anew(*pair)]

    def widened(
        self, left: Mapping[str, object], nothing: Callable[[object], object]
    ) -> tuple[dict[str, object], dict[int, list[object]]]:
        """What variables and boxes, by their ids, have to begin with, where that is more.

        Args:
            left: The variables as it left them.
            nothing: Numbers that nobody reads, in place of some.
        """
        names, boxes = dict[str, object](), dict[int, list[object]]()
        for name, begun in self.begun.items():
            before = self.variables[name]
            wide = widened(before, begun, left[name], nothing)
            if wide is not before:
                names[name] = wide
        for box in self.boxes:
            before = self._contents.get(id(box.thing)) or [*box.before.values]
            rows = zip(before, box.begun, box.left, strict=False)
            wide = [widened(*row, nothing) for row in rows]
            if any(x is not y for x, y in zip(wide, before, strict=False)):
                boxes[id(box.thing)] = wide
        return names, boxes

    # --- as if it had not run ---

    def restore(self, changed: Sequence[object]) -> None:
        """Make everything as it was.

        Args:
            changed: What it changed besides its boxes.

        Raises:
            UncapturableError: if that was another object that the user's code would change.
        """
        self.standing.leave()
        first = self._first_contents()
        for one in changed:
            if self.records.is_copy(one):
                raise UncapturableError
            restore(one, first[id(one)])
        for box in self.boxes:
            restore(box.thing, box.before)

    def _first_contents(self) -> dict[int, Contents]:
        """What objects that can be reached held at first, by their ids."""
        return dict(zip(map(id, self._reachable.objects), self._reachable.first, strict=True))


def _holds(contents: Contents, value: object) -> bool:
    """True for what holds one value and nothing else, as a cell does."""
    return not contents.keys and len(contents.values) == 1 and contents.values[0] is value


def _name_of(thing: object, variables: Mapping[str, object]) -> str:
    """What the user calls an array; other objects hold several values, our names are none."""
    names = [name for name, x in variables.items() if x is thing and not name.startswith("__")]
    return names[0] if names and isinstance(thing, ArrayTracer) else "carry"
