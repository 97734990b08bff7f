"""``proofgrad compile``: text that runs, files, and every kind of function."""

from __future__ import annotations

import ast
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.verify.command.users_file import QUICK, run


def test_compile_prints_python_that_runs(good: Path) -> None:
    """What compile prints is a file that computes value and gradient without us."""
    result = run("compile", f"{good}:energy")
    assert result.exit_code == 0, result.stderr
    scope: dict[str, Any] = {}
    exec(result.stdout, scope)
    value, gradient = scope["value_and_gradient"](1.5, 0.5)
    assert value == 1.5 * math.sin(0.5) + 1.5
    assert gradient == (math.sin(0.5) + 1.0, 1.5 * math.cos(0.5))


def test_compile_writes_the_file_it_would_print(good: Path, tmp_path: Path) -> None:
    """-o writes exactly the printed text and prints nothing on stdout."""
    output = tmp_path / "d.py"
    result = run("compile", f"{good}:energy", "-o", output)
    assert (result.exit_code, result.stdout) == (0, "")
    assert output.read_text() == run("compile", f"{good}:energy").stdout


def test_compile_writes_c_and_its_header(good: Path, tmp_path: Path) -> None:
    """``--target c -o df.c`` writes two files; df.h as the name of the source is refused."""
    result = run("compile", f"{good}:energy", "--target", "c", "-o", tmp_path / "df.c")
    assert result.exit_code == 0
    assert (tmp_path / "df.c").read_text().startswith('#include "df.h"\n')
    assert "energy_value_and_gradient(" in (tmp_path / "df.h").read_text()
    refused = run("compile", f"{good}:energy", "--target", "c", "-o", tmp_path / "only.h")
    assert refused.exit_code == 2
    assert not (tmp_path / "only.h").exists()


def test_compile_writes_large_arrays_as_loops_of_c(tmp_path: Path) -> None:
    """What would be thousands of lines of numbers is a loop over rows, its data beside it."""
    path = tmp_path / "model.py"
    path.write_text(
        "import numpy as np\n\nA = np.arange(1200.0).reshape(300, 4)\n\n\n"
        "def loss(w, b):\n    return np.sum((A @ w - b) ** 2)\n"
    )
    result = run("compile", f"{path}:loss", "--at", "[1, 2, 3, 4], 1.0", "--target", "c")
    assert result.exit_code == 0
    assert "for (size_t i = 0; i < 300; ++i) {" in result.output
    assert "static const double loss_A[1200]" in result.output


def test_compile_prints_formulas(good: Path) -> None:
    """``--target latex`` prints an align* block."""
    assert run("compile", f"{good}:energy", "--target", "latex").stdout.startswith(
        "\\begin{align*}"
    )


def test_compile_explains_its_lines(good: Path) -> None:
    """``--explain`` prints the user's line beside each emitted one, ``--json`` the same as data."""
    result = run("compile", f"{good}:energy", "--explain")
    assert result.exit_code == 0, result.stderr
    assert "derivative of" in result.stdout
    assert f"{good.name}:" in result.stdout
    lines = json.loads(run("compile", f"{good}:energy", "--explain", "--json").stdout)["lines"]
    assert {line["code"] for line in lines} == {"return x * np.sin(y) + x"}


def test_trace_nan_names_the_line(good: Path) -> None:
    """``trace-nan`` names the operation, the line and what to do; it needs a point."""
    result = run("trace-nan", f"{good}:at_zero")
    assert result.exit_code == 0, result.stderr
    assert "return np.log(x)" in result.stdout
    assert "log needs a positive number" in result.stdout
    found = json.loads(run("trace-nan", f"{good}:at_zero", "--json").stdout)
    assert (found["finite"], found["cause"]["primitive"]) == (False, "log")
    assert "finite" in run("trace-nan", f"{good}:at_zero", "--at", "2.0").stdout
    refused = run("trace-nan", f"{good}:plain")
    assert refused.exit_code == 2
    assert "--at" in refused.stderr


def test_compile_takes_a_profile(good: Path) -> None:
    """``--profile fast`` says so in the text; another name is a usage error."""
    assert "Fast profile" in run("compile", f"{good}:energy", "--profile", "fast").stdout
    refused = run("compile", f"{good}:energy", "--profile", "quick")
    assert refused.exit_code == 2
    assert "expected exact, fast or stable" in refused.stderr


def test_compile_answers_json(good: Path) -> None:
    """--json holds the source, the arguments and the target."""
    answer = json.loads(run("compile", f"{good}:norm", "--at", "[1, 2, 3]", "--json").stdout)
    assert answer["arguments"] == {"v": "float[3]"}
    assert answer["target"] == "python"
    assert "def value_and_gradient(v: list[float])" in answer["source"]


def test_compile_differentiates_only_what_wrt_names(good: Path) -> None:
    """--wrt takes names and positions."""
    for wrt in ("y", "1"):
        result = run("compile", f"{good}:plain", "--wrt", wrt)
        assert "y_bar" not in result.stdout or "x_bar" not in result.stdout
        scope: dict[str, Any] = {}
        exec(result.stdout, scope)
        assert scope["value_and_gradient"](2.0, 3.0) == (6.0, 2.0)


def test_without_examples_arguments_are_assumed_to_be_floats(good: Path) -> None:
    """compile says on stderr what it assumed."""
    result = run("compile", f"{good}:plain")
    assert result.exit_code == 0
    assert "note: no --at, so x, y are taken to be floats" in result.stderr


def test_the_only_public_function_needs_no_name(tmp_path: Path) -> None:
    """FILE.py alone is enough when it defines one public function."""
    path = tmp_path / "single.py"
    path.write_text("def _helper(x):\n    return x\n\ndef cube(x):\n    return _helper(x) ** 3\n")
    assert "Value and gradient of cube(x)" in run("compile", path).stdout


def test_the_functions_own_folder_is_importable(tmp_path: Path) -> None:
    """A file may import its neighbours, as under ``python file.py``."""
    (tmp_path / "neighbour.py").write_text("def half(x):\n    return x / 2\n")
    path = tmp_path / "imports_neighbour.py"
    path.write_text("from neighbour import half\n\ndef f(x):\n    return half(x)\n")
    assert run("compile", f"{path}:f").exit_code == 0


@pytest.mark.parametrize(("name", "command"), [("verify.py", "compile"), ("numpy.py", "bench")])
def test_files_named_like_our_packages_work(name: str, command: str, tmp_path: Path) -> None:
    """A user's verify.py or codegen.py hides nothing of ours."""
    for other in ("verify.py", "codegen.py", "numpy.py", "bench.py"):
        (tmp_path / other).write_text("def f(x=2.0):\n    return x * x\n")
    options = (*QUICK[2:], "--rounds", "1") if command == "bench" else ()
    done = subprocess.run(
        [sys.executable, "-m", "autodiff", command, f"{tmp_path / name}:f", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_prints_of_the_user_do_not_spoil_the_answer(good: Path) -> None:
    """What the user's function prints goes to stderr."""
    result = run("compile", f"{good}:prints", "--json")
    assert json.loads(result.stdout)["function"] == "prints"
    assert "hello from the user" in result.stderr


@pytest.mark.parametrize(
    ("name", "at", "arguments", "expected"),
    [
        ("constant", "1.0", (1.0,), (3.0, 0.0)),
        ("unused", "1.0, 2.0", (3.0, 5.0), (9.0, (6.0, 0.0))),
        ("scaled", "1.0", (3.0,), (6.0, 2.0)),
        ("spread", "1, 2, 3", (1.0, 2.0, 3.0), (6.0, (1.0, 1.0, 1.0))),
        ("v1", "1, 2, 3, 4", (0.0, 2.0, 3.0, 5.0), (15.0, (2.0, 0.0, 5.0, 3.0))),
        ("norm", "[3, 4]", ([3.0, 4.0],), (5.0, [0.6, 0.8])),
    ],
)
def test_unusual_functions_get_the_right_gradient(
    good: Path, name: str, at: str, arguments: tuple[Any, ...], expected: Any
) -> None:
    """Constants, unused and strangely named arguments are no mistakes."""
    result = run("compile", f"{good}:{name}", "--at", at)
    assert result.exit_code == 0, result.stderr
    scope: dict[str, Any] = {}
    exec(result.stdout, scope)
    value, gradient = scope["value_and_gradient"](*arguments)
    assert value == expected[0]
    assert gradient == pytest.approx(expected[1], rel=1e-15)


def test_numpy_target_compiles_batches(good: Path) -> None:
    """--target numpy gives the same straight-line text over arrays."""
    result = run("compile", f"{good}:energy", "--target", "numpy")
    assert result.exit_code == 0, result.stderr
    assert "import numpy as np" in result.stdout
    ast.parse(result.stdout)
