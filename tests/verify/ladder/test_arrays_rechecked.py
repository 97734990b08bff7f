"""What recheck says of certificates about text of whole arrays: truly that it cannot read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient, compile_hessian
from verify import CertificateError, recheck, verify_gradient, verify_hessian

A = np.arange(12.0).reshape(4, 3)


def least_squares(w: Any) -> Any:
    """A fit to rows of data."""
    return np.sum((A @ w - 1.0) ** 2)


@pytest.mark.parametrize(
    ("make", "verify"), [(compile_gradient, verify_gradient), (compile_hessian, verify_hessian)]
)
def test_text_of_arrays_is_said_to_be_that(
    make: Callable[..., Any], verify: Callable[..., Any], tmp_path: Path
) -> None:
    """The certificate has the text's digest; what was changed is told from what cannot be read."""
    compiled = make(least_squares, np.ones(3), target="numpy", expand=False)
    compiled.save(tmp_path / "m.py")
    verify(compiled).save(tmp_path / "c.json")
    content = json.loads((tmp_path / "c.json").read_text())
    assert content["form"] == "arrays"
    with pytest.raises(CertificateError, match=r"whole arrays.*expand=True"):
        recheck(tmp_path / "c.json", tmp_path / "m.py")
    (tmp_path / "m.py").write_text(compiled.source + "# more\n")
    with pytest.raises(CertificateError, match="not the text that was certified"):
        recheck(tmp_path / "c.json", tmp_path / "m.py")


def test_expanded_text_is_checked_again(tmp_path: Path) -> None:
    """What the error advises: the same function as text of numbers."""
    compiled = compile_gradient(least_squares, np.ones(3), expand=True)
    compiled.save(tmp_path / "m.py")
    verify_gradient(compiled).save(tmp_path / "c.json")
    assert str(recheck(tmp_path / "c.json", tmp_path / "m.py").verdict) == "PROVED"
