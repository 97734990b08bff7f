"""Rules that changed, and files that are no certificates."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autodiff.table import ops
from autodiff.table.primitive import REGISTRY, Primitive
from tests.verify.answer.certificate_cases import Files, _sha256, edited
from verify import CertificateError, Report, recheck
from verify.answer.certificate import read_certificate
from verify.rules import digests


def test_every_row_has_its_own_digest() -> None:
    """No two rows share a digest, and digests do not change from call to call."""
    found = [digests._digest(row) for row in REGISTRY.values()]
    assert len(set(found)) == len(found)
    digests._digest.cache_clear()
    assert [digests._digest(row) for row in REGISTRY.values()] == found


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> dict[str, Primitive]:
    """The primitive table, put back afterwards: a new row registers itself."""
    for name, row in REGISTRY.items():
        monkeypatch.setitem(REGISTRY, name, row)
    return REGISTRY


def with_rules(row: Primitive, *rules: Any) -> Primitive:
    """The row with other rules."""
    texts = (row.python, row.numpy, row.sympy, row.ufunc, row.domain)
    return Primitive(row.name, row.impl, rules, *texts, kinks=row.kinks)


def test_a_changed_rule_fails(saved: Files, table: dict[str, Primitive]) -> None:
    """A certificate rests on the rules of its day: one that changed since is named."""
    with_rules(table["sin"], lambda g, out, x: 1.001 * g * ops.cos(x))
    with pytest.raises(CertificateError, match="other rules than this version's, for sin"):
        recheck(*saved)


def test_the_layout_of_a_rule_does_not_matter(table: dict[str, Primitive]) -> None:
    """What a rule does is digested, with the constants and functions it uses."""
    row = table["erf"]
    (rule,) = row.partials
    assert rule is not None

    def spelled_out(g: Any, out: Any, x: Any) -> Any:
        return rule(g, out, x)

    assert digests._digest(with_rules(row, spelled_out)) == digests._digest(row)
    changed = with_rules(row, lambda g, out, x: rule(g, out, x) * 1.0000001)
    assert digests._digest(changed) != digests._digest(row)


def set_to(key: str, value: Any) -> Callable[[Any], None]:
    """Change one key."""
    return lambda content: content.update({key: value})


BAD: list[tuple[Callable[[Any], None], str]] = [
    (set_to("format", 99), "found format 99; this version of Proofgrad reads format 1. Update"),
    (set_to("format", "1"), "holds no certificate"),
    (set_to("surprise", 1), "found the unknown key 'surprise'"),
    (lambda c: c.pop("graph"), "found no 'graph'"),
    (set_to("seed", "0"), "'seed': found str; expected int"),
    (set_to("seed", True), "'seed': found bool; expected int"),
    (set_to("entries", {}), "'entries': found dict; expected list"),
    (set_to("entries", [1]), "'entries': expected objects"),
    (lambda c: c["entries"][0].pop("note"), "an entry: found no 'note'"),
    (lambda c: c["entries"][0].update(extra=1), "an entry: found the unknown key 'extra'"),
    (lambda c: c["entries"].append(c["entries"][0]), "an input appears twice"),
    (lambda c: c["entries"][0].update(input="z"), "the graph has no input 'z'"),
    (lambda c: c["entries"][0].update(verdict="SURE"), "unknown verdict 'SURE'"),
    (set_to("graph", "graph f(x: float) -> float:\n    return x\n"), "'graph' does not have"),
    (set_to("rules", {"sin": 3}), "'rules': expected a digest per primitive"),
    (set_to("rules", {}), "rests on other rules"),
    (set_to("examples", [1.0]), "'examples': expected lists of numbers"),
    (set_to("examples", [[1.0]]), "'examples': expected 2 numbers a point"),
    (set_to("examples", [["x", 1.0]]), "'examples': expected lists of numbers"),
    (set_to("form", "magic"), "'form': found 'magic'"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_content_is_one_clear_error(
    saved: Files, tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    """Even with a digest that fits, each wrong key or type is named."""
    with pytest.raises(CertificateError, match=message) as caught:
        recheck(edited(saved, tmp_path, change, sealed=True), saved[1])
    assert "edited.json" in str(caught.value)


def test_a_missing_entry_fails(saved: Files, tmp_path: Path) -> None:
    """The module gives one number per entry, no more."""
    path = edited(saved, tmp_path, lambda c: c["entries"].pop(), sealed=True)
    with pytest.raises(CertificateError, match="found 3 numbers; expected 2"):
        recheck(path, saved[1])


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ("graph f(x: float[9999999999]) -> float:\n    return x[0]\n", "more than 10000000"),
        ("graph f(x: " + "(" * 5000 + ") -> float:\n    return 1.0\n", "'graph': "),
        ("graph f(x: float) -> float:\n    %1 = magic x\n    return %1\n", "primitive 'magic'"),
        ("graph f(x: float) -> (float, float):\n    return x, x\n", "expected float"),
        ("", "found nothing"),
    ],
)
def test_bad_graphs(saved: Files, tmp_path: Path, graph: str, message: str) -> None:
    """A graph that is none, or announces more than memory holds, is refused."""

    def change(content: Any) -> None:
        content |= {"graph": graph, "graph_sha256": _sha256(graph), "examples": []}

    with pytest.raises(CertificateError, match=message):
        recheck(edited(saved, tmp_path, change, sealed=True), saved[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "it ends too early"),
        (b"hello", "Expecting value"),
        (b"[1, 2]", "holds no certificate"),
        (b'{"format": 1, "format": 1}', "a key appears twice"),
        (b'{"format": 1, "seed": NaN}', "found NaN"),
        (b'{"format": ' + b"1" * 5000 + b"}", "expected the JSON|found format"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe\x00", "is no UTF-8"),
    ],
    ids=["empty", "text", "list", "twice", "nan", "long number", "deep", "binary"],
)
def test_bad_json_is_one_clear_error(
    saved: Files, tmp_path: Path, text: bytes, message: str
) -> None:
    """What is no certificate at all is said to be none."""
    path = tmp_path / "bad.json"
    path.write_bytes(text)
    with pytest.raises(CertificateError, match=message):
        recheck(path, saved[1])


def test_every_truncation_fails(saved: Files, tmp_path: Path) -> None:
    """A certificate cut anywhere raises the same typed error."""
    whole = saved[0].read_bytes()
    path = tmp_path / "cut.json"
    for end in random.Random(0).sample(range(len(whole) - 2), 40):
        path.write_bytes(whole[:end])
        with pytest.raises(CertificateError):
            recheck(path, saved[1])


def test_every_changed_byte_fails(saved: Files, tmp_path: Path) -> None:
    """A certificate with one character changed raises the same typed error."""
    whole = saved[0].read_text().rstrip()
    path = tmp_path / "changed.json"
    for at in random.Random(1).sample(range(len(whole)), 60):
        if whole[at].isspace():
            continue
        new = "7" if whole[at] != "7" else "8"
        path.write_text(whole[:at] + new + whole[at + 1 :])
        with pytest.raises(CertificateError):
            recheck(path, saved[1])


def test_files_too_large_or_missing(
    saved: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is read; the message names the file."""
    with pytest.raises(CertificateError, match=r"none\.json: cannot be read: No such file"):
        recheck(tmp_path / "none.json", saved[1])
    with pytest.raises(CertificateError, match=r"none\.py: cannot be read: No such file"):
        recheck(saved[0], tmp_path / "none.py")
    with pytest.raises(CertificateError, match="cannot be read: Is a directory"):
        recheck(tmp_path, saved[1])
    monkeypatch.setattr("verify.answer.certificate.LARGEST", 100)
    with pytest.raises(CertificateError, match="of more than 100 bytes is not read"):
        recheck(*saved)
    if Path("/dev/zero").exists():  # without a size, and without an end
        with pytest.raises(CertificateError, match="of more than 100 bytes is not read"):
            recheck("/dev/zero", saved[1])


@pytest.mark.parametrize(("key", "value"), [("verdict", "CERTIFIED"), ("function", "other")])
def test_what_a_person_reads_first_is_checked_too(
    saved: Files, tmp_path: Path, key: str, value: str
) -> None:
    """The verdict is that of the entries, the name that of the graph."""
    path = edited(saved, tmp_path, lambda content: content.update({key: value}), sealed=True)
    with pytest.raises(CertificateError, match=f"'{key}': found '{value}'"):
        recheck(path, saved[1])


def test_a_report_without_a_graph_is_saved_as_it_is(tmp_path: Path) -> None:
    """A report on rules is no certificate, but still a file."""
    report = Report("the primitives", "rules", ())
    report.save(tmp_path / "rules.json")
    assert json.loads((tmp_path / "rules.json").read_text()) == report.to_json()
    with pytest.raises(CertificateError, match="found no 'graph'"):
        read_certificate(tmp_path / "rules.json")
