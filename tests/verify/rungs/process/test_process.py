"""The worker process: it answers, it is killed in time, and it knows nothing of the caller."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import autodiff as ad
from tests.at_once import at_once
from tests.fresh_python import printed
from verify import Verdict, verify_gradient
from verify.rungs.process import process
from verify.rungs.process.process import StepError, Worker

# Stand-ins for the worker: they come up, and then misbehave at some request.
READY = 'import sys, time; print(\'{"ok": "ready"}\', flush=True)\n'
LOADED = 'sys.stdin.readline(); print(\'{"ok": {"oracle": "none"}}\', flush=True)\n'
HANGS = READY + "time.sleep(600)"
HANGS_LATER = READY + LOADED + "time.sleep(600)"
DIES = READY + LOADED + "sys.stdin.readline()"
BABBLES = READY + "sys.stdin.readline(); print('what?', flush=True); time.sleep(600)"


def running(script: str) -> Worker:
    """A worker that runs this script instead of ours."""
    return Worker([sys.executable, "-c", script])


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker of our own, stopped at the end."""
    made = Worker()
    yield made
    made.stop()


def job(forward: list[Any], subject: list[Any]) -> dict[str, Any]:
    """A job of one input."""
    return {
        "forward": forward, "subjects": [subject], "inputs": [0], "value": False,
        "domain": [[float("-inf"), float("inf")]], "examples": [[0.5]], "seed": 0, "chain": False,
    }  # fmt: skip


SQUARE = [1, [["{0} * {1}", [0, 0]]], [1]]
DOUBLE = [1, [2.0, ["{0} * {1}", [0, 1]]], [2]]


def test_it_answers_step_by_step(worker: Worker) -> None:
    """A job is loaded, compared at points, and proven."""
    facts = worker.ask({"load": job(SQUARE, DOUBLE)}, 30.0)
    assert facts["oracle"] == "sympy.diff of the function"
    point = worker.ask({"call": "point", "arguments": []}, 10.0)
    assert point["point"] == [0.5]
    assert point["outcomes"][0]["kind"] == "equal"
    proof = worker.ask({"call": "prove", "arguments": [1]}, 10.0)
    assert proof == {"step": "identical", "said": "", "paths": []}


def test_it_comes_up_while_we_do_something_else(worker: Worker) -> None:
    """A process that was begun is the one that answers, and begins once."""
    worker.begin()
    worker.begin()
    assert worker.generation == 1
    assert worker.ask({"load": job(SQUARE, DOUBLE)}, 30.0)["oracle"] == "sympy.diff of the function"
    assert worker.generation == 1


def test_a_failing_step_says_why_and_leaves_the_process(worker: Worker) -> None:
    """An error inside a step comes back as a message; the next step works."""
    with pytest.raises(StepError, match="nothing is loaded"):
        worker.ask({"call": "point", "arguments": []}, 10.0)
    first = worker.generation
    worker.ask({"load": job(SQUARE, DOUBLE)}, 10.0)
    assert worker.generation == first


@pytest.mark.parametrize("script", [HANGS, HANGS_LATER, DIES, BABBLES])
def test_a_process_that_misbehaves_leaves_the_gradient_undecided(
    script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hanging, dying or babbling: UNDECIDED with the reason, within a few time limits."""
    monkeypatch.setattr("verify.ladder.ladder.shared_worker", lambda: running(script))
    start = time.perf_counter()
    report = verify_gradient(lambda x: x * x, 1.0, time_limit=0.5)
    assert time.perf_counter() - start < 60.0  # the script never ends
    assert report.verdict is Verdict.UNDECIDED
    assert "evaluation: " in report.entries[0].note


def test_a_hanging_proof_leaves_the_comparison(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only the symbolic rung hangs, the chain rule proves, and the points are named."""
    ask = worker.ask

    def asked(request: dict[str, Any], seconds: float) -> Any:
        if request.get("call") == "prove":
            raise StepError(f"no answer within {seconds:g} s, stopped")
        return ask(request, seconds)

    monkeypatch.setattr(worker, "ask", asked)
    monkeypatch.setattr("verify.ladder.ladder.shared_worker", lambda: worker)
    report = verify_gradient(lambda x: x * x, 1.0)
    assert report.verdict is Verdict.PROVED
    assert "chain rule" in report.entries[0].method
    assert "60 digits" in report.entries[0].method


def test_a_killed_process_is_replaced(worker: Worker) -> None:
    """After a kill from outside the next request starts a fresh process."""
    worker.start()
    assert worker._process is not None
    worker._process.kill()
    worker._process.wait()
    assert worker.ask({"load": job(SQUARE, DOUBLE)}, 30.0)
    assert worker.generation == 2


def test_memory_is_limited(worker: Worker) -> None:
    """A step that wants the whole machine's memory gives an error, not a swapping machine."""
    greedy = [1, [["(({0},) * 3000000000)[0]", [0]]], [1]]
    worker.ask({"load": job(greedy, DOUBLE)}, 30.0)
    with pytest.raises(StepError, match="out of memory"):
        worker.ask({"call": "point", "arguments": []}, 10.0)


def test_what_python_cannot_interrupt_is_killed(worker: Worker) -> None:
    """A power of astronomical size never returns to the interpreter; the process is killed."""
    tower = [1, [["{0} * 7**(3**27)", [0]]], [1]]
    worker.ask({"load": job(tower, DOUBLE)}, 30.0)
    start = time.perf_counter()
    with pytest.raises(StepError, match="no answer within 1 s, stopped"):
        worker.ask({"call": "point", "arguments": []}, 1.0)
    assert time.perf_counter() - start < 30.0  # it never ends by itself
    assert worker.ask({"load": job(SQUARE, DOUBLE)}, 30.0)


def test_threads_share_the_process() -> None:
    """Verifications in several threads take turns and all end right."""

    def verdict(n: int) -> Verdict:
        return verify_gradient(lambda x: ad.sin(x * n), 1.0).verdict

    assert at_once(verdict, range(1, 5)) == [Verdict.PROVED] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_starts_its_own() -> None:
    """A child never talks to its parent's worker."""
    script = """
import os, warnings
from verify import verify_gradient
warnings.simplefilter("ignore")
f = lambda x: x * x
verify_gradient(f, 1.0)
child = os.fork()
if child == 0:
    os._exit(0 if str(verify_gradient(f, 2.0).verdict) == "PROVED" else 1)
status = os.waitpid(child, 0)[1]
assert str(verify_gradient(f, 3.0).verdict) == "PROVED"
print(os.waitstatus_to_exitcode(status))
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0"


def test_a_script_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    """The user's script is not imported again by the worker, and its folder hides nothing."""
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')\n")
    script = tmp_path / "script.py"
    root = Path(__file__).parents[3]
    script.write_text(
        f"import sys; sys.path[:1] = [{str(root)!r}]; print('started')\n"
        "from verify import verify_gradient\n"
        "print(verify_gradient(lambda x: x * x, 1.0).verdict)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["started", "PROVED"]


def test_the_worker_knows_every_row_and_imports_no_tracing() -> None:
    """It starts in half the time without what traces, and lacks no row."""
    listed = "from autodiff.table.primitive import REGISTRY\nprint(*sorted(REGISTRY))\n"
    tracing = "import sys\nprint([m for m in sys.modules if m.startswith('autodiff.trace.')])\n"
    rows, found = printed(f"import verify.rungs.process.serving\n{listed}{tracing}")
    assert found == "[]"
    assert printed(f"import autodiff\n{listed}") == [rows]


def test_what_others_compute_uses_up_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit for several steps together counts what the process computes, and the time that passes
    where the system does not tell.
    """
    worker, clock = Worker(), [100.0]
    monkeypatch.setattr(process.time, "monotonic", lambda: clock[0])
    for tells, counted in ((True, 3.0), (False, 4.0)):
        monkeypatch.setattr(process, "tells_time", lambda tells=tells: tells)
        passed = worker.stopwatch()
        clock[0] += 4.0
        worker._computed += 3.0
        assert passed() == counted
