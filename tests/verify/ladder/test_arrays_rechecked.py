"""recheck of text of whole arrays: written again from the certificate, compared to the letter."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import TraceError
from codegen import compile as derivatives
from codegen import compile_gradient, compile_hessian
from verify import (
    CertificateError,
    Verdict,
    recheck,
    verify_derivatives,
    verify_gradient,
    verify_hessian,
)
from verify.answer.certificate import digest_of, sha256
from verify.subjects import rewritten

A = np.arange(12.0).reshape(4, 3)
EMPTY = {"home": "", "labels": [], "inside": []}
ROWS = np.sin(np.arange(120_000.0)).reshape(40_000, 3)
MANY = np.linspace(0.0, 1.0, 102).reshape(34, 3)


def least_squares(w: Any) -> Any:
    """A fit to rows of data, more of them than a graph's text shows."""
    residuals = MANY @ w - 1.0
    return np.sum(residuals**2)


def repeated(w: Any) -> Any:
    """A loop, in which names of the user's stand as well."""

    def step(total: Any, x: Any) -> tuple[Any, Any]:
        halved = total * 0.5
        return halved + np.sin(x), halved

    total, halves = ad.scan(step, 0.0, w)
    return total + np.sum(halves**2)


def halving(w: Any) -> Any:
    """A loop over nothing, whose length is nowhere else."""
    return ad.scan(lambda total, _: (np.sin(total) * 0.5, None), w[0], None, length=3)[0]


def shown(w: Any) -> Any:
    """Few data, which stand in the certificate."""
    return np.sum((A @ w - 1.0) ** 2)


@pytest.mark.parametrize(
    ("function", "make", "verify"),
    [
        (least_squares, compile_gradient, verify_gradient),
        (repeated, compile_gradient, verify_gradient),
        (shown, compile_hessian, verify_hessian),
    ],
)
def test_our_text_is_proven_again(
    function: Callable[..., Any],
    make: Callable[..., Any],
    verify: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """The names of the user's code, loops and data: the text is the same, and so is the verdict."""
    compiled = make(function, np.ones(3), target="numpy", expand=False)
    compiled.save(tmp_path / "m.py")
    verify(compiled).save(tmp_path / "c.json")
    del compiled
    assert json.loads((tmp_path / "c.json").read_text())["form"] == "arrays"
    assert recheck(tmp_path / "c.json", tmp_path / "m.py").verdict is Verdict.PROVED


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is saved of one gradient."""
    folder = tmp_path_factory.mktemp("saved")
    compiled = compile_gradient(least_squares, np.ones(3), target="numpy", expand=False)
    compiled.save(folder / "m.py")
    verify_gradient(compiled).save(folder / "c.json")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _edited(files: dict[str, bytes], **changes: object) -> dict[str, bytes]:
    """The files with another certificate, whose digests fit."""
    content = json.loads(files["c.json"]) | changes
    content["source_sha256"] = sha256(files["m.py"].decode())
    content["digest"] = digest_of(content)
    return files | {"c.json": json.dumps(content).encode()}


def _arrays(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _in_the_text(files: dict[str, bytes]) -> dict[str, bytes]:
    text = files["m.py"].decode().replace("2.0 * v1", "2.5 * v1").replace("2.0 *", "2.5 *")
    assert text != files["m.py"].decode()
    return _edited(files | {"m.py": text.encode()})


def _at_its_end(files: dict[str, bytes]) -> dict[str, bytes]:
    return _edited(files | {"m.py": files["m.py"] + b"\nbackward = forward\n"})


def _in_the_arrays(files: dict[str, bytes]) -> dict[str, bytes]:
    return files | {"m.npz": _arrays(MANY=MANY + 1e-9)}


def _another_type(files: dict[str, bytes]) -> dict[str, bytes]:
    return files | {"m.npz": _arrays(MANY=np.asfortranarray(MANY))}


def _two_kinds_of_file(files: dict[str, bytes]) -> dict[str, bytes]:
    """NumPy reads the array in front, zipfile the archive behind."""
    front = np.zeros(1, dtype=[("MANY", np.float64, (40, 3))])
    return files | {"m.npz": _saved(front) + files["m.npz"]}


def _none(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name != "m.npz"}


def _another_graph(files: dict[str, bytes]) -> dict[str, bytes]:
    """The text of one function, the proof of another."""
    graph = str(ad.trace(shown, np.ones(3))).replace("graph shown(", "graph least_squares(")
    return _edited(files, graph=graph, graph_sha256=sha256(graph))


def _names_that_are_code(files: dict[str, bytes]) -> dict[str, bytes]:
    arrays = json.loads(files["c.json"])["arrays"]
    for label in arrays["names"]["labels"]:
        label[1] = "x = __import__('os')\n    y"
    return _edited(files, arrays=arrays)


def _for_ever(files: dict[str, bytes]) -> dict[str, bytes]:
    arrays = json.loads(files["c.json"])["arrays"]
    loop = str(ad.trace(halving, np.ones(3), expand=False))
    assert "length=3" in loop
    graph = loop.replace("length=3", f"length={10**12}")
    return _edited(files, arrays=arrays | {"graph": graph, "names": EMPTY})


def _longer_than_its_arrays(files: dict[str, bytes]) -> dict[str, bytes]:
    arrays = json.loads(files["c.json"])["arrays"]
    loop = str(ad.trace(repeated, np.ones(3), expand=False))
    graph = loop.replace("length=3", "length=4")
    return _edited(files, arrays=arrays | {"graph": graph, "names": EMPTY})


def _names_that_are_none(files: dict[str, bytes]) -> dict[str, bytes]:
    arrays = json.loads(files["c.json"])["arrays"]
    return _edited(files, arrays=arrays | {"names": {"labels": 3}})


def _a_number_python_does_not_read(files: dict[str, bytes]) -> dict[str, bytes]:
    arrays = json.loads(files["c.json"])["arrays"]
    return _edited(files, arrays=arrays | {"names": EMPTY | {"spelled": ["\uff11.0"]}})


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (_a_number_python_does_not_read, "expected a number as Python writes it"),
        (_in_the_text, "not the text that this version"),
        (_at_its_end, "not the text that this version"),
        (_in_the_arrays, "MANY: not the array"),
        (_another_type, "expected what df.save writes"),
        (_two_kinds_of_file, "expected what df.save writes"),
        (_none, "cannot be read"),
        (_another_graph, "no text of 'graph'"),
        (_names_that_are_code, "not the text that this version"),
        (_for_ever, "more than 200000"),
        (_longer_than_its_arrays, r"the body asks for \(4,\) \(I9\)"),
        (_names_that_are_none, "cannot be written again"),
    ],
)
def test_a_forgery_is_refused(
    files: dict[str, bytes], forge: Callable[..., dict[str, bytes]], said: str, tmp_path: Path
) -> None:
    """Another text, other arrays, another function, names that are none; digests fit throughout."""
    for name, content in forge(files).items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CertificateError, match=said):
        recheck(tmp_path / "c.json", tmp_path / "m.py")


def test_expanded_text_is_checked_again(tmp_path: Path) -> None:
    """What errors advise: the same function as text of numbers."""
    compiled = compile_gradient(shown, np.ones(3), expand=True)
    compiled.save(tmp_path / "m.py")
    verify_gradient(compiled).save(tmp_path / "c.json")
    assert str(recheck(tmp_path / "c.json", tmp_path / "m.py").verdict) == "PROVED"


def spectrum(w: Any) -> Any:
    """Eigenvalues, which no scalars give."""
    return np.sum(np.linalg.eigvalsh(A.T @ A + np.diag(w)) ** 3)


def many_rows(w: Any) -> Any:
    """More rows than are proven one by one."""
    return np.sum(np.log1p(np.exp(ROWS @ w)))


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("function", [spectrum, many_rows])
def test_what_the_check_certifies_is_certified_again(
    function: Callable[..., Any], target: str, tmp_path: Path
) -> None:
    """Arrays that nobody writes as scalars: the check at compile is made again."""
    compiled = compile_gradient(function, np.ones(3), target=target)
    compiled.save(tmp_path / "m.py")
    verify_gradient(compiled).save(tmp_path / "c.json")
    del compiled  # as in another process: the rows are in the file alone
    assert recheck(tmp_path / "c.json", tmp_path / "m.py").verdict is Verdict.CERTIFIED


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is saved of one gradient that the check certified."""
    folder = tmp_path_factory.mktemp("saved")
    compiled = compile_gradient(many_rows, np.ones(3), target="numpy")
    compiled.save(folder / "m.py")
    verify_gradient(compiled).save(folder / "c.json")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _a_better_verdict(files: dict[str, bytes]) -> dict[str, bytes]:
    content = json.loads(files["c.json"])
    entries = [entry | {"verdict": "PROVED"} for entry in content["entries"]]
    value = content["value"] | {"verdict": "PROVED"}
    return _edited(files, entries=entries, value=value, verdict="PROVED")


def _other_rows(files: dict[str, bytes]) -> dict[str, bytes]:
    return files | {"m.npz": _arrays(ROWS=ROWS + 1e-9)}


def _another_function(files: dict[str, bytes]) -> dict[str, bytes]:
    """What the text is written from stays."""
    graph = json.loads(files["c.json"])["graph"].replace("log1p", "expm1")
    return _edited(files, graph=graph, graph_sha256=sha256(graph))


def _both_for_ever(files: dict[str, bytes]) -> dict[str, bytes]:
    loop = str(ad.trace(halving, np.ones(3), expand=False))
    graph = loop.replace("length=3", f"length={10**12}").replace("halving(", "many_rows(")
    arrays = {"wrt": None, "graph": graph, "names": EMPTY}
    return _edited(files, graph=graph, graph_sha256=sha256(graph), arrays=arrays)


def _of_a_jacobian(files: dict[str, bytes]) -> dict[str, bytes]:
    return _edited(files, derivative={"what": ["jacobian"], "wrt": None})


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (_at_its_end, "not the text that this version"),
        (_other_rows, "ROWS: not the array"),
        (_none, "cannot be read"),
        (_a_better_verdict, "says PROVED for w; checked again it is CERTIFIED"),
        (_another_function, "no text of 'graph'"),
        (_both_for_ever, "more than 100000000"),
        (_of_a_jacobian, "cannot be written again"),
        (_names_that_are_code, "not the text that this version"),
    ],
)
def test_a_forgery_of_what_the_check_certified_is_refused(
    whole: dict[str, bytes], forge: Callable[..., dict[str, bytes]], said: str, tmp_path: Path
) -> None:
    """Nothing is taken from the certificate but what to write and to check again."""
    test_a_forgery_is_refused(whole, forge, said, tmp_path)


def test_static_arguments_are_named_and_nothing_else(tmp_path: Path) -> None:
    """What the text says of them is no part of the graph; what is said so is no code."""

    def weighted(x: Any, count: int, kind: str, offsets: Any) -> Any:
        parts = np.log(x[:count] + offsets * 1e-3) if kind == "log of x" else x[:count]
        return np.sum(parts * np.sin(x[:count]))

    args = np.linspace(1.0, 2.0, 120_000), 120_000, "log of x", np.arange(120_000)
    compiled = compile_gradient(weighted, *args, wrt=0, target="numpy")
    assert "Static, fixed" in compiled.source
    compiled.save(tmp_path / "m.py")
    verify_gradient(compiled).save(tmp_path / "c.json")
    del compiled  # as in another process: the rows are in the file alone
    assert recheck(tmp_path / "c.json", tmp_path / "m.py").verdict is Verdict.CERTIFIED
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    static = b"Static, fixed in this text and no input of it: "
    for wrong in (static + b'x (1).\n"""\nforward = 3\n"""', b'"""\n' + static, static + b"\\"):
        text = files["m.py"].replace(static, wrong, 1)
        assert text != files["m.py"]
        edited = _edited(files | {"m.py": text})
        (tmp_path / "m.py").write_bytes(text)
        (tmp_path / "c.json").write_bytes(edited["c.json"])
        with pytest.raises(CertificateError, match="not the text that this version"):
            recheck(tmp_path / "c.json", tmp_path / "m.py")


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("what", ["hessian", "hvp", ("value", "gradient", "hessian")])
@pytest.mark.parametrize("function", [spectrum, many_rows])
def test_other_derivatives_are_certified_again(
    function: Callable[..., Any], what: str | tuple[str, ...], target: str, tmp_path: Path
) -> None:
    """Whatever is compiled of whole arrays has a report and a certificate."""
    compiled = derivatives(function, np.ones(3), what=what, target=target, check=False)
    compiled.save(tmp_path / "m.py")
    report = verify_derivatives(compiled)
    assert [entry.input for entry in report.entries] == list(compiled.what)
    report.save(tmp_path / "c.json")
    assert recheck(tmp_path / "c.json", tmp_path / "m.py").verdict is Verdict.CERTIFIED
    content = json.loads((tmp_path / "c.json").read_text())
    content["derivative"]["wrt"] = ["w"]
    content["digest"] = digest_of(content)
    (tmp_path / "c.json").write_text(json.dumps(content))
    with pytest.raises(CertificateError, match="no text of 'graph'"):
        recheck(tmp_path / "c.json", tmp_path / "m.py")


@pytest.mark.parametrize("function", [spectrum, many_rows])
def test_functions_of_many_numbers_have_verdicts_on_any_derivative(
    function: Callable[..., Any],
) -> None:
    """A function is compiled and called first: one that lies about itself is no subject."""
    assert verify_hessian(function, np.ones(3)).verdict is Verdict.CERTIFIED

    def lies(w: Any) -> Any:
        return function(w) if isinstance(w, np.ndarray) else function(2.0 * w)

    with pytest.raises(TraceError):
        verify_hessian(lies, np.ones(3))


def decaying(x: Any, y: Any) -> Any:
    """Repeats as often as its arguments say."""
    while x > 0.1:
        x = x * 0.5 * np.cos(y)
    return x * y


@pytest.mark.parametrize(
    ("what", "target"), [("gradient", "numpy"), ("gradient", "native"), ("hessian", "numpy")]
)
def test_loops_that_arguments_end_are_checked_again(what: str, target: str, tmp_path: Path) -> None:
    """They have no text of each number; what the check at compile found is a report of its own."""
    compiled = derivatives(decaying, 1.2, 0.7, what=what, target=target)
    report = verify_derivatives(compiled, 1.2, 0.7)
    assert report.verdict is Verdict.CERTIFIED
    certificate, module = tmp_path / "loop.json", tmp_path / "loop.py"
    report.save(certificate)
    compiled.save(module)
    assert recheck(certificate, module).verdict is Verdict.CERTIFIED
    text = module.read_text()
    assert "0.5" in text
    module.write_text(text.replace("0.5", "0.25", 1))
    with pytest.raises(CertificateError):
        recheck(certificate, module)


@pytest.mark.parametrize("form", ["text", "emitted"])
def test_a_graph_with_loops_is_not_checked_as_scalars(form: str, tmp_path: Path) -> None:
    """Whoever writes another form into a certificate gets an error that names it."""
    compiled = compile_gradient(decaying, 1.2, 0.7, target="numpy")
    verify_gradient(compiled, 1.2, 0.7).save(tmp_path / "loop.json")
    content = json.loads((tmp_path / "loop.json").read_text())
    compiled.save(tmp_path / "loop.py")
    content["form"], content["source_sha256"] = form, sha256((tmp_path / "loop.py").read_text())
    content["digest"] = digest_of(content)
    (tmp_path / "loop.json").write_text(json.dumps(content))
    with pytest.raises(CertificateError, match="'form'"):
        recheck(tmp_path / "loop.json", tmp_path / "loop.py")


def test_a_report_of_loops_in_python_says_how_to_check_again(tmp_path: Path) -> None:
    """It holds a verdict, and nothing that could be checked."""
    report = verify_gradient(compile_gradient(decaying, 1.2, 0.7), 1.2, 0.7)
    report.save(tmp_path / "loop.json")
    with pytest.raises(CertificateError, match='target="numpy" to check again'):
        recheck(tmp_path / "loop.json", tmp_path / "loop.py")


def test_arrays_without_end_are_refused(
    whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link to a device has no size that tells: it is read so far, and no further."""
    for name, content in whole.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "m.npz").unlink()
    (tmp_path / "m.npz").symlink_to("/dev/zero")
    monkeypatch.setattr(rewritten, "LARGEST", 1000)
    with pytest.raises(CertificateError, match="no file of arrays, or too large a one"):
        recheck(tmp_path / "c.json", tmp_path / "m.py")
