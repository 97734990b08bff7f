"""What NumPy's and SciPy's idioms do in a traced function: each works, or is refused by name.

Each line of ``tests/data/idioms.txt`` is an expression of a vector ``x``, a matrix ``M`` and a
number ``s``; it is compiled as the whole of a function and called, and its value and gradient are
held to the expression's own and to extrapolated differences.

    python -m tests.figures.idioms [python numpy native] [--only words]
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

import autodiff as ad
from codegen import compile_gradient
from tests.modules_by_path import module_at

_FILE = Path(__file__).parents[1] / "data" / "idioms.txt"
_MODULES = (
    "import itertools, functools, math, scipy, numpy as np",
    "import scipy.fft, scipy.integrate, scipy.interpolate, scipy.ndimage, scipy.optimize",
    "import scipy.signal, scipy.sparse, scipy.spatial",
    "import scipy.linalg as sla, scipy.special as sc, scipy.stats as st",
    "Pm = np.array([[0.5, 1.2, 0.3, 0.9], [1.1, 0.2, 0.8, 0.4]])",
)
X = np.array([0.71, 1.33, 0.42, 2.13])
M = np.array([[2.03, 0.31, 0.12], [0.21, 1.54, 0.43], [0.34, 0.13, 1.87]])
S = 0.7


class Outcome(NamedTuple):
    """What became of an idiom: works, refused, raw, wrong, or itself no function of numbers."""

    kind: str
    said: str = ""


def idioms(only: tuple[str, ...] = ()) -> list[str]:
    """The expressions."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not only or any(word in line for word in only)]


def module_of(lines: list[str], folder: Path) -> ModuleType:
    """A module with a function for each, in a file: errors name lines of it."""
    text = list(_MODULES)
    text += [f"def f{i}(x, M, s):\n    return ({line}) * 1.0" for i, line in enumerate(lines)]
    path = folder / "idioms.py"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return module_at(path)


def outcome_of(function: Callable[..., Any], target: str) -> Outcome:
    """What becomes of one idiom on one target."""
    try:
        expected, slopes = float(np.real(function(X.copy(), M.copy(), S))), _slopes(function)
    except Exception as error:  # whatever it raises by itself
        return Outcome("itself", repr(error))
    try:
        value, gradient = compile_gradient(function, X, M, S, target=target, wrt=(0, 1))(X, M, S)
    except ad.ProofgradError as error:
        return Outcome("refused", str(error))
    except Exception as error:  # what must not happen
        return Outcome("raw", repr(error))
    found = np.concatenate([np.ravel(part) for part in gradient])
    close = abs(value - expected) <= 1e-9 * max(1.0, abs(expected))
    close = close and np.max(np.abs(found - slopes)) <= 1e-5 * max(1.0, np.max(np.abs(slopes)))
    return Outcome("works") if close else Outcome("wrong", f"{value} {expected} {found} {slopes}")


def _slopes(function: Callable[..., Any]) -> Any:
    """Differences of three steps, extrapolated."""
    found = []
    for place in range(X.size + M.size):
        table = []
        for step in (1e-3, 5e-4, 2.5e-4):
            ends = []
            for sign in (1.0, -1.0):
                point = np.concatenate([X, M.ravel()])
                point[place] += sign * step
                given = point[: X.size], point[X.size :].reshape(M.shape), S
                ends.append(float(np.real(function(*given))))
            table.append((ends[0] - ends[1]) / (2.0 * step))
        near = [(4.0 * b - a) / 3.0 for a, b in pairwise(table)]
        found.append((16.0 * near[1] - near[0]) / 15.0)
    return np.array(found)


def main() -> None:
    """Print what is not as it should be, and a count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=["python", "numpy", "native"])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--refused", action="store_true", help="print these too")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = idioms(tuple(asked.only))
    with tempfile.TemporaryDirectory() as folder:
        module = module_of(lines, Path(folder))
        for target in asked.targets:
            count: Counter[str] = Counter()
            for i, line in enumerate(lines):
                start = time.process_time()
                outcome = outcome_of(getattr(module, f"f{i}"), target)
                seconds = time.process_time() - start
                count[outcome.kind] += 1
                shown = outcome.kind in ("raw", "wrong") or (asked.refused and outcome.said)
                if shown or seconds > 2.0:
                    about = f"{outcome.kind} {target} {seconds:.1f}s"
                    print(f"{about} {line} | {outcome.said}", flush=True)
            print(target, dict(count), flush=True)


if __name__ == "__main__":
    main()
