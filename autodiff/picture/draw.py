"""draw(x): the computation graph of a Value or a Graph as SVG, DOT or Mermaid.

``picture.py`` says what is shown and ``layered.py`` where; this file only writes it down.  Nothing
but Python is needed: no graphviz, no network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autodiff.errors import ArgumentError
from autodiff.files import write_whole
from autodiff.graph.graph import Graph
from autodiff.picture.layered import Layout, Point, place
from autodiff.picture.picture import LIMIT, Box, Picture, picture_of
from autodiff.quoting import quoted
from autodiff.run.values.value import Value

__all__ = ["Drawing", "box_size", "draw", "svg_of"]

CHARACTER, PADDING = 7.3, 7.0  # width of a character, and free space beside a text, in pixels
BOX_HEIGHT, PILL_HEIGHT, STALK = 26.0, 22.0, 9.0  # the stalk joins an operation to its result
ROW_HEIGHT = 17.0
WIDE = 900.0  # a page of a notebook; wider than this cells are stacked, then
FOLDED = 1.2 * WIDE  # columns go on below; what is little wider is shown a little smaller
MARGIN, NOTE_HEIGHT = 12.0, 22.0
LONGEST = 28  # characters of a name; the rest is in the hint

# For browsers: what else shows pictures, and reads no @media, takes height: auto for 0.
STYLE = """
@media all { .pg-picture { max-width: 100%; height: auto; } }
.pg-picture { background: #ffffff; }
.pg-picture text { font: 12px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b2733; }
.pg-picture .edge { fill: none; stroke: #7b8a99; stroke-width: 1.1; }
.pg-picture .box { fill: #ffffff; stroke: #51606f; }
.pg-picture .pill { fill: #fff2cc; stroke: #b08a2e; }
.pg-picture .input .box { fill: #e3eefb; stroke: #4778b3; }
.pg-picture .result .box { fill: #e0f3e4; stroke: #3f8a55; stroke-width: 1.8; }
.pg-picture .cell { stroke: #b4bfca; }
.pg-picture .note { fill: #8a4b08; }
"""


@dataclass(frozen=True)
class Drawing:
    """A drawn graph; a notebook shows it.

    Args:
        text: The picture.
        format: "svg", "dot" or "mermaid".
    """

    text: str
    format: str

    def save(self, path: str) -> None:
        """Write the text to a file, whole or not at all."""
        write_whole(path, self.text)

    def _repr_svg_(self) -> str | None:
        return self.text if self.format == "svg" else None

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Drawing, {self.format}, {len(self.text)} characters: .save(path), or str() of it>"


def draw(
    subject: Value | Graph,
    *,
    at: Sequence[object] | None = None,
    format: str = "svg",
    limit: int = LIMIT,
) -> Drawing:
    """Draw the computation graph of a Value or of a traced function.

    Args:
        subject: A Value (with all it was computed from), or a Graph.
        at: For a graph, arguments at which the numbers in the boxes are computed.
        format: "svg", "dot" (for graphviz) or "mermaid" (for Markdown).
        limit: With more boxes than this, equal operations share a box, and the picture says so.

    Returns:
        The picture's text, which ``save`` writes to a file and a notebook shows.

    Raises:
        ArgumentError: for anything else, an unknown format, or arguments that do not fit.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> print(draw(a * b, format="mermaid"))
    flowchart LR
        n0["a | data 2 | grad 0"]
        n1["b | data -3 | grad 0"]
        n2["× → data -6 | grad 0"]
        n0 --> n2
        n1 --> n2
    <BLANKLINE>
    """
    if format not in _FORMATS:
        raise ArgumentError(f"format: found {format!r}; expected one of {', '.join(_FORMATS)}")
    return Drawing(_FORMATS[format](picture_of(subject, at, limit)), format)


# --- SVG -------------------------------------------------------------------------------------


def svg_of(picture: Picture) -> str:
    """The picture as a self-contained SVG document.

    Each box is a group ``<g class="node input" data-node="3">``, each edge a path with
    ``data-tail`` and ``data-head``, so that a page can light them.
    """
    stacked = False
    layout = place([box_size(box) for box in picture.boxes], picture.edges)
    if layout.width > WIDE:
        stacked = True
        sizes = [box_size(box, stacked) for box in picture.boxes]
        layout = place(sizes, picture.edges)
        if layout.width > FOLDED:
            layout = place(sizes, picture.edges, WIDE)
    top = MARGIN + (NOTE_HEIGHT if picture.note else 0.0)
    width = max(layout.width, _text_width(picture.note)) + 2 * MARGIN
    height = layout.height + top + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pg-picture" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>{quoted(picture.title, 'xml')}</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="pg-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 1 L8 4 L0 7 z" fill="#7b8a99"/></marker>',
        "</defs>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    if picture.note:
        note = quoted(picture.note, "xml")
        lines.append(f'<text class="note" x="{MARGIN}" y="{MARGIN + 8}">{note}</text>')
    lines.append(f'<g transform="translate({MARGIN} {top})">')
    lines += _svg_edges(picture, layout)
    for box, corner in zip(picture.boxes, layout.corners, strict=True):
        lines += _svg_box(box, corner, stacked)
    return "\n".join([*lines, "</g>", "</svg>", ""])


def box_size(box: Box, stacked: bool = False) -> tuple[float, float]:
    """Width and height of a node: its operation, a stalk, its cells in a row or stacked."""
    pill = _pill_width(box) + STALK if box.operation else 0.0
    widths = list(map(_cell_width, box.cells))
    if stacked:
        return pill + max(widths), ROW_HEIGHT * len(widths) + 4.0
    return pill + sum(widths), BOX_HEIGHT


def _pill_width(box: Box) -> float:
    return max(_text_width(box.operation) + 2 * PADDING, PILL_HEIGHT)


def _cell_width(text: str) -> float:
    return _text_width(_shortened(text)) + 2 * PADDING


def _text_width(text: str) -> float:
    return CHARACTER * len(text)


def _svg_edges(picture: Picture, layout: Layout) -> list[str]:
    return [
        f'<path class="edge" data-tail="{picture.boxes[tail].node}" '
        f'data-head="{picture.boxes[head].node}" d="{_path(piece)}"{_arrow(piece is route[-1])}/>'
        for (tail, head), route in zip(picture.edges, layout.routes, strict=True)
        for piece in route
    ]


def _arrow(last: bool) -> str:
    return ' marker-end="url(#pg-arrow)"' if last else ""


def _path(piece: Sequence[Point]) -> str:
    """Straight and curved parts in turn, every point reached horizontally."""
    (x, y), *rest = piece
    parts = [f"M{x:.1f} {y:.1f}"]
    for position, (next_x, next_y) in enumerate(rest):
        if position % 2 and next_y != y:
            middle = (x + next_x) / 2
            parts.append(
                f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}"
            )
        elif next_x != x:
            parts.append(f"L{next_x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return " ".join(parts)


def _svg_box(box: Box, corner: Point, stacked: bool) -> list[str]:
    x, y = corner
    width, height = box_size(box, stacked)
    middle = y + height / 2
    lines = [f'<g class="node {box.kind}" data-node="{box.node}">']
    title = " | ".join([box.operation, *box.cells]).strip(" |")
    lines.append(f"<title>{quoted(title, 'xml')}</title>")
    if box.operation:
        pill = _pill_width(box)
        lines += [
            f'<rect class="pill" x="{x:.1f}" y="{middle - PILL_HEIGHT / 2:.1f}" '
            f'width="{pill:.1f}" height="{PILL_HEIGHT:.0f}" rx="{PILL_HEIGHT / 2:.0f}"/>',
            _svg_text(box.operation, x + pill / 2, middle),
            f'<path class="edge" d="M{x + pill:.1f} {middle:.1f} h{STALK:.1f}"/>',
        ]
        x += pill + STALK
        width -= pill + STALK
    lines.append(
        f'<rect class="box" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.0f}" '
        'rx="3"/>'
    )
    cells = _svg_rows(box, x, y, width) if stacked else _svg_cells(box, x, y)
    return [*lines, *cells, "</g>"]


def _svg_cells(box: Box, x: float, y: float) -> list[str]:
    """The texts side by side, as in micrograd's pictures."""
    lines = []
    for number, text in enumerate(box.cells):
        if number:
            lines.append(f'<path class="cell" d="M{x:.1f} {y:.1f} v{BOX_HEIGHT:.0f}"/>')
        width = _cell_width(text)
        lines.append(_svg_text(_shortened(text), x + width / 2, y + BOX_HEIGHT / 2))
        x += width
    return lines


def _svg_rows(box: Box, x: float, y: float, width: float) -> list[str]:
    """The texts one below the other."""
    lines = []
    for number, text in enumerate(box.cells):
        top = y + 2.0 + number * ROW_HEIGHT
        if number:
            lines.append(f'<path class="cell" d="M{x:.1f} {top:.1f} h{width:.1f}"/>')
        lines.append(_svg_text(_shortened(text), x + width / 2, top + ROW_HEIGHT / 2))
    return lines


def _svg_text(text: str, x: float, middle: float) -> str:
    shown = quoted(text, "xml")
    return f'<text x="{x:.1f}" y="{middle + 4.2:.1f}" text-anchor="middle">{shown}</text>'


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


# --- text formats ----------------------------------------------------------------------------


def _dot_of(picture: Picture) -> str:
    lines = ["digraph {", "    rankdir=LR;", '    node [shape=record, fontname="monospace"];']
    if picture.note:
        note = quoted(picture.note, "dot string")
        lines.append(f'    label="{note}";')
    for place_, box in enumerate(picture.boxes):
        cells = "|".join(quoted(text, "dot record") for text in box.cells)
        lines.append(f'    n{place_} [label="{cells}"];')
        if box.operation:
            label = quoted(box.operation, "dot string")
            lines.append(f'    op{place_} [shape=ellipse, label="{label}"];')
            lines.append(f"    op{place_} -> n{place_};")
    for tail, head in picture.edges:
        lines.append(f"    n{tail} -> op{head};")
    return "\n".join([*lines, "}", ""])


def _mermaid_of(picture: Picture) -> str:
    lines = ["flowchart LR"]
    if picture.note:
        lines.append(f"    %% {quoted(picture.note, 'mermaid comment')}")
    for place_, box in enumerate(picture.boxes):
        text = " | ".join(box.cells)
        shown = f"{box.operation} → {text}" if box.operation else text
        label = quoted(shown, "mermaid")
        lines.append(f'    n{place_}["{label}"]')
    lines += [f"    n{tail} --> n{head}" for tail, head in picture.edges]
    return "\n".join([*lines, ""])


_FORMATS: dict[str, Callable[[Picture], str]] = {
    "svg": svg_of,
    "dot": _dot_of,
    "mermaid": _mermaid_of,
}
