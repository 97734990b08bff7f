"""Formulas as plain Python text, the way the data sets hold them, turned into functions to trace.

The text means what it means in a program with ``from numpy import *``; names NumPy does not have
(``erf``, ``xlogy``, ...) are autodiff's.  ``errors`` gives relative differences from golden values.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autodiff as ad

__all__ = ["DATA", "compiled_from", "errors", "load", "number"]

DATA = Path(__file__).parent / "data"

_NAMES = dict(ad.PUBLIC) | {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}


def load(path: str) -> Any:
    """A JSON file of tests/data."""
    return json.loads((DATA / path).read_text(encoding="utf-8"))


def compiled_from(expr: str, args: Sequence[str], setup: Sequence[str] = ()) -> Callable[..., Any]:
    """``def f(args): setup; return expr``."""
    body = "".join(f"    {line}\n" for line in (*setup, f"return {expr}"))
    scope = dict(_NAMES)
    exec(f"def f({', '.join(args)}):\n{body}", scope)
    return scope["f"]


def number(value: Any) -> float:
    """A float of a JSON file, where nan and infinities are strings."""
    return float(value)


def errors(found: Sequence[float], golden: Sequence[float]) -> float:
    """Largest relative difference between two sequences of numbers."""
    return max(
        0.0 if x == y else abs(x - y) / abs(y) if y else math.inf
        for x, y in zip(found, golden, strict=True)
    )
