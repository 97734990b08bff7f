from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from codegen import compile_gradient
from codegen.stable.identities import IDENTITIES
from codegen.stable.two_forms import Identity
from verify import Verdict, verify_gradient
from verify.beside.true_numbers import true_numbers

_HOLDS = Verdict.PROVED, Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC
_SECONDS = 2.0  # points take a part of that; the rest of a longer proof would tell nothing here


def free(identity: Identity, side: Callable[..., object]) -> Callable[..., object]:
    """A side of an identity as a function of the operands that are no literals."""

    def function(*operands: object) -> object:
        rest = iter(operands)
        given = [
            identity.examples[k] if k in identity.literals else next(rest)
            for k in range(identity.arity)
        ]
        return side(*given)

    return function


def examples_of(identity: Identity) -> list[float]:
    """The example's numbers for those operands."""
    return [identity.examples[k] for k in range(identity.arity) if k not in identity.literals]


def sides(identity: Identity) -> tuple[Graph, Graph]:
    """Both sides as graphs."""
    left, right = (
        ad.trace(free(identity, side), *examples_of(identity))
        for side in (identity.left, identity.right)
    )
    return left, right


def points_of(count: int) -> list[list[float]]:
    """Numbers of everyday size, on all scales, and close to each other."""
    draw = random.Random(5)
    found = []
    for n in range(150):
        x = draw.uniform(-4.0, 4.0) if n % 2 else draw.choice((-1, 1)) * 10 ** draw.uniform(-9, 3)
        near = n % 3 == 0
        found.append([x * (1.0 + draw.uniform(-1e-6, 1e-6)) if near else draw.uniform(-4, 4)
                      for _ in range(count - 1)] + [x])  # fmt: skip
    return found


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda i: i.name)
def test_both_sides_are_one_function(identity: Identity) -> None:
    """Wherever the left side is a number, the right side is the same number, by balls."""
    left, right = sides(identity)
    points = points_of(len(examples_of(identity)))
    pairs = zip(true_numbers(left, points), true_numbers(right, points), strict=True)
    told = [(a, b) for [a], [b] in pairs if math.isfinite(a)]
    assert len(told) > 10
    assert all(a == b for a, b in told)


# What is wrong is seen above; here, whether the verifier can tell, which takes it longer.
@pytest.mark.parametrize("identity", IDENTITIES[::12], ids=lambda i: i.name)
def test_the_verifier_agrees(identity: Identity) -> None:
    """The gradient of the right side is one of the left side, says the verifier, of a twelfth."""
    left, _ = sides(identity)
    examples = examples_of(identity)
    text = compile_gradient(free(identity, identity.right), *examples)
    if "_settled(" in text.source:
        report = verify_gradient(left, *examples, gradient=text, time_limit=_SECONDS)
    else:
        report = verify_gradient(left, *examples, gradient=text.source, time_limit=_SECONDS)
    assert report.verdict in _HOLDS, report


def test_a_wrong_identity_is_found() -> None:
    """The first test above sees an identity that is wrong by one part in ten million."""
    wrong = Identity("wrong", lambda x: ad.exp(x) - 1.0, lambda x: ad.expm1(x * (1.0 + 1e-7)))
    with pytest.raises(AssertionError):
        test_both_sides_are_one_function(wrong)


def test_names_tell_identities_apart() -> None:
    """No two identities have one name."""
    assert len({identity.name for identity in IDENTITIES}) == len(IDENTITIES)
