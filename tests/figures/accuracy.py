"""Accuracy: local rules in ulp, refutations by balls, and what a ball costs.

``python -m tests.figures.accuracy`` prints a table: what, the bar, what was measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import autodiff as ad
from examples.black_scholes import price
from verify import Verdict, gradient_error, measure_rows, verify_gradient, worst_input
from verify.beside.accuracy import BAR, REASONS
from verify.program.program import program_of
from verify.rungs.enclosure import Enclosure

_ROUNDS = 5


def seconds(function: Callable[[], Any]) -> float:
    """Median time of a call."""
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def rules() -> tuple[str, str, str]:
    """Rows within the bar, by themselves or by their reason."""
    measured = measure_rows()
    worst = [w for a in measured for w in (a.value, *a.partials) if w is not None]
    plain = sum(w.error <= BAR for w in worst)
    explained = sum(w.scaled <= BAR for w in worst)
    found = f"{plain} of {len(worst)}; with the row's reason ({len(REASONS)}) {explained}"
    return "values and rules within 4 ulp", "all, or the row says why not", found


def refuted() -> tuple[str, str, str]:
    """Wrong gradients refuted rigorously."""

    def f(x: float, y: float) -> float:
        return ad.sin(x * y) * ad.exp(-x) + ad.gamma(x) / y

    count = rigorous = 0
    for scale in (1.0003, -1.0, 1.0 + 2.0**-40):
        for position in (0, 1):

            def wrong(x: Any, y: Any, scale: float = scale, position: int = position) -> Any:
                both = list(_by_hand(x, y))
                both[position] = both[position] * scale
                return tuple(both)

            entry = verify_gradient(f, 1.2, 0.7, gradient=wrong).entries[position]
            count += 1
            rigorous += entry.verdict is Verdict.REFUTED and entry.method.startswith("balls")
    return "wrong gradients refuted by balls", "100 %", f"{rigorous} of {count}"


def _by_hand(x: Any, y: Any) -> tuple[Any, Any]:
    e = ad.exp(-x)
    return (
        y * ad.cos(x * y) * e - ad.sin(x * y) * e + ad.gamma(x) * ad.digamma(x) / y,
        x * ad.cos(x * y) * e - ad.gamma(x) / y / y,
    )


def cost() -> tuple[str, str, str]:
    """Time of one point for one partial derivative, per operation of both texts."""
    example = (100.0, 95.0, 0.5, 0.03, 0.2)
    forward = program_of(ad.trace(price, *example))
    gradient = program_of(ad.gradient(ad.trace(price, *example), wrt=list(range(5))))
    steps = len(forward.steps) + len(gradient.steps)

    def run() -> Any:
        return Enclosure(forward, [gradient], list(range(5)), False)._at(
            256, list(example), 0, None
        )

    return "one point, 256 bits", "about 8 us a step", f"{seconds(run) / steps * 1e6:.1f} us a step"


def errors() -> tuple[str, str, str]:
    """The error of Black-Scholes' gradient, its bound, and the worst input."""
    report = gradient_error(price, 100.0, 95.0, 0.5, 0.03, 0.2)
    error = max(p.error / abs(p.true) for p in report.partials)
    bound = max(p.bound / abs(p.true) for p in report.partials)
    box = ((50.0, 200.0), (50.0, 200.0), (0.1, 2.0), (0.0, 0.1), (0.05, 0.5))
    lost = worst_input(price, *box).digits_lost
    found = f"relative error {error:.0e}, bound {bound:.0e}; worst input loses {lost:.1f} digits"
    return "Black-Scholes gradient", "error <= bound", found


def main() -> None:
    """Print the table."""
    for what, bar, found in (rules(), refuted(), cost(), errors()):
        print(f"{what} | {bar} | {found}")


if __name__ == "__main__":
    main()
