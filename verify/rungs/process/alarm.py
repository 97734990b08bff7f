"""Alarm: give up what takes too long in this very process, SymPy's steps or a user's gradient."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["TimeUp", "at_most"]


class TimeUp(BaseException):
    """Not an Exception: SymPy, and others, catch those in many places."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Give up what is inside after some seconds, where there are signals: in the main thread.

    Raises:
        TimeUp: then.
    """
    alarm = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def stop(number: int, frame: object) -> None:
        raise TimeUp

    if not alarm:
        yield
        return
    start = time.monotonic()
    before = signal.signal(signal.SIGALRM, stop)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        # Somebody else's alarm goes on.
        left = max(1e-3, left - (time.monotonic() - start)) if left else 0.0
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left, interval)
