"""The ``proofgrad`` command: compile, verify and bench a function of the user's file.

This module and ``cli_target`` alone stand above all three packages.  What a command needs is
imported when it runs, so that ``proofgrad --help`` is quick, and before the user's file is, so that
a ``verify.py`` of the user's hides nothing of ours.

Exit codes: 0 fine, 1 refuted, 2 a mistake in the usage or in the user's file, 3 undecided,
70 a bug in Proofgrad.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    from rich.console import Console

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
    if wanted:
        typer.echo(f"proofgrad {version('proofgrad')}")
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
        from codegen import compile_gradient
        from codegen.gradient import write_whole

        chosen, file, examples = _resolve(function, at)
        with users_code(file):
            plain = _traceable(chosen)
            graph = plain if isinstance(plain, Graph) else trace(plain, *examples)
            batch = {"batch": True} if target == "numpy" else {}
            compiled = compile_gradient(graph, target=target, wrt=read_wrt(wrt), **batch)
            source = str(compiled.source)
        if output is not None:
            _write(write_whole, output, source, [file])
        if as_json:
            typer.echo(json.dumps(_description(graph, target, source, output), indent=2))
        elif output is None:
            _print_source(source)
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
        from codegen.gradient import write_whole
        from verify import verify_gradient

        chosen, file, examples = _resolve(function, at)
        options: dict[str, Any] = {}
        sources = [file]
        if gradient is not None:
            options["gradient"], other = load_function(gradient)
            sources.append(other)
        with users_code(*sources):
            report = verify_gradient(chosen, *examples, **options)
        if save is not None:
            _write(write_whole, save, _json_text(report) + "\n", sources)
        if as_json:
            typer.echo(_json_text(report))
        else:
            _console().print(report)
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
        from codegen.bench import bench

        chosen, file, examples = _resolve(function, at, numbers=True)
        with users_code(file), _progress(quiet=as_json) as progress:
            report = bench(
                _traceable(chosen), *examples, wrt=read_wrt(wrt), rounds=rounds, progress=progress
            )
        if as_json:
            typer.echo(report.to_json())
        else:
            _console().print(report)


# --- from the command line to a function and its arguments -----------------------------------


def _resolve(
    target: str, at: str | None, numbers: bool = False
) -> tuple[Callable[..., Any], Path, tuple[Any, ...]]:
    """The function, its file, and examples for it; ``numbers``: none may be made up."""
    function, file = load_function(target)
    return function, file, _examples(function, target, at, numbers)


def _examples(
    function: Callable[..., Any], target: str, at: str | None, numbers: bool
) -> tuple[Any, ...]:
    if at is not None:
        return read_examples(function, at)
    examples, assumed = assumed_examples(function)
    if assumed and numbers:
        raise ArgumentError(
            f"{target}: found no numbers for {', '.join(assumed)}; give --at, or default values "
            "in the signature"
        )
    if assumed:
        are = "is taken to be a float" if len(assumed) == 1 else "are taken to be floats"
        typer.echo(f"note: no --at, so {', '.join(assumed)} {are}", err=True)
    return examples


def _traceable(function: Callable[..., Any]) -> Callable[..., Any] | Graph:
    """What ``compile_gradient`` made has its graph already; anything else is traced."""
    graph = getattr(function, "graph", None)
    return graph if isinstance(graph, Graph) else function


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


def _write(
    write: Callable[[Path, str], None], output: Path, text: str, sources: list[Path]
) -> None:
    if any(output.exists() and output.samefile(source) for source in sources):
        raise ProofgradError(f"{output}: holds the function itself; choose another file")
    try:
        write(output, text)
    except OSError as error:
        raise ProofgradError(f"{output}: cannot be written: {error.strerror}") from None


def _description(graph: Graph, target: str, source: str, output: Path | None) -> dict[str, Any]:
    return {
        "function": graph.name,
        "arguments": {name: str(structure) for name, structure in graph.parameters},
        "target": target,
        "nodes": len(graph.nodes),
        "source": source,
        "output": None if output is None else str(output),
    }


def _json_text(report: Any) -> str:
    content = report.to_json()
    return content if isinstance(content, str) else json.dumps(content, indent=2)


def _console() -> Console:
    from rich.console import Console

    return Console()


def _print_source(source: str) -> None:
    """Coloured on a terminal, exactly the text elsewhere."""
    if not sys.stdout.isatty():
        typer.echo(source, nl=False)
        return
    from rich.syntax import Syntax

    text = Syntax("", "python", background_color="default").highlight(source)
    _console().print(text, soft_wrap=True, end="")


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr, gone when the work is done."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("measuring", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
