"""The ``proofgrad`` command: compile, verify and bench a function of the user's file.

This module and its ``cli_`` parts alone stand above all three packages.  What a command needs is
imported when it runs, so that ``proofgrad --help`` is quick, and before the user's file is, so that
a ``verify.py`` of the user's hides nothing of ours.

Exit codes: 0 fine, 1 refuted, 2 a mistake in the usage or in the user's file, 3 undecided,
70 a bug in Proofgrad.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autodiff.cli_output import (
    console,
    json_text,
    print_source,
    progress,
    working,
    write_file,
)
from autodiff.cli_target import (
    assumed_examples,
    load_function,
    read_examples,
    read_wrt,
    users_code,
)
from autodiff.errors import ArgumentError, ProofgradError
from autodiff.graph import Graph
from autodiff.trace import trace

if TYPE_CHECKING:
    from codegen.bench import BenchReport

__all__ = ["app", "main"]


class Exit(IntEnum):
    """What the exit status says."""

    FINE = 0
    REFUTED = 1
    USAGE = 2
    UNDECIDED = 3
    BUG = 70


app = typer.Typer(
    name="proofgrad",
    help="Gradients you can read, prove, and run at machine speed.",
    epilog="Exit status: 0 fine, 1 refuted, 2 usage, 3 undecided.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FunctionArgument = Annotated[
    str, typer.Argument(metavar="FILE.py:FUNCTION", help="The function, in your own file.")
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="ARGUMENTS",
        help='Example arguments as in a call: "1.0, [1, 2, 3], scale=2"; a list of numbers is an '
        "array. Without it, the default values of the signature.",
        show_default=False,
    ),
]
WrtOption = Annotated[
    str | None,
    typer.Option(
        "--wrt",
        metavar="NAMES",
        help="Arguments to differentiate, by name or position: x,y. All by default.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without µ must not stop the answer
    app(prog_name="proofgrad")


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        number = version("proofgrad")
    except PackageNotFoundError:
        number = "(run from its source folder, not installed)"
    typer.echo(f"proofgrad {number}")
    raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass  # options before the subcommand


# --- commands --------------------------------------------------------------------------------


@app.command("show")
def show_command(
    function: FunctionArgument, at: AtOption = None, as_json: JsonOption = False
) -> None:
    """Everything about a function: its gradient as code, the verdict on it, the speed-up."""
    with _answering():
        subject = _subject(function, at)
        code = _compiled(subject)
        report = _verified(subject)
        timing = None if subject.assumed else _measured(subject, quiet=as_json)
        if as_json:
            parts = {"compile": code, "verify": report.to_json(), "bench": timing}
            typer.echo(json_text(parts))
        else:
            print_source(code["source"])
            for part in (report, timing or "no --at, so nothing to time"):
                console().print()
                console().print(part)
        raise typer.Exit(_exit_code(str(report.verdict)))


@app.command("compile")
def compile_command(
    function: FunctionArgument,
    at: AtOption = None,
    target: Annotated[
        str, typer.Option("--target", help="python, or numpy (for batches of points).")
    ] = "python",
    wrt: WrtOption = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write the code there, whole or not."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the gradient of a function as flat, readable code."""
    with _answering():
        subject = _subject(function, at)
        code = _compiled(subject, target, wrt)
        if output is not None:
            write_file(output, code["source"], [subject.file])
        if as_json:
            typer.echo(json_text(code))
        elif output is None:
            print_source(code["source"])
        else:
            typer.echo(f"wrote {output}", err=True)


@app.command("verify")
def verify_command(
    function: FunctionArgument,
    at: AtOption = None,
    gradient: Annotated[
        str | None,
        typer.Option(
            "--gradient",
            metavar="FILE.py:FUNCTION",
            help="Verify this gradient, written by hand, instead of ours.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Write the report as JSON to this file."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove the gradient of a function, input by input, against SymPy's derivative."""
    with _answering():
        subject = _subject(function, at)
        theirs = None if gradient is None else load_function(gradient)
        report = _verified(subject, theirs)
        if save is not None:
            sources = [subject.file] if theirs is None else [subject.file, theirs[1]]
            write_file(save, json_text(report) + "\n", sources)
        if as_json:
            typer.echo(json_text(report))
        else:
            console().print(report)
        raise typer.Exit(_exit_code(str(report.verdict)))


@app.command("bench")
def bench_command(
    function: FunctionArgument,
    at: AtOption = None,
    wrt: WrtOption = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Timed rounds.")] = 11,
    as_json: JsonOption = False,
) -> None:
    """Time interpreted against generated code: value, backward sweep, and both."""
    with _answering():
        subject = _subject(function, at)
        if subject.assumed:
            raise ArgumentError(
                f"{function}: found no numbers for {', '.join(subject.assumed)}; give --at, or "
                "default values in the signature"
            )
        report = _measured(subject, wrt, rounds, quiet=as_json)
        if as_json:
            typer.echo(json_text(report))
        else:
            console().print(report)


# --- what the commands do --------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """The function a command is about.

    Args:
        function: The function.
        file: Where it is defined.
        examples: One per argument.
        assumed: Names of arguments whose examples say only that they are floats.
    """

    function: Callable[..., Any]
    file: Path
    examples: tuple[Any, ...]
    assumed: list[str]

    @property
    def traceable(self) -> Callable[..., Any] | Graph:
        """What ``compile_gradient`` made has its graph already; anything else is traced."""
        graph = getattr(self.function, "graph", None)
        return graph if isinstance(graph, Graph) else self.function


def _subject(target: str, at: str | None) -> Subject:
    import_module("codegen")  # before the user's folder can hide them
    import_module("verify")

    function, file = load_function(target)
    if at is not None:
        return Subject(function, file, read_examples(function, at), [])
    examples, assumed = assumed_examples(function)
    if assumed:
        are = "is taken to be a float" if len(assumed) == 1 else "are taken to be floats"
        typer.echo(f"note: no --at, so {', '.join(assumed)} {are}", err=True)
    return Subject(function, file, examples, assumed)


def _compiled(subject: Subject, target: str = "python", wrt: str | None = None) -> dict[str, Any]:
    """The emitted code and what it was made from."""
    from codegen import compile_gradient

    batch = True if target == "numpy" else None
    with users_code(subject.file):
        plain = subject.traceable
        graph = plain if isinstance(plain, Graph) else trace(plain, *subject.examples)
        compiled = compile_gradient(graph, target=target, wrt=read_wrt(wrt), batch=batch)
        source = str(compiled.source)
    return {
        "function": graph.name,
        "arguments": {name: str(structure) for name, structure in graph.parameters},
        "target": target,
        "nodes": len(graph.nodes),
        "source": source,
    }


def _verified(subject: Subject, theirs: tuple[Callable[..., Any], Path] | None = None) -> Any:
    """verify's report on our gradient, or on theirs."""
    from verify import verify_gradient

    gradient, files = (
        (None, [subject.file]) if theirs is None else (theirs[0], [subject.file, theirs[1]])
    )
    with users_code(*files), working("proving"):
        return verify_gradient(subject.function, *subject.examples, gradient=gradient)


def _measured(
    subject: Subject, wrt: str | None = None, rounds: int = 11, quiet: bool = False
) -> BenchReport:
    from codegen.bench import bench

    with users_code(subject.file), progress(quiet) as advance:
        return bench(
            subject.traceable,
            *subject.examples,
            wrt=read_wrt(wrt),
            rounds=rounds,
            progress=advance,
        )


# --- answers ---------------------------------------------------------------------------------


@contextmanager
def _answering() -> Iterator[None]:
    """Turn errors into one message on stderr and an exit status."""
    try:
        yield
    except ProofgradError as error:
        typer.echo(f"proofgrad: {error}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    except (typer.Exit, KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception:
        typer.echo(
            traceback.format_exc() + "proofgrad: this is a bug in Proofgrad; please report it with "
            "the lines above",
            err=True,
        )
        raise typer.Exit(Exit.BUG) from None


def _exit_code(verdict: str) -> Exit:
    if verdict == "REFUTED":
        return Exit.REFUTED
    proven = verdict in ("PROVED", "CERTIFIED", "CERTIFIED-NUMERIC")
    return Exit.FINE if proven else Exit.UNDECIDED
