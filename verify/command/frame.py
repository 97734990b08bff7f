"""What every subcommand has in common: its options, the user's function, the exit status.

A command module imports what its work needs when it runs, so that ``proofgrad --help`` is quick,
and before the user's file is, so that a ``verify.py`` of the user's hides nothing of ours.
"""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from verify.command.standard_output import UnwrittenError
from verify.command.user_function import assumed_examples, load_function, read_examples

if TYPE_CHECKING:
    from autodiff.graph.graph import Graph

__all__ = [
    "FILE",
    "Exit",
    "Subject",
    "answering",
    "at_option",
    "exit_code",
    "find_subject",
    "function_argument",
    "json_option",
    "leave",
    "subcommand",
    "what_option",
    "wrt_option",
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


FILE = click.Path(path_type=Path)

function_argument = click.argument("function", metavar="FILE.py:FUNCTION")
at_option = click.option(
    "--at",
    metavar="ARGUMENTS",
    help='Example arguments as in a call: "1.0, [1, 2, 3], scale=2"; a list of numbers is an '
    "array. Without it, the default values of the signature.",
)
wrt_option = click.option(
    "--wrt",
    metavar="NAMES",
    help="Arguments to differentiate, by name or position: x,y. All by default.",
)
what_option = click.option(
    "--what",
    metavar="NAMES",
    default="value,gradient",
    help="Derivatives, one or several: value, gradient, jacobian, hessian, jvp, hvp, vjp.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")


def subcommand(name: str, example: str) -> Callable[[Callable[..., None]], click.Command]:
    """A subcommand.

    Args:
        name: What the user types.
        example: Its arguments in the use that ``--help`` shows.
    """
    shown = f"Example: proofgrad {name} {example}"
    return click.command(name, epilog=shown, context_settings={"show_default": True})


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
        from autodiff.run.agreement import trace_either_way

        plain = self.traceable
        return plain if isinstance(plain, Graph) else trace_either_way(plain, *self.examples)

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
        click.echo(f"note: no --at, so {', '.join(assumed)} {are}", err=True)
    return Subject(function, file, examples, assumed)


@contextmanager
def answering() -> Iterator[None]:
    """Turn errors into one message on stderr and an exit status, and our warnings into notes."""
    from autodiff.errors import ProofgradError

    try:
        with warnings.catch_warnings():
            warnings.showwarning = _noted(warnings.showwarning)
            yield
    except ProofgradError as error:
        click.echo(f"proofgrad: {error}", err=True)
        leave(Exit.USAGE)
    except (click.exceptions.Exit, UnwrittenError):
        raise
    except Exception:
        click.echo(
            traceback.format_exc() + "proofgrad: this is a bug in Proofgrad; please report it with "
            "the lines above",
            err=True,
        )
        leave(Exit.BUG)


def _noted(show: Callable[..., None]) -> Callable[..., None]:
    """As Python shows warnings, but those of no line of the user's as a note."""

    def shown(
        message: Warning | str, category: type[Warning], filename: str, *rest: object
    ) -> None:
        if filename == click.core.__file__:  # who called us, where no line of the user's did
            click.echo(f"note: {message}", err=True)
        else:
            show(message, category, filename, *rest)

    return shown


def leave(status: Exit) -> NoReturn:
    """End the command with this exit status."""
    raise click.exceptions.Exit(status)


def exit_code(verdict: str) -> Exit:
    """Exit status of a verdict."""
    if verdict == "REFUTED":
        return Exit.REFUTED
    proven = verdict in ("PROVED", "CERTIFIED", "CERTIFIED-NUMERIC")
    return Exit.FINE if proven else Exit.UNDECIDED
