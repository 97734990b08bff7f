"""The certificate: a saved report that says all that is needed to establish it again.

A certificate is a JSON object.  ``certificate_text`` writes one from a report's data,
``read_certificate`` reads one and believes nothing: every key and every type is checked, and
``digest`` must be that of the rest.  Whoever edits the digest as well gains nothing: verdicts are
established again (rechecking.py), never taken from the file.

========================  ==========================================================================
key                       value
========================  ==========================================================================
``format``                version of this table; a reader refuses newer ones
``function``, ``subject`` name of the function; what was verified
``verdict``               the worst of ``value`` (may be null) and ``entries``
``entries``, ``value``    ``input``, ``verdict``, ``method``, ``witness`` (or null), ``note`` each
``graph``                 the function as printed IR; ``graph_sha256`` is its digest
``form``                  "emitted" (text of ours), "arrays" (ours, of whole arrays), "text" or
                          "callable" (somebody else's gradient)
``entry``                 the function of the text that was verified
``source_sha256``         digest of the verified text, null for a callable
``rules``                 digest of the row of each primitive the proof rests on (digests.py)
``derivative``            ``what`` and ``wrt``, as for ``codegen.compile``; of sparse matrices
                          ``sparse`` and ``patterns``, too; absent for a gradient
``arrays``                of text of whole arrays: what it is written again from
                          (``subjects/rewritten.py``); absent for any other
``examples``, ``seed``    points to compare near, seed of the random ones
``assumptions``           what the verdict takes for granted
``versions``              of Python and the packages that took part
``details``               anything else, not read again
``digest``                sha256 of all the above
========================  ==========================================================================

Times are left out: the same proof gives the same file.  A module may name its certificate in its
first line (``stamped``); that line is not part of the certified text.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from autodiff.errors import ProofgradError
from autodiff.graph.pattern import read_pattern

__all__ = [
    "FORMAT",
    "Certificate",
    "CertificateError",
    "certificate_text",
    "digest_of",
    "read_certificate",
    "read_text",
    "sha256",
    "stamped",
    "unstamped",
]

FORMAT = 1
LARGEST = 256 * 2**20  # bytes of a file that is read

_ASSUMPTIONS = (
    "numbers are real: rounding and overflow are not covered",
    "the graph is what the function does: it records the path taken for the examples' structure",
    "a primitive means the SymPy text of its row",
)
_NUMERIC = "an entry CERTIFIED-NUMERIC was equal at random points; nothing is said about others"
_Kinds: TypeAlias = dict[str, type | tuple[type, ...]]
_ENTRY: _Kinds = {
    "input": str, "verdict": str, "method": str, "note": str, "witness": (dict, type(None)),
}  # fmt: skip
_KEYS: _Kinds = {
    "format": int,
    "function": str,
    "subject": str,
    "verdict": str,
    "value": (dict, type(None)),
    "entries": list,
    "graph": str,
    "graph_sha256": str,
    "form": str,
    "entry": str,
    "source_sha256": (str, type(None)),
    "rules": dict,
    "examples": list,
    "seed": int,
    "assumptions": list,
    "versions": dict,
    "details": dict,
    "digest": str,
}


_FORMS = ("csr", "csc", "coo")
# Where they stand, they are read.
_OPTIONAL: _Kinds = {"derivative": dict, "arrays": dict}


class CertificateError(ProofgradError, ValueError):
    """A certificate cannot be read, or what it says does not hold.

    It is truncated, edited or of a newer version; or the module is not the one that was certified;
    or its verdicts are not reached again.  Verify the function anew and save a new certificate.
    """


@dataclass(frozen=True)
class Certificate:
    """What a certificate file says, nothing of it believed yet; keys as in the table above."""

    function: str
    subject: str
    verdicts: Mapping[str, str]  # input (or "value") -> verdict
    inputs: tuple[str, ...]
    value: bool
    graph: str
    form: str
    entry: str
    source_sha256: str | None
    rules: Mapping[str, str]
    examples: tuple[tuple[float, ...], ...]
    seed: int
    digest: str
    derivative: Mapping[str, Any] | None = None
    arrays: Mapping[str, object] | None = None


def sha256(text: str) -> str:
    """Hexadecimal digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# Verdicts from best to worst; report.py, which has them, imports this file.
_ORDER = ("PROVED", "CERTIFIED", "CERTIFIED-NUMERIC", "UNDECIDED", "REFUTED")
_STAMP = re.compile(r"# Certificate: sha256 ([0-9a-f]{64})\n")


def stamped(text: str, digest: str) -> str:
    """A module's text that names its certificate in the first line."""
    return f"# Certificate: sha256 {digest}\n{text}"


def unstamped(text: str) -> tuple[str, str]:
    """A module's text without that line, which is what was certified, and the digest in it."""
    stamp = _STAMP.match(text)
    return (text, "") if stamp is None else (text[stamp.end() :], stamp[1])


def digest_of(content: Mapping[str, object]) -> str:
    """Digest of everything in a certificate but its digest."""
    rest = {key: value for key, value in content.items() if key != "digest"}
    return sha256(json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False))


# --- writing ---------------------------------------------------------------------------------


def certificate_text(report: Mapping[str, Any]) -> str:
    """The file for a report, given as ``Report.to_json()``."""
    keys = _keys_of(report)
    known = {key: value for key, value in report.items() if key in keys}
    details = {key: value for key, value in report.items() if key not in keys}
    entries = [_timeless(entry) for entry in report["entries"]]
    numeric = any(entry["verdict"] == "CERTIFIED-NUMERIC" for entry in entries)
    trusted = [f"the primitive {name} is what its author says" for name in report.get("trusts", [])]
    content: dict[str, object] = {
        **known,
        "format": FORMAT,
        "value": None if report["value"] is None else _timeless(report["value"]),
        "entries": entries,
        "examples": [list(map(_number, point)) for point in report.get("examples", [])],
        "assumptions": [*_ASSUMPTIONS, *[_NUMERIC] * numeric, *trusted],
        "details": details,
    }
    content["digest"] = digest_of(content)
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _keys_of(content: Mapping[str, object]) -> _Kinds:
    return _KEYS | {key: kind for key, kind in _OPTIONAL.items() if key in content}


def _timeless(entry: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in entry.items() if key in _ENTRY}


def _number(x: float) -> float | str:
    return x if math.isfinite(x) else repr(x)


# --- reading ---------------------------------------------------------------------------------


def read_text(path: str | os.PathLike[str], what: str) -> str:
    """Text of a file, exactly as it is on the disk.

    Raises:
        CertificateError: if it cannot be read, is no UTF-8 or too large.
    """
    try:
        with Path(path).open("rb") as file:  # a device has no size, and no end
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise CertificateError(
                f"{path}: {what} of more than {LARGEST} bytes is not read; this one has more"
            )
        return content.decode("utf-8")
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CertificateError(f"{path}: byte {error.start} is no UTF-8; expected {what}") from None
    except ValueError as error:  # a null character in the path
        raise CertificateError(f"{path!r}: cannot be read: {error}") from None


def read_certificate(path: str | os.PathLike[str]) -> Certificate:
    """Read a certificate.

    Raises:
        CertificateError: if the file is not exactly what ``Report.save`` writes.
    """
    content = _parsed(read_text(path, "a certificate"), path)
    if not isinstance(content, dict) or not isinstance(content.get("format"), int):
        raise CertificateError(f"{path}: holds no certificate; expected what report.save writes")
    if content["format"] != FORMAT:
        raise CertificateError(
            f"{path}: found format {content['format']}; this version of Proofgrad reads format "
            f"{FORMAT}. Update Proofgrad, or verify anew"
        )
    keys = _keys_of(content)
    _check_keys(content, keys, f"{path}")
    if content["digest"] != digest_of(content):
        raise CertificateError(
            f"{path}: was edited: its content does not have the digest it names. Verify anew and "
            "save a new certificate"
        )
    return _certificate(content, path)


def _parsed(text: str, path: object) -> object:
    def once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key appears twice")
        return dict(pairs)

    def refused(name: str) -> object:
        raise ValueError(f"found {name}")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refused)
    except json.JSONDecodeError as error:
        end = " (it ends too early: truncated?)" if error.pos >= len(text.rstrip()) else ""
        raise CertificateError(
            f"{path}:{error.lineno}: {error.msg}{end}; expected the JSON of a certificate"
        ) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise CertificateError(f"{path}: {reason}; expected the JSON of a certificate") from None


def _check_keys(found: Mapping[str, object], expected: _Kinds, where: str) -> None:
    for key in expected:
        if key not in found:
            raise CertificateError(
                f"{where}: found no {key!r}; it is no complete certificate. Reports on loops in "
                'Python text hold none: compile with target="numpy" to check again'
            )
    for key, value in found.items():
        if key not in expected:
            raise CertificateError(f"{where}: found the unknown key {key!r}")
        kinds = expected[key]
        if not isinstance(value, kinds) or isinstance(value, bool):
            names = " or ".join(
                "null" if kind is type(None) else kind.__name__
                for kind in (kinds if isinstance(kinds, tuple) else (kinds,))
            )
            raise CertificateError(
                f"{where}: {key!r}: found {type(value).__name__}; expected {names}"
            )


def _certificate(content: Mapping[str, Any], path: object) -> Certificate:
    entries = [*content["entries"]]
    if content["value"] is not None:
        entries.insert(0, content["value"])
    for entry in entries:
        if not isinstance(entry, dict):
            raise CertificateError(f"{path}: 'entries': expected objects")
        _check_keys(entry, _ENTRY, f"{path}: an entry")
    verdicts = {entry["input"]: entry["verdict"] for entry in entries}
    if len(verdicts) < len(entries):
        raise CertificateError(f"{path}: 'entries': an input appears twice")
    worst = max((_ORDER.index(v) for v in verdicts.values() if v in _ORDER), default=0)
    if content["verdict"] != _ORDER[worst] and set(verdicts.values()) <= set(_ORDER):
        raise CertificateError(
            f"{path}: 'verdict': found {content['verdict']!r}; of its entries the worst is "
            f"{_ORDER[worst]}"
        )
    if sha256(content["graph"]) != content["graph_sha256"]:
        raise CertificateError(f"{path}: 'graph' does not have the digest 'graph_sha256'")
    rules = content["rules"]
    if not all(isinstance(digest, str) for digest in rules.values()):
        raise CertificateError(f"{path}: 'rules': expected a digest per primitive")
    return Certificate(
        content["function"],
        content["subject"],
        verdicts,
        tuple(entry["input"] for entry in content["entries"]),
        content["value"] is not None,
        content["graph"],
        content["form"],
        content["entry"],
        content["source_sha256"],
        rules,
        _points(content["examples"], path),
        content["seed"],
        content["digest"],
        _derivative(content, path),
        content.get("arrays"),
    )


def _derivative(content: Mapping[str, Any], path: object) -> Mapping[str, Any] | None:
    """What the numbers are derivatives of what by, where they are no gradient."""
    found: Mapping[str, Any] | None = content.get("derivative")
    if found is None:
        return None
    what, wrt = found.get("what"), found.get("wrt")
    plain = isinstance(what, list) and all(isinstance(one, str) for one in what)
    by = wrt if isinstance(wrt, list) else [] if wrt is None else [wrt]
    kept = found.get("patterns", {})
    sparse = {"sparse", "patterns"} if "sparse" in found else set()
    plain = plain and isinstance(kept, dict) and found.get("sparse", "csr") in _FORMS
    plain = plain and all(isinstance(text, str) and read_pattern(text) for text in kept.values())
    known = found.keys() == {"what", "wrt"} | sparse and all(type(x) in (int, str) for x in by)
    if not plain or not known:
        raise CertificateError(
            f"{path}: 'derivative': found {str(found)[:200]}; expected 'what', names, and 'wrt', "
            "arguments; of sparse matrices 'sparse' and 'patterns', too"
        )
    return found


def _points(examples: Sequence[Any], path: object) -> tuple[tuple[float, ...], ...]:
    try:
        if not all(isinstance(point, list) for point in examples):
            raise TypeError
        return tuple(tuple(map(float, point)) for point in examples)
    except (TypeError, ValueError, OverflowError):
        raise CertificateError(f"{path}: 'examples': expected lists of numbers") from None
