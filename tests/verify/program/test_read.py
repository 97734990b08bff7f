"""Reading text: what each construct means, and that nothing else is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from autodiff.table.primitive import REGISTRY
from codegen.language.totalled import total_source
from verify.numbers.precise import Precise
from verify.program.language.scalars.known_rows import known_rows
from verify.program.program import Program, ProgramBuilder, program_of
from verify.program.read import Text, UnreadableError, flat, numbers_of

HEADER = "import math\nimport numpy as np\nimport autodiff as ad\nfrom math import sin, inf, nan\n"


def meaning(expression: str, **values: float) -> float:
    """What an expression over these variables is read as, evaluated."""
    source = f"{HEADER}def f({', '.join(values)}):\n    return {expression}\n"
    program = read_program(source, "f", len(values))
    precise = Precise(30)
    places = precise.run(program, [precise.context.mpf(x) for x in values.values()])
    return float(places[program.outputs[0]])


def read_program(source: str, name: str, inputs: int) -> Program:
    """A function of so many numbers."""
    text = Text(source, ProgramBuilder(inputs))
    (outputs,) = text.ways(lambda: text.call(name, numbers_of(range(inputs))))
    return text.builder.program(flat(outputs))


EXPRESSIONS: list[tuple[str, float]] = [
    ("x + y * 2.0 - 1 / x", 2.0 + 3.0 * 2.0 - 0.5),
    ("-x ** 2", -4.0),
    ("+x % y", 2.0),
    ("x if x < y else y", 2.0),
    ("y if not x < y else x", 2.0),
    ("1.0 if x < y < 4.0 else 0.0", 1.0),
    ("1.0 if x > y or x == 2.0 else 0.0", 1.0),
    ("1.0 if x != y and x >= 3.0 else 0.0", 0.0),
    ("x and y", 3.0),
    ("x or y", 2.0),
    ("(x > y) + 1.0", 1.0),
    ("abs(-x) + max(x, y) + min(x, y)", 7.0),
    ("math.fabs(-x) + math.sqrt(4.0) + sin(0.0)", 4.0),
    ("np.maximum(x, y) + np.where(x > y, x, y)", 6.0),
    ("np.arctan2(0.0, x) + np.square(y) + np.float64(x)", 11.0),
    ("ad.relu(-x) + ad.square(y) + float(x)", 11.0),
    ("(x, [y, 5.0])[1][0]", 3.0),
    ("[x, y, 7.0][-1]", 7.0),
    ("([x] * 3 + [y])[3]", 3.0),
    ("[0.0, x, y][1:][1]", 3.0),
    ("[*(x, y), 1.0][1]", 3.0),
    ("1.0 if inf > x else nan", 1.0),
    ("0.1 + 0.2 + 0.0 * x", 0.1 + 0.2),
    ("math.tau / np.pi", 2.0),
]


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS)
def test_expressions_mean_what_python_means(expression: str, value: float) -> None:
    """Arithmetic, conditions, sequences and calls have Python's meaning."""
    assert meaning(expression, x=2.0, y=3.0) == pytest.approx(value, rel=1e-15)


def test_statements_run_in_order() -> None:
    """Assignments of all kinds, and calls of functions that change a list they are given."""
    source = """
def fill(w):
    w[2] = w[0] * w[1]

def f(x, y=4.0):
    a, (b, c) = x, (y, 1.0)
    w = [a, b] + [0.0] * 1
    fill(w)
    w[0] = c
    n: float = w[2]
    n += w[0]
    return n
"""
    program = read_program(source, "f", 1)
    precise = Precise(30)
    values = precise.run(program, [precise.context.mpf(3)])
    assert values[program.outputs[0]] == 13


def test_constants_are_folded_as_python_folds_them() -> None:
    """0.1 + 0.2 is the double 0.30000000000000004, not three tenths."""
    assert read_program("def f(x):\n    return 0.1 + 0.2\n", "f", 1).literals() == [0.1 + 0.2]


def test_equal_steps_are_one() -> None:
    """The builder shares equal steps and tells -0.0 from 0.0."""
    builder = ProgramBuilder(1)
    assert builder.literal(1.0) == builder.literal(1.0)
    assert builder.literal(0.0) != builder.literal(-0.0)
    assert builder.apply("-{0}", 0) == builder.apply("-{0}", 0)


def test_programs_survive_json() -> None:
    """What the worker reads is what was written."""
    import json

    program = Program(2, (2.0, ("{0} * {1}", (0, 2)), float("inf")), (3, 1))
    assert Program.from_json(json.loads(json.dumps(program.to_json()))) == program


def test_every_primitive_called_by_name_is_known() -> None:
    """A row whose Python text is one call is read back as that row."""
    known = {row.name for row in known_rows().values()}
    called = {
        name for name, row in REGISTRY.items()
        if row.python.startswith(f"{name}(") and row.python.endswith(")") and not row.literal
    }  # fmt: skip
    portable = {"elu", "gelu", "silu", "logaddexp", "sinc", "xlogy", "softplus", "sigmoid"}
    assert called - portable <= known


@pytest.mark.parametrize(
    "body",
    [
        "global x",
        "del x[0]",
        "assert x",
        "import os",
        "x.y = 1.0",
        "x[0] = 1.0",
        "a, b = x, x, x",
        "return",
        "return (yield x)",
        "return f'{x}'",
        "return x // 2",
        "return x is x",
        "return math.sin(x, x)",
        "return math.sin(x=x)",
        "return math.nothing(x)",
        "return (x, x) + 1.0",
        "return [x][x]",
        "return [x]['a']",
        "return x(1.0)",
        "return 1j",
    ],
)
def test_everything_else_is_unreadable(body: str) -> None:
    """Constructs the language of gradients does not have are errors with the line."""
    source = f"import math\ndef f(x):\n    {body}\n    return x\n"
    with pytest.raises(UnreadableError, match=r"^line 3: "):
        read_program(source, "f", 1)


@pytest.mark.parametrize(
    "expression",
    ["-(np.exp(x) > 0)", "(np.exp(x) > 1) - (x > 0)", "True - (2.0 > np.abs(x))",
     "-(np.float64(2.0) * x > 0)", "+(x > np.array([0.0])[0])"],
)  # fmt: skip
def test_truth_values_of_numpy_have_no_sign(expression: str) -> None:
    """Python raises TypeError at it; its own truth values are numbers."""
    with pytest.raises(UnreadableError, match="NumPy's truth values"):
        meaning(expression, x=2.0)
    assert meaning("(x > 0) - (x < 0) - (-(x > 1))", x=2.0) == 2.0


def test_a_module_has_its_own_constants() -> None:
    """NumPy has no tau."""
    assert meaning("math.tau - 2 * np.pi + x", x=2.0) == 2.0
    with pytest.raises(UnreadableError, match="tau"):
        meaning("np.tau + x", x=2.0)


def test_another_name_of_a_function() -> None:
    """A name given to a function at the top level means what the function meant there."""
    source = "def g(x):\n    return x * 2.0\nh = g\nabs_ = abs\ns = sin\n"
    source += "def f(x, abs):\n    return h(abs_(x)) + s(abs)\n"
    program = read_program(HEADER + source, "f", 2)
    assert [step[0] for step in program.steps if isinstance(step, tuple)] == [
        "Abs({0})", "{0} * {1}", "sin({0})", "{0} + {1}"
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["sin = abs", "abs = sin", "h = what", "h = nan = abs"])
def test_names_are_not_given_away(line: str) -> None:
    """A name that means something already keeps its meaning, or the text is refused."""
    with pytest.raises(UnreadableError):
        read_program(f"{HEADER}{line}\ndef f(x):\n    return sin(x)\n", "f", 1)


@pytest.mark.parametrize(
    "statement",
    [
        "del sin", "import sin", "from math import cos as sin", "with x as sin: pass",
        "match x:\n   case sin: pass", "try: return x\n  except Exception as sin: return x",
    ],
)  # fmt: skip
def test_what_never_runs_binds_names_as_well(statement: str) -> None:
    """To Python a name is the function's own wherever in it something binds the name."""
    with pytest.raises(UnreadableError):
        read_program(f"{HEADER}def f(x):\n if 0:\n  {statement}\n return sin(x)\n", "f", 1)


def test_an_exception_class_is_no_variable() -> None:
    """What except names is Python's, not the function's."""
    body = "    try:\n        return x\n    except Exception:\n        return x\n"
    with pytest.raises(UnreadableError, match="only except Exception"):
        read_program(f"def f(x, Exception):\n{body}", "f", 2)


PADDING = "".join(f"    a{i} = x * {i}.0\n" for i in range(20))
RIGHT = f'def f(x):\n    """Say it."""\n{PADDING}    return sin(x)\n'


def read(source: str, name: str = "f") -> tuple[Any, ...]:
    """The steps of a function of one input."""
    program = read_program(HEADER + source, name, 1)
    return tuple(program.steps[place - 1] for place in program.outputs)


@pytest.fixture
def _long_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.program.language.source.LONG", 200)


@pytest.mark.usefixtures("_long_functions")
class TestLongFunctions:
    """Functions that are parsed when they are called mean what Python makes of the whole text."""

    def test_they_mean_the_same(self) -> None:
        """A long function calls another, and both are read."""
        both = RIGHT + RIGHT.replace("def f", "def g").replace("sin(x)", "f(x)")
        assert read(both, "g") == (("sin({0})", (0,)),)

    def test_errors_name_the_line(self) -> None:
        """Lines count from the top of the text."""
        source = RIGHT + RIGHT.replace("def f", "def g").replace("sin(x)", "what(x)")
        line = (HEADER + source).split("\n").index("    return what(x)") + 1
        with pytest.raises(UnreadableError, match=f"^line {line}: "):
            read(source, "g")

    @pytest.mark.parametrize(
        "after",
        ["sin = abs\n", "import os\n", "class A: pass\n", "\rsin = abs\n", "\fsin = abs\n"],
    )
    def test_a_statement_behind_them_is_seen(self, after: str) -> None:
        """What follows a long function at the top level is refused as ever."""
        with pytest.raises(UnreadableError):
            read(RIGHT + after)

    def test_empty_lines_make_no_function_long(self) -> None:
        """A copy of ours stays one before what was taken out of a text, whose lines are left."""
        copy = f"{total_source('_cos')}\n{300 * chr(10)}"
        assert read(copy + "def f(x):\n    return _cos(x)\n") == (("cos({0})", (0,)),)

    def test_a_decorator_before_them_is_seen(self) -> None:
        """A decorator can do anything."""
        with pytest.raises(UnreadableError, match="decorator"):
            read(RIGHT + "@abs\n" + RIGHT)

    def test_the_last_definition_counts(self) -> None:
        """As in Python, however long it is."""
        assert read(RIGHT + "def f(x):\n    return x * x\n") == (("{0} * {1}", (0, 0)),)
        assert read("def f(x):\n    return x * x\n" + RIGHT) == (("sin({0})", (0,)),)

    @pytest.mark.parametrize("quotes", ['"""', "'''"])
    def test_a_definition_inside_a_string_is_none(self, quotes: str) -> None:
        """A string that runs over definitions hides them, whatever they look like."""
        opened = f"def g(x):\n    {quotes}\n{PADDING}"
        closed = f"def h(x):\n    {quotes}\n{PADDING}    return x\n"
        wrong = "def f(x):\n    return x * x\n"
        assert read(wrong + opened + RIGHT.replace('"""Say it."""', "") + closed) == (
            ("{0} * {1}", (0, 0)),
        )

    def test_a_quote_in_a_comment_opens_nothing(self) -> None:
        """A comment's quotes do not hide the string that opens behind it."""
        opened = f'def g(x):  # """\n    """\n{PADDING}'
        closed = f'def h(x):\n    """\n{PADDING}    return x\n'
        wrong = "def f(x):\n    return x * x\n"
        assert read(wrong + opened + RIGHT.replace('"""Say it."""', "") + closed) == (
            ("{0} * {1}", (0, 0)),
        )


def test_a_graph_is_a_program_with_the_same_places() -> None:
    """program_of keeps indices, literals and outputs."""
    import autodiff as ad

    graph = ad.trace(lambda x, y: x * 2.0 + y, 1.0, 1.0)
    program = program_of(graph)
    assert program.outputs == graph.outputs
    assert program.inputs + len(program.steps) == len(graph.nodes)
    assert program.literals() == [2.0]


def test_tree_size_counts_what_is_not_shared() -> None:
    """Sharing decides how large an expression is."""
    steps: list[Any] = [("{0} + {1}", (i, i)) for i in range(30)]
    assert Program(1, tuple(steps), (30,)).tree_size() > 2**30
