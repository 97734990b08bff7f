"""What every subcommand has in common: its options, the user's function, the exit status.

A command module imports what its work needs when it runs, so that ``proofgrad --help`` is quick,
and before the user's file is, so that a ``verify.py`` of the user's hides nothing of ours.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verify.command.standard_output import UnwrittenError
from verify.command.user_function import assumed_examples, load_function, read_examples

if TYPE_CHECKING:
    from autodiff.graph.graph import Graph

__all__ = [
    "AtOption",
    "Exit",
    "FunctionArgument",
    "JsonOption",
    "Subject",
    "WrtOption",
    "answering",
    "exit_code",
    "find_subject",
]


class Exit(IntEnum):
    """What the exit status says."""

    FINE = 0
    REFUTED = 1
    USAGE = 2
    UNDECIDED = 3
    BUG = 70
    INTERRUPTED = 130  # as shells say of a signal: 128 and SIGINT
    UNREAD = 141  # 128 and SIGPIPE


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


@dataclass(frozen=True)
class Subject:
    """The function a command is about.

    Args:
        function: The function.
        file: Where it is defined.
        examples: One per argument.
        assumed: Names of arguments whose examples say only that they are floats.
    """

    function: Callable[..., object]
    file: Path
    examples: tuple[object, ...]
    assumed: list[str]

    @property
    def traceable(self) -> Callable[..., object] | Graph:
        """What ``compile_gradient`` made has its graph already; anything else is traced."""
        from autodiff.graph.graph import Graph

        graph = getattr(self.function, "graph", None)
        return graph if isinstance(graph, Graph) else self.function

    def graph(self) -> Graph:
        """The function's graph, traced at the examples if need be."""
        from autodiff.graph.graph import Graph
        from autodiff.run.agreement import trace_as_called

        plain = self.traceable
        return plain if isinstance(plain, Graph) else trace_as_called(plain, *self.examples)

    def need_numbers(self, target: str, remedy: str) -> None:
        """Check that every example is a number somebody gave.

        Args:
            target: How the user named the function.
            remedy: What to give.

        Raises:
            ArgumentError: if some say only that they are floats.
        """
        from autodiff.errors import ArgumentError

        if self.assumed:
            raise ArgumentError(
                f"{target}: found no numbers for {', '.join(self.assumed)}; give {remedy}"
            )


def find_subject(target: str, at: str | None) -> Subject:
    """The function that ``path/to/file.py:function`` names, and arguments to run it with."""
    import_module("verify")  # before the user's folder can hide them, and what they import
    for package in map(import_module, ("autodiff", "codegen")):
        for name in package.__all__:
            getattr(package, name)
    function, file = load_function(target)
    if at is not None:
        return Subject(function, file, read_examples(function, at), [])
    examples, assumed = assumed_examples(function)
    if assumed:
        are = "is taken to be a float" if len(assumed) == 1 else "are taken to be floats"
        typer.echo(f"note: no --at, so {', '.join(assumed)} {are}", err=True)
    return Subject(function, file, examples, assumed)


@contextmanager
def answering() -> Iterator[None]:
    """Turn errors into one message on stderr and an exit status."""
    from autodiff.errors import ProofgradError

    try:
        yield
    except ProofgradError as error:
        typer.echo(f"proofgrad: {error}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    except (typer.Exit, UnwrittenError):
        raise
    except KeyboardInterrupt:
        typer.echo("proofgrad: interrupted", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
    except Exception:
        typer.echo(
            traceback.format_exc() + "proofgrad: this is a bug in Proofgrad; please report it with "
            "the lines above",
            err=True,
        )
        raise typer.Exit(Exit.BUG) from None


def exit_code(verdict: str) -> Exit:
    """Exit status of a verdict."""
    if verdict == "REFUTED":
        return Exit.REFUTED
    proven = verdict in ("PROVED", "CERTIFIED", "CERTIFIED-NUMERIC")
    return Exit.FINE if proven else Exit.UNDECIDED
