"""What entries need to know of ``compute``, which they call, and how they count calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Computing", "counted", "repeating"]


class Computing(Protocol):
    """What has a function ``compute``: the size of each scalar and array that it takes."""

    @property
    def inputs(self) -> Sequence[int]:
        """Of the arguments."""
        ...

    @property
    def outputs(self) -> Sequence[int]:
        """Of the result."""
        ...

    @property
    def tiered(self) -> bool:
        """Whether calls are counted down in ``@left``: the last of them is handed to Python."""
        ...

    @property
    def tabled(self) -> bool:
        """Whether it takes one table of their addresses."""
        ...


def counted(kernel: Computing, last: str) -> list[str]:
    """Lines that count a call; the last that is counted goes to the block ``last``."""
    if not kernel.tiered:
        return []
    return [
        "%left = load i64, ptr @left\n%left1 = sub i64 %left, 1\nstore i64 %left1, ptr @left\n"
        f"%due = icmp eq i64 %left1, 0\nbr i1 %due, label %{last}, label %counted\ncounted:\n"
    ]


def repeating(count: int) -> str:
    """``repeat`` (f, n, ...): calls ``f`` n times with the ``count`` pointers that follow."""
    pointers = [f"ptr %p{k}" for k in range(count)]
    return (
        f"define void @repeat({', '.join(['ptr %f', 'i64 %n', *pointers])}) {{\nentry:\n"
        "br label %next\nnext:\n%k = phi i64 [0, %entry], [%k1, %next]\n"
        f"call void %f({', '.join(pointers)})\n%k1 = add i64 %k, 1\n"
        "%more = icmp ult i64 %k1, %n\nbr i1 %more, label %next, label %done\n"
        "done:\nret void\n}\n"
    )
