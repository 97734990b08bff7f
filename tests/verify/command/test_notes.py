"""What the command says beside its answer."""

from __future__ import annotations

import sys
from pathlib import Path

from click.testing import CliRunner

from verify.command import app

MODEL = "import numpy as np\n\n\ndef f(x):\n    return np.array([x[0] * x[1], x[0] + x[1]])\n"


def test_a_warning_of_ours_is_a_note(tmp_path: Path) -> None:
    """It names no line of the library that parses the command line."""
    model = tmp_path / "full_model.py"
    model.write_text(MODEL)
    try:
        result = CliRunner().invoke(
            app, ["compile", f"{model}:f", "--at", "[1, 2]", "--what", "jacobian", "--sparse=csr"]
        )
    finally:
        sys.modules.pop("full_model", None)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("note: sparse: every entry of the 2 x 2 jacobian")
    assert "click" not in result.stderr
