"""``proofgrad recheck``: a certificate, established again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.command.frame import JsonOption, answering, exit_code
from verify.command.output import console, json_text, proving

__all__ = ["recheck_command"]


def recheck_command(
    certificate: Annotated[
        Path, typer.Argument(metavar="CERT.json", help="What `verify --save` wrote.")
    ],
    module: Annotated[
        Path, typer.Argument(metavar="MODULE.py", help="The certified text: read, never run.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Establish a certificate again, from it and the module alone."""
    from verify import recheck

    with answering():
        with proving():
            report = recheck(certificate, module)
        if as_json:
            typer.echo(json_text(report))
        else:
            console().print(report)
        raise typer.Exit(exit_code(str(report.verdict)))
