"""What the worker process answers: requests, one JSON a line, in order.

It knows nothing but the requests: SymPy, mpmath and this package, no user's code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO, TypeAlias

from autodiff.table import arrays as _arrays  # noqa: F401  # every row is known
from autodiff.table import ops as _ops  # noqa: F401
from verify.answer.reasons import Reason
from verify.numbers.algebra import NoFormError
from verify.program.literals import with_readings
from verify.program.number_steps import with_numbers_folded
from verify.program.program import Program
from verify.rungs.by_rules import chances, composed
from verify.rungs.constants.leverage import matters_how_rounded
from verify.rungs.constants.meant import SIDES, meant, meant_matters
from verify.rungs.doubles import made_of_numbers
from verify.rungs.process.job import Job
from verify.rungs.row_values import values_of_text

__all__ = ["Server", "serve"]

_Wanted: TypeAlias = dict[str, Any]


def _answer(request: Mapping[str, Any], job: Job | None) -> tuple[Job | None, object]:
    if "load" in request:
        job = Job(request["load"])
        return job, job.facts()
    if "values" in request:
        return job, values_of_text(**request["values"])
    if "compose" in request:
        return job, _composed(request["compose"])
    if "fold" in request:
        return job, _folded(request["fold"])
    if job is None:
        raise ValueError("nothing is loaded")
    return job, getattr(job, request["call"])(*request["arguments"])


def _composed(wanted: _Wanted) -> tuple[list[bool], dict[float, str]]:
    """Per number whether all texts have the chain rule's, and what constants were read as."""
    function, rules, *texts = _programs(wanted)
    read = meant(function, texts, rules, written=False)
    if meant_matters(texts, read, ()):
        read = {}
    programs = [with_readings(program, read) for program in (rules, *texts)]
    return _of_all(programs[0], programs[1:], wanted), read


def _folded(wanted: _Wanted) -> tuple[Sequence[bool | float | None], dict[float, str]]:
    """What holds of each number where what our transform makes of numbers alone is folded.

    Whether it is the chain rule's; or, where there is a nonce to draw from, the chance that it
    agrees by accident in a field.  Nothing if it matters what constants were rounded to.
    """
    ours, rules, *texts = _programs(wanted)
    folded = with_numbers_folded(ours)
    if matters_how_rounded(ours, folded, SIDES):
        return [None] * len(rules.outputs), {}
    pairs = (rules, [ours]), (folded, texts)
    own, here = ({abs(x) for p in each for x in p.literals()} for each in ([ours], texts))
    read = {x: how for x, how in made_of_numbers(ours).items() if x in here - own}
    if "nonce" not in wanted:
        return [all(both) for both in zip(*(_of_all(*p, wanted) for p in pairs), strict=True)], read
    found = [chances(*pair, wanted["nonce"], dict(wanted["across"])) for pair in pairs]
    return [None if None in both else sum(both) for both in zip(*found, strict=True)], read


def _programs(wanted: _Wanted) -> list[Program]:
    """What we have to compare with, the chain rule, and the texts."""
    return [*map(Program.from_json, (wanted["ours"], wanted["rules"], *wanted["subjects"]))]


def _of_all(rules: Program, texts: Sequence[Program], wanted: _Wanted) -> list[bool]:
    """Per number whether composition proves it of every text."""
    exact = composed(rules, texts, wanted["points"], dict(wanted["across"]))
    return [all(each) for each in zip(*exact, strict=True)]


class Server:
    """Answers one request after the other; knows the job that was loaded last."""

    def __init__(self) -> None:
        self._job: Job | None = None

    def answer(self, request: dict[str, object]) -> dict[str, object]:
        """What a request gives; a step that fails leaves its entry undecided."""
        try:
            self._job, result = _answer(request, self._job)
        except MemoryError:
            return {"error": "ran out of memory"}
        except NoFormError as error:
            return {"error": str(error), "reason": Reason.NO_FORM}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        return {"ok": result}


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more."""
    server = Server()
    _write(answers, {"ok": "ready"})
    for line in requests:
        _write(answers, server.answer(json.loads(line)))


def _write(answers: TextIO, answer: dict[str, object]) -> None:
    answers.write(json.dumps(answer, default=vars) + "\n")
    answers.flush()
