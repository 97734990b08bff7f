from __future__ import annotations

import linecache
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph
from codegen.language.lines import Returned
from codegen.load.allowed import check_function
from codegen.load.load import load
from codegen.text.function import Function, Parameter
from codegen.text.module import Module
from tests.forged import forged

ROOT = Path(__file__).parents[3]


HEAD = "def value_and_gradient(x):"


def of_text(text: str, statements: int = 1) -> Function:
    """An emitted function of this text, which calls ``sin``."""
    bare = Function(
        "value_and_gradient", (Parameter("x"),), (), Returned((), "float"), typed=True,
        statements=statements, calls=frozenset({"sin"}),
    )  # fmt: skip
    return forged(bare, text)


def function(body: str, head: str = HEAD) -> Function:
    """An emitted function with this body."""
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return of_text(f"{head}\n{lines}")


DOC = '"""Value."""\n'
FORBIDDEN = [
    ("an import", DOC + "import os\nreturn x", "Import"),
    ("an import from", DOC + "from os import system\nreturn x", "ImportFrom"),
    ("an attribute", DOC + "return x.real", "attribute 'x.real'"),
    ("a method call", DOC + "return x.hex()", "attribute 'x.hex'"),
    ("an attribute of np", DOC + "return np.load(x)", "attribute 'np.load'"),
    ("a lambda", DOC + "f = lambda: x\nreturn x", "Lambda"),
    ("a nested function", DOC + "def f():\n    return 1.0\nreturn x", "a nested function"),
    ("a class", DOC + "class C:\n    y = 1.0\nreturn x", "ClassDef"),
    ("a string", DOC + "return 'x'", "a string"),
    ("a second docstring", DOC + '"""x"""\nreturn x', "a string|an expression"),
    ("bytes", DOC + "return b'x'", "the constant b'x'"),
    ("None", DOC + "return None", "the constant None"),
    ("a complex number", DOC + "return 1j", "the constant 1j"),
    ("an unknown name", DOC + "return y", "the name 'y'"),
    ("a builtin", DOC + "return open(x)", "'open'"),
    ("a dunder", DOC + "return __import__(x)", "'__import__'"),
    ("a call of a local", DOC + "y = x\nreturn y(x)", "a call of 'y'"),
    ("a subscript", DOC + "return x[0]", "Subscript"),
    ("keyword arguments", DOC + "return sin(x=x)", "the call"),
    ("starred arguments", DOC + "return sin(*x)", "Starred"),
    ("a power", DOC + "return x ** 9", "Pow"),
    ("a shift", DOC + "return x << 9", "LShift"),
    ("a loop", DOC + "while x:\n    y = x\nreturn x", "While"),
    ("an if statement", DOC + "if x:\n    return x\nreturn x", "If"),
    ("a comprehension", DOC + "return [y for y in x]", "ListComp|GeneratorExp|the name"),
    ("a walrus", DOC + "return (y := x)", "NamedExpr"),
    ("an f-string", DOC + "return f'{x}'", "JoinedStr|a string"),
    ("a dict", DOC + "return {x: x}", "Dict"),
    ("global", DOC + "global x\nreturn x", "Global|name"),
    ("an assertion", DOC + "assert x\nreturn x", "Assert"),
    ("del", DOC + "del x\nreturn x", "Delete|Del"),
    ("an expression statement", DOC + "x\nreturn x", "an expression statement"),
    ("is", DOC + "return x is x", "Is"),
    ("a decorator", None, "decorator|bare definition"),
    ("an annotation", None, "annotation|bare definition"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "body", "message"), FORBIDDEN, ids=[f[0] for f in FORBIDDEN])
def test_allow_list(what: str, body: str | None, message: str) -> None:
    """Text with any construct the emitters never write is refused before it is compiled."""
    if what == "a decorator":
        text = function(DOC + "return x", "@abs\ndef value_and_gradient(x):")
    elif what == "an annotation":
        text = function(DOC + "return x", "def value_and_gradient(x) -> open(x):")
    else:
        assert body is not None
        text = function(body)
    with pytest.raises(ad.EmitError, match=message):
        check_function(text, "python")
    with pytest.raises(ad.EmitError):
        load(Module("python", "x", (text,)), lambda *_: None)


def test_allow_list_lets_emitted_text_through() -> None:
    """What the emitters do write passes: calls, branches, comparisons, tuples, lists."""
    check_function(function(DOC + "y = sin(x) if x < 1.0 and not x == 2.0 else -x / 2.0\nreturn y, "
                            "[x, y], (x,)"), "python")  # fmt: skip


LONG_FORBIDDEN = ["import os", "x.real", "lambda: x", "'x'", '"x"', "y = open(x)", "y = x ** 9 @ x",
                  "y = {x}", "y = foo(x)", "y = __import__(x)", "y = x; z = x", "y = (x).real",
                  "y = 1.0.real", "y = x\\", "y = x if x else é", "y = np.load(x)",
                  "#", "y = x .real", "y = x. real", "y = np .exp(x)", "y = 1.e5", "y = foo # x",
                  'y = 1.0 """x."""', '"""x."""; y = 1.0']  # fmt: skip


@pytest.mark.parametrize("line", LONG_FORBIDDEN)
def test_allow_list_of_long_texts(line: str) -> None:
    """Texts too long for a syntax tree are held to characters and names: the same are refused."""
    body = DOC + "\n".join(f"v{i} = sin(x)" for i in range(20)) + f"\n{line}\nreturn x"
    text = function(body)
    with pytest.raises(ad.EmitError):
        check_function(of_text(text.text, 10**6), "python")
    check_function(of_text(text.text.replace(f"    {line}\n", ""), 10**6), "python")


@pytest.mark.parametrize(
    "names",
    [("sin", "cos"), ("v1", "v2"), ("lambda_", "class_"), ("exp", "x_bar"), ("x", "x_bar"),
     ("np", "math"), ("w", "residuals"), ("cotangent", "forward"), ("value_and_gradient", "inf"),
     ("float", "abs"), ("_x", "__x__"), ("x1", "x_1"), ("é", "λ"), ("print", "nan"),
     ("match", "type"), ("sigmoid", "gelu"), ("v1_bar", "v"), ("evaluate", "part_1"), ("e", "pi"),
     ("True_", "None_"), ("recover", "total"), ("_total", "_literal")],
)  # fmt: skip
def test_parameter_names(names: tuple[str, str]) -> None:
    """Any parameter name gives right code: none reaches the text unless it is a safe identifier."""
    scope: dict[str, Any] = {"np": np, "ad": ad}
    first, second = names
    body = f"np.sin({first}) * np.exp({second}) + np.cos({second}) / {first} + abs({first})"
    scope_name = {"np": np, "ad": ad}
    if "np" in names:
        body = body.replace("np.", "_numpy.")
        scope_name["_numpy"] = np
    body = body.replace("abs(", "_abs(")
    scope_name["_abs"] = abs
    exec(f"def f({first}, {second}):\n    return {body}", scope | scope_name, scope)
    graph = ad.trace(scope["f"], 1.0, 1.0)
    df = compile_gradient(graph)
    reference = ad.backpropagate(ad.trace(lambda a, b: np.sin(a) * np.exp(b) + np.cos(b) / a
                                          + abs(a), 1.0, 1.0), 0.3, 0.7)  # fmt: skip
    assert df(0.3, 0.7) == reference
    assert df.source.isascii()
    value, residuals = df.forward(0.3, 0.7)
    assert (value, df.backward(residuals)) == reference


def test_parameter_names_of_structures() -> None:
    """Strange dict keys give safe identifiers, each its own."""
    p = {"a b": 1.0, "a_b": 2.0, "a-b": np.ones(2), "": 3.0, "1": 4.0, 'x"\n': 5.0, "import": 6.0}

    def f(p):
        return sum((i + 1.0) * np.sum(v) for i, v in enumerate(p.values()))

    value, gradient = compile_gradient(f, p)(p)
    assert value == 1.0 + 4.0 + 6.0 + 12.0 + 20.0 + 30.0 + 42.0
    assert [np.sum(v) for v in gradient.values()] == [1.0, 2.0, 6.0, 4.0, 5.0, 6.0, 7.0]


def test_function_names() -> None:
    """A function whose name is no ASCII identifier never gets it into the text."""
    for name in ("é", "<lambda>", 'f"""\nimport os', "f'", "class"):
        graph = ad.trace(lambda x: x * x, 1.0)
        renamed = ad.Graph(name, graph.parameters, graph.nodes, graph.outputs, graph.result)
        df = compile_gradient(renamed)
        assert df(3.0) == (9.0, 6.0)
        assert df.source.isascii()
        assert "import os" not in df.source
        assert compile_graph(renamed)(3.0) == 9.0


FALLBACKS = [
    (lambda x: 1.0 / x, 0.0, (math.inf, -math.inf)),
    (np.log, 0.0, (-math.inf, math.inf)),
    (np.exp, 1000.0, (math.inf, math.inf)),
    (lambda x: x**-2.0, 0.0, (math.inf, -math.inf)),
    (np.sqrt, 0.0, (0.0, math.inf)),
    (np.sqrt, -1.0, (math.nan, math.nan)),
    (lambda x: x**3.5, 1e200, (math.inf, math.inf)),
    (lambda x: x % 0.0, 1.0, (math.nan, 1.0)),
    (np.sin, math.inf, (math.nan, math.nan)),
    (lambda x: np.where(x > 0.0, 1.0 / x, 0.0), 0.0, (0.0, 0.0)),
    (lambda x: 1.0 / np.where(x > 0.0, 2.0, 0.0), 0.0, (math.inf, 0.0)),
    (lambda x: 1.0 / np.where(x > 0.0, x, 0.0) + x, -1.0, (math.inf, 1.0)),
    (lambda x: np.where(x > 0.0, 1.0, 0.0) % np.arccosh(np.where(x > 0.0, x, 1.0)), 0.0,
     (math.nan, 0.0)),
    (np.sinc, 1.7e308, (0.0, 0.0)),
    (lambda x: x * np.inf, 0.0, (math.nan, math.inf)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x", "result"), FALLBACKS)
def test_ieee_fallback(f: Any, x: float, result: tuple[float, float]) -> None:
    """Where plain Python raises, the same text runs again with IEEE results, literals included."""
    df = compile_gradient(f, 1.0)
    assert df(x) == pytest.approx(result, nan_ok=True, rel=1e-15)
    assert all(type(v) is float for v in df(x))
    value, residuals = df.forward(x)
    again = (value, df.backward(residuals))
    assert again == pytest.approx(result, nan_ok=True, rel=1e-15)
    assert compile_graph(ad.trace(f, 1.0))(x) == pytest.approx(result[0], nan_ok=True, rel=1e-15)
    assert all(type(v) is float for v in again)


def test_infinite_literals_in_both_halves() -> None:
    """A literal inf or nan used by forward and by backward is imported by each."""
    df = compile_gradient(lambda x: np.maximum(x * np.inf, np.inf * x * x) * x, 1.0)
    value, residuals = df.forward(2.0)
    assert value == math.inf
    assert df.backward(residuals) == math.inf
    scope: dict[str, Any] = {}
    exec(df.source, scope)
    assert scope["backward"](scope["forward"](2.0)[1]) == math.inf


def test_the_source_stands_alone() -> None:
    """The emitted file runs by itself, with ``math`` alone, and gives the same numbers."""

    def f(x, y):
        return ad.sigmoid(x) * ad.softplus(y) + np.floor(x * y) + ad.gelu(x) * ad.erf(y)

    df = compile_gradient(f, 1.0, 1.0)
    scope: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(df.source, "emitted.py", "exec"), scope)
    assert scope["value_and_gradient"](0.3, 1.7) == df(0.3, 1.7)
    value, residuals = scope["forward"](0.3, 1.7)
    assert (value, scope["backward"](residuals)) == df(0.3, 1.7)
    assert scope["backward"](residuals, 2.0) == pytest.approx([2.0 * g for g in df(0.3, 1.7)[1]])
    imports = [line for line in df.source.splitlines() if "import" in line]
    assert all("math" in line for line in imports)


def test_tracebacks_show_the_emitted_line() -> None:
    """The emitted text is known to linecache, so tracebacks and debuggers show it."""
    df = compile_gradient(lambda x: np.sin(x) / x, 1.0)
    filename = df.loaded.filename
    assert "v1" in "".join(linecache.getlines(filename))


SCRIPT = """
import numpy as np, autodiff as ad
from codegen import compile_gradient, compile_graph
def f(p, q):
    u = np.where(p["a"] > q[0], np.log(p["b"] @ p["b"]), ad.gelu(q[1]))
    return u * np.maximum(p["a"], q[0]) + np.linalg.norm(p["b"]) ** q[1]
ex = ({"a": 1.0, "b": np.ones(3)}, (1.0, 2.0))
g = ad.trace(f, *ex)
print(g, compile_gradient(g).source, ad.hessian(g), compile_graph(ad.hessian(g)).source)
"""


def test_text_does_not_depend_on_the_hash_seed() -> None:
    """The same graph gives the same bytes whatever PYTHONHASHSEED is."""
    texts = set()
    for seed in ("0", "12345"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        texts.add(done.stdout)
    assert len(texts) == 1
    assert "def value_and_gradient" in texts.pop()


@pytest.mark.parametrize(
    ("python", "numpy", "target", "missing"),
    [
        ("nowhere({0})", "np.sin({0})", "python", "nowhere"),
        ("sin({0})", "nowhere({0})", "numpy", "nowhere"),
        ("sin({0})", "np.nowhere({0})", "numpy", "np.nowhere"),
        ("sin({0})", "np.linalg_({0})", "numpy", "np.linalg_"),
    ],
)
def test_a_text_that_calls_what_is_not_there_is_refused(
    python: str, numpy: str, target: str, missing: str
) -> None:
    """A row that calls a function no file has is an error at compile, not at the first call."""
    row = ad.Primitive(
        "sine_elsewhere", math.sin, (lambda g, out, x: g * ad.cos(x),), python, numpy, "sin({0})"
    )
    try:
        with pytest.raises(ad.EmitError, match=f"calls .*{missing}.*found neither"):
            compile_gradient(lambda x: row(x) * x, 1.0, target=target)
    finally:
        del ad.REGISTRY["sine_elsewhere"]
        ad.primitive.PUBLIC.pop("sine_elsewhere", None)


def test_arguments_of_another_type_cost_no_exception() -> None:
    """Where the first argument is no float, a call converts all of them before any fails."""
    df = compile_gradient(lambda x, y: x * y + x / y, 1.0, 2.0)
    raised: list[object] = []

    def seen(frame: object, event: str, found: object) -> object:
        raised.extend([found] if event == "exception" else [])
        return seen

    before = sys.gettrace()
    for numbers in ((3, 4), (np.float32(3.0), np.float32(4.0)), (np.array(3.0), np.array(4.0))):
        sys.settrace(seen)
        try:
            result = df(*numbers)
        finally:
            sys.settrace(before)
        assert result == (12.75, (4.25, 2.8125))
        assert not raised
