"""Schedulers: who runs the tasks of a sum, and what partitions of rows are to it.

Dask and Ray are optional; each is imported when a sum is made for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError, installing
from autodiff.graph.tree.leaves import shown

__all__ = ["Scheduler", "scheduler_of"]


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

    @abstractmethod
    def columns(self, value: object) -> list[str] | None:
        """The names of the columns of a frame; None for what is no frame."""

    @abstractmethod
    def partitions(self, name: str, value: object) -> list[object]:
        """The partitions of an argument's rows, as tasks take them.

        Raises:
            ArgumentError: if it has none.
        """


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

    def partitions(self, name: str, value: Any) -> list[object]:
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
        return list(np.ravel(np.asarray(value.to_delayed(), dtype=object)))


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

    def partitions(self, name: str, value: object) -> list[object]:
        if hasattr(value, "to_pandas_refs"):
            return list(value.to_pandas_refs())
        if isinstance(value, (list, tuple)) and value:
            known = self._ray.ObjectRef
            return [one if isinstance(one, known) else self._ray.put(one) for one in value]
        raise ArgumentError(
            f"argument {name}: found {shown(value)}; expected a list of blocks of rows, arrays or "
            "what ray.put gave for them, or one Ray Dataset for all arguments with rows"
        )


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
