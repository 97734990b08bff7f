"""What a worker runs: a compiled batch, sent as text with its digest, compiled once a process."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ProofgradError
from autodiff.graph.tree.tree import Tree, tree_of
from codegen import CompiledFunction
from proofgrad.distributed.freed_memory import keep_freed_memory

__all__ = ["Kernel", "Part", "added", "kernel_of", "part_of"]

# The numbers of a sum over rows, in the order of the compiled result; the last is how many rows.
Part: TypeAlias = NDArray[np.float64]
_COMPILING = threading.Lock()


@dataclass(frozen=True)
class Kernel:
    """A compiled batch as it travels.

    Args:
        packed: The emitted text with what calls need to know.
        digest: SHA-256 of ``packed``.
    """

    packed: bytes
    digest: str

    def sums(self, arguments: Sequence[object]) -> NDArray[np.float64]:
        """The numbers of the sum over the rows of one partition.

        Raises:
            ProofgradError: if what arrived is not what was sent, or the rows do not fit.
        """
        with _COMPILING:
            loaded = _loaded(self)
        return loaded.flat(loaded.compiled(*arguments))


class _Loaded:
    def __init__(self, compiled: CompiledFunction) -> None:
        self.compiled = compiled

    @cached_property
    def _tree(self) -> Tree:
        return tree_of(self.compiled.result)

    def flat(self, result: object) -> NDArray[np.float64]:
        parts = self._tree.parts(result, "result")
        return np.concatenate([np.ravel(part) for part in parts]).astype(np.float64)


@lru_cache(maxsize=32)
def _loaded(kernel: Kernel) -> _Loaded:
    if hashlib.sha256(kernel.packed).hexdigest() != kernel.digest:
        raise ProofgradError(
            f"distributed: the text that arrived is not the one that was sent: its SHA-256 is not "
            f"{kernel.digest[:16]}.... Compile again, and look at what carries it"
        )
    keep_freed_memory()
    return _Loaded(pickle.loads(kernel.packed))


def kernel_of(compiled: CompiledFunction) -> Kernel:
    """A compiled batch, ready to travel."""
    packed = pickle.dumps(compiled)
    return Kernel(packed, hashlib.sha256(packed).hexdigest())


def part_of(columns: Sequence[str], kernel: Kernel, shared: Sequence[object], *rows: Any) -> Part:
    """One partition's share of the sum: the task of a worker.

    Args:
        columns: If not empty, the columns of the one frame in ``rows`` that are arguments.
        kernel: What is summed.
        shared: The arguments that all rows share.
        rows: The partition of each other argument, or of the frame.
    """
    given = [rows[0][name] for name in columns] if columns else rows
    arrays = [np.asarray(one, dtype=np.float64) for one in given]
    return np.append(kernel.sums([*shared, *arrays]), float(len(arrays[0])))


def added(*parts: Part) -> Part:
    """The sum of neighbours, then of neighbouring sums, and so on."""
    while len(parts) > 1:
        pairs = tuple(one + other for one, other in zip(parts[::2], parts[1::2], strict=False))
        parts = pairs + parts[2 * len(pairs) :]
    return parts[0]
