"""The process that symbolic steps run in, seen from this side: ask, wait, kill.

SymPy can run for hours on a small expression and cannot be interrupted from inside, so every step
is a request to a process of our own with a time limit; a process that misses it is killed and the
next request starts a new one.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

from autodiff.child import (
    Child,
    SilentError,
    has_processes,
    module_command,
    tells_time,
)
from verify.answer.reasons import Reason, Remark
from verify.rungs.process.processless import Within

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


_WORKERS: WeakSet[Worker] = WeakSet()


def _unlock() -> None:
    """In a forked child: the threads that held the locks are not there to release them."""
    for worker in list(_WORKERS):
        worker.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


class Worker:
    """One worker process, started when it is first asked.

    Args:
        command: How to start it; by default ``verify.worker`` in this interpreter.

    Attributes:
        lock: Held by whoever needs several answers in a row.
        generation: Counts the processes started: a new one knows nothing of what was loaded.
        holder: Whose job was loaded last.
        watch: Told in words what is asked, for whoever waits.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self.lock = threading.RLock()
        self.generation = 0
        self.holder: object = None
        self.watch: Callable[[str], None] | None = None
        self._command = list(command or module_command("verify.rungs.process.worker", str(_MEMORY)))
        self._process: Child | Within | None = None
        self._is_ready = False
        self._owner = os.getpid()
        self._computed = 0.0  # seconds, by processes that have ended
        _WORKERS.add(self)

    def begin(self) -> None:
        """Have a process start while we do something else; ``start`` waits for it."""
        with self.lock:
            if self._process is not None and self._owner == os.getpid():
                if self._process.is_running:
                    return
                self.stop()
            self._owner, self._is_ready = os.getpid(), False
            # An interrupt at the terminal is for us, we stop the worker.
            alone = not has_processes()
            self._process = Within() if alone else Child(self._command, own_session=True)
            self.generation += 1

    def start(self) -> None:
        """Make sure that a process is ready.

        Raises:
            StepError: if it does not come up.
        """
        with self.lock:
            self.begin()
            if not self._is_ready:
                self._answer(_START)
                self._is_ready = True

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """Answer to ``request``.

        Raises:
            StepError: if there is none within ``seconds``; the process is killed then.
        """
        with self.lock:
            self.start()
            assert self._process is not None
            self._process.send(request)
            answer = self._answer(seconds)
        if "error" in answer:
            raise StepError(answer["error"], Reason(answer.get("reason", Reason.NO_ANSWER)))
        return answer["ok"]

    def _answer(self, seconds: float) -> Any:
        """The next answer; without a sensible one the process is stopped."""
        assert self._process is not None
        try:
            return self._process.receive(seconds)
        except SilentError as error:
            self.stop()
            raise StepError(str(error)) from None
        except BaseException:
            self.stop()
            raise

    def stopwatch(self) -> Callable[[], float]:
        """Tells how many seconds the process has computed since, so that what others run uses up
        no time; where nobody tells, those that have passed.
        """
        clock = self._in_all if tells_time() else time.monotonic
        start = clock()
        return lambda: clock() - start

    def _in_all(self) -> float:
        """Seconds that all processes have computed."""
        own = self._process.computed()[1] if isinstance(self._process, Child) else 0.0
        return self._computed + own

    def stop(self) -> None:
        """Kill the process, if it runs."""
        self._computed = self._in_all()
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()


_SHARED = Worker()
atexit.register(_SHARED.stop)


def shared_worker() -> Worker:
    """The process all verifications share."""
    return _SHARED
