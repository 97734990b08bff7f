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
def at_most(seconds: float, *, working: bool = False) -> Iterator[None]:
    """Give up what is inside after some seconds, where there are signals: in the main thread.

    Args:
        seconds: As many.
        working: Count the time this process computes, not the time that goes by: what is inside
            always ends, and what others run on the machine must not change an answer.

    Raises:
        TimeUp: then.
    """
    alarm = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def stop(number: int, frame: object) -> None:
        raise TimeUp

    if not alarm:
        yield
        return
    timer, number, clock = (
        (signal.ITIMER_VIRTUAL, signal.SIGVTALRM, time.process_time)
        if working
        else (signal.ITIMER_REAL, signal.SIGALRM, time.monotonic)
    )
    start = clock()
    before = signal.signal(number, stop)
    left, interval = signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        # Somebody else's alarm goes on.
        left = max(1e-3, left - (clock() - start)) if left else 0.0
        signal.signal(number, before)
        signal.setitimer(timer, left, interval)
