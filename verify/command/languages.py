"""What ``proofgrad compile`` writes, by target: one text, or a C source and its header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from verify.command.output import write_files

if TYPE_CHECKING:
    from autodiff.graph.graph import Graph
    from autodiff.run.reverse_plan import Wrt
    from codegen.call.compiled import CompiledFunction
    from codegen.stable import GivenDomain
    from verify.command.frame import Subject

__all__ = ["PLAIN", "Asked", "known_target", "made", "texts", "write_texts", "written_graph"]

_TARGETS = ("python", "numpy", "native", "c", "latex")


class Asked(TypedDict):
    """Options of ``codegen.compile`` that the command has for texts in every language."""

    what: str | tuple[str, ...]
    wrt: Wrt
    sparse: bool | str
    profile: str
    domain: GivenDomain


PLAIN: Asked = {
    "what": ("value", "gradient"),
    "wrt": None,
    "sparse": False,
    "profile": "exact",
    "domain": None,
}


def known_target(target: str) -> None:
    """See that there is such a target.

    Raises:
        ArgumentError: if not; it lists those there are.
    """
    from autodiff.errors import ArgumentError

    if target not in _TARGETS:
        raise ArgumentError(f"--target: found {target!r}; expected one of {', '.join(_TARGETS)}")


def written_graph(subject: Subject, target: str, profile: str) -> Graph:
    """The trace that a text is written from: C has loops for large arrays, too."""
    if target != "c":
        return subject.graph()
    from codegen.c99 import form_in_c

    return form_in_c(subject.traceable, subject.examples, profile)


def made(
    traceable: Callable[..., object] | Graph,
    examples: Sequence[object],
    target: str,
    comments: bool = False,
    **asked: Unpack[Asked],
) -> CompiledFunction:
    """The compiled derivatives; NumPy's text takes batches of points."""
    from codegen import compile as compile_derivatives

    batch = True if target == "numpy" else None
    return compile_derivatives(
        traceable, *examples, target=target, batch=batch, comments=comments, **asked
    )


def texts(graph: Graph, target: str, **asked: Unpack[Asked]) -> dict[str, str]:
    """Text of the derivatives: ``source``, and ``header`` where the language has one."""
    from codegen.c99 import to_c
    from codegen.latex import to_latex

    if target == "c":
        code = to_c(graph, **asked)
        return {"source": code.source(), "header": code.header, "include": f"{code.name}.h"}
    if target == "latex":
        return {"source": to_latex(graph, **asked)}
    return {"source": str(made(graph, (), target, **asked).source)}


def write_texts(output: Path, code: Mapping[str, str], sources: Sequence[Path]) -> list[Path]:
    """Write ``source`` to a file, and a header beside it; never over the user's own ``sources``.

    A stream has nothing beside it: it gets the header, then the source.
    """
    from autodiff.errors import ArgumentError
    from autodiff.files import is_stream

    source, header = code["source"], code.get("header")
    if header is None or is_stream(output):
        texts = {output: (header or "") + source}
    else:
        beside = output.with_suffix(".h")
        if beside == output:
            raise ArgumentError(f"{output}: is the header's name; expected a name such as f.c")
        named = source.replace(f'"{code["include"]}"', f'"{beside.name}"', 1)
        texts = {output: named, beside: header}
    write_files(texts, sources)
    return list(texts)
