"""The command line: good answers, every kind of bad input, exit codes, nothing half-written."""

from __future__ import annotations

import ast
import json
import math
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from codegen.measure.contest import Contest, contest
from verify.command import app

GOOD = '''\
import math

import numpy as np

import autodiff as ad


def energy(x=1.5, y=0.5):
    """A function with default values."""
    return x * np.sin(y) + x


def plain(x, y):
    return x * y


def norm(v):
    return np.sqrt(np.sum(v * v))


def nested(p, q):
    return p["w"] @ q[0] + q[1]


def constant(x):
    return 3.0


def unused(x, y):
    return x * x


def at_zero(x=0.0):
    return np.log(x)


def scaled(x, *, factor=2.0):
    return factor * x


def spread(*xs):
    return sum(xs)


def nothing():
    return 1.0


def pair(x):
    return x, x


def converts(x):
    y = len(range(int(x)))
    return y * x


def uses_math(x):
    return math.ulp(x)


def returns_none(x):
    x * x


def returns_text(x):
    return "x"


def fails(x):
    table = {}
    return x * table["missing"]


def prints(x=1.0):
    print("hello from the user")
    return x * x


def v1(v1, sin, lambda_, größe):
    return np.sin(v1) * sin + lambda_ * größe


def wrong_gradient(x, y):
    return y, 2.0 * x


_private = plain
NUMBER = 3.0
'''


@contextmanager
def users_file(folder: Path) -> Iterator[Path]:
    """A user's file; the interpreter's import state is put back afterwards."""
    path = folder / "model.py"
    path.write_text(GOOD, encoding="utf-8")
    before, modules = list(sys.path), set(sys.modules)
    yield path
    sys.path[:] = before
    for name in set(sys.modules) - modules:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def good(tmp_path: Path) -> Iterator[Path]:
    """A user's file."""
    with users_file(tmp_path) as path:
        yield path


def run(*arguments: Any) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def fails_with(result: Result, *words: str) -> None:
    """One clear message, no traceback, exit code 2."""
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


# --- compile ---------------------------------------------------------------------------------


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


# --- verify and show -------------------------------------------------------------------------


def test_verify_proves_and_exits_with_0(good: Path) -> None:
    """A right gradient is proved, and the table names every input."""
    result = run("verify", f"{good}:energy")
    assert result.exit_code == 0, result.output
    assert "PROVED" in result.stdout
    assert "x" in result.stdout
    assert "y" in result.stdout


def test_verify_refutes_a_wrong_gradient_with_1(good: Path) -> None:
    """Somebody else's wrong gradient exits with 1."""
    result = run("verify", f"{good}:plain", "--gradient", f"{good}:wrong_gradient")
    assert result.exit_code == 1, result.output
    assert "REFUTED" in result.stdout


def test_verify_saves_its_report(good: Path, tmp_path: Path) -> None:
    """--save and --json hold the verdict."""
    saved = tmp_path / "cert.json"
    result = run("verify", f"{good}:energy", "--save", saved, "--json")
    assert json.loads(saved.read_text())["verdict"] == json.loads(result.stdout)["verdict"]


def test_recheck_needs_the_two_files_alone(good: Path, tmp_path: Path) -> None:
    """Certificate and module are enough; a module changed in one character exits with 2."""
    saved, module = tmp_path / "cert.json", tmp_path / "d_energy.py"
    run("verify", f"{good}:energy", "--save", saved)
    run("compile", f"{good}:energy", "-o", module)
    good.unlink()
    result = run("recheck", saved, module)
    assert result.exit_code == 0, result.stderr
    assert "PROVED" in result.stdout
    answer = json.loads(run("recheck", saved, module, "--json").stdout)
    assert answer["verdict"] == "PROVED"
    module.write_text(module.read_text().replace("x * ", "x  * ", 1))
    fails_with(run("recheck", saved, module), "d_energy.py: is not the text that was certified")
    fails_with(run("recheck", module, saved), "expected the JSON of a certificate")


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_compile_with_its_proof(good: Path, tmp_path: Path, target: str) -> None:
    """--certificate writes the proof, and its digest into the code's first line."""
    saved, module = tmp_path / "cert.json", tmp_path / "d_norm.py"
    options = ("--at", "[3.0, 4.0]", "--target", target, "-o", module, "--certificate", saved)
    result = run("compile", f"{good}:norm", *options)
    assert result.exit_code == 0, result.stderr
    assert json.loads(saved.read_text())["digest"] in module.read_text().splitlines()[0]
    assert run("recheck", saved, module).exit_code == 0
    refused = run("compile", f"{good}:plain", "--target", "c", "--certificate", saved)
    fails_with(refused, "--certificate", "expected python or numpy")


def test_mutate_says_which_mistakes_are_found(good: Path) -> None:
    """A table by kind of mistake, or JSON; nothing open is exit code 0."""
    result = run("mutate", f"{good}:energy", "--count", 12)
    assert result.exit_code == 0, result.output
    assert "mistake" in result.stdout
    answer = json.loads(run("mutate", f"{good}:energy", "--count", 12, "--json").stdout)
    assert answer["refuted"] + answer["no_change"] == answer["mutants"] == 12
    fails_with(run("mutate", f"{good}:converts"), "int(x)")


def test_show_answers_everything_at_once(good: Path) -> None:
    """show gives the code, the verdict and the speed-up."""
    result = run("show", f"{good}:energy")
    assert result.exit_code == 0, result.output
    for part in ("def value_and_gradient(", "PROVED", "speed-up", "break-even"):
        assert part in result.stdout


def test_show_answers_json(good: Path) -> None:
    """show --json holds all three answers."""
    answer = json.loads(run("show", f"{good}:plain", "--at", "2, 3", "--json").stdout)
    assert set(answer) == {"compile", "verify", "bench"}


def test_undecided_exits_with_3(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verdict is neither success nor refutation."""

    class Report:
        verdict = "UNDECIDED"

        def to_json(self) -> dict[str, str]:
            return {"verdict": self.verdict}

    monkeypatch.setattr("verify.verify_derivatives", lambda *args, **options: Report())
    assert run("verify", f"{good}:plain", "--json").exit_code == 3


# --- bench -----------------------------------------------------------------------------------


QUICK = ("--rounds", "3", "--no-rivals", "--points", "0")
CONTESTS = import_module("codegen.measure.contest")


@pytest.fixture(scope="module")
def benched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path, Path, Contest]:
    """Two functions measured, with a page and a chart, and what was measured of the first."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("bench")
    page, chart = folder / "page.md", folder / "chart.svg"
    contests = []

    def remembered(*args: Any, **options: Any) -> Contest:
        contests.append(contest(*args, **options))
        return contests[-1]

    with users_file(folder) as path, pytest.MonkeyPatch.context() as patch:
        path.write_text(
            path.read_text(encoding="utf-8")
            + "\n\ndef energy_by_hand(*args):\n    return 0.0, [0.0] * len(args)\n",
            encoding="utf-8",
        )
        patch.setattr(CONTESTS, "contest", remembered)
        result = run(
            "bench", f"{path}:energy", f"{path}:at_zero", *QUICK,
            "--page", str(page), "--plot", str(chart),
        )  # fmt: skip
    return result, page, chart, contests[0]


def test_bench_prints_its_table(benched: tuple[Result, Path, Path, Contest]) -> None:
    """bench runs at the default values and prints speed-up and break-even, of each function."""
    result, *_ = benched
    assert result.exit_code == 0, result.output
    assert result.stdout.count("speed-up") == 2
    assert result.stdout.count("break-even") == 2


def test_bench_at_a_domain_error_is_fine(benched: tuple[Result, Path, Path, Contest]) -> None:
    """log(0) is -inf and its gradient inf, here as everywhere."""
    result, *_ = benched
    assert result.exit_code == 0, result.output
    assert "at_zero" in result.stdout


def test_bench_answers_json(
    good: Path,
    monkeypatch: pytest.MonkeyPatch,
    benched: tuple[Result, Path, Path, Contest],
) -> None:
    """--json holds the times in nanoseconds, and the contest's."""
    *_, energy = benched
    monkeypatch.setattr(CONTESTS, "contest", lambda *args, **options: energy)
    answer = json.loads(run("bench", f"{good}:norm", "--at", "[3, 4]", *QUICK, "--json").stdout)
    assert answer["nanoseconds_per_call"]["both"]["generated"] > 0
    assert answer["contest"] == energy.to_json()


def test_bench_writes_chart_and_page(benched: tuple[Result, Path, Path, Contest]) -> None:
    """Several functions share one chart and one page; a gradient by hand is found by its name."""
    result, page, chart, _ = benched
    assert "written by hand: differs from the interpreter" in " ".join(result.stdout.split())
    assert page.read_text(encoding="utf-8").count("\n## ") == 2
    assert chart.exists()


def test_one_point_is_not_for_several_functions(good: Path) -> None:
    """--at names the arguments of one function."""
    fails_with(run("bench", f"{good}:energy", f"{good}:energy", "--at", "1"), "found several")


def test_bench_needs_numbers(good: Path) -> None:
    """bench never makes numbers up."""
    fails_with(run("bench", f"{good}:plain"), "found no numbers for x, y", "--at")


# --- mistakes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("converts", ["model.py:66", "cannot count", "range(int(x))"]),
        ("uses_math", ["model.py:72", "math.ulp(x)", "operators"]),
        ("returns_none", ["found None", "return statement"]),
        ("returns_text", ["found str 'x'"]),
        ("spread", ["takes any number of arguments", "--at"]),
        ("nothing", ["takes no arguments"]),
        ("pair", ["needs a function that returns one float"]),
        ("nested", ["stands for one float", "array as the example"]),
        ("fails", ["model.py:85: KeyError: 'missing'", 'return x * table["missing"]']),
        ("enrgy", ["defines no 'enrgy'", "Did you mean energy?"]),
        ("zzz", ["defines no 'zzz'", "It has"]),
        ("NUMBER", ["NUMBER is float; expected a function"]),
        ("1x", ["expected path/to/file.py:function", "'1x'"]),
    ],
)
@pytest.mark.parametrize("command", ["compile", "verify"])
def test_mistakes_in_the_function(good: Path, command: str, name: str, words: list[str]) -> None:
    """Each gets one message with the line and the fix, and exit code 2."""
    lines = GOOD.splitlines()
    words = [
        word.replace("66", str(lines.index("    y = len(range(int(x)))") + 1))
        .replace("72", str(lines.index("    return math.ulp(x)") + 1))
        .replace("85", str(lines.index('    return x * table["missing"]') + 1))
        for word in words
    ]
    fails_with(run(command, f"{good}:{name}"), *words)


@pytest.mark.parametrize(
    ("name", "at", "words"),
    [
        ("plain", "1.0", ["missing a required argument: 'y'", "plain(x, y)"]),
        ("plain", "1, 2, 3", ["too many positional arguments"]),
        ("plain", "1, z=2", ["found argument 'z'", "plain(x, y)"]),
        ("plain", "1, 'two'", ["y: found str 'two'; expected a float"]),
        ("plain", "1, None", ["NoneType None"]),
        ("plain", "1, 2j", ["y: found complex 2j"]),
        ("plain", "1, [2", ["--at: cannot read", "expected Python literals"]),
        ("plain", "1, exit()", ["--at: cannot read"]),
        ("plain", "1) + (2", ["--at: cannot read"]),
        ("plain", "**{'x': 1}", ["--at: found **"]),
        ("scaled", "1, factor=3", ["'factor' is a keyword-only argument"]),
        ("nested", "{'w': [1, 2]}, 3.0", ["model.py", "stands for one float"]),
        ("norm", "[[1, 2], [3]]", ["model.py"]),
    ],
)
def test_mistakes_in_the_arguments(good: Path, name: str, at: str, words: list[str]) -> None:
    """Wrong number, structure or type of the examples."""
    fails_with(run("compile", f"{good}:{name}", "--at", at), *words)


def test_nested_arguments_are_read(good: Path) -> None:
    """Dicts, tuples and arrays can be given as literals."""
    result = run("compile", f"{good}:nested", "--at", "{'w': [1, 2]}, ([3, 4], 5)", "--json")
    arguments = json.loads(result.stdout)["arguments"]
    assert arguments == {"p": '{"w": float[2]}', "q": "(float[2], float)"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(x:\n    return x\n", ["bad.py:1: does not parse"]),
        ("def f(x):\n  return x\n y\n", ["bad.py:3: does not parse"]),
        ("import nowhere_to_be_found\n", ["bad.py:1: ModuleNotFoundError", "nowhere_to_be_found"]),
        ("1 / 0\n", ["bad.py:1: ZeroDivisionError: division by zero", "1 / 0"]),
        ("import sys\nsys.exit(3)\n", ["bad.py:2: SystemExit: 3"]),
        ("x = '\0'\n", ["bad.py", "does not parse"]),
        ("class Odd(BaseException): ...\nraise Odd('so')\n", ["bad.py:2: Odd: so"]),
        ("raise GeneratorExit\n", ["bad.py:1: GeneratorExit"]),
        ("", ["defines no 'f'"]),
    ],
)
def test_mistakes_in_the_file(tmp_path: Path, text: str, words: list[str]) -> None:
    """A file that does not parse, or raises when imported, is named with its line."""
    path = tmp_path / "bad.py"
    path.write_text(text)
    fails_with(run("compile", f"{path}:f"), *words)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 do not parse."""
    path = tmp_path / "latin.py"
    path.write_bytes(b"# gr\xf6\xdfe\ndef f(x):\n    return x\n")
    fails_with(run("compile", f"{path}:f"), "latin.py", "does not parse")


def test_missing_files_name_near_ones(good: Path) -> None:
    """A misspelt path suggests the file next to it; a folder is no file."""
    fails_with(run("compile", f"{good.parent / 'modle.py'}:f"), "no such file", "model.py")
    fails_with(run("compile", f"{good.parent / 'no' / 'model.py'}:f"), "there is no folder")
    fails_with(run("compile", good.parent), "is a folder")
    fails_with(run("verify", f"{good}:plain", "--gradient", f"{good}:wrong"), "Did you mean")


def test_several_public_functions_need_a_name(good: Path) -> None:
    """FILE.py alone is refused when it is ambiguous."""
    fails_with(run("compile", good), "name one function", "energy, plain")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--wrt", "z"], ["wrt: found 'z'", "x, y"]),
        (["--wrt", "7"], ["wrt: found 7"]),
        (["--wrt", ","], ["--wrt: found nothing"]),
        (["--target", "fortran"], ["found 'fortran'", "python"]),
    ],
)
def test_mistakes_in_the_options(good: Path, options: list[str], words: list[str]) -> None:
    """Options are checked by name."""
    fails_with(run("compile", f"{good}:plain", *options), *words)


def test_nothing_is_half_written(good: Path, tmp_path: Path) -> None:
    """A failing command leaves no file and no temporary behind."""
    output = tmp_path / "out.py"
    fails_with(run("compile", f"{good}:converts", "-o", output))
    fails_with(run("compile", f"{good}:energy", "-o", tmp_path / "no" / "out.py"), "cannot be")
    fails_with(run("compile", f"{good}:energy", "-o", tmp_path), "cannot be written")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.py"]


def test_the_source_is_never_overwritten(good: Path) -> None:
    """-o and --save refuse the file that holds the function."""
    fails_with(run("compile", f"{good}:energy", "-o", good), "holds the function itself")
    fails_with(run("verify", f"{good}:energy", "--save", good), "holds the function itself")
    assert good.read_text(encoding="utf-8") == GOOD


def test_a_bug_of_ours_is_called_one(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that never met the user's code is reported as our bug, not as a refutation."""

    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("codegen.compile", broken)
    result = run("compile", f"{good}:energy")
    assert result.exit_code == 70
    assert "this is a bug in Proofgrad" in result.stderr


# --- the program -----------------------------------------------------------------------------


def test_the_module_runs_as_a_program() -> None:
    """``python -m autodiff --version`` names the distribution; unknown commands exit with 2."""
    command = [sys.executable, "-m", "autodiff"]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("proofgrad ")
    unknown = subprocess.run([*command, "frobnicate"], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2


def test_help_is_quick() -> None:
    """``proofgrad --help`` imports neither SymPy nor anything that a command works with."""
    command = [sys.executable, "-X", "importtime", "-m", "autodiff", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for heavy in ("sympy", "codegen", "verify.ladder", "matplotlib", "llvmlite"):
        assert f" {heavy}\n" not in done.stderr


def test_every_help_has_an_example_that_is_read() -> None:
    """Each subcommand's --help shows one use; its options exist, so that it can be copied."""
    for name, command in app.commands.items():
        epilog = str(command.epilog)
        assert epilog.startswith(f"Example: proofgrad {name} ")
        words = shlex.split(epilog.partition(f"proofgrad {name} ")[2])
        command.make_context(name, words)


def test_dashes_and_devices_are_written_through(good: Path) -> None:
    """``-o -`` prints what no ``-o`` prints; /dev/null stays a device, for C too."""
    for target in ("python", "c", "latex"):
        plain = run("compile", f"{good}:energy", "--target", target)
        dashed = run("compile", f"{good}:energy", "--target", target, "-o", "-")
        assert dashed.stdout == plain.stdout
        assert "wrote" not in dashed.stderr
        assert (
            run("compile", f"{good}:energy", "--target", target, "-o", "/dev/null").exit_code == 0
        )
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert not Path("/dev/null.h").exists()


def test_a_certificate_is_announced(good: Path, tmp_path: Path) -> None:
    """``--certificate`` says the verdict and where the proof lies."""
    saved = tmp_path / "proof.json"
    result = run("compile", f"{good}:energy", "--certificate", saved)
    assert "energy: PROVED" in result.stderr
    assert f"wrote {saved}" in result.stderr


def test_unknown_targets_are_answered_with_all(good: Path) -> None:
    """All targets are listed, with --explain too."""
    for more in ([], ["--explain"]):
        refused = run("compile", f"{good}:energy", "--target", "rust", *more)
        fails_with(refused, "'rust'", "python, numpy, native, c, latex")


def test_a_chart_is_refused_before_anything_is_measured(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without matplotlib, or for a format it has not, bench stops at once."""

    def measured(*args: Any, **options: Any) -> None:
        raise AssertionError("it measured")

    monkeypatch.setattr("verify.command.subcommands.bench_command.measured", measured)
    fails_with(run("bench", f"{good}:energy", "--plot", "chart.xyz"), "format 'xyz'", "png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    fails_with(run("bench", f"{good}:energy", "--plot", "chart.png"), "proofgrad[plot]")


@pytest.mark.parametrize("command", ["domain", "accuracy"])
def test_without_flint_it_is_told_what_to_install(good: Path, tmp_path: Path, command: str) -> None:
    """domain answers what it can, accuracy nothing; both name the package that is missing."""
    missing = tmp_path / "elsewhere" / "flint"
    missing.mkdir(parents=True)
    (missing / "__init__.py").write_text("raise ImportError('not there')\n")
    path = os.pathsep.join([str(missing.parent), os.environ.get("PYTHONPATH", "")])
    arguments = ["domain", f"{good}:energy"] if command == "domain" else ["accuracy"]
    done = subprocess.run(
        [sys.executable, "-m", "autodiff", *arguments],
        env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == (0 if command == "domain" else 2), done.stderr
    assert "pip install 'proofgrad[proof]'" in done.stderr
    assert "Traceback" not in done.stderr
