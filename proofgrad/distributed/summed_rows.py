"""Value and gradient of a sum over rows in partitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codegen import compile_gradient
from proofgrad.distributed.partitioned import Partitioned, Wrt, shared_arguments
from proofgrad.distributed.schedulers import scheduler_of

__all__ = ["Distributed", "distribute"]


class Distributed(Partitioned):
    """Value and gradient of a sum over rows; made by ``distribute``."""

    def __call__(self, *args: object) -> tuple[float, Any]:
        """Value of the sum, and its gradient, computed by the current scheduler or cluster.

        Args:
            args: The shared arguments as they are; for the others Dask arrays, chunked along rows
                alone, Series or DataFrames; or one DataFrame for all of them, whose columns have
                their names.  On Ray lists of blocks, or one Dataset with these columns.

        Raises:
            ArgumentError: if an argument is no such collection, or partitions do not fit.
        """
        value, gradient = self.rebuilt(self.scheduler.result(self.lazy(*args)))
        return value, gradient


def distribute(
    function: Callable[..., object],
    *examples: object,
    wrt: Wrt = 0,
    target: str = "numpy",
    on: str = "dask",
) -> Distributed:
    """The value and gradient of the sum of ``function`` over rows in partitions.

    Args:
        function: What one row contributes: ``function(parameters, row ...)`` returns one float.
            The arguments that it is differentiated by come first; all rows share them.
        examples: One per argument, for one row.
        wrt: Positions or names of the arguments that all rows share, and by which the sum is
            differentiated; the others have rows.
        target: "numpy", or "native" where every worker has llvmlite.
        on: "dask" or "ray": who runs the tasks.

    Returns:
        A callable that takes the shared arguments and collections, and gives
        ``(value, gradient)``.  For the same partitions its bits do not depend on the number of
        workers, nor on whether one was lost.

    Raises:
        ProofgradError: if Dask, or Ray, is not installed.
        ArgumentError: if no argument has rows, or the shared ones do not come first.

    >>> import numpy as np
    >>> from proofgrad.distributed import distribute
    >>> total = distribute(lambda w, x, y: (w @ x - y) ** 2, np.zeros(2), np.zeros(2), 0.0)
    >>> import dask.array as da  # doctest: +SKIP
    >>> x, y = da.ones((6, 2), chunks=(2, 2)), da.zeros(6, chunks=2)  # doctest: +SKIP
    >>> total(np.array([1.0, 2.0]), x, y)  # doctest: +SKIP
    (54.0, array([36., 36.]))
    """
    scheduler = scheduler_of(on)
    names, shared = shared_arguments("distribute", function, len(examples), wrt)
    compiled = compile_gradient(
        function,
        *examples,
        target=target,
        wrt=wrt,
        batch=tuple(not is_shared for is_shared in shared),
        reduce="sum",
    )
    return Distributed(compiled, names, shared, scheduler)
