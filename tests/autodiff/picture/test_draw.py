from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import autodiff as ad

SVG = "{http://www.w3.org/2000/svg}"


def example() -> ad.Value:
    """a * b + c, backpropagated."""
    a, b, c = (ad.Value(x, label=n) for x, n in ((2.0, "a"), (-3.0, "b"), (10.0, "c")))
    d = a * b + c
    d.label = "d"
    d.backward()
    return d


def test_svg_is_one_whole_document() -> None:
    """The SVG parses, holds one group per node and one path per edge, and every text."""
    root = ElementTree.fromstring(ad.draw(example()).text)
    nodes = [g for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("node")]
    edges = [p for p in root.iter(f"{SVG}path") if p.get("data-tail") is not None]
    assert [g.get("data-node") for g in nodes] == ["0", "1", "2", "3", "4"]
    assert {(p.get("data-tail"), p.get("data-head")) for p in edges} == {
        ("0", "3"), ("1", "3"), ("3", "4"), ("2", "4"),
    }  # fmt: skip
    texts = {t.text for t in root.iter(f"{SVG}text")}
    assert {"a", "b", "c", "d", "×", "+", "data 2", "grad -3", "data 4", "grad 1"} <= texts


def test_drawing_twice_gives_the_same_text() -> None:
    """The picture depends on nothing but the graph."""
    assert ad.draw(example()).text == ad.draw(example()).text


@pytest.mark.parametrize("kind", ["svg", "dot", "mermaid"])
def test_text_of_the_user_is_escaped(kind: str) -> None:
    """Markup, quotes, record signs and control characters in a label stay text."""
    label = '<script>alert("1")</script>|{x}\x07'
    value = ad.Value(1.0, label=label) * 2.0
    text = ad.draw(value, format=kind).text
    assert "<script" not in text.replace("\\<", "")
    assert "\x07" not in text
    if kind == "svg":
        titles = [t.text for t in ElementTree.fromstring(text).iter(f"{SVG}title")]
        assert any(label[:-1] in (title or "") for title in titles)
    if kind == "dot":
        assert r"\<script\>alert(\"1\")\</script\>\|\{x\}" in text


def test_a_long_name_is_shortened_with_the_whole_in_the_hint() -> None:
    """A box stays narrow; resting the pointer on it shows the full name."""
    name = "a_rather_long_name_of_a_variable_in_a_program"
    text = ad.draw(ad.Value(1.0, label=name)).text
    assert f"<title>{name}" in text
    assert f">{name}</text>" not in text


def test_dot() -> None:
    """DOT text has micrograd's records and operation ellipses."""
    assert ad.draw(example(), format="dot").text.splitlines()[3:] == [
        '    n0 [label="a|data 2|grad -3"];',
        '    n1 [label="b|data -3|grad 2"];',
        '    n2 [label="c|data 10|grad 1"];',
        '    n3 [label="data -6|grad 1"];',
        '    op3 [shape=ellipse, label="×"];',
        "    op3 -> n3;",
        '    n4 [label="d|data 4|grad 1"];',
        '    op4 [shape=ellipse, label="+"];',
        "    op4 -> n4;",
        "    n0 -> op3;",
        "    n1 -> op3;",
        "    n3 -> op4;",
        "    n2 -> op4;",
        "}",
    ]


def test_notebooks_show_values_graphs_and_drawings() -> None:
    """A Value, a Graph and a Drawing show themselves as SVG; a drawing in DOT does not."""
    graph = ad.trace(lambda x: x * x, 1.0)
    for shown in (example(), graph, ad.draw(graph)):
        assert shown._repr_svg_().startswith("<svg")  # type: ignore[union-attr]
    assert ad.draw(graph, format="dot")._repr_svg_() is None


def test_save(tmp_path: Path) -> None:
    """save() writes the text."""
    drawing = ad.draw(example())
    drawing.save(str(tmp_path / "graph.svg"))
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == str(drawing)


def test_a_collapsed_picture_says_so() -> None:
    """Above the limit a note stands in the picture, in every format."""
    value = ad.Value(1.0)
    for _ in range(400):
        value = value.sin()
    for kind in ("svg", "dot", "mermaid"):
        assert "401 nodes, too many to read" in ad.draw(value, format=kind).text


def test_a_wide_picture_stacks_its_cells() -> None:
    """Where boxes in a row would make the picture too wide, their texts stand one above another."""
    value = example()
    narrow = ElementTree.fromstring(ad.draw(value).text)
    for _ in range(23):
        value = value.sin()
    wide = ElementTree.fromstring(ad.draw(value).text)
    heights = [
        {r.get("height") for r in root.iter(f"{SVG}rect") if r.get("class") == "box"}
        for root in (narrow, wide)
    ]
    assert heights[0] == {"26"}
    assert "26" not in heights[1]
    assert float(wide.get("width", "0")) < 23 * 230


def test_a_terminal_shows_no_text_of_it() -> None:
    """What ``repr`` says is short, and says what can be done."""
    assert re.fullmatch(r"<Drawing, svg, \d+ characters: \.save.*>", repr(ad.draw(example())))


def test_an_unknown_format() -> None:
    """The known formats are listed."""
    with pytest.raises(ad.ArgumentError, match="found 'png'; expected one of svg, dot, mermaid"):
        ad.draw(example(), format="png")


@pytest.mark.parametrize("length", [3, 10, 50, 200])
def test_a_picture_fits_a_page(length: int) -> None:
    """However long the chain, a page shows the picture whole: it folds, and shrinks a little."""
    value = example()
    for _ in range(length):
        value = value.sin()
    root = ElementTree.fromstring(ad.draw(value).text)
    assert float(root.get("width", "inf")) <= 1110.0
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert root.get("style") is None  # height: auto is 0 to some that show pictures
    assert "@media all { .pg-picture { max-width: 100%;" in "".join(root.itertext())


def test_notebooks_show_pictures_without_being_asked() -> None:
    """A fresh import is enough for a notebook to show a Value, or a graph, as a picture."""
    program = (
        "import sys, autodiff as ad, numpy as np\n"
        "assert 'autodiff.picture.draw' not in sys.modules\n"
        "assert ad.Value(np.ones(3)).sum()._repr_svg_().startswith('<svg')\n"
        "assert ad.trace(lambda x: x * x, 1.0)._repr_svg_().startswith('<svg')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
