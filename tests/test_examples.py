"""Every example runs, prints what its reader is told to look for, and is right."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from codegen import compile_gradient
from codegen.measure import timing
from tests.examples_by_path import EXAMPLES, FOLDER, example

# Example, lines its output must hold (golden numbers from independent sources, see the example).
PRINTED = {
    "black_scholes": ["price 8.9903832004", "delta", "0.4780583768", "5.5315409536",
                      "50.4600908221", "45.4176041204", "residual"],
    "kepler": ["1.061999349244", "1.1711495581", "0.630843527563"],
    "double_pendulum": ["0.848241866663", "energy drift"],
    "rosenbrock": ["f = 2063.300000", "end:   f ="],
    "reprojection": ["-0.2690488492 0.2599447927", "228.8772022082 -120.5424359950",
                     "gradient by hand: equal"],
    "certified_fits": ["Misra1a  gradient PROVED", "MGH17    gradient PROVED",
                       "17 data sets from both starts"],
    "bundle_adjustment": ["PROVED, all 28", "6 cameras, 40 points", "after 6 steps"],
    "direct_collocation": ["hessian: PROVED", "jacobian: PROVED", "effort 72.205121212",
                           "124 negative eigenvalues, 124 constraints"],
    "sparse_smoothing": ["<pattern 198 x 100, 394 entries, by rows>",
                         "least_squares, operator", "trust-constr , operator", "held down"],
    "ipopt_callbacks": ["callbacks: 8 entries of a Hessian, 34 of a Jacobian"],
    "stiff_reactions": ["proof: PROVED", "Radau", "BDF", "quasi-steady state: True",
                        "tube: 998 of 90000 entries"],
    "out_of_core": ["50000 rows in 2 files", "within four standard errors: True"],
    "second_order": ["Hessian: PROVED, all 16", "trust-exact", "trust-constr", "Newton-CG"],
    "custom_primitive": ["def softsign(x", "PROVED", "rules of wrong: REFUTED", "found "],
}  # fmt: skip


def test_every_example_is_here() -> None:
    """A new example needs a line in PRINTED."""
    assert set(PRINTED) <= set(EXAMPLES)


# Those that start processes, which read the script again, and one more.
ALONE = {"out_of_core": ["--rows", "50000"], "rosenbrock": []}

SMALLER = {"compare_speed": {"SIZES": (80,), "POINTS": 1000}}


def printed_alone(name: str) -> str:
    """What the script prints on its own, from another folder."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), *ALONE[name]],
        cwd=FOLDER,
        env=os.environ | {"PYTHONPATH": str(FOLDER.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script prints the numbers it should."""
    if name in ALONE:
        output = printed_alone(name)
    else:
        monkeypatch.syspath_prepend(FOLDER)  # one imports another
        monkeypatch.setattr(sys, "argv", [f"{name}.py"])
        monkeypatch.setattr(timing, "_BUDGET", 0.0)  # what is measured is not read here
        for constant, size in SMALLER.get(name, {}).items():
            monkeypatch.setattr(example(name), constant, size)
        example(name).main()
        output = capsys.readouterr().out
    assert output
    for text in PRINTED.get(name, ()):
        assert text in output


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_explains_itself(name: str) -> None:
    """An example begins with what it is about, and says how to run it."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert f"python examples/{name}.py" in text.split('"""')[1]
    assert 'if __name__ == "__main__":\n    main()\n' in text


def test_black_scholes_against_closed_form() -> None:
    """Compiled Greeks equal the closed form's over a market of strikes and maturities."""
    module = example("black_scholes")
    df = compile_gradient(module.price)
    for K in (80.0, 100.0, 130.0):
        for T in (0.1, 1.0, 5.0):
            at = (100.0, K, T, 0.03, 0.25)
            value, greeks = df(*at)
            by_hand, greeks_by_hand = module.price_gradient(*at)
            assert value == pytest.approx(by_hand, rel=1e-12, abs=1e-12)
            assert greeks == pytest.approx(greeks_by_hand, rel=1e-10, abs=1e-11)


def test_reprojection_by_hand_near_no_rotation() -> None:
    """The two gradients agree for large, small, tiny and no rotation."""
    module = example("reprojection")
    df = compile_gradient(module.objective)
    for size in (1.0, 1e-3, 1e-8, 1e-160, 0.0):
        camera = np.concatenate([size * module.CAMERA[:3], module.CAMERA[3:]])
        at = (camera, module.POINT, module.WEIGHT, module.FEATURE)
        value, bars = df(*at)
        by_hand, bars_by_hand = module.objective_gradient(*at)
        assert math.isclose(value, by_hand, rel_tol=1e-12)
        for bar, hand in zip(bars, bars_by_hand, strict=True):
            np.testing.assert_allclose(bar, hand, rtol=1e-9)
