"""``proofgrad compile``: the gradient as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

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
    wrt_option,
)
from verify.command.intervals import read_domain
from verify.command.languages import known_target, texts, write_texts, written_graph
from verify.command.output import announce, json_text, print_source, proving, write_file
from verify.command.user_function import read_wrt, users_code

if TYPE_CHECKING:
    from codegen.call.compiled import CompiledGradient
    from verify.answer.report import Report

__all__ = ["compile_command", "compiled"]


class Asked(TypedDict):
    """Options of ``compile_gradient`` that the command has."""

    wrt: int | str | Sequence[int | str] | None
    profile: str
    domain: Mapping[str, tuple[float, float]] | None


_PLAIN: Asked = {"wrt": None, "profile": "exact", "domain": None}


@subcommand("compile", 'model.py:f --at "[1, 2, 3]" --target c -o df.c')
@function_argument
@at_option
@click.option(
    "--target",
    default="python",
    help="python, numpy (for batches of points), native (the text that its machine code is made "
    "from), c or latex.",
)
@wrt_option
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
    wrt: str | None,
    output: Path | None,
    profile: str,
    domain: str | None,
    certificate: Path | None,
    explain: bool,
    comments: bool,
    as_json: bool,
) -> None:
    """Print the gradient of a function as flat, readable code."""
    with answering():
        subject = find_subject(function, at)
        known_target(target)
        asked: Asked = {"wrt": read_wrt(wrt), "profile": profile, "domain": read_domain(domain)}
        if explain:
            found = gradient_of(subject, target, asked).explain()
            click.echo(json_text(found) if as_json else str(found))
            return
        code = compiled(subject, target, asked)
        if comments:
            code["source"] = gradient_of(subject, target, asked, comments=True).source
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


def gradient_of(
    subject: Subject, target: str, asked: Asked, comments: bool = False
) -> CompiledGradient:
    """The compiled gradient.

    Args:
        subject: The function.
        target: The language.
        asked: Options of ``compile_gradient``: ``wrt``, ``profile``, ``domain``.
        comments: As for ``compile_gradient``.

    Raises:
        ArgumentError: for a target whose text knows nothing of the user's lines.
    """
    from autodiff.errors import ArgumentError

    if target not in ("python", "numpy", "native"):
        raise ArgumentError(f"--explain, --comments: found --target {target}; expected python")
    from codegen import compile_gradient

    batch = True if target == "numpy" else None
    with users_code(subject.file):
        return compile_gradient(
            subject.traceable,
            *subject.examples,
            target=target,
            batch=batch,
            comments=comments,
            **asked,
        )


def accuracy_of(subject: Subject, asked: Asked) -> str:
    """Bits lost before and now, on points of the domain."""
    from codegen import compile_gradient

    with users_code(subject.file):
        return str(compile_gradient(subject.graph(), check=False, **asked).accuracy)


def compiled(subject: Subject, target: str = "python", asked: Asked = _PLAIN) -> dict[str, Any]:
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
    from codegen import compile_gradient
    from verify import verify_gradient

    batch = True if target == "numpy" else None
    with users_code(subject.file), proving():
        graph = subject.graph()
        made = compile_gradient(graph, target=target, batch=batch, **asked)
        return verify_gradient(made, *subject.examples)
