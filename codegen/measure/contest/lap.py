"""One contender's process: reads requests as lines of JSON, answers in the same way.

Requests: ``build`` (the task; builds, answers the numbers, seconds, memory), ``loops`` (how many
calls a timed loop should have), ``time`` (nanoseconds a call over so many calls), ``end``.

Each task is built in a fork of the process in which the library is imported and nothing was built,
where the system can fork: tasks are as apart as in processes of their own, and seconds quicker.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import timeit
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from time import perf_counter

from codegen.measure.contest.answers import Answer, Request
from codegen.measure.contest.case import Case, Contender, Prepared, SkipError
from codegen.measure.contest.contenders import CONTENDERS
from codegen.measure.timing import loops, timer

__all__ = ["Server"]


def _built(contender: Contender, request: Request) -> tuple[Prepared, Answer]:
    known = _version(contender)
    case = Case(request["text"], tuple(request["inputs"]), request["points"])
    prepare = contender.batch if request["batch"] else contender.prepare
    if prepare is None:
        raise SkipError("has none")
    _ = case.graph, request["batch"] and case.rows  # made before the clock starts, for everybody
    start = perf_counter()
    prepared = prepare(case)
    function, *arguments = prepared.call if isinstance(prepared.call, tuple) else (prepared.call,)
    result = function(*arguments)
    seconds = perf_counter() - start
    value, gradient = prepared.read(result)
    return prepared, {
        "seconds": seconds,
        "value": float(value),
        "gradient": list(map(float, gradient)),
        "size": prepared.size,
        "version": known,
        "megabytes": _megabytes(),
    }


def _version(contender: Contender) -> str:
    if not contender.module:
        return ""
    import_module(contender.module)
    root = contender.module.partition(".")[0]
    with suppress(PackageNotFoundError):
        return version(root)  # most are called as their module is; the list of all takes a while
    with suppress(PackageNotFoundError):
        return version(packages_distributions().get(root, [root])[0])
    return ""


def _megabytes() -> float:
    """The most that this program held; what a process is told begins with its parent's."""
    with suppress(OSError):
        told = Path("/proc/self/status").read_text()
        if "VmHWM:" in told:
            return int(told.partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Server:
    """Answers requests for one contender."""

    def __init__(self, contender: Contender) -> None:
        self._contender = contender
        self._prepared: Prepared | None = None
        self._watch: timeit.Timer | None = None

    def answer(self, request: Request) -> Answer:
        """What one request is answered; whatever the contender raises is the reason it is out."""
        try:
            return self._answer(request)
        except SkipError as reason:
            return {"skip": str(reason)}
        except Exception as error:
            text = str(error).strip().splitlines()
            return {"skip": f"{type(error).__name__}: {text[0] if text else ''}"}

    def _answer(self, request: Request) -> Answer:
        if request["do"] == "build":
            self._prepared, answer = _built(self._contender, request)
            self._watch = timer(self._prepared.call)
            gc.collect()
            return answer
        assert self._watch is not None
        if request["do"] == "loops":
            return {"loops": loops(self._watch)[0]}
        count = request["loops"]
        return {"nanoseconds": self._watch.timeit(count) / count * 1e9}


class _Lines:
    """Requests and answers as lines."""

    def __init__(self, contender: Contender) -> None:
        self._contender = contender
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # what a library prints must not look like an answer

    def next(self) -> str:
        """The next request; "" where there are no more."""
        line = sys.stdin.readline()
        return "" if line and json.loads(line)["do"] == "end" else line

    def task(self, line: str) -> str:
        """Answer a task and what is asked of it; the next task, or ""."""
        server = Server(self._contender)
        while True:
            self._answers.write(json.dumps(server.answer(json.loads(line))) + "\n")
            self._answers.flush()
            line = self.next()
            if not line or json.loads(line)["do"] == "build":
                return line

    def task_apart(self, line: str) -> str:
        """The same in a fork."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as following:
                following.write(self.task(line))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as following:
            line = following.read()
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(1)  # as if it had been alone
        return line


def main() -> None:
    """Serve until standard input ends."""
    contender = CONTENDERS[sys.argv[1]]
    lines = _Lines(contender)
    with suppress(Exception):  # the task says why
        _version(contender)
    task = lines.task_apart if hasattr(os, "fork") else lines.task
    line = lines.next()
    while line:
        line = task(line)


if __name__ == "__main__":
    main()
