from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.command import app

USER = """def energy(x=1.0, y=2.0):
    return x * x * y

def right(x, y):
    return (2.0 * y, 2.0 * x), (2.0 * x, 0.0)

def wrong(x, y):
    return (2.0 * y, 2.0 * x), (2.0 * y, 0.0)

def by_x(x, y):
    return 2.0 * x * y
"""


@pytest.fixture
def user(tmp_path: Path) -> str:
    """A file with a function and derivatives by hand."""
    path = tmp_path / "user.py"
    path.write_text(USER)
    return str(path)


@pytest.mark.parametrize(
    ("options", "status", "shown"),
    [
        (["--what", "hessian"], 0, "Hessian: emitted python code of energy: PROVED"),
        (["--what", "hessian", "--gradient", "right"], 0, "Hessian right of energy: PROVED"),
        (["--what", "hessian", "--gradient", "wrong"], 1, "REFUTED"),
        (["--wrt", "x", "--gradient", "by_x"], 0, "gradient by_x of energy: PROVED"),
        (["--what", "value,hvp", "--wrt", "y"], 0, "PROVED"),
        (["--what", "jacobian"], 2, "whose Jacobian is its gradient"),
        (["--wrt", "z"], 2, "one of the arguments x, y"),
    ],
)
def test_other_derivatives(user: str, options: list[str], status: int, shown: str) -> None:
    """``--what`` and ``--wrt`` are those of ``compile``, for ours and for theirs."""
    theirs = {name: f"{user}:{name}" for name in ("right", "wrong", "by_x")}
    named = [theirs.get(word, word) for word in options]
    result = CliRunner().invoke(app, ["verify", f"{user}:energy", *named])
    assert shown in result.output
    assert result.exit_code == status
