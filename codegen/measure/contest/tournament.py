"""contest: start the contenders, compare their numbers, time them in turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from importlib.util import find_spec

from autodiff.errors import ArgumentError, EmitError
from autodiff.graph.graph import Graph
from autodiff.run.agreement import trace_as_called
from autodiff.run.interpret import flatten_arguments
from autodiff.trace.functions.named_arguments import signature_examples
from codegen.measure.contest.answers import Answer, Request
from codegen.measure.contest.case import Case, Contender, Prepared
from codegen.measure.contest.contenders import CONTENDERS
from codegen.measure.contest.lap import Server
from codegen.measure.contest.ours import read_pair
from codegen.measure.contest.remote import Remote, Remotes
from codegen.measure.contest.results import Contest, Row
from codegen.measure.pinning import one_core
from codegen.measure.timing import Progress

__all__ = ["contest"]

_REFERENCE, _BATCH_REFERENCE = "interpreter", "emitted NumPy"
_TOLERANCE = 1e-8  # relative to the largest number of the gradient
_FAIRLY_SLOW = 0.5e9  # nanoseconds: whoever takes longer is timed once


def contest(
    function: Callable[..., object] | Graph,
    *examples: object,
    points: int = 1 << 14,
    rounds: int = 7,
    names: Sequence[str] | None = None,
    by_hand: Callable[..., object] | None = None,
    guests: Sequence[Contender] = (),
    progress: Progress | None = None,
    remotes: Remotes | None = None,
) -> Contest:
    """Measure our code beside every rival installed here.

    Args:
        function: Function that returns one float, or its graph.
        examples: The arguments to run it with; default values of the signature serve too.
        points: Size of a batch; 0 leaves batches out.
        rounds: How often each contender is timed, in turns; the medians are reported.
        names: Contenders to run beside the interpreter; by default all that are installed.
        by_hand: A gradient somebody wrote: of the same arguments, returns ``(value, gradient)``.
        guests: More contenders, of the caller's own: they run in this process.
        progress: Called as ``progress(done, total)``.
        remotes: Where contenders run, to be kept for further contests; by default it ends with
            this one.

    Returns:
        The report: times, build times, code sizes, peak memory.

    Raises:
        ArgumentError: if numbers to run with are missing, or a name is unknown.
        EmitError: if code of ours disagrees with the interpreter (a bug of ours).

    >>> report = contest(lambda x, y: x * y + x, 2.0, 3.0, points=0, rounds=1,
    ...                  names=["interpreter", "emitted Python"])
    >>> [row.name for row in report.rows]
    ['interpreter', 'emitted Python']
    """
    for name in names or ():
        if name not in CONTENDERS:
            known = ", ".join(CONTENDERS)
            raise ArgumentError(f"contest: found {name!r}; expected some of {known}")
    graph, examples = _traced(function, examples)
    inputs = list(map(float, flatten_arguments(graph, examples)))
    task: Request = {
        "text": str(graph),
        "inputs": inputs,
        "points": points,
    }
    field = [c for c in CONTENDERS.values() if names is None or c.name in {_REFERENCE, *names}]
    field += guests
    if by_hand is not None:
        field.append(_hand_written(by_hand))
    kept = closing(Remotes()) if remotes is None else nullcontext(remotes)
    with one_core() as core, kept as running:
        single = _race(task | {"batch": False}, field, rounds, progress, running)
        batch = _race(task | {"batch": True}, field, rounds, progress, running) if points else {}
    rows = [_row(c, single.get(c.name, {}), batch.get(c.name, {}), points) for c in field]
    return Contest(graph.name, len(inputs), len(graph.nodes), points, tuple(rows), core)


def _traced(
    function: Callable[..., object] | Graph, examples: tuple[object, ...]
) -> tuple[Graph, tuple[object, ...]]:
    if not isinstance(function, Graph):
        examples = examples or signature_examples(function)
    if not examples:
        raise ArgumentError(
            "contest: found no numbers to run the function with; expected one example per "
            "argument, or default values in the signature"
        )
    return function if isinstance(function, Graph) else trace_as_called(
        function, *examples
    ), examples


def _hand_written(gradient: Callable[..., object]) -> Contender:
    def prepare(case: Case) -> Prepared:
        return Prepared((gradient, *case.arguments), read_pair)

    return Contender("written by hand", "", prepare)


def _row(contender: Contender, single: Answer, batch: Answer, points: int) -> Row:
    notes = [single.get("skip", ""), batch.get("skip", "") and f"batch: {batch['skip']}"]
    per_point = batch["nanoseconds"] / points if "nanoseconds" in batch else None
    return Row(
        name=contender.name,
        version=single.get("version") or batch.get("version", ""),
        ours=contender.ours,
        bound=contender.bound,
        build=single.get("seconds"),
        call=single.get("nanoseconds"),
        point=per_point,
        size=single.get("size"),
        megabytes=single.get("megabytes") or batch.get("megabytes"),
        note="; ".join(filter(None, notes)),
    )


# --- one race --------------------------------------------------------------------------------


def _race(
    task: Request,
    field: Sequence[Contender],
    rounds: int,
    progress: Progress | None,
    running: Remotes,
) -> dict[str, Answer]:
    """What each contender answered; "skip" with the reason where it cannot run."""
    answers: dict[str, Answer] = {}
    workers: dict[str, Server | Remote] = {}
    for place, contender in enumerate(field):
        name = contender.name
        if (contender.batch if task["batch"] else contender.prepare) is None:
            continue
        if contender.module and find_spec(contender.module.partition(".")[0]) is None:
            answers[name] = {"skip": "not installed"}
            continue
        # A function of the user's runs here.
        worker = running.of(contender) if name in CONTENDERS else Server(contender)
        answers[name] = worker.answer({"do": "build"} | task)
        if "skip" not in answers[name]:
            workers[name] = worker
        if progress is not None:
            progress(place + 1, 2 * len(field))
    _compared(answers, field, task["batch"])
    timed = {name: w for name, w in workers.items() if "skip" not in answers[name]}
    samples = _timed(timed, rounds, progress)
    for name, times in samples.items():
        answers[name]["nanoseconds"] = sorted(times)[len(times) // 2]
    return answers


def _timed(
    workers: dict[str, Server | Remote], rounds: int, progress: Progress | None
) -> dict[str, list[float]]:
    loops = {name: worker.answer({"do": "loops"})["loops"] for name, worker in workers.items()}
    samples: dict[str, list[float]] = {name: [] for name in workers}
    for turn in range(rounds):
        for name, worker in workers.items():
            if samples[name] and samples[name][0] > _FAIRLY_SLOW:
                continue
            answer = worker.answer({"do": "time", "loops": loops[name]})
            samples[name].append(answer["nanoseconds"])
        if progress is not None:
            progress(rounds + turn + 1, 2 * rounds)
    return samples


def _compared(answers: dict[str, Answer], field: Sequence[Contender], batch: bool) -> None:
    """Whoever disagrees is not timed.

    Raises:
        EmitError: if that is code of ours.
    """
    reference = answers.get(_BATCH_REFERENCE if batch else _REFERENCE, {"skip": ""})
    if "skip" in reference:
        return
    ours = {contender.name for contender in field if contender.ours}
    expected = [reference["value"], *reference["gradient"]]
    for name, answer in answers.items():
        if "skip" in answer:
            continue
        difference = _difference([answer["value"], *answer["gradient"]], expected)
        # Sums over a batch lose digits that single numbers keep.
        if difference <= (1e-6 if batch else _TOLERANCE):
            continue
        if name in ours:
            raise EmitError(
                f"{name}: differs from the interpreter by {difference:.1e}; please report this"
            )
        answer["skip"] = f"differs from the interpreter by {difference:.1e}: not timed"


def _difference(found: Sequence[float], expected: Sequence[float]) -> float:
    """Largest difference, relative to the largest finite number."""
    if len(found) != len(expected):
        return math.inf
    scale = max((abs(x) for x in expected if math.isfinite(x)), default=1.0) or 1.0
    worst = 0.0
    for x, y in zip(found, expected, strict=True):
        if x != y and not (x != x and y != y):
            worst = max(worst, abs(x - y) / scale if math.isfinite(x - y) else math.inf)
    return worst
