"""The bar of a long compile: only on a terminal, only after a while, and gone at the end."""

from __future__ import annotations

import io
import sys

import pytest

from codegen import compile_gradient
from codegen.load import progress
from codegen.load.progress import shown


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the bar at once."""
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    monkeypatch.setattr(progress, "_BETWEEN", -1.0)


@pytest.mark.usefixtures("impatient")
def test_a_terminal_sees_how_far_it_is() -> None:
    """The line says what, how many and what to do instead, and is wiped in the end."""
    terminal = Terminal()
    assert list(shown("abcd", 4, "compiling f", terminal)) == list("abcd")
    lines = terminal.getvalue().split("\r")
    assert len(lines) == 6
    assert lines[3].startswith("proofgrad: compiling f [##########..........] 2 of 4, ")
    assert "batch=" in lines[3]
    assert lines[-1] == "\x1b[K"


@pytest.mark.usefixtures("impatient")
def test_the_bar_goes_when_the_work_is_interrupted() -> None:
    """What stops the work finds a clean line."""
    terminal = Terminal()
    work = shown("abcd", 4, "compiling f", terminal)
    next(work)
    work.close()
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.usefixtures("impatient")
def test_a_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written where nobody looks, or where there is nothing to write to."""
    stream = io.StringIO()
    assert list(shown("ab", 2, "compiling f", stream)) == ["a", "b"]
    assert not stream.getvalue()
    monkeypatch.setattr(sys, "stderr", None)
    assert list(shown("ab", 2, "compiling f")) == ["a", "b"]


def test_what_is_quick_is_quiet() -> None:
    """In the first two seconds there is no bar."""
    terminal = Terminal()
    assert list(shown("ab", 2, "compiling f", terminal)) == ["a", "b"]
    assert not terminal.getvalue()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("target", ["python", "native"])
def test_compiles_are_watched(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long straight program shows its bar on standard error, whatever it is compiled to."""

    def f(x: float) -> float:
        total = x
        for place in range(1200):
            total = total * x + place
        return total

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    compile_gradient(f, 1.0, target=target, expand=True)
    assert "proofgrad: compiling" in terminal.getvalue()
