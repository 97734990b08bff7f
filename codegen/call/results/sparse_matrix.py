"""Sparse matrices as calls give and take them: the values are computed, where they stand is fixed.

The index arrays of a matrix are those of its pattern, shared by all results and read-only; a call
makes nothing but the array of values.  Where SciPy is missing, or for many points at once, a matrix
is ``(rows, columns, values)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Sparse, Structure, Tuple
from autodiff.graph.tree.leaves import Floats
from autodiff.tracebacks import shortening
from codegen.call.runner import Call

__all__ = ["SparseCalls"]


class SparseCalls:
    """Calls whose results hold sparse matrices.

    Args:
        result: Structure of what the emitted code gives, values in place of matrices.
        given: Structure of ``out=``.
        form: "csr", "csc" or "coo".
        leads: True if a call gives a float first, which ``out=`` has no place for.
    """

    def __init__(self, result: Structure, given: Structure, form: str, leads: bool) -> None:
        self._given, self._leads = _patterns(given), leads
        self._several = isinstance(result, Tuple)
        self._made = [
            None if pattern is None else _maker(pattern, form) for pattern in _patterns(result)
        ]

    def of(self, call: Call) -> Call:
        """The call with matrices in place of their values."""
        made = self._made[0]

        @shortening
        def one(*args: object, **options: object) -> object:
            if options.get("out") is not None:
                return self._into(call, args, options)
            assert made is not None
            return made(call(*args, **options))

        @shortening
        def several(*args: object, **options: object) -> object:
            if options.get("out") is not None:
                return self._into(call, args, options)
            found = call(*args, **options)
            return tuple(
                [x if make is None else make(x) for x, make in zip(found, self._made, strict=True)]
            )

        return several if self._several else one

    def _into(self, call: Call, args: Sequence[object], options: dict[str, object]) -> object:
        """A call that writes into the caller's matrices, and gives them back."""
        out = options["out"]
        values = self.values(out)
        found = call(*args, **{**options, "out": values})
        leads = isinstance(found, tuple) and len(found) == 2 and found[1] is values
        return (found[0], out) if leads else out

    def bound(
        self, bind: Callable[..., Callable[[], object]], args: Sequence[object], out: object
    ) -> Callable[[], object]:
        """A call without arguments that writes into the caller's matrices."""
        call = bind(*args, out=self.values(out))

        def giving() -> object:
            call()
            return out

        return call if self._leads else giving

    def values(self, out: object) -> object:
        """The arrays that a call writes into: of a SciPy matrix, those of its values.

        Raises:
            ArgumentError: if a matrix keeps other entries.
        """
        if len(self._given) == 1 and not isinstance(out, (tuple, list)):
            return _values(out, self._given[0])
        if not isinstance(out, (tuple, list)) or len(out) != len(self._given):
            return out  # the target's own error says what is wrong
        pairs = zip(out, self._given, strict=True)
        return type(out)([_values(one, pattern) for one, pattern in pairs])


def _patterns(structure: Structure) -> list[Pattern | None]:
    """The pattern of each part of a result; None for what is no matrix."""
    items = structure.items if isinstance(structure, Tuple) else (structure,)
    return [item.pattern if isinstance(item, Sparse) else None for item in items]


def _values(out: Any, pattern: Pattern | None) -> object:
    if pattern is None or not hasattr(out, "indptr"):
        return out
    form = "csr" if pattern.by == "rows" else "csc"
    same = (
        getattr(out, "format", None) == form
        and out.shape == pattern.shape
        and _equal(out.indptr, pattern.starts)
        and _equal(out.indices, pattern.indices)
    )
    if not same:
        raise ArgumentError(
            f"out: found a {' x '.join(map(str, out.shape))} {getattr(out, 'format', 'matrix')} "
            f"of {len(out.indices)} entries; expected the structure of the result, "
            f"{' x '.join(map(str, pattern.shape))} {form} of {pattern.count} entries: a copy of "
            "what a call gave, or an array for the values"
        )
    return out.data


def _equal(found: object, expected: object) -> bool:
    """Whether index arrays agree; those of our own matrices are the pattern's."""
    return found is expected or np.array_equal(found, expected)  # type: ignore[arg-type]


def _maker(pattern: Pattern, form: str) -> Callable[[Floats], object]:
    """What makes a matrix of values."""
    rows, columns = pattern.rows, pattern.columns

    def triple(values: object) -> object:
        return rows, columns, values

    if form == "coo" or find_spec("scipy") is None:
        return triple
    sparse = import_module("scipy.sparse")  # an optional library, and slow to import
    kind = sparse.csr_array if form == "csr" else sparse.csc_array
    values = np.zeros(pattern.count)
    empty = kind((values, pattern.indices, pattern.starts), shape=pattern.shape)
    empty.has_canonical_format = True  # which would be looked for in every result
    known = {name: part for name, part in vars(empty).items() if part is not empty.data}
    known["indices"], known["indptr"] = pattern.indices, pattern.starts
    (place,) = (name for name, part in vars(empty).items() if part is empty.data)
    new = kind.__new__
    float64 = np.dtype(np.float64)

    def matrix(values: Floats) -> object:
        if values.ndim != 1 or values.dtype is not float64:  # many points, or a trace
            return triple(values)
        made = new(kind)
        own = made.__dict__
        own.update(known)
        own[place] = values
        return made

    return matrix
