"""``proofgrad compile``: the gradient as text, or other derivatives."""

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
    function_argument,
    json_option,
    subcommand,
    what_option,
    wrt_option,
)
from verify.command.intervals import read_domain
from verify.command.languages import (
    PLAIN,
    Asked,
    known_target,
    made,
    texts,
    write_texts,
    written_graph,
)
from verify.command.output import announce, json_text, print_source, proving, write_file
from verify.command.user_function import read_what, read_wrt, users_code

if TYPE_CHECKING:
    from codegen.call.compiled import CompiledFunction
    from verify.answer.report import Report

__all__ = ["compile_command", "compiled"]


@subcommand("compile", 'model.py:f --at "[1, 2, 3]" --target c -o df.c')
@function_argument
@at_option
@click.option(
    "--target",
    default="python",
    help="python, numpy (arrays, batches), native (the text that its machine code is made "
    "from), c or latex.",
)
@what_option
@wrt_option
@click.option(
    "--sparse",
    metavar="FORM",
    help="Of a matrix the entries alone that can differ from zero: csr, csc or coo.",
)
@click.option(
    "-o", "--output", type=FILE, metavar="FILE", help="Write the code there, whole or not."
)
@click.option(
    "--profile",
    default="exact",
    help="exact, fast (other rounding) or stable (fewest bits lost).",
)
@click.option(
    "--domain",
    metavar="INTERVALS",
    help='With --profile stable: where the function is called: "x=0..1, y=-2..2".',
)
@click.option(
    "--certificate", type=FILE, metavar="FILE", help="Prove the code and write the proof."
)
@click.option("--explain", is_flag=True, help="Print where each line comes from in your code.")
@click.option(
    "--comments", is_flag=True, help="Say beside each backward line what it is derived from."
)
@json_option
def compile_command(
    function: str,
    at: str | None,
    target: str,
    what: str,
    wrt: str | None,
    sparse: str | None,
    output: Path | None,
    profile: str,
    domain: str | None,
    certificate: Path | None,
    explain: bool,
    comments: bool,
    as_json: bool,
) -> None:
    """Print the gradient of a function, or other derivatives, as flat, readable code."""
    with answering():
        subject = find_subject(function, at)
        known_target(target)
        asked: Asked = {
            "what": read_what(what),
            "wrt": read_wrt(wrt),
            "sparse": sparse or False,
            "profile": profile,
            "domain": read_domain(domain),
        }
        if explain:
            found = derivatives_of(subject, target, asked).explain()
            click.echo(json_text(found) if as_json else str(found))
            return
        code = compiled(subject, target, asked)
        if comments:
            code["source"] = derivatives_of(subject, target, asked, comments=True).source
        if certificate is not None:
            report = _proof(subject, target, asked).raise_for_verdict()
            code["source"] = report.stamped(code["source"])
            write_file(certificate, report.certificate(), [subject.file])
            click.echo(f"{report.title}", err=True)
            announce(certificate)
        if output is not None:
            written = write_texts(output, code, [subject.file])
        if profile == "stable":
            code["accuracy"] = accuracy_of(subject, asked)
            click.echo(code["accuracy"], err=True)
        if as_json:
            click.echo(json_text(code))
        elif output is None:
            print_source(code.get("header", "") + code["source"])
        else:
            announce(*written)


def derivatives_of(
    subject: Subject, target: str, asked: Asked, comments: bool = False
) -> CompiledFunction:
    """The compiled derivatives.

    Args:
        subject: The function.
        target: The language.
        asked: Options of ``codegen.compile``.
        comments: As for ``compile_gradient``.

    Raises:
        ArgumentError: for a target whose text knows nothing of the user's lines.
    """
    from autodiff.errors import ArgumentError

    if target not in ("python", "numpy", "native"):
        raise ArgumentError(f"--explain, --comments: found --target {target}; expected python")
    with users_code(subject.file):
        return made(subject.traceable, subject.examples, target, comments, **asked)


def accuracy_of(subject: Subject, asked: Asked) -> str:
    """Bits lost before and now, on points of the domain."""
    with users_code(subject.file):
        return str(made(subject.graph(), (), "python", **asked).accuracy)


def compiled(subject: Subject, target: str = "python", asked: Asked = PLAIN) -> dict[str, Any]:
    """The emitted code and what it was made from."""
    with users_code(subject.file):
        graph = written_graph(subject, target, asked["profile"])
        code = texts(graph, target, **asked)
    return {
        "function": graph.name,
        "arguments": {name: str(structure) for name, structure in graph.parameters},
        "target": target,
        "profile": asked["profile"],
        "nodes": len(graph.nodes),
        **code,
    }


def _proof(subject: Subject, target: str, asked: Asked) -> Report:
    """verify's report on the code."""
    from autodiff.errors import ArgumentError

    if target not in ("python", "numpy"):
        raise ArgumentError(f"--certificate: found --target {target}; expected python or numpy")
    from verify import verify_derivatives

    with users_code(subject.file), proving():
        return verify_derivatives(made(subject.graph(), (), target, **asked), *subject.examples)
