"""No name of the user's is ever more than text, in any language that is written."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import autodiff as ad
from autodiff.quoting import LANGUAGES, quoted
from codegen import compile_gradient
from codegen.c99 import to_c
from codegen.latex import to_latex
from tests.hostile import NAMES
from verify.answer.report import Entry, Report, Verdict
from verify.lesson.page import lesson_page

PLAIN = "plain"


def of_key(name: str) -> Callable[..., Any]:
    """A function of a dict with this key."""

    def f(p: Any) -> Any:
        """Product."""
        y = p[name] * 2.0
        return y * ad.sin(y)

    return f


def subject(place: str, name: str) -> tuple[Any, tuple[Any, ...]]:
    """What is compiled, with this name at this place, and its arguments."""
    if place == "key":
        return of_key(name), ({name: 1.5},)

    def f(x: Any) -> Any:
        """Product."""
        y = x * 2.0
        return y * ad.sin(y)

    if place == "function":
        f.__name__ = f.__qualname__ = name
    elif place == "docstring":
        f.__doc__ = name
    else:
        graph = ad.trace(f, 1.5)
        return dataclasses.replace(graph, parameters=((name, graph.parameters[0][1]),)), (1.5,)
    return f, (1.5,)


PLACES = ("parameter", "function", "key", "docstring")
CASES = [(place, name) for place in PLACES for name in NAMES]


def visible(text: str) -> bool:
    """True if a text holds nothing that cannot be seen but the ends of its lines."""
    return all(c.isprintable() or c == "\n" for c in text)


# --- what each language makes of a text ------------------------------------------------------


def python_shape(text: str) -> object:
    """Kinds of the syntax tree's nodes, in order."""
    return [type(node).__name__ for node in ast.walk(ast.parse(text))]


def c_shape(text: str) -> object:
    """Words of C without comments; names of variables and the function aside."""
    code = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    return re.sub(r"[A-Za-z_]\w*", "x", " ".join(code.split()))


def latex_shape(text: str) -> object:
    """Commands that do something, and the nesting of braces."""
    depth, lowest = 0, 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        lowest = min(lowest, depth)
    harmless = {"mathrm", "backslash", "hat", "sim", "overline"}
    active = set(re.findall(r"\\([A-Za-z]+)", text)) - harmless
    bare = re.findall(r"(?<!\\)[%$#]", text)
    return active, depth, lowest, bare, text.count(r"\begin"), text.count("\n")


def svg_shape(text: str) -> object:
    """Elements, in order."""
    return [element.tag for element in ElementTree.fromstring(text).iter()]


def dot_shape(text: str) -> object:
    """The text with its strings taken out."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)


class Tags(HTMLParser):
    """Elements of a page, in order, and the text inside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside = "script" if ("id", "lesson") in attrs else ""

    def handle_endtag(self, tag: str) -> None:
        self.tags.append("/" + tag)
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            json.loads(data)


def outputs(place: str, name: str) -> dict[str, tuple[str, object]]:
    """Every text that is written of a subject, and its shape."""
    given, arguments = subject(place, name)
    found: dict[str, tuple[str, object]] = {}

    def add(what: str, text: str, shape: Callable[[str], object]) -> None:
        found[what] = text, shape(text)

    df = compile_gradient(given, *arguments, check=False)
    add("python", df.source, python_shape)
    numpy = compile_gradient(given, *arguments, target="numpy", check=False)
    add("numpy", numpy.source, python_shape)
    commented = compile_gradient(given, *arguments, comments=True, check=False)
    add("comments", commented.source, python_shape)
    c = to_c(given, *arguments)
    add("c", c.source(), c_shape)
    add("c header", c.header, c_shape)
    add("latex", to_latex(given, *arguments), latex_shape)
    for kind, shape in (("svg", svg_shape), ("dot", dot_shape), ("mermaid", dot_shape)):
        add(kind, ad.draw(df.graph, at=list(arguments), format=kind).text, shape)
    add("explanation", str(df.explain()), lambda text: text.count("\n"))
    function = None if place == "parameter" else given
    report = report_of(df.graph)
    add("report", str(report), lambda text: text.count("\n"))
    add("page", lesson_page(df, list(arguments), function, report), lambda text: Tags(text).tags)
    return found


def report_of(graph: ad.Graph) -> Report:
    """A report that names the function and every input."""
    entries = tuple(Entry(name, Verdict.PROVED, "as text", 0.0) for name in graph.input_names)
    return Report(graph.name, "emitted python code", entries)


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, tuple[str, object]]]:
    """The same outputs for a harmless name."""
    return {place: outputs(place, PLAIN) for place in PLACES}


@pytest.mark.parametrize(("place", "name"), CASES, ids=[f"{p}-{n!a}" for p, n in CASES])
def test_a_name_is_only_text(
    place: str, name: str, expected: dict[str, dict[str, tuple[str, object]]]
) -> None:
    """Every output has the structure it has for a harmless name, and can be seen whole."""
    for what, (text, shape) in outputs(place, name).items():
        assert visible(text), what
        assert shape == expected[place][what][1], what


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler")
def test_c_text_compiles_without_a_warning(tmp_path: Path) -> None:
    """gcc, told to be strict about comments and trigraphs, finds nothing but the two functions."""
    paths = []
    for place in ("key", "parameter"):
        for number, name in enumerate(NAMES):
            given, arguments = subject(place, name)
            path = tmp_path / f"{place}{number}.c"
            to_c(given, *arguments).save(path)
            paths.append(path)
    options = ["-std=c99", "-fsyntax-only", "-Wall", "-Wextra", "-Wcomment", "-Wtrigraphs"]
    done = subprocess.run(
        ["gcc", *options, "-Werror", *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_machine_code_is_written_for_every_name() -> None:
    """Names never reach the text that LLVM reads."""
    pytest.importorskip("llvmlite")
    for name in NAMES:
        given, arguments = subject("key", name)
        _, gradient = compile_gradient(given, *arguments, target="native")(*arguments)
        assert list(gradient) == [name]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_quoted_text_is_one_visible_line(language: str) -> None:
    """Whatever the language, a name takes one line, on which all of it can be seen."""
    assert all(quoted(name, language).isprintable() for name in NAMES)


@pytest.mark.parametrize(
    ("language", "forbidden"),
    [
        ("c comment", r"\*/|/\*|\?\?/|\\$"),
        ("python comment", r"[^ -~]"),
        ("python string", r'"""|(?<!\\)(?:\\\\)*"'),
        ("xml", r"[<>\"']"),
        ("dot string", r'(?<!\\)(?:\\\\)*"'),
        ("mermaid", r'["<>]'),
        ("mermaid comment", r"[{}]"),
        ("latex", r"(?<!\\)[%$#&_^]"),
    ],
)
def test_no_way_out(language: str, forbidden: str) -> None:
    """What ends a comment or a string in a language never comes out of it, joined or alone."""
    for name in (*NAMES, *(one + other for one in NAMES for other in NAMES)):
        assert not re.search(forbidden, quoted(name, language)), name
