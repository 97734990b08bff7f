"""Lessons of typed-in text, also where Python has neither processes nor threads."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from autodiff.errors import ArgumentError, ProofgradError
from verify.lesson.typed_in import page_of_text

LOSS = """
import numpy as np

def unused(x=1.0):
    return x

def loss(a=2.0, b=-0.5):
    error = np.tanh(0.5 * a + b) - 0.25
    return error ** 2
"""


def test_the_last_function_is_explained() -> None:
    """The page has the text's lines, the emitted gradient's, and the verdict."""
    page = page_of_text(LOSS)
    assert "loss, explained" in page
    assert "error = np.tanh(0.5 * a + b) - 0.25" in page
    assert "# backward" in page
    assert '"verdict":"PROVED"' in page


def test_where_can_be_said() -> None:
    """``at`` has the arguments, arrays as lists."""
    page = page_of_text("def f(x, w):\n    return x * w[0] + w[1]", at="3.0, [2.0, 0.5]")
    assert '"6.5"' in page or "6.5" in page


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("def f(x=1.0)\n    return x", "", "line 1: expected ':'"),
        ("import math\nmath.nothing", "", "line 2: AttributeError"),
        ("x = 1.0", "", "found no function"),
        ("def f(x):\n    return x", "", "f: nothing says where"),
        ("def f(x):\n    return x", "1.0 +", "at: found"),
        ("def f(x=1.0):\n    return len(range(int(x)))", "", "cannot count"),
        ("def f(x=1.0):\n    return [x, x]", "", "."),
    ],
)
def test_mistakes_say_where(text: str, at: str, message: str) -> None:
    """What is wrong with a text is one error that says where."""
    with pytest.raises(ProofgradError, match=message):
        page_of_text(text, at)


def test_no_function_is_an_argument_error() -> None:
    """Mistakes in the text are those of the caller."""
    with pytest.raises(ArgumentError):
        page_of_text("")


BROWSER = """
import subprocess, sys, threading
import numpy.testing, sympy  # they look for files of the platform's

sys.platform = "emscripten"

def refused(*args, **kwargs):
    raise RuntimeError("no processes, no threads")

subprocess.Popen.__init__ = refused
threading.Thread.start = refused
for name in ("fork", "getuid", "register_at_fork", "kill"):
    import os
    if hasattr(os, name):
        delattr(os, name)
sys.modules["llvmlite"] = None
sys.modules["resource"] = None
sys.modules["flint"] = None
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A program in a Python that can do no more than one in a browser."""
    return subprocess.run(
        [sys.executable, "-c", BROWSER + textwrap.dedent(program)],
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_lessons_work_without_processes_and_threads() -> None:
    """As in a browser: no processes, no threads, no llvmlite, no flint; proven all the same."""
    done = run(f"""
        from verify.lesson.typed_in import page_of_text
        page = page_of_text({LOSS!r})
        assert '"verdict":"PROVED"' in page
        from verify import verify_gradient
        wrong = verify_gradient(lambda x=1.0: x * x * x, 1.0, gradient=lambda x: 3.0 * x)
        print(wrong.verdict)
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "REFUTED"


def test_time_limits_hold_without_processes() -> None:
    """A step that takes too long is given up, and the next one answers."""
    done = run("""
        import time
        from verify.rungs.process.process import StepError, Worker
        from verify.rungs.process import serving
        def slow(**kwargs):
            while True:
                len("")
        serving.values_of_text, kept = slow, serving.values_of_text
        worker = Worker()
        start = time.monotonic()
        try:
            worker.ask({"values": {}}, 0.5)
        except StepError as error:
            print(error)
        assert time.monotonic() - start < 60.0
        try:
            worker.ask({"call": "point", "arguments": []}, 5.0)
        except StepError as error:
            print(error)
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "no answer within 0.5 s, stopped", "ValueError: nothing is loaded",
    ]  # fmt: skip
