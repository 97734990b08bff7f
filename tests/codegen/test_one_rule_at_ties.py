"""What settles derivatives at ties is one rule, in Python, over arrays of NumPy's, and in C."""

from __future__ import annotations

import ctypes
import math
import random
import subprocess
from pathlib import Path

import numpy as np

from autodiff.numbers.settle import directions, settled
from codegen.c99.c_ties import SETTLING
from codegen.language.numpy.vectorized_settle import noise_at, settled_row
from tests.c_compiler import needs_compiler

_COUNT, _SIZE = 6, 3  # steps, derivatives


def drawn(source: random.Random) -> tuple[list[list[float]], list[float]]:
    """Derivatives of pieces, a row a step, and the table's: alike, apart, growing, or none."""
    columns, table = [], []
    for _ in range(_SIZE):
        one = source.choice((0.0, 1.0, -2.5, 1e-25, 3e7, 1e299))
        other = source.choice((one, one, -one, one * (1.0 + 1e-12), 0.5, math.nan, math.inf))
        column = [one, other, one, other, source.choice((one, other)), other]
        if source.random() < 0.3:  # larger for the smaller step
            column[0] *= source.choice((3.0, 1e6, 1e10))
        if source.random() < 0.2:
            column[source.randrange(_COUNT)] = source.choice((math.nan, -math.inf, 7.0, 1e305))
        columns.append(column)
        beside = 0.5 * (one + other), one - 1e-5  # the noise of 3e7 is less than 1e-5
        table.append(source.choice((one, other, *beside, 0.0, 9.0, math.inf, math.nan)))
    return [list(row) for row in zip(*columns, strict=True)], table


_CASES = [drawn(random.Random(number)) for number in range(1000)]
_SETTLED = [settled(found, table) for found, table in _CASES]


def test_arrays_settle_as_numbers_do() -> None:
    """Many points at once get the bits of each alone."""
    found = np.array([case for case, _ in _CASES]).transpose(1, 2, 0)
    table = np.array([case for _, case in _CASES]).T
    with np.errstate(all="ignore"):
        noise = noise_at(found)
        rows = [settled_row(table[k], found[:, k], noise) for k in range(_SIZE)]
    np.testing.assert_array_equal(np.array(rows).T, np.array(_SETTLED))
    kept = np.array(_SETTLED) == table.T
    assert 0.2 < np.mean(kept) < 0.9  # the table stands often, and often does not


@needs_compiler
def test_c_settles_as_python_does(tmp_path: Path) -> None:
    """The text that C files get: its steps, and what it makes of the pieces."""
    doors = """
void steps(int k, const long *moving, long count, double *step)
{ tie_step(k, moving, count, step); }
void settle(const double *found, long count, long size, double *bars)
{ tie_settle(found, count, size, bars); }
"""
    (tmp_path / "ties.c").write_text(f"#include <math.h>\n#include <stddef.h>\n{SETTLING}{doors}")
    command = ["cc", "-std=c99", "-O1", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([*command, "ties.c", "-o", "ties.so", "-lm"], cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "ties.so"))
    for (found, table), expected in zip(_CASES, _SETTLED, strict=True):
        bars = np.array(table)
        pieces = np.array(found)
        size = ctypes.c_long(_SIZE)
        library.settle(_at(pieces), ctypes.c_long(_COUNT), size, _at(bars))
        np.testing.assert_array_equal(bars, expected)
    for moving in ([0, 1, 2, 3], [1, 3]):
        places = np.array(moving, dtype=np.int64)
        for k, expected in enumerate(directions(4, moving)):
            step = np.zeros(4)
            library.steps(k, _at(places), ctypes.c_long(len(moving)), _at(step))
            np.testing.assert_array_equal(step, expected)


def _at(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
