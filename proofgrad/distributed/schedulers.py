"""Schedulers: who runs the tasks of a sum, and what partitions of rows are to it.

Dask and Ray are optional; each is imported when a sum is made for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError, installing
from autodiff.graph.tree.leaves import shown

__all__ = ["Rows", "Scheduler", "scheduler_of"]


class _Axes(Protocol):
    """A collection of arrays."""

    @property
    def ndim(self) -> int:
        """How many axes each has."""


@dataclass(frozen=True)
class Rows:
    """The rows of all arguments that have some.

    Args:
        columns: If a partition is one frame, the names of the arguments in it.
        partitions: Per partition, what a task takes: one of each argument, or the frame; or where
            it is in ``whole``.
        whole: All partitions of each argument.
    """

    columns: Sequence[str]
    partitions: Sequence[tuple[object, ...]]
    whole: Sequence[_Axes] = ()


class Scheduler(ABC):
    """One way to run pure functions elsewhere; an answer may be given to other tasks."""

    @abstractmethod
    def shared(self, value: object) -> object:
        """A value that many tasks take, sent once."""

    @abstractmethod
    def task(self, function: Callable[..., object], *arguments: object) -> object:
        """A call of the function, some of whose arguments are shared values or other tasks."""

    @abstractmethod
    def result(self, task: object) -> Any:
        """What a task returns."""

    def parts(
        self, function: Callable[..., object], rows: Rows, *shared: object
    ) -> Sequence[object]:
        """A task for each partition: ``function(columns, *shared, *partition)``."""
        columns = list(rows.columns)
        return [self.task(function, columns, *shared, *each) for each in rows.partitions]

    @abstractmethod
    def columns(self, value: object) -> list[str] | None:
        """The names of the columns of a frame; None for what is no frame."""

    @abstractmethod
    def count(self, name: str, value: object) -> int:
        """How many partitions an argument's rows are in.

        Raises:
            ArgumentError: if it has no such rows.
        """

    @abstractmethod
    def of_frame(self, frame: object, columns: Sequence[str]) -> Rows:
        """The rows of a frame, of these columns at least."""

    @abstractmethod
    def of_arguments(self, given: Mapping[str, object]) -> Rows:
        """The rows of arguments in as many partitions each."""


class _Dask(Scheduler):
    """Collections of Dask, on its current scheduler or cluster."""

    def __init__(self) -> None:
        self._delayed = _library("dask", "Dask").delayed

    def shared(self, value: object) -> object:
        return self._delayed(value, traverse=False)

    def task(self, function: Callable[..., object], *arguments: object) -> object:
        return self._delayed(function, pure=True)(*arguments)

    def result(self, task: Any) -> Any:
        return task.compute()

    def columns(self, value: object) -> list[str] | None:
        return list(value.columns) if hasattr(value, "columns") else None

    def count(self, name: str, value: Any) -> int:
        if not hasattr(value, "to_delayed"):
            raise ArgumentError(
                f"argument {name}: found {type(value).__name__}; expected a Dask array, Series or "
                "DataFrame of rows: dask.array.from_array(x, chunks=...)"
            )
        blocks = getattr(value, "numblocks", (value.npartitions,))
        if any(count > 1 for count in blocks[1:]):
            whole = ", ".join(f"{axis}: -1" for axis in range(1, len(blocks)))
            raise ArgumentError(
                f"argument {name}: found chunks along {len(blocks)} axes, {blocks}; expected "
                f"chunks along rows alone: x.rechunk({{{whole}}})"
            )
        return int(value.npartitions)

    def of_frame(self, frame: Any, columns: Sequence[str]) -> Rows:
        return Rows(columns, [(part,) for part in frame[list(columns)].to_delayed()])

    def of_arguments(self, given: Mapping[str, object]) -> Rows:
        arrays = list(map(_library("dask.array", "Dask").asarray, given.values()))
        places = range(arrays[0].numblocks[0])
        return Rows((), [(place,) for place in places], arrays)

    def parts(
        self, function: Callable[..., object], rows: Rows, *shared: object
    ) -> Sequence[object]:
        """One task makes a partition of all arguments, what they share once, and its part.

        Rows that travel from task to task stay in memory until the scheduler has heard of it.
        """
        if not rows.whole:
            return super().parts(function, rows, *shared)
        given: list[object] = [one for value in shared for one in (value, None)]
        for array in rows.whole:
            given += [array, range(array.ndim)]
        axes = range(max(array.ndim for array in rows.whole))  # each kept: Dask joins these tasks
        parts = _library("dask.array", "Dask").blockwise(
            partial(function, ()), axes, *given, dtype=object, align_arrays=False,
            meta=np.empty((0,) * len(axes), dtype=object),
        )  # fmt: skip
        taken = [place for (place,) in rows.partitions]
        if taken != list(range(parts.numblocks[0])):
            parts = parts.blocks[taken]
        return list(parts.to_delayed().ravel())


class _Ray(Scheduler):
    """What Ray stores: a Dataset of columns, or a list of blocks, by reference or not."""

    def __init__(self) -> None:
        self._ray = _library("ray", "Ray")
        self._remotes: dict[Callable[..., object], Any] = {}

    def shared(self, value: object) -> object:
        return self._ray.put(value)

    def task(self, function: Callable[..., object], *arguments: object) -> object:
        remote = self._remotes.get(function)
        if remote is None:  # Ray sends a function once for each object that stands for it
            remote = self._remotes[function] = self._ray.remote(function)
        return remote.remote(*arguments)

    def result(self, task: object) -> Any:
        return self._ray.get(task)

    def columns(self, value: Any) -> list[str] | None:
        return list(value.columns()) if hasattr(value, "to_pandas_refs") else None

    def count(self, name: str, value: object) -> int:
        return len(_blocks(name, value))

    def of_frame(self, frame: Any, columns: Sequence[str]) -> Rows:
        return Rows(columns, [(part,) for part in frame.to_pandas_refs()])

    def of_arguments(self, given: Mapping[str, object]) -> Rows:
        columns = [map(self._stored, _blocks(name, rows)) for name, rows in given.items()]
        return Rows((), list(zip(*columns, strict=True)))

    def _stored(self, block: object) -> object:
        return block if isinstance(block, self._ray.ObjectRef) else self._ray.put(block)


def _blocks(name: str, value: object) -> Sequence[object]:
    if not isinstance(value, (list, tuple)) or not value:
        raise ArgumentError(
            f"argument {name}: found {shown(value)}; expected a list of blocks of rows, arrays or "
            "what ray.put gave for them, or one Ray Dataset for all arguments with rows"
        )
    return value


_SCHEDULERS: dict[str, Callable[[], Scheduler]] = {"dask": _Dask, "ray": _Ray}


def scheduler_of(name: str) -> Scheduler:
    """The scheduler of this name.

    Raises:
        ArgumentError: if there is none.
        ProofgradError: if its library is not installed.
    """
    if not isinstance(name, str) or name not in _SCHEDULERS:
        known = ", ".join(map(repr, _SCHEDULERS))
        raise ArgumentError(f"on: found {shown(name)}; expected one of {known}")
    return _SCHEDULERS[name]()


def _library(name: str, called: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        raise ProofgradError(f"proofgrad.distributed needs {called}: {installing(name)}") from None
