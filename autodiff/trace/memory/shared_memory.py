"""Which arrays share memory: views, which follow what they are views of, and arrays that may.

NumPy gives a view or a copy as an array lies in memory, and a condition chooses one array or
another; where a trace does not know which, an array cannot be read any more once the other was
assigned to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn, Self, TypeAlias

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.graph.graph import Builder
from autodiff.graph.typed_node import Shape
from autodiff.table.primitive import Operand
from autodiff.trace.memory.layouts import Layout
from autodiff.trace.placeholder import Tracer

__all__ = ["Sharing", "Unshared"]

_Stale: TypeAlias = str | BaseException  # why an array cannot be read any more; "" while it can
_UNKNOWN = (
    "whether this array shares memory with one that was assigned to depends on how "
    "NumPy lays it out. Say which is meant: make a copy (x.copy()) before the update"
)


class Unshared(Operand):
    """What is never assigned to: whether it shares memory with something does not matter."""

    __slots__ = ()

    def in_memory(self) -> Layout:
        """An array laid out as NumPy would lay out this one, never touched; None: not known."""
        return None

    def lie_as(self, layout: Layout) -> None:
        """Note how NumPy would lay it out."""

    def may_share(self, other: Self) -> Self:
        """Note that NumPy may give a view of ``other`` here, or a copy."""
        return self

    def as_doubtful_as(self, other: Self) -> Self:
        """Note that this may share memory with whatever may share it with ``other``."""
        return self

    def view_of(
        self,
        parent: Self,
        read: Callable[[Self], Self],
        write: Callable[[Self, object], None],
    ) -> Self:
        """This as a view of ``parent``."""
        return self


class Sharing(Unshared, Tracer):
    """An array of a trace that may be assigned to, or share memory with one that is.

    Assignments are functional underneath: the array goes on as another node, views of it follow.

    Args:
        builder: What adds its nodes.
        index: The node that holds it.
        integer: True if it may be used as indices.

    Attributes:
        shape: Its shape.
        integer: True if it may be used as indices.
        truth: True if it may be used as a mask.
        is_argument: True if its array is the caller's.
        version: How often it was assigned to.
        layout: How NumPy would lay it out.
    """

    __slots__ = (
        "_doubtful", "_index", "_parent", "_read", "_seen", "_shape", "_stale", "_write",
        "integer", "is_argument", "layout", "truth", "version",
    )  # fmt: skip

    def __init__(self, builder: Builder, index: int, integer: bool = False) -> None:
        self.builder, self._index = builder, index
        self._shape = builder.nodes[index].shape
        self.integer, self.truth = integer, False
        self.is_argument, self.version = False, 0
        # How NumPy would lay it out in memory, on an array that is never touched; None: unknown.
        self.layout: Layout = None
        self._parent: Sharing | None = None  # what it is a view of
        self._seen = 0  # the version of that when it was read last
        self._read: Callable[[], int]  # the node that it is in what it is a view of
        self._write: Callable[[object], None]  # assigns to it there
        self._doubtful: list[tuple[Sharing, _Stale]] = []  # it may share memory with these, or not
        self._stale: _Stale = ""

    def _reshaped_in_place(self, shape: object) -> NoReturn:
        said = f"x.shape = {shape!r} of whole arrays is not traced; write x = x.reshape(...)"
        raise TraceError(f"{user_location()}: {said}")

    shape: Shape
    if not TYPE_CHECKING:  # to whom it is an attribute
        shape = property(attrgetter("_shape"), _reshaped_in_place)

    @property
    def index(self) -> int:  # type: ignore[override]
        """The node that holds the array now."""
        if isinstance(self._stale, BaseException):
            raise self._stale
        if self._stale:
            raise self._noted(f"{user_location()}: {self._stale}")
        parent = self._parent
        if parent is not None:
            now = parent.index, parent.version  # asks the parent first: it may be a view, too
            if now[1] != self._seen:
                self._index, self._seen = self._read(), now[1]
                self.version += 1
        return self._index

    def again(self) -> Self:
        """The same array as an object of its own."""
        raise NotImplementedError

    def node_of(self, x: object, name: str) -> int:
        """The node of an operand of the operation ``name``."""
        raise NotImplementedError

    def view_of(
        self,
        parent: Self,
        read: Callable[[Self], Self],
        write: Callable[[Self, object], None],
    ) -> Self:
        """This tracer as a view of ``parent``: it follows, and assignments to it are written."""
        own = self is not parent and self.builder.nodes[self._index].primitive is not None
        made = self if own else self.again()
        made.follow(parent, lambda: read(parent).index, lambda value: write(parent, value))
        made._seen = parent.version
        made.integer, made.truth = parent.integer, parent.truth
        return made

    def follow(
        self, parent: Sharing, read: Callable[[], int], write: Callable[[object], None]
    ) -> None:
        """Be a view of ``parent``, whose node there ``read`` finds."""
        self._parent, self._read, self._write = parent, read, write

    @property
    def whole(self) -> Sharing:
        """What this is a view of, in the end."""
        whole: Sharing = self
        while whole._parent is not None:
            whole = whole._parent
        return whole

    def assigned(self, new: object) -> None:
        """Go on as another array of the same shape; what it is a view of goes on with it.

        Raises:
            TraceError: if it is an argument, whose array is the caller's.
        """
        if self._parent is not None:
            self._write(new)
            return
        self._doubt()
        if self.is_argument:
            raise TraceError(
                f"{user_location()}: cannot assign to an element of an argument: the caller's "
                "array would change. Work on a copy: y = x.copy(); y[...] = ..."
            )
        self._index = self.node_of(new, "assign")
        self.version += 1

    # --- where NumPy decides ---

    def in_memory(self) -> Layout:
        """An array laid out as NumPy would lay out this one, never touched; None: not known."""
        if self.layout is None and len(self.shape) <= 1 and self._parent is None:
            self.layout = np.empty(self.shape, np.int8)
        return self.layout

    def lie_as(self, layout: Layout) -> None:
        """Note how NumPy would lay it out."""
        self.layout = layout

    def laid_out(self, operands: Sequence[object]) -> Self:
        """This, row by row in memory if it is the result of operands that are."""
        if len(self.shape) > 1 and all(_is_plain(x, self.shape) for x in operands):
            self.layout = np.empty(self.shape, np.int8)
        return self

    def may_share(self, other: Sharing, reason: _Stale = _UNKNOWN) -> Self:
        """Note that this may be ``other`` or a view of it, or a copy.

        Once one of the two is assigned to, the other cannot be read: it might have changed.

        Args:
            other: An array of the same trace.
            reason: What is said then, or raised.
        """
        own, theirs = self.whole, other.whole
        own._doubtful.append((theirs, reason))
        theirs._doubtful.append((own, reason))
        return self

    def may_still_be(self, left: Sharing, before: Sharing, original: Sharing) -> None:
        """Note that behind a loop this may be ``original``, as ``left`` may in a repetition.

        Args:
            left: What a repetition leaves.
            before: What it begins with.
            original: What the first one begins with.
        """
        self.may_share(original, left._doubtful[0][1])
        if before._stale:  # what may be the same was assigned to
            self._doubt()

    def as_doubtful_as(self, other: Sharing) -> Self:
        """See ``Unshared.as_doubtful_as``."""
        return self.may_share(other) if other._doubtful else self

    def _doubt(self) -> None:
        """Nothing that may share memory with this can be read from now on."""
        reached, pending = {id(self)}, list(self._doubtful)
        while pending:
            other, reason = pending.pop()
            if id(other) in reached:
                continue
            reached.add(id(other))
            pending += other._doubtful
            other._stale = reason


def _is_plain(x: object, shape: Shape) -> bool:
    """True if an operand leaves a result of this shape row by row in memory."""
    if not isinstance(x, Sharing):
        return isinstance(x, (np.ndarray, float, int, np.number)) and np.ndim(x) <= 1
    if len(x.shape) <= 1:
        return True
    layout = x.in_memory()
    return layout is not None and x.shape == shape and layout.flags.c_contiguous
