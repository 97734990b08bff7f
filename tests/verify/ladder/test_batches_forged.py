"""Text for batches: a number of it may be an array of many, and modules that forget it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen import compile_gradient
from tests.adversary.forgeries import sealed
from verify import CertificateError, Verdict, recheck, verify_gradient


def bent(x: Any, y: Any) -> Any:
    """A function with a switch."""
    return np.maximum(x * y, 0.2) + np.exp(-x) * y


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its module."""
    folder = tmp_path_factory.mktemp("batch")
    compiled = compile_gradient(bent, 1.2, 0.7, target="numpy", batch=True)
    compiled.save(folder / "m.py")
    verify_gradient(compiled).save(folder / "c.json")
    return folder


def rechecked(files: Path, before: str, after: str) -> Verdict:
    """The verdict on the module with something else in it, and a certificate that fits."""
    text = (files / "m.py").read_text()
    assert before in text
    changed = text.replace(before, after)
    (files / "other.py").write_text(changed)
    (files / "other.json").write_text(sealed(json.loads((files / "c.json").read_text()), changed))
    return recheck(files / "other.json", files / "other.py").verdict


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("-x)", "-x if x == x else y)"),
        ("-x)", "-max(x, x))"),
        ("-x)", "-sum([x]))"),
        ("-x)", "-float(x))"),
        ("-x)", "-(x or 0.0))"),
        ("-x)", "-x * (not x != x))"),
        ("-x)", "-x * (0.0 <= x * x < 9.0))"),
        ("-x)", "-np.sum(x))"),
        ("-x)", "-x.sum())"),
        ("-x)", "-len([x]) * x)"),
        ("    return", "    if x == x:\n        x = x\n    return"),
    ],
)
def test_what_one_number_alone_has_is_refused(files: Path, before: str, after: str) -> None:
    """A truth, a float, a sum: the same for one number, an error or another number for many."""
    with pytest.raises(CertificateError, match="the text cannot be read"):
        rechecked(files, before, after)


@pytest.mark.parametrize("after", ["-(x, y)[0])", "-x * (x == x))", "-1.0 * x)"])
def test_what_many_numbers_have_is_read(files: Path, after: str) -> None:
    """What is the same for each of them."""
    assert rechecked(files, "-x)", after) is Verdict.PROVED
