"""Pickles of compiled functions, and what is believed of them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_pickle_of_loops_has_the_text_that_was_checked(target: str) -> None:
    """Names and shared values inside of loops stay, in loops inside each other as well."""

    def filtered(a: Any) -> Any:
        level = total = 0.0
        for k in range(300):
            for _ in range(40):
                pulled = a * level + 0.01 * k
                level = np.sin(pulled) + pulled
            total = total + level * level
        return total

    df = compile_gradient(filtered, 0.1, target=target, check=False)
    again = pickle.loads(pickle.dumps(df))
    assert "pulled" in df.source
    assert "in range(40)" in df.source
    assert again.source == pickle.loads(pickle.dumps(again)).source == df.source


def test_a_pickle_of_another_version_is_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph is written anew by the version that reads it: what was checked is another text."""
    df = compile_gradient(lambda x: x * x, 1.0)
    assert pickle.loads(pickle.dumps(df)).verdict is df.verdict is not None
    monkeypatch.setattr("codegen.call.compiled.VERSION", "0.0.1")
    old = pickle.dumps(df)
    monkeypatch.undo()
    assert pickle.loads(old)(3.0) == (9.0, 6.0)
    assert pickle.loads(old).verdict is None
