"""The docstring of an emitted file: what it is, from where, how it was made, what goes in and out.

Text of the user never gets in unchecked: names are identifiers, a file's name is reduced to
letters, digits and a few signs.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Sequence

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Part, Structure
from autodiff.version import VERSION
from codegen.language.lines import LINE, safe_name

__all__ = ["header", "summary_of", "title_of"]

_SHOWN = 12  # arguments named one by one


def header(title: str, graph: Graph, inputs: Sequence[Part], output: str, *notes: str) -> str:
    """Docstring of the file, without its quotes.

    Args:
        title: What the file is, one line that fits.
        graph: The traced graph.
        inputs: The scalars and arrays that the emitted functions take, under their names there.
        output: What they return.
        notes: What else must be said.
    """
    paragraphs = [
        f"From: {_home(graph)}, by Proofgrad {VERSION}.",
        f"Input: {_listed(inputs)}.",
        f"Output: {output}.",
        *notes,
    ]
    lines = [one for text in paragraphs for one in _filled(text)]
    return "\n".join([title, "", *lines, ""])


def title_of(what: str, name: str, parameters: Sequence[Part]) -> str:
    """``what`` of ``name(parameters)``, the parameters only if they fit."""
    function = safe_name(name)
    long = f"{what} of {function}({', '.join(safe_name(p) for p, _ in parameters)})."
    return long if len(long) + 3 <= LINE else f"{what} of {function}."[: LINE - 3]


def summary_of(name: str, entry: str) -> str:
    """Docstring of a function that gives a graph's outputs: of one made from another, that one's.

    >>> summary_of("loss_hessian", "hessian"), summary_of("loss", "evaluate")
    ('Hessian of loss.', 'Result of loss.')
    """
    of = name.removesuffix(f"_{entry.replace('_and_', '_')}")
    what = "result" if of == name else entry.replace("_", " ")
    return f"{what.capitalize()} of {safe_name(of)}."


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, LINE, subsequent_indent="    ", break_long_words=True)


def _home(graph: Graph) -> str:
    """``price in black_scholes.py``."""
    home = None if graph.origins is None else graph.origins.home
    name = safe_name(graph.name)
    file = re.sub(r"[^A-Za-z0-9_.\-]+", "_", os.path.basename(home))[:60] if home else ""
    return f"{name} in {file}" if file.strip("_.") else name


def _listed(parts: Sequence[Part]) -> str:
    texts = [f"{name} ({_size(part)})" for name, part in parts[:_SHOWN]]
    if len(parts) > _SHOWN:
        texts.append(f"and {len(parts) - _SHOWN} more")
    return ", ".join(texts) or "nothing"


def _size(part: Structure) -> str:
    if not isinstance(part, Array):
        return "float"
    shape = " x ".join(map(str, part.shape))
    return f"{shape} floats" if len(part.shape) == 1 else f"{shape} floats, row by row"
