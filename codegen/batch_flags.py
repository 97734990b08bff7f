"""Which arguments of a call hold a point in every row."""

from __future__ import annotations

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph

__all__ = ["batch_flags"]


def batch_flags(
    graph: Graph, target: str, batch: object, reduce: str | None
) -> tuple[bool, ...] | None:
    """Which arguments are batched; None if none is.

    Raises:
        ArgumentError: if target, batch and reduce do not fit together.
    """
    if target == "python":
        if batch is None and reduce is None:
            return None
        raise ArgumentError(
            f"batch: target {target!r} takes one point; use target='numpy' or 'native'"
        )
    if reduce not in (None, "sum", "mean"):
        raise ArgumentError(f"reduce: found {reduce!r}; expected None, 'sum' or 'mean'")
    count = len(graph.parameters)
    if isinstance(batch, (tuple, list)):
        flags = tuple(batch)
    else:
        whole = batch is None or isinstance(batch, (bool, np.bool_))
        flags = (bool(batch),) * count if whole else (batch,)
    if len(flags) != count or not all(isinstance(flag, (bool, np.bool_)) for flag in flags):
        names = ", ".join(name for name, _ in graph.parameters)
        raise ArgumentError(
            f"batch: found {batch!r}; expected True, or True or False per argument ({names})"
        )
    if any(flags):
        return tuple(map(bool, flags))
    if reduce is not None:
        raise ArgumentError("reduce: nothing is batched; give batch=True or a tuple")
    return None
