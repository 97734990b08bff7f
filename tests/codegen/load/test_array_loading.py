"""Text of whole arrays is loaded if it holds nothing but what the emitters write."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from codegen.load.array_loading import _check
from codegen.text.function import Function
from tests.codegen.load.test_load import function

WRITTEN = "y = np.linalg.solve(x, x.T[1:, 0])\nfor i in range(3):\n    y = y + x[i]\nreturn y, -1.0"
FORBIDDEN = [
    ("return np.load(x)", "the attribute 'np.load'"),
    ("return np.linalg.__dict__", "the attribute 'np.linalg.__dict__'"),
    ("return x.__class__", "the attribute 'x.__class__'"),
    ("return (x + x).tofile('a')", "the attribute '\\(x \\+ x\\).tofile'"),
    ("return x.T.dump", "the attribute 'x.T.dump'"),
    ("return math.os", "the attribute 'math.os'"),
    ("return open(x)", "the name 'open'"),
    ("return __import__('os')", "the name '__import__'|a string"),
    ("return 'a file.py'", "a string"),
    ("return b'x'", "the constant b'x'"),
    ("return (x or open)(x)", "the call"),
    ("x\nreturn x", "an expression statement"),
    ("for y in x:\n    y = x\nreturn x", "the loop"),
    ("while x:\n    y = x\nreturn x", "While"),
    ("import os\nreturn x", "Import"),
    ("del x\nreturn x", "Delete"),
    ("return lambda: x", "Lambda"),
    ("return [y for y in x]", "ListComp"),
    ("def g():\n    return x\nreturn x", "a nested or decorated function"),
]


def written(body: str) -> Function:
    """A function of arrays with this body."""
    return function('"""Doc."""\n' + body)


@pytest.mark.parametrize(("body", "message"), FORBIDDEN)
def test_allow_list_of_arrays(body: str, message: str) -> None:
    """Any other construct is refused before anything is compiled."""
    with pytest.raises(ad.EmitError, match=message):
        _check(written(body), frozenset())


def test_emitted_text_of_arrays_is_let_through() -> None:
    """NumPy's functions and methods, slices and loops over ranges."""
    _check(written(WRITTEN), frozenset())


def test_what_is_loaded_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compile refuses its own text where that holds what it never writes."""
    monkeypatch.setattr("codegen.load.array_loading._numpy_names", lambda: frozenset({"np.sum"}))
    with pytest.raises(ad.EmitError, match=r"the attribute 'np.\w+'; the emitters never write it"):
        compile_gradient(lambda x: np.sum(np.tanh(x)), np.ones(3), target="numpy", expand=False)
