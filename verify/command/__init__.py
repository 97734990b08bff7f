"""The ``proofgrad`` command: what it can do with a function of the user's file.

This package alone stands above autodiff, codegen and verify: one module a subcommand, listed in
``app`` below.

Exit codes: 0 fine, 1 refuted, 2 a mistake in the usage or in the user's file, 3 undecided,
70 a bug in Proofgrad, 130 interrupted, 141 where nobody reads the answer.

In: the command line.  Out: text, files and an exit code.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from verify.command.environment import versions
from verify.command.frame import Exit
from verify.command.standard_output import UnwrittenError, guarded_output
from verify.command.subcommands.accuracy_command import accuracy_command
from verify.command.subcommands.bench_command import bench_command
from verify.command.subcommands.cache_command import cache_command
from verify.command.subcommands.compile_command import compile_command
from verify.command.subcommands.domain_command import domain_command
from verify.command.subcommands.draw_command import draw_command
from verify.command.subcommands.explain_command import explain_command
from verify.command.subcommands.mutate_command import mutate_command
from verify.command.subcommands.nonfinite_command import trace_nan_command
from verify.command.subcommands.pattern_command import hessian_command, jacobian_command
from verify.command.subcommands.recheck_command import recheck_command
from verify.command.subcommands.show_command import show_command
from verify.command.subcommands.verify_command import verify_command

__all__ = ["app", "main"]

app = typer.Typer(
    name="proofgrad",
    help="Gradients you can read, prove, and run at machine speed.",
    epilog='Example: proofgrad show model.py:f --at "1.5, 0.5"\n\nExit status: 0 fine, 1 refuted, '
    "2 usage, 3 undecided.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# Each subcommand with an example of its use, which its --help shows.
for name, command, example in (
    ("show", show_command, 'model.py:f --at "1.5, 0.5"'),
    ("compile", compile_command, 'model.py:f --at "[1, 2, 3]" --target c -o df.c'),
    ("verify", verify_command, 'model.py:f --at "1.5, 0.5" --gradient model.py:df'),
    ("recheck", recheck_command, "proof.json df.py"),
    ("mutate", mutate_command, 'model.py:f --at "1.5, 0.5" --count 30'),
    ("bench", bench_command, 'model.py:f --at "1.5, 0.5" --no-rivals'),
    ("explain", explain_command, 'model.py:f --at "1.5, 0.5" -o page.html'),
    ("accuracy", accuracy_command, 'model.py:f --within "(0, 1), (-2, 2)"'),
    ("domain", domain_command, 'model.py:f --at "0.0, 0.5"'),
    ("draw", draw_command, 'model.py:f --at "1.5, 0.5" -o graph.svg'),
    ("jacobian", jacobian_command, 'model.py:f --at "[1, 2, 3]" --plot pattern.png'),
    ("hessian", hessian_command, 'model.py:f --at "[1, 2, 3]" --plot pattern.png'),
    ("cache", cache_command, "--clear"),
    ("trace-nan", trace_nan_command, 'model.py:f --at "inf, 0.0"'),
):
    app.command(name, epilog=f"Example: proofgrad {name} {example}")(command)


def main() -> None:
    """Run the command line."""
    try:
        with guarded_output():
            app(prog_name="proofgrad")
    except UnwrittenError as error:
        if error.unread:  # whoever reads the answer has read enough
            sys.exit(Exit.UNREAD)
        sys.stderr.write(f"proofgrad: {error}\n")
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(versions())
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Show all versions and exit.",
        ),
    ] = False,
) -> None:
    pass  # options before the subcommand
