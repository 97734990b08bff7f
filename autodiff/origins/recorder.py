"""Recorder: notes, while a function is traced, which instruction of the user's made each node.

A *mark* is one integer: the call (a number) and the offset of the instruction in its code, with a
flag for how the node was reached.  Nothing is looked up during the trace; ``origin.py`` turns
marks into names and lines when somebody asks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import ProofgradError, TraceError, is_user_file, user_location
from autodiff.origins.origin import Refusal

__all__ = ["CALLED", "INSIDE", "UNKNOWN", "Call", "Captured", "Recorder", "Recording", "unpacked"]

UNKNOWN = -1  # no frame of the user was found
CALLED = 1 << 30  # a function of ours was called: its last node is what the instruction computes
INSIDE = 1 << 31  # one of many nodes that one instruction on arrays makes
_OFFSET = CALLED - 1
_LARGEST = 64  # arrays of more elements are not named after the parameter they are passed as


_frame = sys._getframe
_SERIAL = count()


class Call(NamedTuple):
    """One call of a function of the user's."""

    code: CodeType
    caller: int  # number of the call that made it, -1 for the traced function
    offset: int  # of the instruction in the caller


class Recording(NamedTuple):
    """What a trace noted."""

    calls: list[Call]
    nodes: list[int]  # a node made or met again; below 0: -1 - number of a result
    marks: list[int]  # the mark of each
    results: list[tuple[list[int], tuple[int, ...]]]  # nodes and shape of what NumPy returned
    parameters: list[tuple[int, str, list[int], tuple[int, ...]]]  # call, name, nodes, shape
    conditions: set[int]  # nodes that a branch of the user's asks for
    refusals: list[Refusal]


def unpacked(mark: int) -> tuple[int, int]:
    """Number of the call, and offset of the instruction."""
    return mark >> 32, mark & _OFFSET


class Captured:
    """What a traced function closes over: values of enclosing traces, or Values.

    The function runs twice: the first run finds out how many there are, the second knows the input
    that stands for each.  They are told apart by the order in which they are met, as a value that
    is computed anew is another object.

    Args:
        first: The input that stands for the first of them; None in the run that finds them.
        count: How many the first run found.
    """

    def __init__(self, first: int | None = None, count: int = 0) -> None:
        self.operands: list[object] = []
        self._first, self._count = first, count
        self._places: dict[object, int] = {}

    def place(self, operand: object, key: object) -> int | None:
        """The input that stands for ``operand``; None while they are being found.

        Raises:
            TraceError: if the second run meets one more than the first.
        """
        place = self._places.setdefault(key, len(self.operands))
        if place == len(self.operands):
            self.operands.append(operand)
        if self._first is None:
            return None
        if place >= self._count:
            raise TraceError(
                f"{user_location()}: the traced function met one more value of the enclosing "
                "trace than when it ran before; it must do the same each time it is called"
            )
        return self._first + place


class Recorder:
    """Collects a Recording.  One per trace; frames are held only while their call runs."""

    __slots__ = (
        "_boundary", "_depths", "_library", "_library_mark", "_stack", "add_mark", "add_node",
        "approximates", "base", "captured", "decide", "examples", "frame", "recording", "refuse",
        "refused", "running", "serial", "solves", "written",
    )  # fmt: skip

    def __init__(self, boundary: CodeType) -> None:
        """``boundary`` is the code that calls the traced function."""
        self.recording = Recording([], [], [], [], [], set(), [])
        self.add_node, self.add_mark = self.recording.nodes.append, self.recording.marks.append
        self.frame: FrameType | None = None  # the user's frame that made the last node
        self.base = 0  # its call, shifted
        self.captured: Captured | None = None  # where values of enclosing traces may be met
        # Whether a condition holds on the path under way; None if it must not be asked.
        self.decide: Callable[[int], bool | None] | None = None
        self.solves = 0.0  # how near ours come to the solvers of a library's that it calls; 0: none
        self.approximates = False  # True once a library's function was written as what is near it
        self.written = False  # True once a text of a placeholder was asked for
        # Names and structures of the arguments, and examples of them.
        self.examples: tuple[Any, Any] = (), ()
        # Notes that there is no result where a condition holds, and what is raised there.
        self.refuse: Callable[[int, Exception], None] | None = None
        self.serial = next(_SERIAL)  # an enclosing trace began before
        self.running = True
        self.refused: TraceError | None = None  # the first thing a placeholder could not do
        self._boundary = boundary
        self._library: FrameType | None = None  # a frame of ours that makes many nodes ...
        self._library_mark = UNKNOWN  # ... all with this mark
        self._stack: list[tuple[FrameType, int]] = []  # running calls with their numbers
        self._depths: dict[FrameType, int] = {}

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Context that ends with what a placeholder refused, whatever the function makes of it."""
        try:
            yield
        except Exception as error:
            if self.refused is None or isinstance(error, ProofgradError):
                raise
            raise self.refused from error  # a library says it in words of its own
        if self.refused is not None:
            raise self.refused

    def release(self) -> None:
        """Let go of all frames: object arrays in them hide the cycle back here from the collector.

        A traced function would keep its callers' variables alive for ever.
        """
        self.running = False
        self.frame = self._library = None
        self._stack.clear()
        self._depths.clear()

    def let_go(self) -> None:
        """The trace is done: nobody decides or refuses, and nothing waits for the collector."""
        self.decide = self.refuse = None

    def note(self, index: int, frame: FrameType) -> None:
        """An operator made node ``index``; ``frame`` is what used it."""
        self.add_node(index)
        self.add_mark(self.mark(frame))

    def called(self, index: int) -> None:
        """A function of ours, called by our caller's caller, made node ``index``."""
        self.add_node(index)
        frame = _frame(3)
        if frame is self._library:
            self.add_mark(self._library_mark)
        elif frame is self.frame:
            self.add_mark(self.base | frame.f_lasti | CALLED)
        else:
            self.add_mark(self.mark(_frame(2)))

    def mark(self, frame: FrameType | None) -> int:
        """The mark of what runs now."""
        if frame is self.frame and frame is not None:
            return self.base | frame.f_lasti
        flag, library = 0, None
        while frame is not None:
            code = frame.f_code
            name = code.co_filename
            how = _KINDS.get(name)
            if how is None:
                how = _KINDS[name] = _kind(name)
            if how == _USER:
                break
            if code is self._boundary:
                return UNKNOWN
            if how == INSIDE and library is None:
                if frame is self._library:
                    return self._library_mark
                library = frame
            flag |= how
            frame = frame.f_back
        if frame is None:
            return UNKNOWN
        call = self._call(frame)
        self.frame, self.base = frame, call << 32
        mark = self.base | frame.f_lasti | flag
        if library is not None:
            self._library, self._library_mark = library, mark
        return mark

    def _call(self, frame: FrameType) -> int:
        """Number of the call that ``frame`` runs; callers are numbered first."""
        stack, depths = self._stack, self._depths
        chain: list[FrameType] = []
        walk: FrameType | None = frame
        while walk is not None and walk not in depths and walk.f_code is not self._boundary:
            if is_user_file(walk.f_code.co_filename):
                chain.append(walk)
            walk = walk.f_back
        keep = depths[walk] + 1 if walk is not None and walk in depths else 0
        for ended, _ in stack[keep:]:
            del depths[ended]
        del stack[keep:]
        for walk in reversed(chain):
            self._begin(walk)
        return stack[-1][1]

    def _begin(self, frame: FrameType) -> None:
        calls, stack = self.recording.calls, self._stack
        caller, offset = (stack[-1][1], stack[-1][0].f_lasti) if stack else (-1, 0)
        number = len(calls)
        calls.append(Call(frame.f_code, caller, offset))
        self._depths[frame] = len(stack)
        stack.append((frame, number))
        if caller >= 0:
            self._parameters(frame, number)

    def _parameters(self, frame: FrameType, number: int) -> None:
        code = frame.f_code
        names = code.co_varnames[: code.co_argcount]
        values = frame.f_locals if names else {}
        for name in names:
            nodes, shape = elements(values.get(name))
            if nodes:
                self.recording.parameters.append((number, name, nodes, shape))

    def found_constant(self, index: int, value: object) -> None:
        """The user's code holds ``value``, which is node ``index``, in a variable."""
        frame: FrameType | None = _frame(1)
        while frame is not None and not is_user_file(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None:
            return
        for scope in (frame.f_locals, frame.f_globals):
            for name, found in scope.items():
                if found is value and name.isidentifier():
                    self.recording.parameters.append((0, name, [index], ()))
                    return

    def result(self, value: object, frame: FrameType) -> None:
        """NumPy returns ``value`` to ``frame``."""
        nodes, shape = elements(value, sys.maxsize)
        if nodes:
            self.add_node(-1 - len(self.recording.results))
            self.add_mark(self.mark(frame))
            self.recording.results.append((nodes, shape))


def elements(value: object, largest: int = _LARGEST) -> tuple[list[int], tuple[int, ...]]:
    """Nodes of a traced value or an array of them (-1 for a number), and its shape."""
    if getattr(type(value), "taken_late", False):  # asked for its node it makes one
        return [], ()
    index = getattr(value, "index", None)
    if type(index) is int:
        return [index], ()
    if not isinstance(value, np.ndarray) or _dtype(value).kind != "O":
        return [], ()
    if not 0 < value.size <= largest:
        return [], ()
    nodes: Sequence[object] = [getattr(x, "index", -1) for x in value.flat]
    return [i if type(i) is int else -1 for i in nodes], value.shape


_dtype = np.ndarray.dtype.__get__  # arrays of traced values say that they are float64
_USER = -1
_KINDS: dict[str, int] = {}  # file name -> _USER, CALLED (a function of ours) or INSIDE (NumPy)
_ONE_NODE = ("primitive.py", "trace.py")  # what they call makes one node


def _kind(filename: str) -> int:
    if is_user_file(filename):
        return _USER
    return CALLED if filename.endswith(_ONE_NODE) and "numpy" not in filename else INSIDE
