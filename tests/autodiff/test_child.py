"""A process of ours: it answers, or it is told what came instead."""

from __future__ import annotations

import sys
import time
from pathlib import Path

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


@pytest.mark.parametrize(("computed", "is_waited_for"), [(0.0, True), (0.2, False)])
def test_what_others_compute_is_not_its_time(
    computed: float, is_waited_for: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer, however late, is waited for if the process could not compute meanwhile."""
    child = running("import time\ntime.sleep(0.5)\nprint(1, flush=True)\ntime.sleep(60)")
    told = iter([(False, 0.0), *[(True, computed)] * 99])
    monkeypatch.setattr(child, "computed", lambda: next(told))
    if is_waited_for:
        assert child.receive(0.1) == 1
    else:
        with pytest.raises(SilentError, match="no answer within"):
            child.receive(0.1)
    child.kill()
    child.wait()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell")
def test_how_long_it_computed_is_told() -> None:
    """A process that computes is told from one that sleeps."""
    busy, idle = running("print(1, flush=True)\nwhile True: pass"), running("input()")
    assert busy.receive(20.0) == 1
    deadline = time.monotonic() + 20.0
    while busy.computed()[1] < 0.05 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert busy.computed()[0]
    assert busy.computed()[1] >= 0.05
    assert not idle.computed()[0] or idle.computed()[1] < 1.0
    for child in (busy, idle):
        child.kill()
        child.wait()
