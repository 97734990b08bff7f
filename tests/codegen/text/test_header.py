"""What docstrings of emitted files and functions say."""

from __future__ import annotations

import numpy as np
import pytest

import codegen
from codegen import compile_gradient
from codegen.text.header import summary_of


def loss(x: np.ndarray, b: float) -> object:
    """A function of an array and a number."""
    return np.sum(x * x * x) * b


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("expand", [True, False])
def test_a_function_says_what_it_gives(target: str, expand: bool) -> None:
    """A Hessian is called the Hessian of the user's function, in text of any form."""
    both = codegen.compile(
        loss, np.ones(2), 1.0, what=["value", "hessian"], target=target, expand=expand, check=False
    )
    assert '"""Value and hessian of loss."""' in both.source


def test_names_stay_whole() -> None:
    """A user's function may have a name that ends as ours do; no text of theirs gets in."""
    assert summary_of("my_hessian", "evaluate") == "Result of my_hessian."
    assert summary_of("my_hessian_hessian", "hessian") == "Hessian of my_hessian."
    assert summary_of('"""_hvp', "hvp") == "Hvp of f."


def test_text_for_batches_says_that_floats_may_be_points() -> None:
    """A reader of the saved file learns what its functions take; Python's take floats alone."""
    batch = compile_gradient(loss, np.ones(2), 1.0, target="numpy", batch=True, check=False)
    one = compile_gradient(loss, np.ones(2), 1.0, check=False)
    assert "array of floats, one for each point" in batch.source
    assert "one for each point" not in one.source
