"""A sum over the rows of Dask collections: one task a partition, one tree of sums over them.

The tree depends on the number of partitions alone, never on which worker is done first, and tasks
are pure; so the result has the same bits on any number of machines, and after any of them was lost.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError, installing
from autodiff.run.reverse_plan import selected
from codegen import CompiledGradient, compile_gradient
from proofgrad.distributed.sent_text import Kernel, Part, added, kernel_of, unpacked

__all__ = ["Distributed", "distribute"]

Wrt = int | str | Sequence[int | str]


class Distributed:
    """Value and gradient of a sum over rows; made by ``distribute``.

    Args:
        compiled: The gradient of a batch, summed.
        names: Names of the arguments.
        shared: For each argument, whether all rows have the same.
    """

    def __init__(
        self, compiled: CompiledGradient, names: Sequence[str], shared: Sequence[bool]
    ) -> None:
        self.compiled = compiled
        self._names, self._shared = list(names), list(shared)
        self._kernel = kernel_of(compiled)

    def __call__(self, *args: object) -> tuple[float, Any]:
        """Value of the sum, and its gradient, computed by the current scheduler or cluster.

        Args:
            args: The shared arguments as they are; for the others Dask arrays, chunked along rows
                alone, Series or DataFrames; or one DataFrame for all of them, whose columns have
                their names.

        Raises:
            ArgumentError: if an argument is no such collection, or partitions do not fit.
        """
        return unpacked(self.compiled, self.lazy(*args).compute())

    def lazy(self, *args: object) -> Any:
        """The Dask ``Delayed`` that ``__call__`` computes: a value, and the gradient's numbers."""
        delayed = _dask().delayed
        columns = self._columns(args)
        kernel = delayed(self._kernel, traverse=False)
        shared = [delayed(value, traverse=False) for value in self._shared_values(args)]
        parts = [
            delayed(_part, pure=True)(kernel, self._shared, shared, list(rows))
            for rows in zip(*columns, strict=True)
        ]
        return _tree(parts, delayed(added, pure=True))

    def _shared_values(self, args: Sequence[object]) -> list[object]:
        given = iter(args)
        return [next(given) for is_shared in self._shared if is_shared]

    def _columns(self, args: Sequence[object]) -> list[list[Any]]:
        """The partitions of each argument that has rows."""
        given = self._placed(args)
        columns = {name: _partitions(name, value) for name, value in given.items()}
        counts = {name: len(column) for name, column in columns.items()}
        if len(set(counts.values())) != 1:
            raise ArgumentError(
                f"{self._name}: found different numbers of partitions: {counts}; expected the same "
                "rows in each. Use .rechunk(...) or .repartition(...)"
            )
        return list(columns.values())

    def _placed(self, args: Sequence[object]) -> dict[str, object]:
        """Each argument that has rows, by name."""
        names = [n for n, shared in zip(self._names, self._shared, strict=True) if not shared]
        count, first = len(self._names), len(self._names) - len(names)
        if len(args) == first + 1 and len(names) > 1 and hasattr(args[-1], "columns"):
            frame: Any = args[-1]
            missing = [name for name in names if name not in frame.columns]
            if missing:
                raise ArgumentError(
                    f"{self._name}: found a DataFrame with the columns "
                    f"{', '.join(map(str, frame.columns))}; expected {', '.join(missing)} as well"
                )
            return {name: frame[name] for name in names}
        if len(args) != count:
            raise ArgumentError(
                f"{self._name}: found {len(args)} arguments; expected {count} "
                f"({', '.join(self._names)})"
            )
        return dict(zip(names, args[first:], strict=True))

    @property
    def _name(self) -> str:
        return self.compiled.graph.name

    def __repr__(self) -> str:
        return f"<Distributed sum of {self._name} over {', '.join(self._rows())}>"

    def _rows(self) -> Iterator[str]:
        return (n for n, shared in zip(self._names, self._shared, strict=True) if not shared)


def distribute(
    function: Callable[..., object],
    *examples: object,
    wrt: Wrt = 0,
    target: str = "numpy",
) -> Distributed:
    """The value and gradient of the sum of ``function`` over the rows of Dask collections.

    Args:
        function: What one row contributes: ``function(parameters, row ...)`` returns one float.
            The arguments that it is differentiated by come first; all rows share them.
        examples: One per argument, for one row.
        wrt: Positions or names of the arguments that all rows share, and by which the sum is
            differentiated; the others have rows.
        target: "numpy", or "native" where every worker has llvmlite.

    Returns:
        A callable that takes the shared arguments and collections, and gives
        ``(value, gradient)``.  For the same partitions its bits do not depend on the number of
        workers, nor on whether one was lost.

    Raises:
        ProofgradError: if Dask is not installed.
        ArgumentError: if no argument has rows, or the shared ones do not come first.

    >>> import numpy as np
    >>> from proofgrad.distributed import distribute
    >>> total = distribute(lambda w, x, y: (w @ x - y) ** 2, np.zeros(2), np.zeros(2), 0.0)
    >>> import dask.array as da  # doctest: +SKIP
    >>> x, y = da.ones((6, 2), chunks=(2, 2)), da.zeros(6, chunks=2)  # doctest: +SKIP
    >>> total(np.array([1.0, 2.0]), x, y)  # doctest: +SKIP
    (54.0, array([36., 36.]))
    """
    _dask()
    names = list(inspect.signature(function).parameters)[: len(examples)]
    positions, _ = selected(names, wrt)
    shared = [place in positions for place in range(len(names))]
    if all(shared) or shared != sorted(shared, reverse=True):
        raise ArgumentError(
            f"distribute: found wrt={wrt!r} of the arguments {', '.join(names) or 'none'}; "
            "expected the shared ones first, and one or more with rows behind them"
        )
    compiled = compile_gradient(
        function,
        *examples,
        target=target,
        wrt=wrt,
        batch=tuple(not is_shared for is_shared in shared),
        reduce="sum",
    )
    return Distributed(compiled, names, shared)


def _dask() -> Any:
    try:
        import dask
    except ImportError:
        raise ProofgradError(f"proofgrad.distributed needs Dask: {installing('dask')}") from None
    return dask


def _partitions(name: str, value: Any) -> list[Any]:
    """One ``Delayed`` a partition: a NumPy array of rows, or pandas' own."""
    if not hasattr(value, "to_delayed"):
        raise ArgumentError(
            f"argument {name}: found {type(value).__name__}; expected a Dask array, Series or "
            "DataFrame of rows: dask.array.from_array(x, chunks=...)"
        )
    blocks = getattr(value, "numblocks", (value.npartitions,))
    if any(count > 1 for count in blocks[1:]):
        whole = ", ".join(f"{axis}: -1" for axis in range(1, len(blocks)))
        raise ArgumentError(
            f"argument {name}: found chunks along {len(blocks)} axes, {blocks}; expected chunks "
            f"along rows alone: x.rechunk({{{whole}}})"
        )
    return list(np.ravel(np.asarray(value.to_delayed(), dtype=object)))


def _part(kernel: Kernel, is_shared: list[bool], shared: list[object], rows: list[Any]) -> Part:
    """One partition's share of the sum: the task of a worker."""
    arguments, held, given = [], iter(shared), iter(rows)
    for one in is_shared:
        arguments.append(next(held) if one else np.asarray(next(given), dtype=np.float64))
    return kernel.part(arguments)


def _tree(parts: list[Any], add: Callable[[Any, Any], Any]) -> Any:
    """The sum of neighbours, then of neighbouring sums: the same tree for as many partitions."""
    while len(parts) > 1:
        pairs = [add(a, b) for a, b in zip(parts[::2], parts[1::2], strict=False)]
        parts = pairs + parts[len(pairs) * 2 :]
    return parts[0]
