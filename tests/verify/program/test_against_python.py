"""The reader against CPython itself, on random programs of its language and around it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verify.program.python_itself import disagreement
from tests.verify.program.random_programs import around, program
from verify.program.language import arithmetic
from verify.program.read import Text

_SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What a program of the language may be refused for: it depends on types, not on syntax.
_BY_TYPE = (
    "write floats", "shares its memory", "the caller's", "ways through", "may be complex",
    "no double holds", "complex number", "may be too large",
    "Python raises an exception at this",
)  # fmt: skip


@_SETTINGS
@given(source=st.randoms(use_true_random=False))
def test_programs_of_the_language_mean_what_python_does(source: Any) -> None:
    """Every program is read, and gives CPython's numbers, bit by bit but for pow."""
    text = program(source)
    found = disagreement(text, source)
    if found.startswith("refused"):
        assert any(reason in found for reason in _BY_TYPE), f"{text}\n{found}"
        return
    assert not found, f"{text}\n{found}"


@_SETTINGS
@given(source=st.randoms(use_true_random=False))
def test_programs_around_it_are_refused_or_mean_the_same(source: Any) -> None:
    """What is not understood is refused; what is read is understood."""
    text = around(source)
    found = disagreement(text, source)
    assert not found or found.startswith("refused"), f"{text}\n{found}"


@pytest.mark.parametrize("method", ["sum", "prod", "mean", "max", "min"])
def test_methods_of_arrays_mean_what_numpy_does(method: str) -> None:
    """They are read as NumPy's functions are, to the bit."""
    text = f"def f(x, y, w):\n return w.{method}() + (w * x).reshape(3, 1).{method}()\n"
    assert not disagreement(text, random.Random(1))


@pytest.mark.parametrize("make", [program, around])
def test_many_programs_are_read(make: Any) -> None:
    """The comparison compares: most programs of the language are read, and some around it."""
    sources = [random.Random(seed) for seed in range(40)]
    refused = [disagreement(make(source), source).startswith("refused") for source in sources]
    assert refused.count(False) >= (32 if make is program else 8)


@pytest.mark.parametrize(
    "line",
    ["n = 10**17 + 1 - 10**17 + x * 0.0", "n = x; n += 1.0; l = [n]; m = l; m[0] = 2.0; n = l[0]"],
)
def test_a_reader_that_is_wrong_is_found_out(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Integers folded as floats, and lists that are copied, are disagreements."""
    text = f"import math\nimport numpy as np\ndef f(x, y, w):\n    {line}\n    return n, x\n"
    assert disagreement(text, random.Random(0)) == ""
    exact, write = arithmetic.exact, Text._write
    monkeypatch.setattr(arithmetic, "exact", lambda op, x, y: exact(op, float(x), float(y)))
    monkeypatch.setattr(
        Text, "_write", lambda text, owner, key, value: write(text, owner, key, 0.0)
    )
    assert disagreement(text, random.Random(0)).startswith("at ")
