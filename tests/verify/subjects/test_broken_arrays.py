"""A file beside a module that is no file of arrays is refused, whatever is broken in it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from codegen import compile_gradient
from verify import CertificateError, recheck, verify_gradient

DATA = np.arange(600.0).reshape(200, 3) / 600.0


@pytest.mark.parametrize("shape", ['(200, "(', "(200, 3", "(200, 3) +", "(2**70, 3)", "(-200, 3)"])
def test_a_broken_header_is_refused(shape: str, tmp_path: Path) -> None:
    """Headers are read as Python, which raises errors of its own."""

    def loss(w: np.ndarray) -> float:
        return np.sum((DATA @ w) ** 2)

    df = compile_gradient(loss, np.ones(3), target="numpy")
    df.save(tmp_path / "m.py")
    verify_gradient(df, np.ones(3)).save(tmp_path / "c.json")
    with zipfile.ZipFile(tmp_path / "m.npz") as held:
        members = {name: held.read(name) for name in held.namelist()}
    broken = {n: x.replace(b"(200, 3)", shape.encode()) for n, x in members.items()}
    assert broken != members
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in broken.items():
            archive.writestr(name, member)
    (tmp_path / "m.npz").write_bytes(content.getvalue())
    with pytest.raises(CertificateError, match=r"expected what df\.save writes"):
        recheck(tmp_path / "c.json", tmp_path / "m.py")
