"""Pattern: which entries of a matrix are kept, in the compressed order of their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Lines", "Pattern", "read_pattern"]

Lines: TypeAlias = Literal["rows", "columns"]
_Indices: TypeAlias = npt.NDArray[np.int32]
_TEXT = re.compile(r"sparse\[(\d{1,9}),(\d{1,9})\]\((rows|columns)((?: \d{1,9}|;)*)\)")


class Pattern:
    """Where the entries of a sparse matrix stand that are kept.

    The entries of one line (a row, or a column) stand side by side, lines in order, and within a
    line in order: SciPy's CSR or CSC.  Patterns are immutable and compare by what they hold.

    Args:
        shape: Numbers of rows and columns.
        starts: Where each line starts among the entries, and at the end their number.
        indices: Each entry's place in its line.
        by: What a line is.

    >>> pattern = Pattern.of((2, 3), [[0, 2], [1]])
    >>> pattern
    <pattern 2 x 3, 3 entries, by rows>
    >>> pattern.rows, pattern.columns
    (array([0, 0, 1], dtype=int32), array([0, 2, 1], dtype=int32))
    """

    __slots__ = ("__dict__", "by", "indices", "shape", "starts")

    def __init__(
        self, shape: tuple[int, int], starts: npt.ArrayLike, indices: npt.ArrayLike, by: Lines
    ) -> None:
        self.shape, self.by = shape, by
        self.starts, self.indices = _fixed(starts), _fixed(indices)

    @classmethod
    def of(
        cls, shape: tuple[int, int], lines: Iterable[npt.ArrayLike], by: Lines = "rows"
    ) -> Pattern:
        """The pattern with these places, in order, in each line."""
        listed = [np.asarray(line, np.int32) for line in lines]
        starts = np.cumsum([0, *map(len, listed)])
        return cls(shape, starts, np.concatenate([np.empty(0, np.int32), *listed]), by)

    @property
    def count(self) -> int:
        """Number of entries kept."""
        return len(self.indices)

    @cached_property
    def _lines(self) -> _Indices:
        """The line of each entry."""
        return _fixed(np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts)))

    @property
    def rows(self) -> _Indices:
        """Row of each entry."""
        return self._lines if self.by == "rows" else self.indices

    @property
    def columns(self) -> _Indices:
        """Column of each entry."""
        return self.indices if self.by == "rows" else self._lines

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """A number for the place of each entry, ascending."""
        width = self.shape[1 if self.by == "rows" else 0]
        return self._lines.astype(np.int64) * width + self.indices

    def ordered(self, by: Lines) -> Pattern:
        """The same entries in the order of these lines."""
        if by == self.by:
            return self
        order = np.lexsort((self._lines, self.indices))
        counts = np.bincount(self.indices, minlength=self.shape[0 if by == "rows" else 1])
        return Pattern(self.shape, np.cumsum([0, *counts]), self._lines[order], by)

    def dense(self) -> npt.NDArray[np.bool_]:
        """The matrix with True in place of each entry."""
        matrix = np.zeros(self.shape, dtype=bool)
        matrix[self.rows, self.columns] = True
        return matrix

    @property
    def full(self) -> bool:
        """True if no entry of the matrix is left out."""
        return self.count == self.shape[0] * self.shape[1]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        return (
            (self.shape, self.by) == (other.shape, other.by)
            and np.array_equal(self.starts, other.starts)
            and np.array_equal(self.indices, other.indices)
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.by, self.indices.tobytes()))

    def __str__(self) -> str:
        """As the IR prints it: ``sparse[2,3](rows 0 2; 1)``."""
        places, bounds = self.indices.tolist(), self.starts.tolist()
        lines = [
            "".join(f" {place}" for place in places[start:stop]) for start, stop in pairwise(bounds)
        ]
        return f"sparse[{self.shape[0]},{self.shape[1]}]({self.by}{';'.join(lines)})"

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<pattern {rows} x {columns}, {self.count} entries, by {self.by}>"

    def __reduce__(self) -> tuple[object, ...]:
        return Pattern, (self.shape, self.starts, self.indices, self.by)


def _fixed(numbers: npt.ArrayLike) -> _Indices:
    array = np.array(numbers, dtype=np.int32)
    array.flags.writeable = False
    return array


def read_pattern(text: str) -> Pattern | None:
    """The pattern of a printed text; None if it is none."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    shape = int(match[1]), int(match[2])
    by: Lines = "rows" if match[3] == "rows" else "columns"
    lines = [[int(place) for place in line.split()] for line in match[4].split(";")]
    count, length = shape if by == "rows" else shape[::-1]
    if count == 0 and lines == [[]]:
        lines = []
    if len(lines) != count or not all(_in_order(line, length) for line in lines):
        return None
    return Pattern.of(shape, lines, by)


def _in_order(line: Sequence[int], length: int) -> bool:
    return all(x < y for x, y in pairwise([*line, length]))
