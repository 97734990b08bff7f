"""The ``proofgrad`` command: what it can do with a function of the user's file.

This package alone stands above autodiff, codegen and verify: one module a subcommand, listed in
``app`` below.

Exit codes: 0 fine, 1 refuted, 2 a mistake in the usage or in the user's file, 3 undecided,
70 a bug in Proofgrad, 130 interrupted, 141 where nobody reads the answer.

In: the command line.  Out: text, files and an exit code.
"""

from __future__ import annotations

import sys

import click

from verify.command.environment import versions
from verify.command.frame import Exit, leave
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


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(versions())
        context.exit()


class _Listing(click.Group):
    """Subcommands in the order they are given in, each with its whole first sentence."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, part.get_short_help_str(limit=200)) for name, part in self.commands.items()]
            )

    def invoke(self, context: click.Context) -> object:
        """As click does; but it ends an interrupt in the exit status of a refutation."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt:
            click.echo("proofgrad: interrupted", err=True)
            leave(Exit.INTERRUPTED)


app = _Listing(
    name="proofgrad",
    help="Gradients you can read, prove, and run at machine speed.",
    epilog='Example: proofgrad show model.py:f --at "1.5, 0.5"\n\nExit status: 0 fine, 1 refuted, '
    "2 usage, 3 undecided.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show all versions and exit.",
        )
    ],
    commands=[
        show_command,
        compile_command,
        verify_command,
        recheck_command,
        mutate_command,
        bench_command,
        explain_command,
        accuracy_command,
        domain_command,
        draw_command,
        jacobian_command,
        hessian_command,
        cache_command,
        trace_nan_command,
    ],
)


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
