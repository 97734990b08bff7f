"""Calls in several threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["at_once"]

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def at_once(work: Callable[[_Given], _Made], given: Iterable[_Given]) -> list[_Made]:
    """What a function gives for each, in threads of their own that begin together.

    What one of them raises is raised.
    """
    each = list(given)
    ready = threading.Barrier(len(each))

    def begun(one: _Given) -> _Made:
        ready.wait()
        return work(one)

    with ThreadPoolExecutor(len(each)) as pool:
        return list(pool.map(begun, each))
