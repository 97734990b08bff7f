"""``proofgrad bench``: how fast the generated code is, and what else one could have used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verify.command.frame import (
    FILE,
    Subject,
    answering,
    at_option,
    find_subject,
    json_option,
    subcommand,
    wrt_option,
)
from verify.command.output import console, json_text, progress, write_file
from verify.command.user_function import load_function, read_wrt, users_code

if TYPE_CHECKING:
    from codegen.measure.bench import BenchReport
    from codegen.measure.contest import Contest

__all__ = ["bench_command", "measured"]


@subcommand("bench", 'model.py:f --at "1.5, 0.5" --no-rivals')
@click.argument("functions", metavar="FILE.py:FUNCTION...", nargs=-1, required=True)
@at_option
@wrt_option
@click.option("--rounds", type=click.IntRange(min=1), default=11, help="Timed rounds.")
@click.option(
    "--rivals/--no-rivals", default=True, help="Also measure every other library found installed."
)
@click.option(
    "--points", type=click.IntRange(min=0), default=16384, help="Size of a batch; 0: no batches."
)
@click.option(
    "--by-hand",
    metavar="FILE.py:FUNCTION",
    help="A gradient written by hand, to measure too; NAME_by_hand of the same file is found by "
    "itself.",
)
@click.option("--plot", type=FILE, metavar="FILE", help="Draw a chart (svg, png, pdf).")
@click.option("--page", type=FILE, metavar="FILE", help="Write the tables as Markdown.")
@json_option
def bench_command(
    functions: tuple[str, ...],
    at: str | None,
    wrt: str | None,
    rounds: int,
    rivals: bool,
    points: int,
    by_hand: str | None,
    plot: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Time interpreted against generated code, and against other libraries."""
    from autodiff.errors import ArgumentError

    with answering():
        if len(functions) > 1 and (at is not None or wrt is not None or by_hand is not None):
            raise ArgumentError("--at, --wrt, --by-hand: are of one function; found several")
        if plot is not None:
            from codegen.measure.contest.chart import chart_format

            chart_format(plot)  # what it needs is missed now, not after minutes
        answers = []
        for function in functions:
            subject = find_subject(function, at)
            subject.need_numbers(function, "--at, or default values in the signature")
            report = measured(subject, wrt, rounds, quiet=as_json)
            # Rivals differentiate by every argument.
            contest = None
            if wrt is None:
                hand = _hand_written(subject, function, by_hand)
                contest = _contest(subject, rounds, points, rivals, hand, quiet=as_json)
            answers.append((subject, report, contest))
            if not as_json:
                for part in filter(None, (report, contest)):
                    console().print(part)
                    console().print()
        _written([c for _, _, c in answers if c], [s.file for s, _, _ in answers], plot, page)
        if as_json:
            found = [
                report.to_json() | {"contest": contest and contest.to_json()}
                for _, report, contest in answers
            ]
            click.echo(json_text(found if len(found) > 1 else found[0]))


def measured(
    subject: Subject, wrt: str | None = None, rounds: int = 11, quiet: bool = False
) -> BenchReport:
    """Interpreted against generated code of one function."""
    from codegen.measure.bench import bench

    with users_code(subject.file), progress(quiet) as advance:
        return bench(
            subject.traceable,
            *subject.examples,
            wrt=read_wrt(wrt),
            rounds=rounds,
            progress=advance,
        )


def _hand_written(subject: Subject, function: str, by_hand: str | None) -> object:
    from autodiff.errors import TargetError

    if by_hand is not None:
        return load_function(by_hand)[0]
    name = getattr(subject.function, "__name__", "")
    try:
        return load_function(f"{subject.file}:{name}_by_hand")[0]
    except TargetError:
        return None


def _contest(
    subject: Subject, rounds: int, points: int, rivals: bool, by_hand: Any, quiet: bool
) -> Contest:
    from codegen.measure.contest import contest
    from codegen.measure.contest.contenders import CONTENDERS

    names = None if rivals else [c.name for c in CONTENDERS.values() if c.ours]
    with users_code(subject.file), progress(quiet) as advance:
        return contest(
            subject.traceable,
            *subject.examples,
            points=points,
            rounds=min(rounds, 7),
            names=names,
            by_hand=by_hand,
            progress=advance,
        )


def _written(
    contests: list[Contest], sources: list[Path], plot: Path | None, page: Path | None
) -> None:
    from autodiff.errors import TargetError
    from codegen.measure.contest.chart import draw_chart
    from codegen.measure.contest.results import page_text

    if page is not None:
        write_file(page, page_text(contests), sources)
    if plot is not None:
        try:
            draw_chart(contests, plot)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise TargetError(f"{plot}: cannot be written: {error.strerror}") from None
