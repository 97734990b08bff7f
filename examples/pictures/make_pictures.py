"""The pictures of the README, made from running code.

Run it: ``python examples/pictures/make_pictures.py [FOLDER]`` (needs matplotlib)
"""

from __future__ import annotations

import html
import inspect
import math
import random
import re
import sys
from pathlib import Path

import numpy as np

import autodiff as ad
from autodiff.nn import MLP
from autodiff.optimizers import SGD
from codegen import compile_gradient, train
from codegen.plot import decision_boundary, loss_curve
from verify import verify_gradient

LINE, CHARACTER, MARGIN = 19, 7.83, 18
COLOURS = {
    "comment": "#5f7d5f", "keyword": "#8a3b8f", "text": "#9a5b13", "good": "#1b7f3c",
    "bad": "#b3261e",
}  # fmt: skip
KINDS = re.compile(
    r'(?P<comment>#.*)|(?P<text>"""[^"]*"""|"[^"]*")|(?P<good>\bPROVED\b)|(?P<bad>\bREFUTED\b)'
    r"|(?P<keyword>\b(?:def|return|try|except|if|else)\b)"
)


def loss(a=1.0, b=-0.5):
    """The README's example."""
    error = np.tanh(0.5 * a + b) - 0.25
    return error**2


def coloured(line: str) -> str:
    """A line of Python as SVG text spans."""
    parts, end = [], 0
    for match in KINDS.finditer(line):
        parts.append(html.escape(line[end : match.start()]))
        colour = COLOURS[match.lastgroup or ""]
        parts.append(f'<tspan fill="{colour}">{html.escape(match.group())}</tspan>')
        end = match.end()
    return "".join([*parts, html.escape(line[end:])])


def panels(columns: dict[str, list[str]]) -> str:
    """Blocks of code side by side, each under its title."""
    widths = [2 * MARGIN + CHARACTER * max(map(len, lines)) for lines in columns.values()]
    height = 2 * MARGIN + LINE * (1.5 + max(map(len, columns.values())))
    total = sum(widths) + MARGIN * (len(widths) - 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {total:.0f} {height:.0f}" role="img">',
        '<style>text { font: 13px "DejaVu Sans Mono", Menlo, Consolas, monospace; '
        "white-space: pre; fill: #1b2733; } .title { fill: #51606f; }</style>",
    ]
    x = 0.0
    for (title, lines), width in zip(columns.items(), widths, strict=True):
        parts.append(
            f'<rect x="{x + 0.5:.1f}" y="0.5" width="{width - 1:.1f}" height="{height - 1:.1f}" '
            'rx="6" fill="#fbfcfd" stroke="#cbd3db"/>'
        )
        y = MARGIN + 12.0
        parts.append(f'<text class="title" x="{x + MARGIN:.1f}" y="{y:.1f}">{title}</text>')
        for number, line in enumerate(lines):
            y = MARGIN + 12 + LINE * (number + 1.5)
            place = f'x="{x + MARGIN:.1f}" y="{y:.1f}"'
            parts.append(f'<text xml:space="preserve" {place}>{coloured(line)}</text>')
        x += width + MARGIN
    return "\n".join([*parts, "</svg>", ""])


def graph() -> str:
    """The computation graph of the example, with its numbers."""
    return ad.draw(ad.trace(loss), at=(1.0, -0.5)).text


def code() -> str:
    """The example, and the gradient emitted for it."""
    source = inspect.getsource(loss).splitlines()
    emitted = compile_gradient(loss).source
    function = emitted[emitted.index("def value_and_gradient") :].split("\n\n\n")[0]
    shown = function.rstrip().splitlines()
    return panels({"you write": source, "compile_gradient(loss).source": shown})


def verdict() -> str:
    """The proof of that text, and the refutation of a gradient with a mistake."""

    def by_hand(a, b):
        t = np.tanh(0.5 * a + b)
        return (t - 0.25) * (1 - t * t), (t - 0.25) * (1 - t * t)

    columns = {}
    for title, report in {
        "verify_gradient(loss)": verify_gradient(loss),
        "verify_gradient(loss, gradient=by_hand)": verify_gradient(loss, gradient=by_hand),
    }.items():
        lines = str(report).rstrip().splitlines()
        untimed = [re.sub(r"  +(\d+(\.\d+)? m?s|time)$", "", line) for line in lines]
        columns[title] = [part for line in untimed for part in wrapped(line)]
    return panels(columns)


def wrapped(line: str, width: int = 74) -> list[str]:
    """A long line in pieces, cut at commas or spaces."""
    pieces = []
    while len(line) > width:
        cut = line.rfind(" ", 0, width)
        pieces.append(line[:cut])
        line = "    " + line[cut + 1 :]
    return [*pieces, line]


def moons(count: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles with noise; labels -1 and 1."""
    source = np.random.default_rng(seed)
    t = np.linspace(0.0, math.pi, count // 2)
    upper = np.stack([np.cos(t), np.sin(t)], axis=1)
    lower = np.stack([1.0 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    points = np.concatenate([upper, lower]) + source.normal(scale=noise, size=(2 * len(t), 2))
    return points, np.repeat([-1, 1], count // 2)


def boundary(path: Path) -> None:
    """What a network of 337 parameters learned from two moons, and its loss on the way."""
    from matplotlib.figure import Figure

    points, labels = moons()
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    optimizer = SGD(model.parameters(), lambda step: 1.0 - 0.9 * step / 100)
    history = train(model, "hinge", points, labels, optimizer=optimizer, l2=1e-4, target="numpy")
    figure = Figure(figsize=(8.4, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1.0])
    decision_boundary(model, points, labels, axes=left)
    loss_curve(history, axes=right)
    left.set_title("two moons, 337 parameters", fontsize=10)
    right.set_title("loss, 100 compiled steps", fontsize=10)
    figure.savefig(path, dpi=110)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, text in {"graph": graph(), "code": code(), "verdict": verdict()}.items():
        (folder / f"{name}.svg").write_text(text, encoding="utf-8")
    boundary(folder / "boundary.png")


if __name__ == "__main__":
    main()
