"""Remote: a contender in a process of its own, seen from this side."""

from __future__ import annotations

from autodiff.child import Child, SilentError, module_command
from codegen.measure.contest.answers import Answer, Request
from codegen.measure.contest.case import Contender
from codegen.measure.pinning import ONE_THREAD

__all__ = ["Remote", "Remotes"]


class Remote:
    """A contender in a process of its own."""

    def __init__(self, contender: Contender) -> None:
        command = module_command("codegen.measure.contest.lap", contender.name)
        self._process = Child(command, ONE_THREAD)

    def answer(self, request: Request) -> Answer:
        """What the process answers."""
        self._process.send(request)
        try:
            answer: Answer = self._process.receive()
        except SilentError:
            return {"skip": "its process died"}
        return answer

    @property
    def is_running(self) -> bool:
        """True until it ends."""
        return self._process.is_running

    def close(self) -> None:
        """End the process, and what it forked for its task."""
        self._process.send({"do": "end"})
        self._process.kill()
        self._process.wait()


class Remotes:
    """The processes of a contest, or of several: each imports its library once."""

    def __init__(self) -> None:
        self._running: dict[str, Remote] = {}

    def of(self, contender: Contender) -> Remote:
        """The contender's process, started if none runs."""
        found = self._running.get(contender.name)
        if found is None or not found.is_running:
            found = self._running[contender.name] = Remote(contender)
        return found

    def close(self) -> None:
        """End them."""
        for remote in self._running.values():
            remote.close()
        self._running.clear()
