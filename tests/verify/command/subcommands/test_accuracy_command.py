"""``proofgrad accuracy``: which intervals it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.command import app

WRONG = ["(1, 0)", "0, 1", "(", "(0, 1, 2)", "('a', 1)", "(0, 1e999)", "abs", "[0, 1]"]


@pytest.mark.parametrize("within", WRONG)
def test_wrong_intervals_name_the_option(within: str, tmp_path: Path) -> None:
    """What is no interval is an error of the option, with an example."""
    (tmp_path / "model.py").write_text("def f(x):\n    return x * x\n")
    done = CliRunner().invoke(app, ["accuracy", f"{tmp_path}/model.py:f", "--within", within])
    assert done.exit_code == 2
    assert "--within: found" in done.output
    assert '"(0, 1), (-2, 2)"' in done.output
