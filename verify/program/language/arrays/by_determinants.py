"""Systems of linear equations: determinants, inverses and solutions, as quotients of determinants.

They are the real numbers, whatever order a library eliminates in.  Of plain numbers alone nobody
knows the last digits (``scalars/rough_numbers.py``).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache

from verify.program.language.arrays.decided_places import Chosen
from verify.program.language.read_values import Array, Number, Real, Value
from verify.program.language.refusal import RefusedError

__all__ = ["Equations"]

_MOST = 5  # rows: a determinant has as many terms as rows have orders
_LARGE = f"a system of more than {_MOST} equations; pass the function itself to have it traced"


class Equations(Chosen):
    """Solves systems."""

    def _square(self, value: Value) -> tuple[Array, int]:
        array = self.floats(value)
        if len(array.shape) != 2 or array.shape[0] != array.shape[1] or not array.items:
            raise RefusedError("only square matrices")
        if array.shape[0] > _MOST:
            raise RefusedError(_LARGE)
        return array, array.shape[0]

    def _determinant_of(
        self, array: Array, size: int, rows: Sequence[int], columns: Sequence[int]
    ) -> Number:
        """The determinant of some rows and columns."""

        @cache
        def of(first: int, columns: tuple[int, ...]) -> Number:
            if not columns:
                return 1.0
            terms = []
            for k, column in enumerate(columns):
                rest = of(first + 1, (*columns[:k], *columns[k + 1 :]))
                term = self._numbers.multiplied([array.items[rows[first] * size + column], rest])
                terms.append(self._numbers.unary(ast.USub, term) if k % 2 else term)
            return self.total(terms)

        return of(0, tuple(columns))

    def determinant(self, value: Value) -> Number:
        """``numpy.linalg.det`` of one matrix."""
        array, size = self._square(value)
        return self._determinant_of(array, size, range(size), range(size))

    def inverse(self, value: Value) -> Array:
        """``numpy.linalg.inv`` of one matrix."""
        array, size = self._square(value)
        return self.divided(self._adjugate(array, size), self.determinant(array), (size, size))

    def _adjugate(self, array: Array, size: int) -> list[Number]:
        found: list[Number] = []
        for j in range(size):
            for i in range(size):
                rows, columns = ([k for k in range(size) if k != out] for out in (i, j))
                minor = self._determinant_of(array, size, rows, columns)
                found.append(self._numbers.unary(ast.USub, minor) if (i + j) % 2 else minor)
        return found

    def divided(self, above: Sequence[Number], below: Number, shape: tuple[int, ...]) -> Array:
        """Numbers by a determinant, at which a library raises if it is zero."""
        quotients = [self._numbers.divided_roughly(x, below) for x in above]
        self._numbers.demands.note(self._numbers.place(quotients[0]))
        return self._new(quotients, shape)

    def log_of_determinant(self, value: Value) -> tuple[Number, Number]:
        """``numpy.linalg.slogdet`` of one matrix: the sign, and the logarithm of the size."""
        found = self.determinant(value)
        size = self._numbers.called("abs", "numpy", [found])
        sign = self._numbers.called("sign", "numpy", [found])
        return sign, self._numbers.called("log", "numpy", [size])

    def cholesky(self, value: Value) -> Array:
        """``numpy.linalg.cholesky``, which raises unless each pivot is above zero."""
        array, size = self._square(value)
        lower: list[Number] = [0.0] * (size * size)
        for j in range(size):
            for i in range(j, size):
                before = self.inner(lower[i * size :][:j], lower[j * size :][:j])
                left = self._numbers.binary(ast.Sub, array.items[i * size + j], before)
                if i == j:
                    lower[i * size + j] = self._numbers.called("sqrt", "numpy", [left])
                    root = self._numbers.place(lower[i * size + j])
                    self._numbers.demands.note(self._numbers.step("div", 1.0, Real(root)).place)
                else:
                    lower[i * size + j] = self._numbers.divided_roughly(left, lower[j * size + j])
        return self._new([*lower], (size, size))

    def solution(self, matrix: Value, right: Value) -> Array:
        """``numpy.linalg.solve``, of a vector or of the columns of a matrix."""
        array, size = self._square(matrix)
        given = self.floats(right)
        if len(given.shape) not in (1, 2) or given.shape[0] != size:
            raise RefusedError("arrays that do not fit together")
        adjugate, width = self._adjugate(array, size), len(given.items) // size
        above = [
            self.inner(adjugate[i * size : (i + 1) * size], given.items[j::width])
            for i in range(size)
            for j in range(width)
        ]
        return self.divided(above, self.determinant(array), given.shape)
