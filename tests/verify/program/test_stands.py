"""Statements for ties mean what they say, or nothing is taken out of a text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError
from autodiff.run.transform import value_and_gradient, vjp
from codegen import compile_gradient
from codegen.call.tie_texts import settled_halves
from verify import CertificateError, Verdict, recheck, verify_gradient
from verify.answer.certificate import digest_of, sha256
from verify.program import untied
from verify.program.stands import rest_of
from verify.program.untied import AtTies, without_ties
from verify.subjects.emitted import emitted_subject
from verify.subjects.foreign.foreign import foreign_subject
from verify.subjects.tied_text import Ties


def f(m: Any) -> Any:
    """Smooth at 0, where its parts are not."""
    return np.maximum(-m, 0) + np.log1p(np.exp(-abs(m)))


COMPILED = compile_gradient(f, 0.3)
SOURCE = COMPILED.source
_GRAPH = COMPILED.graph
AT_TIES = Ties(
    {"value_and_gradient": value_and_gradient(_GRAPH, [0])}
    | settled_halves(_GRAPH, vjp(_GRAPH, [0])),
    SOURCE,
).expected
TEXTS = AT_TIES.texts
SETTLES = """\
    if m == 0.0:
        bars = _value_and_gradient_settled([m], [m_bar])
        return f, bars[0]
    return f, m_bar
"""
LEADS = """\
        if m == 0.0:
            raise ArithmeticError
        return f, m_bar
"""
ASKS, BARS, MATH = "if m == 0.0:", "        bars = _v", "from math import exp, inf, log1p, nan\n"


def _before(line: str) -> str:
    """Another point to settle at: the arguments moved on the way there."""
    return SOURCE.replace(SETTLES, line + SETTLES.replace("m == 0.0", "m == 5.0"))


FORGED = {
    "annotated": _before("    m: float = m + 5.0\n"),
    "parentheses": _before("    (m) = m + 5.0\n"),
    "a list": _before("    [m] = [m + 5.0]\n"),
    "over two lines": _before("    m \\\n    = m + 5.0\n"),
    "a loop": _before("    for m in (5.0,):\n        pass\n"),
    "under a condition": _before("    if v1 < 1e9: m = m + 5.0\n"),
    "two targets": _before("    x = m = m + 5.0\n"),
    "two statements": _before("    x = 1.0; m = m + 5.0\n"),
    "inside": _before("    x, (m,) = 1.0, (m + 5.0,)\n"),
    "of a comprehension": _before("    x = [m for m in (5.0,)]\n"),
    "the value in a condition": SOURCE.replace(
        SETTLES, SETTLES.replace(ASKS, "if (f := 99.0) < 0.0:")
    ),
    "the derivative in a condition": SOURCE.replace(
        LEADS, LEADS.replace(ASKS, "if (m_bar := 7.0) < 0.0:")
    ),
    "anything in a condition": SOURCE.replace(
        LEADS, LEADS.replace(ASKS, "if __import__('os').getpid() == 7:")
    ),
    "a name of the value": SOURCE.replace(
        SETTLES, SETTLES.replace(BARS, "        f = _v").replace("bars[0]", "f[0]")
    ),
    "a string around the end": SOURCE.replace(
        LEADS,
        '''\
        m_bar = 7.0
        if m == """
        if """:
            raise ArithmeticError
        return f, m_bar
        s = """:
            pass
        m_bar = 7.0
        return f, m_bar
""" # """
''',
    ),
    "another forward": SOURCE
    + "\n\ndef _forward(m):\n    if print(m):\n        return m\n    return m\n",
    "another nan": SOURCE.replace(MATH, "from math import exp, inf, log1p\nnan = 0.25\n"),
    "another helper": SOURCE.replace(
        "        return math.exp(x)\n", "        return math.exp(x) if x <= 0.0 else 7.0\n"
    ),
    "another abs": SOURCE.replace(MATH, f"{MATH}from math import exp as abs\n"),
    "twice": f"{SOURCE}\n\ndef _settled(found, table):\n    return [7.0]\n",
    "raised where nobody catches": SOURCE.replace(
        "        return f, bars[0]\n",
        "        return f, bars[0]\n    if m == m:\n        raise ArithmeticError\n",
    ),
    "raised in the handler": SOURCE.replace(
        "    except Exception:\n        return _v",
        "    except Exception:\n"
        "        if m == m:\n            raise ArithmeticError\n        return _v",
    ),
    "in a string": SOURCE.replace(TEXTS[0], "")
    + f"\nfrom numpy import maximum as _backward_sides\nX = '''\n{TEXTS[0]}'''\n",
}


def test_what_we_write_stands() -> None:
    """Nothing of ours is refused, and every forgery is one."""
    assert without_ties(SOURCE, AT_TIES).text != SOURCE
    assert len({SOURCE, *FORGED.values()}) == 1 + len(FORGED)


def test_nothing_is_taken_out_where_nothing_ties() -> None:
    """A statement that only looks like one for ties is read as it stands."""
    text = (
        f"def value_and_gradient(m):\n    try:\n{LEADS}    except Exception:\n        return 0.0\n"
    )
    assert without_ties(text, AtTies()).text == text
    assert LEADS not in without_ties(SOURCE, AT_TIES).text


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_another_meaning_is_seen(forged: str) -> None:
    """Names bound once more, conditions that do something, helpers that are others."""
    assert emitted_subject(_GRAPH, [0], forged, "text").unreadable


SETTLED = "_settled([m], [m_bar])\n        return f, bars[0]\n"
MORE = "        return f, (m, v1, v2, m)\n"
TAKEN = "    m, v1, v2, *point = residuals\n"
OTHERWISE = [  # statements for ties that raise, or settle other numbers than the function's
    (ASKS, "if 1.0 / 0.0 == 0.0:"),
    (ASKS, "if m == 5.0:"),
    (ASKS, "if m + 1e16 + 1.0 - 1e16 - 1.0 == 0.0:"),  # by order of doubles it is never zero
    (ASKS, "if m <= 0.0:"),
    (
        "    except Exception:\n        return _value_and_gradient_ieee(m)\n",
        "    except Exception:\n        return (_value_and_gradient_ieee(m), (0.0, 0.0))[0]\n",
    ),
    (ASKS, "if q == 0.0:"),
    (ASKS, "if m < [m]:"),
    (SETTLED, "_settled([m], [m_bar, q])\n        return f, bars[0]\n"),
    (SETTLED, "_settled([m], [])\n        return f, m_bar\n"),
    (SETTLED, "_settled([m], [f])\n        return bars[0], m_bar\n"),
    (SETTLED, "_settled([m], [m_bar], m)\n        return f, bars[0]\n"),
    (MORE, "        return f, (m, v1, v2, m, m)\n"),
    (TAKEN, f"{TAKEN}    r = residuals\n    v2 = r[-1]\n"),
    (
        "f, bars[0]\n    return f, m_bar\n",
        "(f, #\n         - bars[0])\n    return (f, # -\n     m_bar)\n",
    ),
    (
        "    if m == 0.0:\n        bars = _value_and_gradient" + SETTLED + "    return f, m_bar\n",
        "    notm_bar = m_bar\n    if m == 0.0:\n        bars = _value_and_gradient"
        "_settled([m], [m_bar])\n        return f, not bars[0]\n    return f, notm_bar\n",
    ),
]


@pytest.mark.parametrize(("ours", "other"), OTHERWISE)
def test_statements_for_ties_are_whole_and_raise_nothing(ours: str, other: str) -> None:
    """Conditions are read like any other; what is settled is all that is returned, in its order."""
    assert ours in SOURCE
    head, _, rest = SOURCE.rpartition(ours)
    assert not emitted_subject(_GRAPH, [0], SOURCE, "text").unreadable
    assert emitted_subject(_GRAPH, [0], head + other + rest, "text").unreadable


def g(x: Any, y: Any) -> Any:
    """Two kinks that may meet, in two ways."""
    return np.maximum(x, y) * np.minimum(x, y) + f(x)


# Conditions that never hold, or too often, or of another variable, or at some of the ties.
ASKED = ["x == 5.0", "x <= 0.0", "y == 0.0", "x == 0.0", "x == y"]
CONDITIONS = {
    target: {
        index: compiled.source[index : compiled.source.index(end, index)]
        for index in [m.end() for m in re.finditer(start, compiled.source)]
    }
    for target, start, end in (
        ("python", "    if (?=v)", ":\n"),
        ("numpy", "tied = (?=np.l)", "\n"),
    )
    for compiled in [compile_gradient(g, 0.3, 0.4, target=target)]
}


@pytest.mark.parametrize("target", CONDITIONS)
def test_a_condition_for_ties_holds_where_switches_tie(target: str) -> None:
    """And nowhere else, in each form of each function; another one is refused."""
    compiled = compile_gradient(g, 0.3, 0.4, target=target)
    source, asked = compiled.source, CONDITIONS[target]
    assert not emitted_subject(compiled.graph, [0, 1], source, "text").unreadable
    for place, ours in asked.items():
        for other in ASKED:
            forged = source[:place] + other + source[place + len(ours) :]
            assert emitted_subject(compiled.graph, [0, 1], forged, "text").unreadable, forged
    assert foreign_subject(compiled.graph, source).programs
    with pytest.raises(ArgumentError, match="where switches tie"):  # of the last that was forged
        foreign_subject(compiled.graph, forged)


@pytest.mark.parametrize("name", ["two targets", "anything in a condition"])
def test_a_module_that_settles_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    """Its derivative at 0 is that at 5, or it runs what it likes: its digests fit."""
    report = verify_gradient(COMPILED, 0.3)
    report.save(tmp_path / "c.json")
    content = json.loads((tmp_path / "c.json").read_text())
    content["source_sha256"] = sha256(FORGED[name])
    content["digest"] = digest_of(content)
    (tmp_path / "c.json").write_text(json.dumps(content))
    (tmp_path / "m.py").write_text(FORGED[name])
    with pytest.raises(CertificateError, match="cannot be read"):
        recheck(tmp_path / "c.json", tmp_path / "m.py")


def test_nothing_is_taken_out_of_a_string(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even of the type of a helper, which is ours to the letter without it."""
    given: list[Any] = []
    monkeypatch.setattr(untied, "rest_of", lambda *both: given.append(both) or rest_of(*both))
    df = compile_gradient(lambda x: f(x) * ad.sigmoid(x), 0.3, target="numpy")
    assert verify_gradient(df).verdict is Verdict.PROVED
    source, texts = given[0]
    for text in texts:
        hidden = source.replace(text, "").replace(
            'x: "np.ndarray"', f"x: '''np.{text}ndarray'''", 1
        )
        assert rest_of(hidden, texts) is None
        for count in range(1, 8):  # line ends that Python counts, and "\n" does not
            assert rest_of("# " + "\r" * count + "\n" + hidden, texts) is None
