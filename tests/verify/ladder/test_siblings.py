"""Jacobians, Hessians and products: proven, refuted number by number, certified, checked again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from verify import (
    CertificateError,
    Verdict,
    recheck,
    verify_derivatives,
    verify_hessian,
    verify_jacobian,
)

X = np.array([0.7, -0.4, 1.3])


def rosenbrock(x: Any) -> Any:
    """Couples neighbours."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def branching(x: float = 0.5, y: float = 2.0) -> Any:
    """With a side for each sign, and decimals that meet in second derivatives."""
    return np.where(x > 0.0, x * x * y, np.sin(0.3 * x) * y) + 0.1 * np.exp(0.7 * x * y)


def arm(q: Any) -> Any:
    """Where the hand of an arm with two joints is."""
    return np.array(
        [np.cos(q[0]) + 0.5 * np.cos(q[0] + q[1]), np.sin(q[0]) + 0.5 * np.sin(q[0] + q[1])]
    )


def roots(x: float = 3.5, n: float = 2.8) -> Any:
    """General powers, whose mixed derivatives are equal only as ``x**(y - 1) * x`` is ``x**y``."""
    return (x + 1.0) ** (1.0 / n) - x ** (1.0 / n)


KINDS: list[tuple[Callable[..., Any], tuple[Any, ...], Any]] = [
    (rosenbrock, (X,), "hessian"),
    (rosenbrock, (X,), "hvp"),
    (rosenbrock, (X,), ("value", "gradient", "hessian")),
    (branching, (0.5, 2.0), "hessian"),
    (branching, (0.5, 2.0), ("value", "jvp")),
    (roots, (3.5, 2.8), "hessian"),
    (arm, (np.array([0.3, 0.4]),), "jacobian"),
    (arm, (np.array([0.3, 0.4]),), ("value", "jvp")),
    (arm, (np.array([0.3, 0.4]),), ("value", "vjp")),
    (arm, (np.array([0.3, 0.4]),), "value"),
]


@pytest.mark.parametrize(("function", "examples", "what"), KINDS)
def test_what_is_emitted_is_proven(
    function: Callable[..., Any], examples: tuple[Any, ...], what: Any
) -> None:
    """Every number of every kind, each by a name of its own."""
    report = verify_derivatives(function, *examples, what=what)
    assert report.verdict is Verdict.PROVED, str(report)
    names = [entry.input for entry in report.entries]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("target", ["python", "numpy", "native"])
def test_what_was_compiled_is_proven(target: str) -> None:
    """The report is about the text of the compiled object, whatever runs."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    compiled = codegen.compile_hessian(branching, target=target)
    report = verify_derivatives(compiled, 0.5, 2.0)
    assert report.verdict is Verdict.PROVED, str(report)
    assert len(report.entries) == 4


def test_static_arguments() -> None:
    """The program of the static values is what is verified."""

    def power(x: Any, n: int) -> Any:
        return x**n

    compiled = codegen.compile_hessian(power, 2.0, 3, wrt="x")
    assert verify_derivatives(compiled, 2.0, 4).verdict is Verdict.PROVED
    assert verify_hessian(power, 2.0, 5, wrt="x").verdict is Verdict.PROVED


def test_places_that_examples_choose() -> None:
    """Index arrays outside ``wrt`` stay what they are, in the trace and where it is called."""
    places = np.array([0, 2, 1])

    def weighted(x: Any, i: Any) -> Any:
        return np.sum(x[i] ** 2 * np.arange(3.0))

    def several(x: Any, i: Any) -> Any:
        return np.array([np.sum(x[i]), x[0] * x[1], x[i[1]] ** 2])

    x = np.array([1.0, 2.0, 3.0])
    assert verify_hessian(weighted, x, places, wrt=0).verdict is Verdict.PROVED
    assert verify_jacobian(several, x, places, wrt=0).verdict is Verdict.PROVED


RIGHT = """
def hessian(x, y):
    return [[2 * y, 2 * x], [2 * x, 0.0]]
"""


@pytest.mark.parametrize(
    "claimed",
    [
        RIGHT,
        "def h(x, y):\n    return ((2.0 * y, x + x), (2 * x, 0.0))",
        lambda x, y: np.array([[2 * y, 2 * x], [2 * x, 0 * x]]),
        lambda x, y: ((2 * y, 2 * x), (2 * x, 0.0)),
        codegen.compile_hessian(lambda x, y: x * x * y, 1.0, 1.0),
    ],
)
def test_hessians_of_others(claimed: Any) -> None:
    """Text, matrices, tuples and compiled objects are proven alike."""
    report = verify_hessian(lambda x, y: x * x * y, 1.0, 2.0, hessian=claimed)
    assert report.verdict is Verdict.PROVED, str(report)


def test_linear_algebra_of_others() -> None:
    """Of what np.linalg computes there are numbers, which somebody's own matrix is held to."""

    def solved(x: Any) -> Any:
        return np.linalg.solve(np.array([[2.0, x[0]], [0.0, 1.0]]), x)

    right = "def j(x): return [[0.5 - 0.5 * x[1], -0.5 * x[0]], [0.0, 1.0]]"
    wrong = right.replace("-0.5 * x[0]", "0.5 * x[0]")
    point = np.array([0.3, 0.7])
    assert verify_jacobian(solved, point, jacobian=right).verdict is Verdict.PROVED
    assert verify_jacobian(solved, point, jacobian=wrong).verdict is Verdict.REFUTED


def test_sparse_matrices_of_others() -> None:
    """A SciPy matrix is taken for its numbers; what cannot be traced is compared at points."""
    sparse = pytest.importorskip("scipy.sparse")

    def jacobian(q: Any, factor: float = 1.0) -> Any:
        a, b = float(q[0]), float(q[0] + q[1])
        rows = [[-np.sin(a) - 0.5 * np.sin(b), -0.5 * np.sin(b)],
                [np.cos(a) + 0.5 * np.cos(b), factor * 0.5 * np.cos(b)]]  # fmt: skip
        return sparse.csr_matrix(rows)

    report = verify_jacobian(arm, np.array([0.3, 0.4]), jacobian=jacobian)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    wrong = verify_jacobian(arm, np.array([0.3, 0.4]), jacobian=lambda q: jacobian(q, -1.0))
    assert [e.input for e in wrong.entries if e.verdict is Verdict.REFUTED] == ["[1], q[1]"]


def test_symmetry_is_not_assumed() -> None:
    """A matrix that is symmetric and wrong is refuted in both places, a lopsided one in one."""
    both = verify_hessian(
        lambda x, y: x * x * y, 1.0, 2.0, hessian=lambda x, y: ((2 * y, 3 * x), (3 * x, 0.0))
    )
    assert [e.input for e in both.entries if e.witness] == ["x, y", "y, x"]
    one = verify_hessian(
        lambda x, y: x * x * y, 1.0, 2.0, hessian=lambda x, y: ((2 * y, 3 * x), (2 * x, 0.0))
    )
    assert [e.input for e in one.entries if e.witness] == ["x, y"]


def test_a_jacobian_is_no_transpose() -> None:
    """The transposed matrix is refuted."""
    right = codegen.compile_jacobian(arm, np.array([0.3, 0.4]), check=False)
    report = verify_jacobian(
        arm,
        np.array([0.3, 0.4]),
        jacobian=lambda q: np.transpose(ad.evaluate(ad.jacobian(right.graph), q)),
    )
    assert [e.input for e in report.entries if e.witness] == ["[0], q[1]", "[1], q[0]"]


# --- wrong Hessians ---


def trigonometric(x: Any) -> Any:
    """Every pair of inputs is coupled."""
    return np.sin(x[0] * x[1]) * np.exp(x[2]) + x[0] * x[2] ** 2 + np.cos(x[1] - x[2]) * x[3]


def partly(x: Any) -> Any:
    """Some pairs are not."""
    return x[0] ** 3 * x[1] + np.exp(x[2]) * x[3] + np.sqrt(1.0 + x[1] * x[1])


FUNCTIONS = [rosenbrock, trigonometric, partly]
POINT = np.array([0.6, -0.3, 0.8, 1.2])
Matrix = list[list[Any]]


def mutants(draw: random.Random) -> Iterator[tuple[str, Callable[[Matrix], Matrix]]]:
    """Ways to get a 4 by 4 Hessian wrong."""

    def changed(i: int, j: int, change: Callable[[Any, Matrix], Any]) -> Callable[[Matrix], Matrix]:
        def made(h: Matrix) -> Matrix:
            rows = [list(row) for row in h]
            rows[i][j] = change(rows[i][j], h)
            return rows

        return made

    def both(i: int, j: int, change: Callable[[Any, Matrix], Any]) -> Callable[[Matrix], Matrix]:
        return lambda h: changed(j, i, change)(changed(i, j, change)(h))

    while True:
        i, j = sorted(draw.sample(range(4), 2))
        k = draw.randrange(4)
        factor = draw.choice((0.5, 2.0, 1.0 + 1e-6, 1.0 - 1e-9))
        shift = draw.choice((1.0, 1e-6, -1e-3))
        yield "dropped", changed(i, j, lambda x, _: 0.0 * x)
        yield "sign", changed(k, k, lambda x, _: -x)
        yield "sign of both", both(i, j, lambda x, _: -x)
        yield "factor", changed(j, i, lambda x, _, c=factor: c * x)
        yield "symmetric copy of a wrong one", both(i, j, lambda x, _, c=shift: x + c)
        yield "another's entry", changed(i, j, lambda _, h, k=k: h[k][k])
        yield "a row of another", lambda h, i=i, j=j: [h[j] if n == i else h[n] for n in range(4)]
        yield "one colour of two columns", lambda h, i=i, j=j: _merged(h, i, j)


def _merged(h: Matrix, i: int, j: int) -> Matrix:
    """Columns i and j as one sweep gives them that took them for apart."""
    return [[row[i] + row[j] if n in (i, j) else x for n, x in enumerate(row)] for row in h]


@cache
def hessian_of(function: Any) -> ad.Graph:
    """The right one."""
    return ad.hessian(ad.trace(function, POINT))


@cache
def cases(count: int) -> list[tuple[Any, str, int]]:
    """So many mutants, by function and the number of the mutant."""
    rights = {f: np.array(ad.evaluate(hessian_of(f), POINT)) for f in FUNCTIONS}
    draw = random.Random(7)
    found: list[tuple[Any, str, int]] = []
    while len(found) < count:
        function = FUNCTIONS[len(found) % len(FUNCTIONS)]
        seed = draw.randrange(10**6)
        name, change = _mutant(seed)
        right = rights[function]
        # What changes nothing is no mutant.
        if not np.array_equal(np.array(change(right.tolist()), float), right):
            found.append((function, name, seed))
    return found


def _mutant(seed: int) -> tuple[str, Callable[[Matrix], Matrix]]:
    draw = random.Random(seed)
    made = mutants(draw)
    for _ in range(draw.randrange(8)):
        next(made)
    return next(made)


def test_wrong_hessians_are_refuted() -> None:
    """Each of 24: dropped entries, signs, copies, rows of others, columns of one colour."""
    survived = []
    for function, name, seed in cases(24):
        graph = hessian_of(function)
        _, change = _mutant(seed)

        def wrong(x: Any, graph: Any = graph, change: Any = change) -> Any:
            rows = ad.evaluate(graph, x)
            return change([[rows[i, j] for j in range(4)] for i in range(4)])

        report = verify_hessian(function, POINT, hessian=wrong, time_limit=2.0)
        right = all(e.witness is not None for e in report.entries if e.verdict is Verdict.REFUTED)
        if report.verdict is not Verdict.REFUTED or not right:
            survived.append((function.__name__, name, seed, str(report.verdict)))
    assert not survived


def test_a_wrong_compile_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check at compile holds the machine's graph to the chain rule applied twice."""
    from codegen import kind
    from verify import VerificationError

    original = kind.derivatives

    def wrong(graph: Any, what: Any, *options: Any) -> Any:
        made = original(graph, what, *options)
        outputs = list(made.outputs)
        outputs[0], outputs[1] = outputs[1], outputs[0]
        return ad.Graph(made.name, made.parameters, made.nodes, tuple(outputs), made.result)

    monkeypatch.setattr(kind, "derivatives", wrong)
    for target in ("python", "numpy"):
        with pytest.raises(VerificationError, match="REFUTED"):
            codegen.compile_hessian(rosenbrock, X, target=target)
        with pytest.raises(VerificationError, match="REFUTED"):
            codegen.compile_jacobian(arm, np.array([0.3, 0.4]), target=target)


# --- certificates ---


@pytest.mark.parametrize(("function", "examples", "what"), KINDS)
def test_certificates_are_established_again(
    function: Callable[..., Any], examples: tuple[Any, ...], what: Any, tmp_path: Path
) -> None:
    """From the file and the module alone."""
    compiled = codegen.compile(function, *examples, what=what)
    report = verify_derivatives(compiled, *examples)
    report.save(tmp_path / "cert.json")
    compiled.save(tmp_path / "module.py", certificate=report)
    again = recheck(tmp_path / "cert.json", tmp_path / "module.py")
    assert again.verdict is report.verdict
    assert [e.input for e in again.entries] == [e.input for e in report.entries]


def test_certificates_of_others(tmp_path: Path) -> None:
    """Somebody's text is read again; another text, kind or argument is refused."""
    report = verify_hessian(lambda x, y: x * x * y, 1.0, 2.0, hessian=RIGHT)
    report.save(tmp_path / "cert.json")
    (tmp_path / "module.py").write_text(RIGHT)
    assert recheck(tmp_path / "cert.json", tmp_path / "module.py").verdict is Verdict.PROVED
    (tmp_path / "module.py").write_text(RIGHT.replace("0.0", "0.5"))
    with pytest.raises(CertificateError, match="not the text"):
        recheck(tmp_path / "cert.json", tmp_path / "module.py")


@pytest.mark.parametrize(
    "change",
    [{"what": ["jacobian"], "wrt": None}, {"what": "hessian", "wrt": None}, {"what": ["hessian"]}],
)
def test_edited_certificates_are_refused(change: dict[str, Any], tmp_path: Path) -> None:
    """Even with a digest that fits: what is said to be derived must be what is."""
    from verify.answer.certificate import digest_of

    verify_hessian(lambda x, y: x * x * y, 1.0, 2.0, hessian=RIGHT).save(tmp_path / "cert.json")
    (tmp_path / "module.py").write_text(RIGHT)
    content = json.loads((tmp_path / "cert.json").read_text())
    content["derivative"] = change
    content["digest"] = digest_of(content)
    (tmp_path / "cert.json").write_text(json.dumps(content))
    with pytest.raises(CertificateError):
        recheck(tmp_path / "cert.json", tmp_path / "module.py")


# --- kinks, constants, wrong calls ---


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: verify_hessian(arm, np.ones(2)), ad.DifferentiationError, "one float"),
        (lambda: verify_jacobian(branching), ad.DifferentiationError, "gradient"),
        (lambda: verify_derivatives(branching), ad.ArgumentError, "what"),
        (
            lambda: verify_hessian(branching, hessian=lambda x, y: (x, y)),
            ad.ArgumentError,
            "matrix of \\(2, 2\\)",
        ),
        (lambda: verify_hessian(branching, hessian=lambda x: x), ad.ArgumentError, "takes"),
        (lambda: verify_hessian(branching, hessian=3.0), ad.ArgumentError, "found float"),
        (
            lambda: verify_hessian(codegen.compile_hvp(branching)),
            ad.ArgumentError,
            "expected one of the two",
        ),
        (
            lambda: verify_hessian(codegen.compile_hessian(branching), wrt="x"),
            ad.ArgumentError,
            "wrt",
        ),
    ],
)
def test_wrong_calls(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    """Each says what was found and what was expected."""
    with pytest.raises(error, match=message):
        call()
