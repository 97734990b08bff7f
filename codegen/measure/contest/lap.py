"""One contender's process: reads requests as lines of JSON, answers in the same way.

Requests: ``build`` (the task; builds, answers the numbers, seconds, memory), ``loops`` (how many
calls a timed loop should have), ``time`` (nanoseconds a call over so many calls).
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
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
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


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not look like an answer
    server = Server(CONTENDERS[sys.argv[1]])
    for line in sys.stdin:
        answers.write(json.dumps(server.answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
