"""The pages of the reference, written from docstrings: packages, rows of the table, commands."""

import inspect
import shutil
from importlib import import_module
from pathlib import Path
from types import FunctionType

import click

import proofgrad
from autodiff.table.primitive import Primitive
from autodiff.table.row_help import derivatives, operand_names
from verify.command import app

__all__ = ["write_reference"]

PACKAGES = {
    "autodiff": "autodiff: the mathematics",
    "codegen": "codegen: the speed",
    "verify": "verify: the proof",
    "proofgrad.distributed": "proofgrad.distributed: more rows than one machine holds",
}


def write_reference(folder: Path) -> None:
    """Write all pages into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for package, title in PACKAGES.items():
        name = package.rpartition(".")[2]
        (folder / f"{name}.md").write_text(_page(package, title), encoding="utf-8")
    (folder / "functions.md").write_text(_rows(), encoding="utf-8")
    (folder / "command.md").write_text(_commands(), encoding="utf-8")


def _page(package: str, title: str) -> str:
    module = import_module(package)
    names = [n for n in module.__all__ if not isinstance(getattr(module, n), Primitive)]
    functions = [n for n in names if isinstance(getattr(module, n), FunctionType)]
    classes = [n for n in names if inspect.isclass(getattr(module, n))]
    errors = [n for n in classes if issubclass(getattr(module, n), Exception)]
    if "." in package:
        lead = "These names are in this module alone."
    else:
        lead = "Every name is in `proofgrad`, too: `proofgrad.{0}` is `{1}.{0}`."
    parts = [f"# {title}", lead.format(functions[0], package), "## Functions"]
    parts += [_auto("function", package, name) for name in functions]
    parts += ["## Classes"]
    parts += [_auto("class", package, n, "members") for n in classes if n not in errors]
    if errors:
        parts += ["## Errors", *(_auto("exception", package, name) for name in errors)]
    return "\n\n".join(parts) + "\n"


def _auto(kind: str, package: str, name: str, *options: str) -> str:
    lines = [f".. auto{kind}:: {package}.{name}", *(f"   :{option}:" for option in options)]
    return "\n".join(["```{eval-rst}", *lines, "```"])


def _rows() -> str:
    """The rows of the table: what each is, NumPy's name, the derivative, the kinks."""
    exported = (getattr(proofgrad, name) for name in proofgrad.__all__)
    rows = {r.name: r for r in exported if isinstance(r, Primitive)}
    parts = [
        "# Functions of the table",
        "Functions to differentiate are written with operators, NumPy's functions, or these "
        "(`ad.sin`, `proofgrad.sin`). Each takes floats, Values, traced numbers and arrays; "
        "`help(ad.sin)` shows the same.",
    ]
    for row in rows.values():
        call = f"{row.name}({', '.join(operand_names(row))})"
        lines = [f"```{{py:function}} {call}", f":module: autodiff\n\n{row.about}.", ""]
        lines += [f"- derivative {line}" for line in map(_code, derivatives(row))]
        lines += [f"- kink, {where}: {what}" for where, what in row.kinks]
        lines += [f"- NumPy's `np.{row.ufunc}`"] if row.ufunc else []
        parts.append("\n".join([*lines, "```"]))
    return "\n\n".join(parts) + "\n"


def _code(line: str) -> str:
    place, found, formula = line.partition(": ")
    return f"{place}: `{formula}`" if found else line


def _commands() -> str:
    parts = ["# The command", "`proofgrad` and `python -m proofgrad` are one."]
    group = click.Context(app, info_name="proofgrad", terminal_width=80, **app.context_settings)
    for name, command in sorted(app.commands.items()):
        context = click.Context(command, group, name, **command.context_settings)
        parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```")
    return "\n\n".join(parts) + "\n"
