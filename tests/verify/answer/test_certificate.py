"""Certificates: what is saved, that nothing in the file is believed, and how bad files are told."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.table import ops
from autodiff.table.primitive import REGISTRY, Primitive
from codegen import compile_gradient
from verify import CertificateError, Report, Verdict, recheck, verify_gradient
from verify.answer.certificate import digest_of, read_certificate
from verify.rules import digests


def wave(x: Any, y: Any) -> Any:
    """A function with a portable primitive in its gradient."""
    return np.tanh(x * y) + np.sin(x) / y


Files = tuple[Path, Path]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A certificate and its module."""
    folder = tmp_path_factory.mktemp("certificate")
    compiled = compile_gradient(wave, 1.0, 2.0)
    module = folder / "d_wave.py"
    module.write_bytes(compiled.source.encode())
    verify_gradient(compiled, 1.0, 2.0).save(folder / "cert.json")
    return folder / "cert.json", module


def edited(saved: Files, tmp_path: Path, change: Callable[[Any], None], sealed: bool) -> Path:
    """A copy of the certificate with a change, and its digest made to fit if ``sealed``."""
    content = json.loads(saved[0].read_text())
    change(content)
    if sealed:
        content["digest"] = digest_of(content)
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(content))
    return path


def test_a_certificate_is_established_again(saved: Files) -> None:
    """From the two files alone: every verdict is reached again."""
    report = recheck(*saved)
    assert report.verdict is Verdict.PROVED
    assert [e.input for e in report.entries] == ["x", "y"]
    assert "checked again" in str(report)


def test_a_certificate_says_what_it_rests_on(saved: Files) -> None:
    """Digests of text, graph and rules, the graph itself, seed, assumptions, versions."""
    content = json.loads(saved[0].read_text())
    assert ad.parse(content["graph"]) == ad.trace(wave, 1.0, 2.0)
    assert {"tanh", "sin", "div", "exp"} <= content["rules"].keys()
    assert content["seed"] == 0
    assert content["versions"].keys() >= {"python", "sympy", "mpmath"}
    assert any("rounding" in line for line in content["assumptions"])
    assert read_certificate(saved[0]).digest == content["digest"]


def test_the_same_proof_gives_the_same_file(saved: Files, tmp_path: Path) -> None:
    """No times, no paths: certificates can be compared and kept under version control."""
    verify_gradient(compile_gradient(wave, 1.0, 2.0), 1.0, 2.0).save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == saved[0].read_bytes()


def test_a_module_may_name_its_certificate(saved: Files, tmp_path: Path) -> None:
    """save writes the digest into the first line; another certificate is then refused."""
    compiled = compile_gradient(wave, 1.0, 2.0)
    report = verify_gradient(compiled, 1.0, 2.0)
    module = tmp_path / "d_wave.py"
    compiled.save(module, certificate=report)
    digest = read_certificate(saved[0]).digest
    assert module.read_text() == f"# Certificate: sha256 {digest}\n{compiled.source}"
    assert recheck(saved[0], module).verdict is Verdict.PROVED
    verify_gradient(compiled, 1.5, 2.0, seed=1).save(tmp_path / "other.json")
    with pytest.raises(CertificateError, match="names the certificate"):
        recheck(tmp_path / "other.json", module)
    module.write_text(module.read_text().replace("sha256", "sha255", 1))
    with pytest.raises(CertificateError, match="is not the text that was certified"):
        recheck(saved[0], module)


@pytest.mark.parametrize("place", [0.05, 0.3, 0.5, 0.7, 0.98])
@pytest.mark.parametrize("change", ["replaced", "space", "removed"])
def test_a_module_changed_by_one_character_fails(
    saved: Files, tmp_path: Path, place: float, change: str
) -> None:
    """Also where only a comment or the layout changes."""
    text = saved[1].read_text()
    at = int(place * len(text))
    middle = {"replaced": "#" if text[at] != "#" else "+", "space": " " + text[at], "removed": ""}
    module = tmp_path / "changed.py"
    module.write_text(text[:at] + middle[change] + text[at + 1 :])
    with pytest.raises(CertificateError, match="is not the text that was certified"):
        recheck(saved[0], module)


def test_the_module_is_never_run(saved: Files, tmp_path: Path) -> None:
    """A module whose digest was put into the certificate is read, and refused, not executed."""
    module, mark = tmp_path / "evil.py", tmp_path / "ran"
    text = saved[1].read_text() + f"\nopen({str(mark)!r}, 'w')\n"
    module.write_text(text)

    def change(content: Any) -> None:
        content["source_sha256"] = _sha256(text)

    with pytest.raises(CertificateError, match="only imports and functions at the top level"):
        recheck(edited(saved, tmp_path, change, sealed=True), module)
    assert not mark.exists()


def _sha256(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    return ", "    return 2.0 * "),
        ("import", "import os\nimport"),
        ("def value_and_gradient(", "@abs\ndef value_and_gradient("),
        ("_div(1.0, y)", "_div(2.0, y)"),  # what runs after an exception
        ("return x / y if", "return y / x if"),
        ('halves.\n"""', 'halves.\n"""\ndef sin(x):\n    return x\n'),
    ],
)
def test_a_forged_certificate_is_not_believed(
    saved: Files, tmp_path: Path, old: str, new: str
) -> None:
    """With all digests made to fit a wrong module, its verdict is not reached."""
    text = saved[1].read_text()
    wrong = text.replace(old, new)
    assert wrong != text
    module = tmp_path / "wrong.py"
    module.write_text(wrong)

    def change(content: Any) -> None:
        content["source_sha256"] = _sha256(wrong)

    path = edited(saved, tmp_path, change, sealed=True)
    if "def sin" in new:  # the import below it wins, as in Python: nothing is wrong
        assert recheck(path, module).verdict is Verdict.PROVED
        return
    with pytest.raises(
        CertificateError, match=r"checked again it is REFUTED|the text cannot be read"
    ):
        recheck(path, module)


# What is changed in a module, and why it is then refused.
TAMPERED: dict[str, tuple[str, str, str]] = {
    "another function": (
        "def forward(", "def other(x, y):\n    return x\n\n\ndef forward(", "other is part"),
    "a hook": (
        "def forward(", "def __getattr__(n):\n    return n\n\n\ndef forward(", "__getattr__"),
    "another cotangent": (
        "cotangent: float = 1.0", "cotangent: float = 3.0", "the cotangent is 3.0"),
    "its square": (" = cotangent / ", " = cotangent * cotangent / ", "proportional"),
    "its absolute value": (" = cotangent / ", " = abs(cotangent) / ", "proportional"),
    "only one cotangent": (
        " = cotangent / ", " = (1.0 if cotangent == 1.0 else 2.0) / ", "proportional"),
    "a cotangent that changes": (
        "    cotangent = float(cotangent)", "    cotangent = abs(float(cotangent))",
        "changes inside try"),
    "swapped names": (
        "def value_and_gradient(x: float, y: float)", "def value_and_gradient(y: float, x: float)",
        "not in the function's order"),
    "a default that runs": ("cotangent: float = 1.0", "cotangent: float = print(1.0)", "line"),
    "an annotation that runs": ("cotangent: float", "cotangent: print(1.0)", "line"),
    "a decoy": ("import math\n", "import numpy as math\n", r"float\(x\): .*many numbers"),
    "scimath": ("import math\n", "import numpy.lib.scimath as math\n", "line"),
    "a star": ("import math\n", "import math\nfrom math import *\n", "a star"),
    "a builtin": ("import math\n", "import math\nfrom math import sin as abs\n", "REFUTED|line"),
    "another encoding": ('"""Value and', '# coding: utf-7\n"""Value and', "encoding 'utf-7'"),
    "a mark": ('"""Value and', '\ufeff"""Value and', "byte order mark"),
    "a change of the whole batch": ("        # forward\n", "        x += 0.0\n", "in place"),
    "what it calls": (
        "    return x / y if", "    return 1.0 * x / y if x < 1e300 else 0.0 if", "line|REFUTED"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_module_is_refused(saved: Files, tmp_path: Path, name: str) -> None:
    """Whatever can be imported is proven, for every cotangent, or the module is refused."""
    old, new, message = TAMPERED[name]
    text = saved[1].read_text().replace(old, new)
    assert text != saved[1].read_text()
    module = tmp_path / "tampered.py"
    module.write_text(text)

    def change(content: Any) -> None:
        content["source_sha256"] = _sha256(text)

    with pytest.raises(CertificateError, match=message):
        recheck(edited(saved, tmp_path, change, sealed=True), module)


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_copy_that_calls_what_is_not_ours_is_no_copy(tmp_path: Path, target: str) -> None:
    """A function of ours means its primitive only if what it calls is ours as well."""
    compiled = compile_gradient(lambda x: ops.spherical_jn(2.0, x), 1.5, target=target)
    module, certificate = tmp_path / "d.py", tmp_path / "cert.json"
    compiled.save(module)
    verify_gradient(compiled, 1.5).save(certificate)
    assert recheck(certificate, module).verdict is Verdict.PROVED
    text = module.read_text()
    helper = "power_over"
    head = next(line for line in text.splitlines() if line.startswith(f"def {helper}("))
    wrong = text.replace(head, f"{head}\n    return 0.0\n\n\n{head.replace(helper, 'unused')}")
    module.write_text(wrong)

    def change(content: Any) -> None:
        content["source_sha256"] = _sha256(wrong)

    with pytest.raises(CertificateError, match="the text cannot be read"):
        recheck(edited((certificate, module), tmp_path, change, sealed=True), module)


def test_residuals_are_the_caller_s(saved: Files, tmp_path: Path) -> None:
    """backward may be called twice: it must not change what forward returned."""
    old = saved[1].read_text()
    text = re.sub(
        r"( +)return wave, \(\n?([^()]*)\)", r"\1return wave, [\2]", old
    )  # a list, which could change
    at = text.index("def backward")
    text = text[:at] + text[at:].replace(
        "        cotangent = float(cotangent)\n",
        "        cotangent = float(cotangent)\n        residuals[0] = 0.0\n", 1)  # fmt: skip
    module = tmp_path / "twice.py"
    module.write_text(text)

    def change(content: Any) -> None:
        content["source_sha256"] = _sha256(text)

    with pytest.raises(CertificateError, match=r"residuals\[0\] = 0.0: only items of a list"):
        recheck(edited(saved, tmp_path, change, sealed=True), module)


def test_functions_beside_a_gradient_are_refused(tmp_path: Path) -> None:
    """What the gradient calls is proven with it; what nobody calls is not."""
    text = "def h(x):\n    return 2.0 * x\n\n\ndef gradient(x):\n    return h(x)\n"
    files = tmp_path / "cert.json", tmp_path / "theirs.py"

    def save(text: str) -> None:
        files[1].write_text(text)
        report = verify_gradient(lambda x: x * x, 1.0, gradient=text)
        assert report.verdict is Verdict.PROVED
        report.save(files[0])

    save(text)
    assert recheck(*files).verdict is Verdict.PROVED
    save(f"def k(x):\n    return x\n{text}")
    with pytest.raises(CertificateError, match="k is part of nothing that is proven"):
        recheck(*files)


def test_an_edited_verdict_is_not_believed(saved: Files, tmp_path: Path) -> None:
    """A certificate of a wrong gradient with its verdicts polished fails, digest or not."""
    text = "def gradient(x, y):\n    return y, 2.0 * x\n"
    module = tmp_path / "wrong.py"
    module.write_text(text)
    report = verify_gradient(lambda x, y: x * y, 1.0, 2.0, gradient=text)
    report.save(tmp_path / "cert.json")
    assert recheck(tmp_path / "cert.json", module).verdict is Verdict.REFUTED

    def polish(content: Any) -> None:
        content["verdict"] = "PROVED"
        for entry in content["entries"]:
            entry |= {"verdict": "PROVED", "witness": None}

    files = tmp_path / "cert.json", module
    with pytest.raises(CertificateError, match="was edited"):
        recheck(edited(files, tmp_path, polish, sealed=False), module)
    with pytest.raises(CertificateError, match="says PROVED for y; checked again it is REFUTED"):
        recheck(edited(files, tmp_path, polish, sealed=True), module)


def test_texts_of_others_are_established_again(tmp_path: Path) -> None:
    """The function that was verified counts, not the last of the file."""
    text = "def gradient(x):\n    return 2.0 * x\n"
    module = tmp_path / "theirs.py"
    module.write_text(text)
    verify_gradient(lambda x: x * x, 1.0, gradient=text).save(tmp_path / "cert.json")
    assert recheck(tmp_path / "cert.json", module).verdict is Verdict.PROVED


def test_a_callable_leaves_no_text_to_check(saved: Files, tmp_path: Path) -> None:
    """A certificate about a callable says that there is nothing to compare a module with."""
    verify_gradient(lambda x: x * x, 1.0, gradient=lambda x: x + x).save(tmp_path / "cert.json")
    with pytest.raises(CertificateError, match="is about a callable"):
        recheck(tmp_path / "cert.json", saved[1])


def test_some_arguments_only(tmp_path: Path) -> None:
    """A gradient by chosen arguments, with arrays and dicts, is established again."""
    compiled = compile_gradient(
        lambda p, s: (p["w"] @ p["w"]) * s + p["b"], {"w": np.ones(3), "b": 1.0}, 2.0, wrt="p"
    )
    compiled.save(tmp_path / "d.py")
    verify_gradient(compiled).save(tmp_path / "cert.json")
    report = recheck(tmp_path / "cert.json", tmp_path / "d.py")
    assert [e.input for e in report.entries] == ["p.w[0]", "p.w[1]", "p.w[2]", "p.b"]
    assert report.verdict is Verdict.PROVED


# --- rules -----------------------------------------------------------------------------------


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


# --- bad files -------------------------------------------------------------------------------


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
