"""The page that explains: its steps end at our gradients, in the data and in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import autodiff as ad
from autodiff.picture.picture import number_text
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient
from tests.chromium import headless
from verify import verify_gradient
from verify.beside.formulas import derivative_text, operation_text
from verify.command import app
from verify.lesson import lesson_page
from verify.lesson.steps import Walk, steps_of


def neuron(x1: Any = 2.0, x2: Any = 0.0, w1: Any = -3.0, w2: Any = 1.0, b: Any = 6.88137) -> Any:
    """A neuron with two inputs: <b>weighted</b> sum & tanh."""
    n = x1 * w1 + x2 * w2 + b
    return np.tanh(n)


AT = (2.0, 0.0, -3.0, 1.0, 6.88137)


def page_of(function: Any, *at: Any) -> str:
    """The page of a function."""
    compiled = compile_gradient(function, *at)
    return lesson_page(compiled, at, function, verify_gradient(function, *at))


def lesson_of(page: str) -> Any:
    """The data of a page."""
    found = re.search(r'<script type="application/json" id="lesson">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def test_steps_go_forward_and_back_to_our_gradients() -> None:
    """After the last step every node has its value, and every input the interpreter's gradient."""
    graph = ad.trace(neuron, *AT)
    walk = Walk(graph, AT)
    steps = list(steps_of(walk, {i: f"n{i}" for i in range(len(graph.nodes))}))
    phases = [step.phase for step in steps]
    assert phases == ["start", *["forward"] * 5, *["backward"] * 6, "end"]
    _, gradient = ad.backpropagate(graph, *AT)
    assert tuple(walk.cotangents[: graph.input_count]) == gradient
    shown: dict[int, float] = {}
    for step in steps:
        shown |= step.grad
    assert tuple(shown[i] for i in range(graph.input_count)) == gradient


def test_local_derivatives_are_formulas_with_numbers() -> None:
    """A step names the derivative, its formula and number, and what flows."""
    lesson = lesson_of(page_of(lambda a, b: a * b, 2.0, -3.0))
    (step,) = [s for s in lesson["steps"] if s["phase"] == "backward" and "near" in s]
    name = lesson["steps"][1]["formulas"][0].partition(" ")[0]
    assert step["formulas"][0] == f"∂{name}/∂a = b = -3, so 1 × (-3) = -3 goes to a"


def test_each_step_lights_its_lines() -> None:
    """The user's line of a step and the emitted lines made from it are named."""
    lesson = lesson_of(page_of(neuron, *AT))
    source, emitted = lesson["source"], lesson["emitted"]
    forward = [s for s in lesson["steps"] if s["phase"] == "forward"]
    assert source[forward[-1]["source"][0] - 1] == "    return np.tanh(n)"
    assert [emitted[i - 1].strip() for i in forward[-2]["emitted"]] == ["n = x1 * w1 + x2 * w2 + b"]
    backward = [s for s in lesson["steps"] if s["phase"] == "backward"][1]
    lit = [emitted[i - 1] for i in backward["emitted"]]
    assert any("_bar = " in line for line in lit)
    assert emitted[0].startswith("def value_and_gradient(")


def scaled(z: float, y: float) -> float:
    """Something a lesson's function calls."""
    return np.sin(z) * y


def calling(z: float, y: float) -> float:
    """A function with a helper."""
    return np.tanh(scaled(z, y))


def test_helpers_are_shown() -> None:
    """The source of what a function calls stands below it, once, and its lines light up."""
    lesson = lesson_of(page_of(calling, 0.5, 2.0))
    source = lesson["source"]
    assert [line for line in source if line.startswith("def ")] == [
        "def calling(z: float, y: float) -> float:",
        "def scaled(z: float, y: float) -> float:",
    ]
    lit = {source[row - 1] for step in lesson["steps"] for row in step.get("source", [])}
    assert {"    return np.tanh(scaled(z, y))", "    return np.sin(z) * y"} <= lit


def test_a_branch_not_taken_passes_nothing() -> None:
    """At a closed gate the step says so, and the gradient is 0."""
    page = page_of(lambda x, y: np.where(x > 0.0, x, y * y), 1.0, 3.0)
    lesson = lesson_of(page)
    texts = [f for s in lesson["steps"] for f in s.get("formulas", ())]
    assert any("this branch is not taken" in text for text in texts)
    assert [row[2] for row in lesson["gradients"]] == ["1.0", "0.0"]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_primitive_has_a_formula(name: str) -> None:
    """Operation and derivatives of each row can be written."""
    row = REGISTRY[name]
    operands = ["a", "b", "c"][: row.arity]
    assert operation_text(row, operands)
    for position, rule in enumerate(row.partials):
        text = derivative_text(row, position, operands)
        assert rule is None or text or name in ("mod", "fmod", "cbrt", "clip")
        assert "x0" not in text


def test_text_of_the_user_is_escaped() -> None:
    """Markup in names and docstrings never becomes markup of the page."""
    page = page_of(neuron, *AT)
    assert "<b>weighted" not in page
    assert "&lt;b&gt;weighted&lt;/b&gt; sum &amp; tanh" in page

    def hostile(x: Any) -> Any:
        """</script><script>alert(1)</script>"""
        return x * x

    page = page_of(hostile, 1.0)
    assert "<script>alert" not in page
    assert page.count("</script>") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_written_can_be_read(scheme: str) -> None:
    """In the colours of a light and of a dark page text stands out from what is behind it."""
    style = page_of(neuron, *AT).split("</style>")[0]
    light, dark = (dict(re.findall(r"--(\w+): (#\w+)", part.split("}")[0]))
                   for part in style.split(":root {")[1:])  # fmt: skip
    colours = light if scheme == "light" else light | dark
    for ink in ("ink", "soft", "forward", "backward", "good", "bad"):
        for ground in ("paper", "ground"):
            assert _contrast(colours[ink], colours[ground]) > 4.5, (ink, ground)
    for ground in ("row", "picked"):
        assert _contrast(colours["ink"], colours[ground]) > 7.0
    assert _contrast(colours["number"], colours["paper"]) > 3.0
    assert (_light(colours["ground"]) < 0.1) == (scheme == "dark")


def _light(colour: str) -> float:
    """Relative luminance, as the W3C defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted([_light(one), _light(other)])
    return (high + 0.05) / (low + 0.05)


def test_nothing_is_fetched() -> None:
    """The page needs no network: no address but XML's own namespace."""
    page = page_of(neuron, *AT)
    assert set(re.findall(r"https?://[^\s\"'<>]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert len(page.encode()) < 300_000


def test_mistakes(tmp_path: Path) -> None:
    """A function without one float, too long a function, missing numbers: one clear error."""
    report = verify_gradient(neuron, *AT)
    two = compile_gradient(neuron, *AT)
    two.code.emission._graph = ad.trace(lambda x: (x, x), 1.0)
    with pytest.raises(ad.DifferentiationError, match="one float"):
        lesson_page(two, (1.0,), None, report)

    def long(x: Any) -> Any:
        for _ in range(300):
            x = np.sin(x)
        return x

    with pytest.raises(ad.DifferentiationError, match="300 operations"):
        lesson_page(compile_gradient(long, 1.0), (1.0,), long, report)
    file = tmp_path / "model.py"
    file.write_text("def f(x, y):\n    return x * y\n", encoding="utf-8")
    run = CliRunner().invoke(app, ["explain", f"{file}:f", "-o", str(tmp_path / "f.html")])
    assert run.exit_code == 2
    assert "found no numbers for x, y" in run.output
    assert not (tmp_path / "f.html").exists()


# --- in a browser ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a screen."""
    yield from headless()


def test_keys_step_to_the_end(browser: Any, tmp_path: Path) -> None:
    """Stepped by keyboard, no error in the console, and the shown gradients equal ours."""
    file, page = tmp_path / "model.py", tmp_path / "page.html"
    file.write_text(
        "import numpy as np\n\n\ndef neuron(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=6.88137):\n"
        '    """One <i>neuron</i>."""\n    n = x1 * w1 + x2 * w2 + b\n    return np.tanh(n)\n',
        encoding="utf-8",
    )
    done = CliRunner().invoke(app, ["explain", f"{file}:neuron", "-o", str(page)])
    assert done.exit_code == 0, done.output
    assert page.stat().st_size < 300_000
    browser.set_window_size(360, 740)  # a phone
    browser.get(page.as_uri())
    keys = pytest.importorskip("selenium.webdriver.common.keys").Keys

    def text(selector: str) -> str:
        found: str = browser.find_element("css selector", selector).text
        return found

    seen = []
    while True:
        seen.append((text("#counter"), text("#step .phase")))
        before = text("#counter")
        browser.find_element("css selector", "body").send_keys(keys.ARROW_RIGHT)
        if text("#counter") == before:
            break
        if text("#step .phase") != "End":
            lit = browser.find_elements("css selector", "#graph .node.lit")
            assert len(lit) == 1
    assert [phase for _, phase in seen] == ["Start", *["Forward"] * 5, *["Backward"] * 6, "End"]
    _, gradient = compile_gradient(neuron, *AT)(*AT)
    rows = browser.find_elements("css selector", "#gradients tr")[1:]
    assert [row.find_elements("css selector", "td")[2].text for row in rows] == [
        repr(g) for g in gradient
    ]
    boxes = browser.find_elements("css selector", "#graph .node.input")
    shown = [box.find_elements("css selector", "text")[-1].text for box in boxes]
    assert shown == [f"grad {number_text(g)}" for g in gradient]
    assert text("#verdict") == "PROVED"
    assert browser.get_log("browser") == []
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0  # nothing sticks out on a phone
    drawn, shown_at = browser.execute_script(
        "const svg = document.querySelector('#graph svg');"
        "return [svg.width.baseVal.value, svg.getBoundingClientRect().width]"
    )
    assert shown_at > drawn / 1.36  # and the picture is large enough to be read
    browser.find_element("css selector", "body").send_keys(keys.HOME)
    assert text("#step .phase") == "Start"
    browser.find_element("css selector", "#next").click()
    assert text("#step .phase") == "Forward"


def test_a_name_lights_where_it_stands(browser: Any, tmp_path: Path) -> None:
    """A click on ``n`` lights the whole name ``n``, not every word with an n in it."""
    file, page = tmp_path / "model.py", tmp_path / "page.html"
    file.write_text(
        "import numpy as np\n\n\ndef line(x=2.0, slope=3.0):\n"
        "    n = x * slope\n    return np.tanh(n) * n\n",
        encoding="utf-8",
    )
    assert CliRunner().invoke(app, ["explain", f"{file}:line", "-o", str(page)]).exit_code == 0
    browser.set_window_size(1200, 900)
    browser.get(page.as_uri())
    names = browser.find_elements("css selector", "#source .name")
    next(name for name in names if name.text == "n").click()
    picked = browser.find_elements("css selector", ".name.picked")
    assert {name.text for name in picked} == {"n"}
    assert len([name for name in names if "picked" in name.get_attribute("class")]) == 3
    assert len(browser.find_elements("css selector", "#graph .node.picked")) == 1
    picked[0].click()
    assert not browser.find_elements("css selector", ".picked")
    assert browser.get_log("browser") == []


def test_names_of_a_helper_are_its_own(browser: Any, tmp_path: Path) -> None:
    """A click on the function's ``z`` lights that ``z`` alone, not a helper's parameter ``z``."""
    file, page = tmp_path / "model.py", tmp_path / "page.html"
    file.write_text(
        "import numpy as np\n\n\ndef inner(z, y):\n    return np.sin(z) * y\n\n\n"
        "def outer(z=1.0, y=2.0):\n    return inner(z + y, y) * z\n",
        encoding="utf-8",
    )
    assert CliRunner().invoke(app, ["explain", f"{file}:outer", "-o", str(page)]).exit_code == 0
    browser.get(page.as_uri())
    names = browser.find_elements("css selector", "#source .name")
    mine, *_, theirs = [name for name in names if name.text == "z"]
    for clicked, other in ((mine, theirs), (theirs, mine)):
        clicked.click()
        assert "picked" in clicked.get_attribute("class")
        assert "picked" not in other.get_attribute("class")
    mine.click()
    assert len(browser.find_elements("css selector", "#graph .node.picked")) == 1
