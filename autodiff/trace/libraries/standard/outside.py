"""What a traced function asks of the world: the clock, files, the environment, the keyboard.

A trace runs the function once, so the answer stays in the graph as it was then, and later calls do
not ask again.  That may be meant (a table read from a file), so it is said, not refused.  Numbers
that differ from one call to the next, as random ones do, are refused when the trace is compared
with a call (``autodiff/run/agreement.py``).
"""

from __future__ import annotations

import builtins
import datetime
import io
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autodiff.errors import user_location, warn

__all__ = ["ASKED", "ASKING", "AskingPath"]


def _said(name: str) -> None:
    warn(
        f"{user_location()}: {name} is asked once, when the function is traced; what it says stays "
        "in the compiled function. Ask outside and pass the answer as an argument"
    )


def _asking(name: str, original: Callable[..., object]) -> Callable[..., object]:
    def ask(*args: object, **named: object) -> object:
        _said(name)
        return original(*args, **named)

    return ask


class _Kind(type):
    """Makes a date of the library's an instance of the class that stands for it in a trace."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, cls.__mro__[1])


class _Date(datetime.date, metaclass=_Kind):
    """``datetime.date`` that says so when it is asked for today."""

    @classmethod
    def today(cls) -> datetime.date:  # type: ignore[override]
        _said("datetime.date.today")
        return datetime.date.today()


class _DateTime(datetime.datetime, metaclass=_Kind):
    """``datetime.datetime`` that says so when it is asked for the time."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
        _said("datetime.datetime.now")
        return datetime.datetime.now(tz)

    @classmethod
    def today(cls) -> datetime.datetime:  # type: ignore[override]
        _said("datetime.datetime.today")
        return datetime.datetime.today()


def _each(module: object, prefix: str, names: str) -> dict[str, Callable[..., object]]:
    found = {name: getattr(module, name, None) for name in names.split()}
    return {
        name: _asking(f"{prefix}.{name}", original)
        for name, original in found.items()
        if original is not None
    }


_TIME = (
    "time time_ns perf_counter perf_counter_ns monotonic monotonic_ns process_time "
    "process_time_ns localtime gmtime"
)


class _Environment:
    """``os.environ`` that says so when it is read."""

    def __getitem__(self, name: str) -> str:
        _said("os.environ")
        return os.environ[name]

    def get(self, name: str, default: object = None) -> object:
        """The value of a variable."""
        _said("os.environ")
        return os.environ.get(name, default)

    def __getattr__(self, name: str) -> object:
        return getattr(os.environ, name)

    def __contains__(self, name: object) -> bool:
        _said("os.environ")
        return name in os.environ

    def __iter__(self) -> Iterator[str]:
        _said("os.environ")
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)

    def __setitem__(self, name: str, value: str) -> None:
        os.environ[name] = value

    def __delitem__(self, name: str) -> None:
        del os.environ[name]


class AskingPath(type(pathlib.Path()), metaclass=_Kind):  # type: ignore[misc]  # Posix or Windows
    """A path that says so when its file is read."""

    def open(self, *args: object, **named: object) -> object:
        """The file."""
        _said("pathlib.Path.open")
        return super().open(*args, **named)

    def read_text(self, *args: Any, **named: Any) -> str:
        """What the file holds."""
        _said("pathlib.Path.read_text")
        return pathlib.Path(self).read_text(*args, **named)

    def read_bytes(self) -> bytes:
        """What the file holds."""
        _said("pathlib.Path.read_bytes")
        return pathlib.Path(self).read_bytes()


# By the name of a module, what a traced function finds in it.
ASKED: dict[str, dict[str, object]] = {
    "time": {**_each(time, "time", _TIME)},
    "datetime": {"date": _Date, "datetime": _DateTime},
    "os": {**_each(os, "os", "getenv listdir getpid"), "environ": _Environment()},
    "pathlib": {"Path": AskingPath},
    "io": {**_each(io, "io", "open")},
    "numpy": {**_each(np, "np", "load loadtxt genfromtxt fromfile")},
}
ASKING: dict[str, object] = {
    name: _asking(name, getattr(builtins, name)) for name in ("open", "input")
}
