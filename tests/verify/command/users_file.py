"""A user's file, and the command run on it in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from verify.command import app

GOOD = '''\
import math

import numpy as np

import autodiff as ad


def energy(x=1.5, y=0.5):
    """A function with default values."""
    return x * np.sin(y) + x


def plain(x, y):
    return x * y


def norm(v):
    return np.sqrt(np.sum(v * v))


def nested(p, q):
    return p["w"] @ q[0] + q[1]


def constant(x):
    return 3.0


def unused(x, y):
    return x * x


def at_zero(x=0.0):
    return np.log(x)


def scaled(x, *, factor=2.0):
    return factor * x


def spread(*xs):
    return sum(xs)


def nothing():
    return 1.0


def pair(x):
    return x, x


def converts(x):
    y = len(range(int(x)))
    return y * x


def uses_math(x):
    return math.ulp(x)


def returns_none(x):
    x * x


def returns_text(x):
    return "x"


def fails(x):
    table = {}
    return x * table["missing"]


def prints(x=1.0):
    print("hello from the user")
    return x * x


def v1(v1, sin, lambda_, größe):
    return np.sin(v1) * sin + lambda_ * größe


def wrong_gradient(x, y):
    return y, 2.0 * x


_private = plain
NUMBER = 3.0
'''


@contextmanager
def users_file(folder: Path) -> Iterator[Path]:
    """A user's file; the interpreter's import state is put back afterwards."""
    path = folder / "model.py"
    path.write_text(GOOD, encoding="utf-8")
    before, modules = list(sys.path), set(sys.modules)
    yield path
    sys.path[:] = before
    for name in set(sys.modules) - modules:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def run(*arguments: Any) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def fails_with(result: Result, *words: str) -> None:
    """One clear message, no traceback, exit code 2."""
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


QUICK = ("--rounds", "3", "--no-rivals", "--points", "0")
