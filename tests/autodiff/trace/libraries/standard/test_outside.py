from __future__ import annotations

import datetime
import os
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from time import time as clock
from typing import Any

import numpy as np
import pytest

import autodiff as ad

HERE = str(Path(__file__))
FILE = Path(__file__)


class Reader:
    """A model that reads a file."""

    def loss(self, x: Any) -> Any:
        """It is as long as this file."""
        with open(HERE) as file:
            return x * len(file.read())


ASKING: dict[str, Callable[[Any], Any]] = {
    "time.time": lambda x: x * time.time(),
    "time.perf_counter": lambda x: x if time.perf_counter() else -x,
    "datetime.datetime.now": lambda x: x * datetime.datetime.now().year,
    "datetime.date.today": lambda x: x * datetime.date.today().year,
    "open": Reader().loss,
    "np.fromfile": lambda x: x * np.fromfile(HERE, np.uint8)[0],
    "os.environ": lambda x: x * len(os.environ["PATH"]) + len(os.environ.get("HOME", "")),
    "pathlib.Path.read_text": lambda x: x * len(Path(HERE).read_text()),
    "pathlib.Path.read_bytes": lambda x: x * len(FILE.read_bytes()),
    "pathlib.Path.open": lambda x: x * len(FILE.with_name(FILE.name).open().read()),
    "os.getenv": lambda x: x * len(os.getenv("PATH", "")),
}


@pytest.mark.parametrize("name", ASKING)
def test_what_is_asked_once_is_said(name: str) -> None:
    """A clock, a file or the environment that a traced function asks is named with its line."""
    with pytest.warns(UserWarning, match=rf"test_outside.py:\d+: {re.escape(name)} is asked once"):
        ad.trace(ASKING[name], 1.0)


def test_a_function_found_by_itself_is_recognised() -> None:
    """An imported function, and one called by a function of the user's, are found as well."""

    def later() -> float:
        return clock()

    with pytest.warns(UserWarning, match="time.time is asked once"):
        ad.trace(lambda x: x * later(), 1.0)


def test_dates_are_what_they_are() -> None:
    """Dates made in a traced function are the library's, and nothing is said of them."""

    def f(x: Any) -> Any:
        day = datetime.datetime(2020, 1, 2)
        assert isinstance(day, datetime.datetime)
        assert isinstance(day, datetime.date)
        return x * (day - datetime.datetime(2020, 1, 1)).days

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ad.evaluate(ad.trace(f, 1.0), 3.0) == 3.0
