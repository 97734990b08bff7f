"""Certificates: what is saved, that nothing in the file is believed, and how bad files are told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.table import ops
from codegen import compile_gradient
from tests.verify.answer.certificate_cases import Files, _sha256, edited, wave
from verify import CertificateError, Verdict, recheck, verify_gradient
from verify.answer.certificate import read_certificate


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
