"""Answers that cannot be written end in an exit status of their own, never in a refutation's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from verify.command import app

MODEL = "import numpy as np\n\ndef f(x=1.5, y=0.5):\n    return x * np.sin(y) + x\n"
# A job in the background ignores interrupts.
SLOW = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
print("begun", flush=True)
time.sleep(60)
"""
# What writes: the command line itself, a text, a report, a picture.
HELP, COMPILE = ["--help"], ["compile", "model.py:f"]
VERIFY, DRAW = ["verify", "model.py:f"], ["draw", "model.py:f", "-o", "-"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a model."""
    (tmp_path / "model.py").write_text(MODEL)
    return tmp_path


def run(folder: Path, arguments: list[str], redirected: str) -> subprocess.CompletedProcess[str]:
    """The command in a shell that redirects its standard output."""
    shell = f'exec "$0" -m autodiff "$@" {redirected}'
    return subprocess.run(
        ["sh", "-c", shell, sys.executable, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [HELP, VERIFY, DRAW], ids=" ".join)
def test_where_nobody_reads(folder: Path, arguments: list[str]) -> None:
    """A pipe that is closed at once: 141, as a shell says of other programs, and no message."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "autodiff", *arguments],
            cwd=folder, stdout=closed, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 141
    assert "bug" not in done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize("arguments", [COMPILE, VERIFY], ids=" ".join)
def test_where_standard_output_is_closed(folder: Path, arguments: list[str]) -> None:
    """The exit status is the answer, and nothing is complained of."""
    done = run(folder, arguments, ">&-")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [HELP, COMPILE, DRAW], ids=" ".join)
def test_where_the_disk_is_full(folder: Path, arguments: list[str]) -> None:
    """One line says that the answer is lost, and the exit status is that of a mistake."""
    done = run(folder, arguments, ">/dev/full")
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note:")]
    assert lines == ["proofgrad: standard output: No space left on device"]


def test_an_interrupt_is_no_refutation(folder: Path) -> None:
    """Ctrl-C ends with 130 and one line."""
    (folder / "slow.py").write_text(SLOW)
    with subprocess.Popen(
        [sys.executable, "-m", "autodiff", "verify", "slow.py:f"],
        cwd=folder, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert process.stderr.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert said == "proofgrad: interrupted\n"


def test_an_interrupt_of_our_own_imports_is_none_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before the work begins, where click would say "Aborted!" and exit with 1."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app.commands["cache"], "callback", interrupted)
    monkeypatch.setattr(app.commands["cache"], "params", [])
    result = CliRunner().invoke(app, ["cache"])
    assert (result.exit_code, result.stderr) == (130, "proofgrad: interrupted\n")
