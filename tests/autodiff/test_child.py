"""A process of ours: it answers, or it is told what came instead."""

from __future__ import annotations

import sys

import pytest

from autodiff.child import Child, SilentError, module_command

ECHO = "import sys\nfor line in sys.stdin:\n    print(line, end='', flush=True)\n"


def running(script: str) -> Child:
    """A process that runs a script."""
    return Child([sys.executable, "-c", script])


def test_it_answers_in_order() -> None:
    """Lines go in and come out as they were sent."""
    child = running(ECHO)
    for number in range(3):
        child.send({"n": number})
        assert child.receive(10.0) == {"n": number}
    child.kill()
    child.wait()
    assert not child.is_running


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import time; time.sleep(60)", "no answer within 0.2 s"),
        ("print('what?', flush=True); import time; time.sleep(60)", "answered b'what"),
        ("pass", "the worker process ended"),
    ],
)
def test_silence_is_told(script: str, message: str) -> None:
    """Hanging, babbling, dying: one error that says which."""
    child = running(script)
    with pytest.raises(SilentError, match=message):
        child.receive(0.2 if "0.2" in message else 20.0)
    child.kill()
    child.wait()


def test_modules_of_ours_are_found() -> None:
    """The command runs this interpreter and not the folder that somebody stands in."""
    command = module_command("verify.rungs.process.worker", "2.0")
    assert command[:3] == [sys.executable, "-P", "-m"]
    child = Child(command)
    assert child.receive(60.0) == {"ok": "ready"}
    child.kill()
    child.wait()
