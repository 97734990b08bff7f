"""verify_gradient: starts the process that proves, then imports what it is asked with.

SymPy takes longer to import than all of ours: meanwhile we do.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.given import given_seconds
from autodiff.run.reverse_plan import Wrt
from verify.answer.report import Report
from verify.rungs.process.process import shared_worker

__all__ = ["verify_gradient"]

_FEW = 1000  # numbers in an array that hardly stand for more operations than are proven


def verify_gradient(
    function: Callable[..., object] | Graph,
    *examples: object,
    gradient: object = None,
    time_limit: float = 10.0,
    seed: int = 0,
    wrt: Wrt = None,
) -> Report:
    """Compare a gradient with SymPy's derivative, input by input.

    Without ``gradient`` the subject is the text that ``compile_gradient`` emits for the function:
    the text itself is read and run on symbols and on 60-digit numbers.  Where its arrays stand for
    more than 200000 operations, it is run over residues beside the chain rule instead, as each
    compile is; the report has an entry per array then.

    Args:
        function: An ordinary Python function, a graph, or what ``compile_gradient`` returned.
        examples: One value per argument, as for ``compile_gradient``; points near them are among
            those compared at.
        gradient: A gradient somebody else wrote: a callable of the same arguments that returns the
            gradient or ``(value, gradient)``, or source text that defines one (read, never run).
            It is read or traced if possible; a callable that cannot be traced is compared number
            by number, within a relative 1e-8 (opaque.py).
        time_limit: Seconds a step, or a call of the gradient, may compute before it is stopped.
        seed: Of further random points; 0 for none.  Those that decide are drawn anew each time.
        wrt: Positions or names of the arguments to differentiate, where ``function`` is none that
            ``compile_gradient`` returned and ``gradient`` is none; the others may be static, as
            for ``compile_gradient``, and the verdict is about these values of them.

    Returns:
        A report with a verdict per float among the inputs.

    Raises:
        ArgumentError: if the examples do not fit the function, or the gradient's arguments or
            result do not.
        TraceError: if the function cannot be traced.
        DifferentiationError: if it does not return one float.

    >>> import autodiff as ad
    >>> report = verify_gradient(lambda x, y: x * ad.sin(y), 1.0, 2.0)
    >>> str(report.verdict)
    'PROVED'
    >>> wrong = verify_gradient(lambda x: x * x, 1.0, gradient=lambda x: 2.1 * x)
    >>> str(wrong.verdict), wrong.entries[0].witness.found, wrong.entries[0].witness.expected
    ('REFUTED', 2.1, 2.0)
    """
    given_seconds("time_limit", time_limit)
    if gradient is not None or _is_small(function, examples):
        shared_worker().begin()
    from verify.ladder.ladder import examined_as_given

    try:
        return examined_as_given(function, examples, gradient, time_limit, seed, wrt)
    except ArgumentError as error:
        if gradient is None and examples and callable(examples[0]):
            raise ArgumentError(
                f"{error} A gradient of your own is given by name, behind them: gradient=by_hand"
            ) from None
        raise


def _is_small(function: object, examples: tuple[object, ...]) -> bool:
    """True where the process is needed, as far as one can tell without a trace."""
    arrays = [x for x in examples if isinstance(x, np.ndarray)]
    return isinstance(function, FunctionType) and all(x.size <= _FEW for x in arrays)
