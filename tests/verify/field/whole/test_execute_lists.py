"""The check at compile sees what is wrong in texts of loops over lists."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from codegen import CompiledGradient, compile_gradient
from codegen.call.code import GradientCode
from codegen.call.lists.in_lists import ListGradient
from verify import Verdict, VerificationError, verify_gradient
from verify.ladder.arrays.array_check import check_arrays

ARGS = np.array([0.3, 0.4, 0.8]), np.linspace(-1.0, 1.0, 150)


def volatility(p: Any, u: Any) -> Any:
    """A likelihood with a state, a sum, and a branch."""
    v, total = 1.0, 0.0
    for k in range(len(u)):
        total = total + np.log(v) + u[k] ** 2 / v
        if u[k] > p[2]:  # noqa: SIM108  # a statement
            v = p[0] + p[1] * u[k] ** 2 + 0.5 * v
        else:
            v = p[0] + 0.25 * v * v
    return total


def changed(old: str, new: str) -> CompiledGradient:
    """The compiled gradient of a text in which a piece is another."""
    df = compile_gradient(volatility, *ARGS, wrt=0, check=False)
    derivative = copy.copy(df.code.derivative)
    functions, count = [], 0
    for function in df.file.emitted:
        found = [re.subn(old, new, line) for line in function.body]
        count += sum(times for _, times in found)
        functions.append(replace(function, body=tuple(line for line, _ in found)))
    assert count, df.source
    vars(derivative).update(
        dict.fromkeys(("file", "main", "halves"), replace(df.file, emitted=tuple(functions)))
    )
    return CompiledGradient(GradientCode(derivative), ListGradient)


def test_text_as_it_is_agrees() -> None:
    """The text of a loop with a branch is certified."""
    df = changed("range", "range")
    assert check_arrays(df, ARGS).verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"reversed\(range\(150\)\)", "range(150)"),
        (r"range\(150\)", "range(149)"),
        (r" 0\.5 \*", " 0.75 *"),
        (r"v_kept\[i\] = v$", "v_kept[i] = total"),
        (r"u\[i2\]", "u[0]"),
        (r"total \+", "total -"),
        (r"total, v = 0\.0, 1\.0", "total, v = 0.0, 2.0"),
        (r" > p_2", " < p_2"),
    ],
)  # fmt: skip
def test_wrong_texts_are_refuted(old: str, new: str) -> None:
    """A loop that is one short, goes the other way, keeps or begins with something else."""
    with pytest.raises(VerificationError, match="REFUTED"):
        check_arrays(changed(old, new), ARGS)


def test_reader_proves_loops() -> None:
    """``verify_gradient`` reads loops over lists, repetition by repetition."""

    def powers(x: Any, ys: Any) -> Any:
        total = 0.0
        for k in range(len(ys)):
            total = total + ys[k] * x * x
            x = 0.5 * x
        return total

    args = 1.5, np.linspace(0.0, 1.0, 260)
    df = compile_gradient(powers, *args, wrt=0)
    assert "for i in range(260)" in df.source
    report = verify_gradient(df, *args)
    assert report.verdict is Verdict.PROVED
