"""Origins of a traced graph: read off the user's bytecode, when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from autodiff.origins.bytecode import Flow, Place
from autodiff.origins.origin import Label, Origins, Refusal, Role, new_tuple
from autodiff.origins.recorder import CALLED, INSIDE, UNKNOWN, Recording, unpacked

__all__ = ["Traced"]

_Name: TypeAlias = tuple[str, tuple[int, ...], int]  # name, path inside it, strength
_PLACE = ~(CALLED | INSIDE)


class Traced(Origins):
    """Origins of a traced graph.

    Args:
        recording: What the trace noted.
        name: The traced function's name.
        solves: How near ours come to the solvers of a library's that it calls; 0.0: none.
        written: Whether it asks for the text of a number, which no trace has.
        approximates: Whether it has a library's function as something that comes near to it.
    """

    def __init__(
        self, recording: Recording, name: str, solves: float = 0.0, written: bool = False,
        approximates: bool = False,
    ) -> None:  # fmt: skip
        self._recording, self._name, self.solves = recording, name, solves
        self.written, self.approximates = written, approximates
        self._flows: dict[int, Flow] = {}
        self._known: dict[int, _Name] = {}  # by place
        self._single: dict[int, bool] = {}
        self._appended: dict[int, int] = {}  # elements a comprehension has made so far

    @property
    def roles(self) -> dict[int, Role]:
        """None: no node is a derivative."""
        return {}

    def source(self, index: int) -> int:
        """The node itself."""
        return index

    def is_derivative(self, index: int) -> bool:
        """None is."""
        return False

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Those of the paths that raised."""
        return tuple(self._recording.refusals)

    @property
    def conditions(self) -> frozenset[int]:
        """Those that were asked for."""
        return frozenset(self._recording.conditions)

    @property
    def home(self) -> str:
        """That of the first call."""
        calls = self._recording.calls
        return calls[0].code.co_filename if calls else ""

    def _flow(self, call: int) -> Flow:
        code = self._recording.calls[call].code
        flow = self._flows.get(id(code))
        if flow is None:
            flow = self._flows[id(code)] = Flow(code)
        return flow

    @cached_property
    def _marks(self) -> dict[int, int]:
        """Node -> its first mark."""
        recording = self._recording
        return dict(zip(reversed(recording.nodes), reversed(recording.marks), strict=True))

    def place(self, index: int) -> Place | None:
        """The instruction that made the node first."""
        mark = self._marks.get(index, UNKNOWN)
        if mark == UNKNOWN:
            return None
        call, offset = unpacked(mark)
        return self._flow(call).place(offset)

    @cached_property
    def labels(self) -> dict[int, Label]:
        """The names of the variables that values were assigned to."""
        recording, found = self._recording, _Labels()
        known, single = self._known, self._is_single
        run, last = UNKNOWN, ([], ())  # type: tuple[int, tuple[list[int], tuple[int, ...]]]
        for node, mark in zip(recording.nodes, recording.marks, strict=True):
            place = mark & _PLACE if mark != UNKNOWN else UNKNOWN
            if place != run:
                if last[0]:
                    found.add(*self._name_of(run), *last)
                run, last = place, ([], ())
            if place == UNKNOWN:
                continue
            if node < 0:
                last = recording.results[-1 - node]
            elif not mark & INSIDE and (mark & CALLED or single(place)):
                name, path, strength = known.get(place) or self._name_of(place)
                if name:
                    found.add(name, path, strength, (node,), ())
            else:  # the last of a run is its result
                last = [node], ()
        if last[0]:
            found.add(*self._name_of(run), *last)
        for _, name, nodes, shape in recording.parameters:
            found.add(name, (), 2, nodes, shape)
        return found.labels

    @property
    def recording(self) -> Recording:
        """What the trace noted."""
        return self._recording

    def label_of(self, index: int) -> Label | None:
        """As ``labels``, for one node that one instruction made, without asking for the others."""
        mark = self._marks.get(index, UNKNOWN)
        if mark == UNKNOWN or mark & INSIDE:
            return None
        place = mark & _PLACE
        if not mark & CALLED and not self._is_single(place):
            return None
        name, path, strength = self._name_of(place)
        return new_tuple(Label, (name, path, 0, strength)) if name.strip("_") else None

    def _is_single(self, place: int) -> bool:
        """True if one visit of the instruction makes one node."""
        found = self._single.get(place)
        if found is None:
            call, offset = unpacked(place)
            found = self._single[place] = not self._flow(call).is_call(offset)
        return found

    def _name_of(self, place: int) -> _Name:
        """``_destination``, remembered where every visit has the same."""
        found = self._known.get(place)
        if found is None:
            found = self._destination(place)
            if place not in self._appended:
                self._known[place] = found
        return found

    def _destination(self, place: int) -> _Name:
        """Name for what the instruction computes: a variable, or the function that returns it."""
        calls = self._recording.calls
        call, offset = unpacked(place)
        path: tuple[int, ...] = ()
        name, strength = "", 1
        while True:
            there = self._flow(call).destination(offset, path)
            if there.kind == "name" and there.name == "__result__":  # of a rewritten function
                there = there._replace(kind="return")
            if there.kind == "name":
                return there.name, there.path, 0
            code = calls[call].code
            path = there.path
            if there.kind == "append" and code.co_name == "<listcomp>":
                count = self._appended.get(place, 0)
                self._appended[place], path = count + 1, (count, *path)
            elif there.kind != "return":
                return name, path if name else (), strength
            if calls[call].caller < 0:
                return self._name, path, strength
            name = code.co_name if code.co_name.isidentifier() else ""
            call, offset = calls[call].caller, calls[call].offset

    @cached_property
    def spellings(self) -> dict[float, str]:
        """Numbers as they stand in the source."""
        spelled: dict[float, str] = {}
        calls, seen = self._recording.calls, set()
        for mark in dict.fromkeys(self._recording.marks):
            if mark == UNKNOWN:
                continue
            call, offset = unpacked(mark)
            instruction = id(calls[call].code), offset
            if instruction not in seen:
                seen.add(instruction)
                for value, text in self._flow(call).numbers(offset):
                    spelled.setdefault(value, text)
        return spelled


class _Labels:
    """Labels under construction; the strongest name of a node stays, the first among equals."""

    def __init__(self) -> None:
        self.labels: dict[int, Label] = {}
        self._events = 0

    def add(
        self, name: str, path: tuple[int, ...], strength: int,
        nodes: Sequence[int], shape: tuple[int, ...],
    ) -> None:  # fmt: skip
        if not name.strip("_"):
            return  # _ is what one calls what one does not need
        self._events += 1
        for number, node in enumerate(nodes):
            present = self.labels.get(node)
            if node >= 0 and (present is None or present.strength > strength):
                inside = (*path, *_unraveled(number, shape)) if shape else path
                self.labels[node] = new_tuple(Label, (name, inside, self._events, strength))


def _unraveled(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index: list[int] = []
    for size in reversed(shape):
        number, place = divmod(number, size)
        index.append(place)
    return tuple(reversed(index))
