"""What goes with a saved text."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodiff.errors import ArgumentError
from codegen import compile_gradient


def test_what_is_no_certificate_is_named(tmp_path: Path) -> None:
    """A path or a verdict in its place is told from a report."""
    df = compile_gradient(lambda x: x * x, 2.0)
    with pytest.raises(ArgumentError, match=r"found 'cert\.json'; expected a report"):
        df.save(tmp_path / "df.py", "cert.json")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
