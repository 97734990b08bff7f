"""Comments in emitted text: they say where a line comes from, and change nothing."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from autodiff.quoting import quoted
from codegen import compile_gradient, compile_hessian
from tests.examples_by_path import example
from verify.command import app


def loss(a: Any, b: Any) -> Any:
    """Uses a product, a function, and a value twice."""
    z = a * b
    error = np.tanh(z) - 0.25
    return error * error + z


def test_comments_name_line_and_derivative() -> None:
    """Each backward line has the user's line and the local derivatives as formulas."""
    lines = compile_gradient(loss, 1.0, 2.0, comments=True).source.split("\n")
    text = "\n".join(lines)
    assert "# z = a * b; d/da = b, d/db = a" in text
    assert "# error = np.tanh(z) - 0.25; d/dz = 1 - tanh(z)**2" in text
    start = next(i for i, line in enumerate(lines) if line.startswith("def value_and_gradient"))
    forward = lines[start : lines.index("        # backward", start)]
    assert not any(" = " in line and "#" in line for line in forward)


@pytest.mark.parametrize(
    ("name", "at"),
    [("black_scholes.price", ()), ("double_pendulum.lagrangian", (np.ones(2), np.ones(2)))],
)
def test_no_line_is_long(name: str, at: tuple[Any, ...]) -> None:
    """A comment that does not fit beside its line stands above it, shortened."""
    module, function = name.split(".")
    source = compile_gradient(getattr(example(module), function), *at, comments=True).source
    assert max(map(len, source.split("\n"))) <= 88


@pytest.mark.parametrize("compiled", [compile_gradient, compile_hessian])
def test_whole_arrays_have_comments_and_stay_whole(compiled: Any) -> None:
    """What is added are comments alone, of each operation's derivative on whole arrays."""

    def loss(x: Any, a: Any) -> Any:
        z = a @ x
        h = np.tanh(z)
        return np.sum(h**2)

    a = np.arange(12.0).reshape(4, 3)
    options: dict[str, Any] = {"wrt": 0, "target": "numpy", "expand": False}
    with_, without = (compiled(loss, np.ones(3), a, **options, comments=c) for c in (True, False))
    assert ast.dump(ast.parse(with_.source)) == ast.dump(ast.parse(without.source))
    assert "  # h = np.tanh(z); d/dz = 1 - tanh(z)**2" in with_.source
    assert pickle.loads(pickle.dumps(with_)).source == with_.source


def test_only_comments_are_added() -> None:
    """Without its comments the text is the one without comments, and the numbers are its own."""
    with_, without = (compile_gradient(loss, 1.0, 2.0, comments=c) for c in (True, False))
    assert with_(0.3, 0.7) == without(0.3, 0.7)
    scope: dict[str, Any] = {}
    exec(compile(with_.source, "commented", "exec"), scope)
    assert scope["value_and_gradient"](0.3, 0.7) == without(0.3, 0.7)
    plain = [line for line in without.source.split("\n") if not line.strip().startswith("#")]
    code = [line for line in with_.source.split("\n") if not line.strip().startswith("#")]
    assert [line.partition("  # ")[0] for line in code] == plain
    assert pickle.loads(pickle.dumps(with_)).source == with_.source
    assert [line.line for line in with_.explain().lines] == [
        line.line for line in without.explain().lines
    ]


def test_text_of_the_user_stays_a_comment() -> None:
    """Nothing of the user's line can end the comment."""
    assert quoted("x = 1\nimport os\r\x0c\u2028y", "python comment") == "x = 1?import os???y"


def test_the_command(tmp_path: Path) -> None:
    """``proofgrad compile --comments`` prints them; C has none."""
    file = tmp_path / "model.py"
    file.write_text("def f(x=2.0, y=3.0):\n    z = x * y\n    return z * z\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["compile", f"{file}:f", "--comments"])
    assert done.exit_code == 0, done.output
    assert "# z = x * y; d/dx = y, d/dy = x" in done.output
    refused = CliRunner().invoke(app, ["compile", f"{file}:f", "--comments", "--target", "c"])
    assert refused.exit_code == 2
