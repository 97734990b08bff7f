"""Text of whole arrays that a certificate is about: written again, and compared letter by letter.

Nothing of a module is run, and no other text of whole arrays is read than our own.  So a
certificate holds the graph of arrays and the names that the text took from the user's code; from
these ``recheck`` writes the text again.  What differs in one letter, or has other arrays beside it,
is refused; what is the same is proven as it was for the certificate.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from autodiff.errors import ProofgradError, UnsupportedError
from autodiff.graph.array_constant import ArrayConstant, known_constant
from autodiff.graph.graph import Graph
from autodiff.graph.reading.parse import parse
from autodiff.graph.typed_node import Params
from autodiff.origins.origin import Label, Stored
from autodiff.run.whole.scalarize import MOST_SCALARS, scalars_of
from codegen import CompiledFunction
from codegen.asked import compile as compile_derivatives
from codegen.kind import Kind
from verify.answer.certificate import LARGEST, CertificateError

__all__ = ["ArrayText", "written_again"]

_KINDS = frozenset({"<f8", "<i8", "|b1"})
_STATIC = re.compile(
    r"^Static, fixed in this text and no input of it:(?:(?: +|\n    )[\w().,+'?-]+)*\n(?=\"{3}\n)",
    re.MULTILINE,
)
_DATA = re.compile(r'\bdata "([0-9a-f]{64})"')
_LITERAL = re.compile(r"(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)(?:[eE][+-]?[0-9_]+)?")
_START = b"PK\x03\x04"  # NumPy takes a file that begins otherwise for something else


@dataclass(frozen=True)
class ArrayText:
    """A text of whole arrays that was read element by element.

    Args:
        compiled: What it was emitted for.
    """

    compiled: CompiledFunction

    @property
    def source(self) -> str:
        """The text."""
        return self.compiled.source

    @property
    def facts(self) -> dict[str, object]:
        """What is needed to write it again."""
        graph, wrt = self.compiled.graph, self.compiled.wrt
        by = wrt if wrt is None or isinstance(wrt, (int, str)) else list(wrt)
        return {"graph": str(graph), "wrt": by, "names": _names_of(graph)}


def written_again(
    arrays: Mapping[str, Any],
    kind: Kind,
    text: str,
    behind: str,
    module: str | os.PathLike[str],
    most: float = MOST_SCALARS,
) -> CompiledFunction:
    """What the text in ``module`` was emitted for, if this version would emit the same.

    Args:
        arrays: What ``ArrayText.facts`` said.
        kind: What was compiled.
        text: The text of the module.
        behind: What stands behind it there, for where switches tie.
        module: Its file; its arrays are in the file of the same name beside it.
        most: Refuse what stands for more scalar operations.

    Raises:
        CertificateError: if it would not, or the arrays beside it are others.
    """
    data = _arrays_beside(module) if "\n_data = " in text + behind else {}
    _require_known(str(arrays.get("graph")), data, module)
    try:
        graph = _with_names(parse(arrays["graph"]), arrays["names"])
        if scalars_of(graph) > most:
            raise UnsupportedError(f"stands for more than {most} scalar operations")
        compiled = compile_derivatives(
            graph, what=kind.what or "value", wrt=arrays["wrt"], target="numpy", expand=False,
            sparse=kind.sparse or False, check=False,
        )  # fmt: skip
        source, own = compiled.source, dict(getattr(compiled.loaded.module, "data", ()))
        settling, more = compiled.code.derivative.saved
        own = dict(more) if behind else own
    except (ProofgradError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as e:
        raise CertificateError(f"{module}: 'arrays': cannot be written again: {e}") from None
    if source != _without_static(text) or behind not in ("", settling):
        raise CertificateError(
            f"{module}: is not the text that this version of Proofgrad writes for the function in "
            "the certificate: it was compiled with other options or by another version, or is "
            "somebody else's. Compile and verify anew, or compile with expand=True, whose text is "
            "read whoever wrote it"
        )
    if own != data:
        wrong = sorted(name for name in own.keys() | data.keys() if own.get(name) != data.get(name))
        raise _not_certified(module, wrong)
    return compiled


def _require_known(
    graph: str, data: Mapping[str, ArrayConstant], module: str | os.PathLike[str]
) -> None:
    """The arrays of a graph's text are those beside the module, or known otherwise.

    Raises:
        CertificateError: if none is.
    """
    if data and any(known_constant(digest) is None for digest in _DATA.findall(graph)):
        raise _not_certified(module, sorted(data))


def _not_certified(module: str | os.PathLike[str], names: Sequence[str]) -> CertificateError:
    return CertificateError(
        f"{_beside(module)}: {', '.join(names)}: not the array that was certified"
    )


def _without_static(text: str) -> str:
    """``text`` without what its docstring says last of static arguments, which no graph has.

    What is left out stands inside the docstring: it has no quotes and no backslash, and nothing
    but the docstring's end behind it.
    """
    found = _STATIC.search(text)
    return text[: found.start()] + text[found.end() :] if found and found.start() else text


# --- names -----------------------------------------------------------------------------------


def _names_of(graph: Graph) -> dict[str, object]:
    """The names and numbers as the user's code writes them, also those inside loops."""
    origins = graph.origins
    labels = {} if origins is None else origins.labels
    home = None if origins is None else origins.home
    inside = [
        [index, place, _names_of(value)]
        for index, node in enumerate(graph.nodes)
        for place, (_, value) in enumerate(node.params)
        if isinstance(value, Graph)
    ]
    numbers = {abs(node.value) for node in graph.nodes if node.value is not None}
    spelled = {} if origins is None else origins.spellings
    return {
        "home": os.path.basename(home) if home else "",
        "spelled": sorted(spelled[x] for x in numbers & spelled.keys() if spelled[x] != repr(x)),
        "labels": [[index, *label] for index, label in sorted(labels.items())],
        "inside": inside,
    }


def _with_names(graph: Graph, names: Mapping[str, Any]) -> Graph:
    """A graph whose text takes these names; what is no identifier never gets into a text."""
    labels = {
        _int(index): Label(_str(base), tuple(map(_int, path)), _int(event), _int(strength))
        for index, base, path, event, strength in names["labels"]
    }
    spelled = {float(text): text for text in map(_literal, names.get("spelled", ()))}
    origins = Stored(labels, {}, [], [], [], spelled, _str(names["home"]), set())
    nodes = list(graph.nodes)
    for index, place, own in names["inside"]:
        node = nodes[_int(index)]
        params: list[Any] = [*node.params]
        name, body = params[_int(place)]
        params[place] = name, _with_names(body, own)
        kept: Params = tuple(params)
        nodes[index] = node._replace(params=kept)
    return replace(graph, nodes=tuple(nodes), origins=origins)


def _int(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"'names': found {value!r:.40}; expected a number from 0")
    return value


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"'names': found {value!r:.40}; expected a text")
    return value


def _literal(value: object) -> str:
    """What Python reads as the number that ``float`` makes of it."""
    text = _str(value)
    if not _LITERAL.fullmatch(text):
        raise ValueError(f"'spelled': found {text!r:.40}; expected a number as Python writes it")
    return text


# --- arrays ----------------------------------------------------------------------------------


def _beside(module: str | os.PathLike[str]) -> Path:
    """Where a module looks for its arrays."""
    return Path(os.fspath(module).removesuffix(".py") + ".npz")


# What NumPy and zipfile raise of files that are none of theirs; headers are read as Python.
_BROKEN = (
    ValueError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, SyntaxError,
    TokenError,
)  # fmt: skip


def _arrays_beside(module: str | os.PathLike[str]) -> dict[str, ArrayConstant]:
    """The arrays beside a module, read as NumPy would read them, and no other file of this kind.

    Raises:
        CertificateError: if NumPy might see something else in it.
    """
    path = _beside(module)
    try:
        with path.open("rb") as file:  # a device has no size, and no end
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST or not content.startswith(_START):
            raise ValueError("is no file of arrays, or too large a one")
        with zipfile.ZipFile(io.BytesIO(content)) as held:
            members = held.infolist()
            if sum(member.file_size for member in members) > LARGEST:
                raise ValueError(f"holds more than {LARGEST} bytes")
            found = {m.filename.removesuffix(".npy"): _array(held.read(m)) for m in members}
        if sorted(f"{name}.npy" for name in found) != sorted(m.filename for m in members):
            raise ValueError("holds an array twice, or something that is none")
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read: {error.strerror or error}") from None
    except _BROKEN as error:
        raise CertificateError(f"{path}: {error}; expected what df.save writes") from None
    return found


def _array(content: bytes) -> ArrayConstant:
    """The array that ``np.save`` wrote."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("holds an array of another format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
    rest = content[file.tell() :]
    size = _product(shape)
    if dtype.str not in _KINDS or by_columns or size * dtype.itemsize != len(rest):
        raise ValueError("holds an array of other numbers")
    return ArrayConstant(np.frombuffer(rest, dtype).reshape(shape))


def _product(shape: Sequence[int]) -> int:
    total = 1
    for length in shape:
        total *= length
    return total
