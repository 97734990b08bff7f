"""Child: a Python process of ours that answers a line of JSON with a line of JSON.

It runs a module of this project, finds nothing of the user's folder on its path, uses one thread in
libraries that would start many, and can be killed while it computes.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Child", "SilentError", "has_processes", "module_command", "tells_time"]

_LITTLE = 0.05  # of the time that it may compute, for which nobody waits again
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class SilentError(Exception):
    """No sensible answer came; the message says what came instead."""


def has_processes() -> bool:
    """False where Python can start neither processes nor threads: in a browser."""
    return sys.platform not in ("emscripten", "wasi")


@cache
def tells_time() -> bool:
    """True where the system tells how long a process has computed."""
    return has_processes() and Path("/proc/self/stat").exists()


def module_command(module: str, *arguments: str) -> list[str]:
    """How to run a module of ours in this interpreter."""
    # -P: the user's folder may hold a random.py.
    return [sys.executable, "-P", "-m", module, *arguments]


class Child:
    """One running process.

    Args:
        command: How it is started.
        environment: Variables beside those of this process.
        own_session: Whether an interrupt at the terminal is for us alone.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        own_session: bool = False,
    ) -> None:
        root = str(Path(__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, **(environment or {}), "PYTHONPATH": paths},
            start_new_session=own_session,
        )
        self._requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # In threads: a process that does not read would stop us as well.
        for work in (self._write, self._read):
            threading.Thread(target=work, daemon=True).start()

    @property
    def is_running(self) -> bool:
        """True until it ends."""
        return self._process.poll() is None

    def send(self, request: Mapping[str, object]) -> None:
        """Ask, without waiting."""
        self._requests.put(json.dumps(request).encode() + b"\n")

    def receive(self, seconds: float | None = None) -> Any:
        """The next answer.

        Args:
            seconds: How long it may compute, however long others keep it from that: what they run
                changes no answer.

        Raises:
            SilentError: if none comes in time, or none that is JSON.
        """
        try:
            line = self._answers.get() if seconds is None else self._line_within(seconds)
            if line:
                return json.loads(line)
        except queue.Empty:
            raise SilentError(f"no answer within {seconds:g} s, stopped") from None
        except ValueError:
            raise SilentError(f"the worker process answered {line[:40]!r}") from None
        raise SilentError("the worker process ended")

    def _line_within(self, seconds: float) -> bytes:
        """The next line, once the process computes for so long at most."""
        _, before = self.computed()
        left = seconds
        while True:
            try:
                return self._answers.get(timeout=left)
            except queue.Empty:
                is_computing, so_far = self.computed()
                left = seconds - (so_far - before)
                if not is_computing or left < _LITTLE * seconds:
                    raise

    def computed(self) -> tuple[bool, float]:
        """Whether it computes, or would if it were let, and for how many seconds it did.

        False where the system does not tell.
        """
        try:
            with open(f"/proc/{self._process.pid}/stat", "rb", buffering=0) as file:
                told = file.read()
        except OSError:
            return False, 0.0
        state, *numbers = told.rpartition(b")")[2].split()
        return state == b"R", sum(map(int, numbers[10:12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()

    def wait(self) -> None:
        """Wait until it has ended."""
        self._process.wait()

    def _write(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # killed meanwhile: the reader tells
            while line := self._requests.get():
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):
            for line in self._process.stdout:
                self._answers.put(line)
        self._answers.put(b"")
        self._requests.put(b"")
