"""The process that symbolic steps run in, seen from this side: ask, wait, kill.

SymPy can run for hours on a small expression and cannot be interrupted from inside, so every step
is a request to a process of our own with a time limit; a process that misses it is killed and the
next request starts a new one.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from verify.answer.reasons import Reason, Remark

__all__ = ["StepError", "Worker", "shared_worker"]

_START = 30.0  # seconds a fresh process may take to import SymPy
_MEMORY = 2.0  # GiB of address space


class StepError(Exception):
    """A step did not give an answer: too slow, out of memory, or it failed; the message says.

    Attributes:
        reason: What kind of thing happened.
    """

    def __init__(self, message: str, reason: Reason = Reason.NO_ANSWER) -> None:
        super().__init__(message)
        self.reason = reason

    def remark(self, step: str) -> Remark:
        """What to say about it; ``step`` is what was tried."""
        return Remark(self.reason, f"{step}: {self}")


class Worker:
    """One worker process, started when it is first asked.

    Args:
        command: How to start it; by default ``verify.worker`` in this interpreter.

    Attributes:
        lock: Held by whoever needs several answers in a row.
        generation: Counts the processes started: a new one knows nothing of what was loaded.
        holder: Whose job was loaded last.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self.lock = threading.RLock()
        self.generation = 0
        self.holder: object = None
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._owner = os.getpid()

    def start(self) -> None:
        """Make sure that a process is ready.

        Raises:
            StepError: if it does not come up.
        """
        with self.lock:
            if self._process is not None and self._owner == os.getpid():
                if self._process.poll() is None:
                    return
                self.stop()
            self._owner = os.getpid()
            self._process = self._spawn()
            self._answers = queue.SimpleQueue()
            self.generation += 1
            reader = threading.Thread(
                target=_read, args=(self._process, self._answers), daemon=True
            )
            reader.start()
            self._answer(_START)

    def _spawn(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        # One thread each: their pools would take address space by the gigabyte.
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        environment = {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)}
        # -P: the user's folder may hold a random.py.
        ours = [sys.executable, "-P", "-m", "verify.rungs.worker", str(_MEMORY)]
        return subprocess.Popen(
            list(self._command or ours),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # an interrupt at the terminal is for us, we stop the worker
        )

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """Answer to ``request``.

        Raises:
            StepError: if there is none within ``seconds``; the process is killed then.
        """
        with self.lock:
            self.start()
            assert self._process is not None
            line = json.dumps(request).encode() + b"\n"
            # In a thread: a process that does not read would stop us as well.
            threading.Thread(target=_write, args=(self._process, line), daemon=True).start()
            answer = self._answer(seconds)
        if "error" in answer:
            raise StepError(answer["error"], Reason(answer.get("reason", Reason.NO_ANSWER)))
        return answer["ok"]

    def _answer(self, seconds: float) -> Any:
        """The next answer; without a sensible one the process is stopped."""
        try:
            line = self._answers.get(timeout=seconds)
            if line:
                return json.loads(line)
            problem = "the worker process ended"
        except queue.Empty:
            problem = f"no answer within {seconds:g} s, stopped"
        except ValueError:
            problem = f"the worker process answered {line[:40]!r}"
        except BaseException:
            self.stop()
            raise
        self.stop()
        raise StepError(problem)

    def stop(self) -> None:
        """Kill the process, if it runs."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None
    with suppress(OSError, ValueError):  # killed meanwhile: the reader tells
        process.stdin.write(line)
        process.stdin.flush()


def _read(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[bytes]) -> None:
    assert process.stdout is not None
    with suppress(OSError, ValueError):
        for line in process.stdout:
            answers.put(line)
    answers.put(b"")


_SHARED = Worker()
atexit.register(_SHARED.stop)


def shared_worker() -> Worker:
    """The process all verifications share."""
    return _SHARED
