"""A forked child finds no lock held by a thread that it does not have.

Only the thread that forks lives on in the child.  A lock that another one held stays held there for
ever, so whoever forks waits for our locks first.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from functools import cached_property
from types import ModuleType
from typing import Protocol, TypeVar

__all__ = ["IMPORTING", "FilledLate", "hold_at_fork", "late_import"]

_Entry = TypeVar("_Entry")


class Lock(Protocol):
    """What can be acquired and released, by the same thread more than once."""

    def acquire(self) -> object:
        """Wait for it."""

    def release(self) -> object:
        """Let it go."""


def hold_at_fork(lock: Lock) -> None:
    """Have every fork wait for ``lock``, and let it go on both sides.

    Locks registered later are acquired earlier: who holds one may wait for those before it only.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )


IMPORTING = threading.RLock()  # around whatever is imported late
hold_at_fork(IMPORTING)


def late_import(name: str) -> ModuleType:
    """Import what is not needed before now; Python's own lock of the module is free at a fork.

    Raises:
        ImportError: if it is not installed.
    """
    with IMPORTING:
        return importlib.import_module(name)


class FilledLate(dict[str, _Entry]):
    """Entries that a module puts in when it is imported: at the first look, if not before.

    Args:
        module: The module, which may stand above the one that looks.
    """

    def __init__(self, module: str) -> None:
        super().__init__()
        self._module = module

    def __missing__(self, name: str) -> _Entry:
        late_import(self._module)
        return self[name]


_PACKAGES = ("autodiff", "codegen", "verify")


def _unlock_cached_properties() -> None:
    """Free the lock that Python 3.11 has in each ``cached_property``, one for all objects."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _PACKAGES:
            for thing in list(vars(module).values()):
                for part in vars(thing).values() if isinstance(thing, type) else ():
                    if isinstance(part, cached_property):
                        part.__dict__["lock"] = threading.RLock()


if sys.version_info < (3, 12) and hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_cached_properties)
