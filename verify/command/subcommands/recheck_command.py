"""``proofgrad recheck``: a certificate, established again."""

from __future__ import annotations

from pathlib import Path

import click

from verify.command.frame import (
    FILE,
    answering,
    exit_code,
    json_option,
    leave,
    subcommand,
)
from verify.command.output import console, json_text, proving

__all__ = ["recheck_command"]


@subcommand("recheck", "proof.json df.py")
@click.argument("certificate", type=FILE, metavar="CERT.json")
@click.argument("module", type=FILE, metavar="MODULE.py")
@json_option
def recheck_command(certificate: Path, module: Path, as_json: bool) -> None:
    """Establish a certificate again, from it and the module alone."""
    from verify import recheck

    with answering():
        with proving():
            report = recheck(certificate, module)
        if as_json:
            click.echo(json_text(report))
        else:
            console().print(report)
        leave(exit_code(str(report.verdict)))
