"""What a worker runs: a compiled batch, sent as text with its digest, compiled once a process."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import ProofgradError
from autodiff.graph.structure import Structure, Tuple
from autodiff.graph.tree.tree import Tree, tree_of
from codegen import CompiledGradient

__all__ = ["Kernel", "Part", "added", "kernel_of", "unpacked"]

Part = tuple[float, NDArray[np.float64]]  # a value, and the numbers of a gradient
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

    def part(self, arguments: Sequence[object]) -> Part:
        """Value and gradient of the sum over the rows of one partition.

        Raises:
            ProofgradError: if what arrived is not what was sent, or the rows do not fit.
        """
        with _COMPILING:
            loaded = _loaded(self)
        value, gradient = loaded.compiled(*arguments)
        return float(value), loaded.flat(gradient)


class _Loaded:
    def __init__(self, compiled: CompiledGradient) -> None:
        self.compiled = compiled

    @cached_property
    def _tree(self) -> Tree:
        return tree_of(_mirror_of(self.compiled))

    def flat(self, gradient: object) -> NDArray[np.float64]:
        parts = self._tree.parts(gradient, "gradient")
        return np.concatenate([np.ravel(part) for part in parts]).astype(np.float64)


@lru_cache(maxsize=32)
def _loaded(kernel: Kernel) -> _Loaded:
    if hashlib.sha256(kernel.packed).hexdigest() != kernel.digest:
        raise ProofgradError(
            f"distributed: the text that arrived is not the one that was sent: its SHA-256 is not "
            f"{kernel.digest[:16]}.... Compile again, and look at what carries it"
        )
    return _Loaded(pickle.loads(kernel.packed))


def kernel_of(compiled: CompiledGradient) -> Kernel:
    """A compiled batch, ready to travel."""
    packed = pickle.dumps(compiled)
    return Kernel(packed, hashlib.sha256(packed).hexdigest())


def _mirror_of(compiled: CompiledGradient) -> Structure:
    """The structure of the gradient."""
    assert isinstance(compiled.result, Tuple)  # of the value and the gradient
    return compiled.result.items[1]


def added(one: Part, other: Part) -> Part:
    """The sum of two parts."""
    return one[0] + other[0], one[1] + other[1]


def unpacked(compiled: CompiledGradient, part: Part) -> tuple[float, Any]:
    """Value and gradient, the gradient in the structure of the arguments."""
    return part[0], tree_of(_mirror_of(compiled)).rebuild(part[1].tolist())
