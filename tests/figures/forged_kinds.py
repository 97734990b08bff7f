"""Forged modules and certificates of every kind of output: whatever ``recheck`` accepts is right.

``python -m tests.figures.forged_kinds [seconds [kind ...]]`` prints a table, and ends with 1 if
something was accepted that is not.  What is right is asked of the graph in the accepted
certificate, not of the module that was forged: its derivatives by the interpreter, at points, and
in batches of them.  So a forged certificate counts that claims another kind, or other arguments.
"""

from __future__ import annotations

import json
import math
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import autodiff as ad
import codegen
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import read_pattern
from autodiff.graph.structure import Array, Tuple, size
from autodiff.graph.tree.tree import leaves_of, tree_of
from codegen.kind import Kind
from codegen.text.parameters import parts_of
from tests.adversary.forgeries import fields, insertions, moving, mutants, of_many, raising, sealed
from tests.figures.forgery import accepted
from verify import verify_derivatives

X = np.array([0.5, 0.3, 0.7])


def smooth(x: Any, y: Any) -> Any:
    """Nothing but smooth steps."""
    return x * ad.sin(y) + ad.exp(-x) / 3.0


def switched(x: Any, y: Any) -> Any:
    """A switch, and what flows through both of its sides."""
    return np.maximum(x * y, 0.2) + np.exp(-x) * y


def many(x: Any) -> Any:
    """Three numbers of three."""
    return np.array([x[0] * x[1], x[1] ** 2 * x[2], np.sin(x[2])])


def one(x: Any) -> Any:
    """One number of three, with a kink."""
    return np.sum(np.sin(x) * x[::-1]) + np.maximum(x[0], x[1])


def loop(x: Any, y: Any) -> Any:
    """Repeated steps."""
    for k in range(6):
        x = np.sin(x) * y + 0.1 * k
    return x


def ending(x: Any, y: Any) -> Any:
    """Repeats as often as its arguments say."""
    while x > 0.1:
        x = x * 0.5 * np.cos(y)
    return x * y


_BATCH = {"target": "numpy", "batch": True}
KINDS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "gradient": (smooth, (1.2, 0.7), {"what": "gradient"}),
    "gradient, numpy": (smooth, (1.2, 0.7), {"what": "gradient", "target": "numpy"}),
    "gradient, native": (smooth, (1.2, 0.7), {"what": "gradient", "target": "native"}),
    "batch": (switched, (1.2, 0.7), {"what": "gradient", **_BATCH}),
    "sum of a batch": (switched, (1.2, 0.7), {"what": "gradient", **_BATCH, "reduce": "sum"}),
    "batch of arrays": (one, (X,), {"what": "gradient", **_BATCH}),
    "jacobian": (many, (X,), {"what": "jacobian"}),
    "jacobian, numpy": (many, (X,), {"what": "jacobian", "target": "numpy"}),
    "jacobian, arrays": (many, (X,), {"what": "jacobian", "target": "numpy", "expand": False}),
    "hessian": (smooth, (1.2, 0.7), {"what": "hessian"}),
    "hessian of arrays": (one, (X,), {"what": "hessian"}),
    "sparse hessian": (one, (X,), {"what": "hessian", "sparse": "csr"}),
    "hvp": (smooth, (1.2, 0.7), {"what": "hvp"}),
    "jvp": (many, (X,), {"what": "jvp"}),
    "vjp": (many, (X,), {"what": "vjp"}),
    "several": (smooth, (1.2, 0.7), {"what": ("value", "gradient", "hessian")}),
    "loop": (loop, (1.2, 0.7), {"what": "gradient", "expand": False}),
    "while, numpy": (ending, (1.2, 0.7), {"what": "gradient", "target": "numpy"}),
    "loop, numpy": (loop, (1.2, 0.7), {"what": "gradient", "target": "numpy", "expand": False}),
}


def flat(value: object) -> list[Any]:
    """The numbers in what a module gives."""
    if isinstance(value, (list, tuple)):
        return [x for part in value for x in flat(part)]
    return [value]


def taken(graph: Graph, numbers: list[Any]) -> list[Any]:
    """Arguments as an emitted function takes them."""
    rest, found = iter(numbers), list[Any]()
    for _, part in parts_of(graph.parameters):
        values = [next(rest) for _ in range(size(part))]
        found.append(values if isinstance(part, Array) else values[0])
    return found


def expected(
    content: dict[str, Any], whole: Graph, frame: Graph, point: list[float]
) -> list[float]:
    """What a certificate says that a module gives at a point."""
    structure = Tuple(tuple(part for _, part in frame.parameters))
    numbers = [float(x) for x in leaves_of(ad.evaluate(whole, *tree_of(structure).rebuild(point)))]
    for text in content["derivative"].get("patterns", {}).values():
        pattern = read_pattern(text)
        assert pattern is not None
        places = zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True)
        numbers = [numbers[row * pattern.shape[1] + column] for row, column in places]
    return numbers


def wrong(content: dict[str, Any], text: str) -> str:
    """Where a module does not give what its certificate says; "" if nowhere."""
    graph, by = ad.parse(content["graph"]), content["derivative"]
    kind = Kind(tuple(by["what"]), by.get("sparse", ""))
    frame, whole = kind.frame(graph, by["wrt"]), Kind(kind.what).whole(graph, by["wrt"])
    names: dict[str, Any] = {"__name__": "module"}
    exec(compile(text, "module", "exec"), names)
    draw, size_ = random.Random(7), frame.inputs.size
    points = [[draw.uniform(-3.0, 3.0) for _ in range(size_)] for _ in range(8)]
    points += [[draw.choice([0.0, 1.0, -1.0, 0.5]) for _ in range(size_)] for _ in range(4)]
    right = [expected(content, whole, frame, point) for point in points]
    calls = [(point, numbers, "") for point, numbers in zip(points, right, strict=True)]
    try:
        for point, numbers, _ in calls:
            # Text over NumPy computes with NumPy's numbers, of which none raises.
            given = [*np.array(point)] if "import numpy" in text else point
            if differ(flat(names[content["entry"]](*taken(frame, given))), numbers):
                return f"at {point}"
        if "import numpy" in text:
            columns = [np.array(column) for column in zip(*points, strict=True)]
            found = flat(names[content["entry"]](*taken(frame, columns)))
            for k, numbers in enumerate(right):
                if differ([x if np.ndim(x) == 0 else x[k] for x in found], numbers):
                    return f"in a batch, at {points[k]}"
    except Exception as error:
        return f"raises {error!r:.80}"
    return ""


def differ(found: list[Any], right: list[float]) -> bool:
    """Whether numbers are others; where ours are none, or overflow, anything may be."""
    if len(found) != len(right):
        return True
    pairs = [(float(x), y) for x, y in zip(found, right, strict=True) if math.isfinite(y)]
    return any(not abs(x - y) <= 1e-7 * max(1.0, abs(y)) for x, y in pairs)


def forged(
    content: dict[str, Any], text: str
) -> Iterator[tuple[str, dict[str, Any], Callable[[], str]]]:
    """What was changed, the certificate, what makes the module, in an order that is drawn."""
    ways = [raising, insertions, *[of_many] * ("import numpy" in text)]
    found = [(what, content, partial(str, new)) for way in ways for what, new in way(text)]
    found += [(what, content, made) for way in (mutants, moving) for what, made in way(text)]
    found += [(what, changed, partial(str, text)) for what, changed in fields(content)]
    random.Random().shuffle(found)
    return iter(found)


def forge(kind: str, seconds: float, folder: Path) -> list[str]:
    """Forge what is saved of one kind for so long; what was accepted and is not right."""
    function, examples, options = KINDS[kind]
    compiled = codegen.compile(function, *examples, **options)
    verify_derivatives(compiled, *examples).save(folder / "own.json")
    compiled.save(folder / "own.py")
    content, text = json.loads((folder / "own.json").read_text()), (folder / "own.py").read_text()
    false, tried, right = list[str](), 0, 0
    to_the_letter = content["form"] == "arrays"  # these take arrays, and no other text is accepted
    every = forged(content, text)
    end = time.monotonic() + seconds
    for what, claims, made in every:
        if time.monotonic() > end:
            break
        tried, module = tried + 1, made()
        verdict = accepted(folder, sealed(claims, module), module)
        if not verdict:
            continue
        said = verdict if ":" in verdict else ""  # an error that is none of ours
        said = said or ("" if to_the_letter and module == text else wrong(claims, module))
        right += not said
        false += [f"{kind}: accepted ({verdict}): {what}: {said}"] if said else []
    print(
        f"{kind:18} {tried:5} forged {right:5} accepted and right {len(false):3} wrong", flush=True
    )
    return false


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    false: list[str] = []
    with tempfile.TemporaryDirectory() as name, np.errstate(all="ignore"):
        for kind in sys.argv[2:] or KINDS:
            false += forge(kind, seconds, Path(name))
    print(*false, sep="\n")
    print(f"{len(false)} wrong things accepted")
    sys.exit(bool(false))


if __name__ == "__main__":
    main()
