"""The proof: a gradient, input by input, against SymPy's derivative.

With this package one can

- ``verify_gradient`` of a function: the text ``compile_gradient`` emits for it, or a gradient
  somebody else wrote;
- ``verify_jacobian``, ``verify_hessian``, ``verify_derivatives`` of any kind, number by number;
- read the ``Report``: a ``Verdict`` per input, how it was reached, the counterexample if there is
  one; ``save`` it, or let it raise a ``VerificationError``;
- ``recheck`` a saved report, a certificate, against the module's file alone;
- take a graph ``to_sympy``, and an expression ``from_sympy`` to a graph;
- ``mutate`` a gradient, to see whether wrong versions of it are refuted;
- ``prove_rule`` and ``prove_rules``: the rules of the primitive table themselves;
- ask for the ``gradient_error`` at a point, rigorously, and for the ``worst_input`` of all;
- ask where a function has no derivative, and what its gradient means there: ``domain_report``.

Nothing here is imported before it is asked for, so that the check at compile, which needs a few
modules only, waits for no others; SymPy is not imported before it is needed, and proofs run in a
process of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verify.answer.certificate import CertificateError
    from verify.answer.report import Entry, Report, Verdict, VerificationError, Witness
    from verify.beside.accuracy import accuracy_table, measure_rows
    from verify.beside.domain import Candidate, DomainReport, domain_report
    from verify.beside.mutation import MutationReport, mutate
    from verify.beside.rounding import ErrorReport, PartialError, gradient_error, worst_input
    from verify.beside.sympy_in import from_sympy
    from verify.beside.sympy_out import to_sympy
    from verify.ladder.doors.front import verify_gradient
    from verify.ladder.doors.siblings import verify_derivatives, verify_hessian, verify_jacobian
    from verify.ladder.rechecking import recheck
    from verify.rules.rules import prove_rule, prove_rules

__all__ = [
    "Candidate",
    "CertificateError",
    "DomainReport",
    "Entry",
    "ErrorReport",
    "MutationReport",
    "PartialError",
    "Report",
    "Verdict",
    "VerificationError",
    "Witness",
    "accuracy_table",
    "domain_report",
    "from_sympy",
    "gradient_error",
    "measure_rows",
    "mutate",
    "prove_rule",
    "prove_rules",
    "recheck",
    "to_sympy",
    "verify_derivatives",
    "verify_gradient",
    "verify_hessian",
    "verify_jacobian",
    "worst_input",
]

_HOMES = {
    "Candidate": "verify.beside.domain",
    "CertificateError": "verify.answer.certificate",
    "DomainReport": "verify.beside.domain",
    "Entry": "verify.answer.report",
    "ErrorReport": "verify.beside.rounding",
    "MutationReport": "verify.beside.mutation",
    "PartialError": "verify.beside.rounding",
    "Report": "verify.answer.report",
    "Verdict": "verify.answer.report",
    "VerificationError": "verify.answer.report",
    "Witness": "verify.answer.report",
    "accuracy_table": "verify.beside.accuracy",
    "domain_report": "verify.beside.domain",
    "from_sympy": "verify.beside.sympy_in",
    "gradient_error": "verify.beside.rounding",
    "measure_rows": "verify.beside.accuracy",
    "mutate": "verify.beside.mutation",
    "prove_rule": "verify.rules.rules",
    "prove_rules": "verify.rules.rules",
    "recheck": "verify.ladder.rechecking",
    "to_sympy": "verify.beside.sympy_out",
    "verify_derivatives": "verify.ladder.doors.siblings",
    "verify_gradient": "verify.ladder.doors.front",
    "verify_hessian": "verify.ladder.doors.siblings",
    "verify_jacobian": "verify.ladder.doors.siblings",
    "worst_input": "verify.beside.rounding",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        from autodiff.doors import late_names  # the command's --help waits for no mathematics

        return late_names(__name__, globals(), _HOMES)(name)


def __dir__() -> list[str]:
    return sorted({*__all__, "__doc__"})
