"""recheck: establish a certificate again, from it and the module's file alone.

The module is read, never run; the function is the graph in the certificate.  First the digests must
fit, of the text and of each rule; then the text climbs the ladder, and no verdict may be worse than
the certificate says.  Every function that can be imported from the module takes part in that, is an
exact copy of ours, or is a reason to refuse the module.  Text of whole arrays must be what this
version writes, to the letter (``subjects/rewritten.py``).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from autodiff.errors import (
    ArgumentError,
    DifferentiationError,
    IRError,
    ProofgradError,
    UnsupportedError,
)
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Pattern, read_pattern
from autodiff.graph.reading.parse import parse
from autodiff.graph.structure import Scalar
from autodiff.graph.tree.given import given_seconds
from autodiff.run.whole.scalarize import MOST_SCALARS
from codegen import CompiledFunction, CompiledGradient
from codegen.asked import compile as compile_derivatives
from codegen.kind import GRADIENT, Kind
from codegen.text.whole.tied_file import without_settling
from verify.answer.certificate import (
    Certificate,
    CertificateError,
    read_certificate,
    read_text,
    sha256,
    unstamped,
)
from verify.answer.report import Report, Verdict
from verify.ladder.by_check import report_by_check
from verify.ladder.doors.siblings import examine_entire
from verify.ladder.ladder import examine
from verify.program.program import Program
from verify.rules.digests import rule_digests
from verify.subjects.any_direction import patterns_of
from verify.subjects.claimed import claimed_entire
from verify.subjects.emitted import compiled_subject, emitted_subject
from verify.subjects.entire import Entire, compiled_entire, emitted_entire
from verify.subjects.foreign.foreign import foreign_subject
from verify.subjects.rewritten import written_again
from verify.subjects.subject import Subject

__all__ = ["recheck"]

_ORDER = tuple(Verdict)  # from best to worst
_MOST = 10**8  # scalar operations that arrays may stand for: a loop says its length in few letters
_INPUTS = 10_000_000  # floats a graph may take: a header is short, what it announces may not be
_SIZES = re.compile(r"float\[([\d,]*)\]")

Path = str | os.PathLike[str]


def recheck(certificate: Path, module: Path, time_limit: float = 10.0) -> Report:
    """Establish a certificate again.

    Args:
        certificate: The file that ``Report.save`` wrote.
        module: The file that holds the certified text; it is read, never run.
        time_limit: Seconds a step may take.

    Returns:
        The new report, no worse than the certificate.

    Raises:
        CertificateError: if the certificate cannot be read, the module is not the text that was
            certified, a rule it rests on has changed, or a verdict is not reached again; for a
            callable, which no file holds; and for text of whole arrays that is not ours.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from codegen import compile_gradient
    >>> from verify import verify_gradient
    >>> folder = Path(tempfile.mkdtemp())
    >>> df = compile_gradient(lambda x: x * x, 1.0)
    >>> df.save(folder / "df.py")
    >>> verify_gradient(df, 1.0).save(folder / "proof.json")
    >>> print(recheck(folder / "proof.json", folder / "df.py").verdict)
    PROVED
    """
    given_seconds("time_limit", time_limit)
    claims = read_certificate(certificate)
    text, stamp = unstamped(read_text(module, "a module"))
    text, behind = without_settling(text) if claims.form == "arrays" else (text, "")
    if claims.form == "callable":
        raise CertificateError(
            f"{certificate}: is about a callable, so there is no text to compare with. Verify again"
        )
    if sha256(text) != claims.source_sha256:
        raise CertificateError(
            f"{module}: is not the text that was certified: its sha256 is {sha256(text)[:16]}..., "
            f"expected {str(claims.source_sha256)[:16]}.... It was changed, or belongs to another "
            "certificate"
        )
    if stamp not in ("", claims.digest):
        raise CertificateError(
            f"{module}: names the certificate {stamp[:16]}...; {certificate} is "
            f"{claims.digest[:16]}..."
        )
    if claims.form == "arrays" and claims.graph.startswith("array graph "):
        report = _by_check(claims, text, behind, certificate, module)
        return _held(claims, report, certificate)
    graph = _graph(claims, certificate)
    points = [list(point) for point in claims.examples]
    subject: Subject | Entire
    if claims.form == "arrays":
        subject = _of_arrays(claims, graph, text, behind, certificate, module)
    elif claims.derivative is None:
        subject = _subject(claims, graph, text, certificate)
    else:
        subject = _entire(claims, graph, text, certificate)
    rests, takes = graph, graph
    if isinstance(subject, Entire):
        rests, takes = subject.expected.graph, subject.frame
    _check_rules(claims, rests, certificate)
    if any(len(point) != takes.inputs.size for point in points):
        raise CertificateError(
            f"{certificate}: 'examples': expected {takes.inputs.size} numbers a point"
        )
    if subject.unreadable:
        raise CertificateError(f"{module}: {subject.unreadable}")
    if isinstance(subject, Entire):
        report = examine_entire(subject, points, time_limit, claims.seed)
    else:
        report = examine(subject, points, time_limit, claims.seed)
    return _held(claims, report, certificate)


def _held(claims: Certificate, report: Report, certificate: Path) -> Report:
    _check_verdicts(claims, report, certificate)
    return replace(report, subject=f"{report.subject}, checked again,")


def _by_check(
    claims: Certificate, text: str, behind: str, certificate: Path, module: Path
) -> Report:
    """A report by the check at compile, which is made again of what this version writes."""
    compiled = _written(claims, text, behind, certificate, module, _MOST)
    graph = _graph(claims, certificate)  # whose data the file beside the module has brought
    if compiled.graph != graph or "sparse" in (claims.derivative or {}):
        raise _no_text(certificate)
    _check_rules(claims, graph, certificate)
    return report_by_check(compiled, ())


def _written(
    claims: Certificate,
    text: str,
    behind: str,
    certificate: Path,
    module: Path,
    most: int = MOST_SCALARS,
) -> CompiledFunction:
    """What text of whole arrays, which only we write, was emitted for."""
    arrays = claims.arrays
    if arrays is None:
        raise CertificateError(
            f"{certificate}: is about text of whole arrays and does not say what it is written "
            "from. Verify anew and save a new certificate"
        )
    derivative = claims.derivative or {"what": GRADIENT.what}
    kind = Kind(tuple(derivative["what"]), derivative.get("sparse", ""))
    compiled = written_again(arrays, kind, text, behind, module, most)
    if claims.entry != kind.entry or derivative.get("wrt", arrays["wrt"]) != arrays["wrt"]:
        raise _no_text(certificate)
    return compiled


def _no_text(certificate: Path) -> CertificateError:
    return CertificateError(
        f"{certificate}: 'arrays': found what is no text of 'graph', 'entry' and 'derivative'"
    )


def _graph(claims: Certificate, certificate: Path) -> Graph:
    header = claims.graph.partition("\n")[0]
    sizes = (math.prod(int(n[:9]) for n in s.split(",") if n) for s in _SIZES.findall(header))
    if sum(sizes) > _INPUTS:
        raise CertificateError(f"{certificate}: 'graph': takes more than {_INPUTS} numbers")
    try:
        graph = parse(claims.graph)
    except (IRError, ArgumentError, ValueError, RecursionError) as error:
        raise CertificateError(
            f"{certificate}: 'graph': {error}. If it is a primitive of your own, import the module "
            "that registers it first"
        ) from None
    if claims.derivative is None and not isinstance(graph.result, Scalar):
        raise CertificateError(f"{certificate}: 'graph': returns {graph.result}; expected float")
    if graph.name != claims.function:
        raise CertificateError(
            f"{certificate}: 'function': found {claims.function!r}; 'graph' is of {graph.name!r}"
        )
    if not graph.expanded and claims.form in ("text", "emitted"):
        raise CertificateError(
            f"{certificate}: 'form': found {claims.form!r}; of arrays and loops it is 'arrays'"
        )
    return graph


def _check_rules(claims: Certificate, graph: Graph, certificate: Path) -> None:
    now = rule_digests(graph)
    changed = [name for name in now if claims.rules.get(name) != now[name]]
    if changed or len(now) != len(claims.rules):
        raise CertificateError(
            f"{certificate}: rests on other rules than this version's, for "
            f"{', '.join(changed) or 'fewer primitives'}. Verify anew and save a new certificate"
        )


def _subject(claims: Certificate, graph: Graph, text: str, certificate: Path) -> Subject:
    places = {name: place for place, name in enumerate(graph.inputs.names)}
    unknown = [name for name in claims.inputs if name not in places]
    if unknown:
        raise CertificateError(f"{certificate}: 'entries': the graph has no input {unknown[0]!r}")
    if claims.form == "emitted":
        if claims.entry != "value_and_gradient":
            raise CertificateError(
                f"{certificate}: 'entry': found {claims.entry!r}; of emitted code it is "
                "'value_and_gradient'"
            )
        inputs = [places[name] for name in claims.inputs]
        return emitted_subject(graph, inputs, text, claims.subject)
    if claims.form != "text":
        raise CertificateError(
            f"{certificate}: 'form': found {claims.form!r}; expected emitted, text or callable"
        )
    try:
        return foreign_subject(graph, text, claims.entry, whole=True)
    except ArgumentError as error:
        raise CertificateError(f"{certificate}: {error}") from None


def _of_arrays(
    claims: Certificate, graph: Graph, text: str, behind: str, certificate: Path, module: Path
) -> Subject | Entire:
    """Text of whole arrays, read element by element."""
    compiled = _written(claims, text, behind, certificate, module)
    subject: Subject | Entire
    try:
        if isinstance(compiled, CompiledGradient):
            subject = compiled_subject(compiled)
        else:
            subject = compiled_entire(compiled)
    except UnsupportedError as error:
        raise CertificateError(f"{certificate}: 'arrays': {error}") from None
    if subject.graph != graph:
        raise _no_text(certificate)
    return subject


def _entire(claims: Certificate, graph: Graph, text: str, certificate: Path) -> Entire:
    """The derivatives that a certificate is about."""
    assert claims.derivative is not None
    what, wrt = tuple(claims.derivative["what"]), claims.derivative["wrt"]
    kind = Kind(what, claims.derivative.get("sparse", ""))
    try:
        graph = kind.fitting(graph)
        if wrt == []:
            raise ArgumentError("'derivative': 'wrt' names no argument")
        _check_patterns(kind, graph, wrt, _patterns(claims))
        if claims.form == "emitted" and claims.entry == kind.entry:
            return _emitted(claims, graph, kind, wrt, text)
        if claims.form == "text":
            return claimed_entire(graph, kind, wrt, text, claims.entry, whole=True)
    except (ArgumentError, DifferentiationError) as error:
        raise CertificateError(f"{certificate}: {error}") from None
    raise CertificateError(
        f"{certificate}: 'form' and 'entry': found {claims.form!r}, {claims.entry!r}; expected "
        f"'emitted' and {kind.entry!r}, or 'text'"
    )


def _emitted(
    claims: Certificate, graph: Graph, kind: Kind, wrt: Sequence[int | str] | None, text: str
) -> Entire:
    """Text of ours; if compiling the graph gives the same steps, nobody else had a hand in it."""
    patterns = _patterns(claims)
    entire = emitted_entire(graph, kind, wrt, text, claims.subject, patterns)
    target = "numpy" if "import numpy" in text else "python"
    with suppress(ProofgradError):
        ours = compile_derivatives(
            graph, what=kind.what or "value", wrt=wrt, sparse=kind.sparse or False, check=False,
            target=target,
        )  # fmt: skip
        again = emitted_entire(graph, kind, wrt, ours.source, claims.subject, patterns)
        same = ours.source == text or (  # which says nothing of a text that cannot be read
            0 < len(again.programs) == len(entire.programs)
            and all(map(Program.is_same, again.programs, entire.programs))
            and again.demanded == entire.demanded
        )
        if same:
            entire.compiled_here, entire.demanded, entire.compiled = True, None, ours
    return entire


def _patterns(claims: Certificate) -> dict[str, Pattern]:
    """Of sparse matrices, where their entries stand."""
    texts = (claims.derivative or {}).get("patterns", {})
    return {one: found for one, text in texts.items() if (found := read_pattern(text))}


def _check_patterns(
    kind: Kind, graph: Graph, wrt: Sequence[int | str] | None, patterns: Mapping[str, Pattern]
) -> None:
    """Whatever a pattern keeps, its matrix has the shape and order that a call gives."""
    own = patterns_of(kind, kind.whole(graph, wrt).result) if patterns else {}
    for one, pattern in patterns.items():
        if one not in own or (pattern.shape, pattern.by) != (own[one].shape, own[one].by):
            shape = own[one].shape if one in own else "none"
            raise ArgumentError(
                f"'patterns': found {pattern.shape} by {pattern.by} for {one!r}; expected {shape} "
                f"by {kind.lines}"
            )


def _check_verdicts(claims: Certificate, report: Report, certificate: Path) -> None:
    found = {entry.input: entry for entry in report.entries}
    if report.value is not None:
        found["value"] = report.value
    if found.keys() != claims.verdicts.keys():
        raise CertificateError(
            f"{certificate}: 'entries': found {', '.join(claims.verdicts)}; the module gives "
            f"{', '.join(found)}"
        )
    for name, entry in found.items():
        claimed = claims.verdicts[name]
        if claimed not in _ORDER:
            raise CertificateError(f"{certificate}: 'entries': unknown verdict {claimed!r}")
        if _ORDER.index(entry.verdict) > _ORDER.index(Verdict(claimed)):
            raise CertificateError(
                f"{certificate}: says {claimed} for {name}; checked again it is {entry.verdict} "
                f"({entry.method}{'; ' * bool(entry.note)}{entry.note})"
            )
