"""Which calls are of what only the call itself names."""

from __future__ import annotations

import types

import pytest

from autodiff.trace.branching.source.unnamed_calls import called_by

IMPORTED = "import helper\n"


@pytest.mark.parametrize("before", ["", IMPORTED])
@pytest.mark.parametrize("call", ["helper.step(x, 1.0)", "helper.inner.step(x)"])
def test_calls_through_a_module_are_found_whatever_the_compiler_makes_of_them(
    before: str, call: str
) -> None:
    """Python writes calls through what the same file imports in another way."""
    module = compile(f"{before}def f(x):\n    y, z = {call}\n    return y\n", "<test>", "exec")
    (code,) = (one for one in module.co_consts if isinstance(one, types.CodeType))
    assert called_by(code) == {"helper"}


def test_calls_by_the_name_of_a_global_are_known() -> None:
    """They are found when the function is copied."""
    module = compile("def f(x):\n    return g(x) + x.sum()\n", "<test>", "exec")
    (code,) = (one for one in module.co_consts if isinstance(one, types.CodeType))
    assert called_by(code) <= {None}
