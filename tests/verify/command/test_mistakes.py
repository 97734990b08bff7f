"""Every kind of bad input has one clear message, and nothing is half-written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.verify.command.users_file import GOOD, fails_with, run


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
