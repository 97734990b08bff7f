"""The proof: a gradient, input by input, against SymPy's derivative.

With this package one can

- ``verify_gradient`` of a function: the text ``compile_gradient`` emits for it, or a gradient
  somebody else wrote;
- read the ``Report``: a ``Verdict`` per input, how it was reached, the counterexample if there is
  one; ``save`` it, or let it raise a ``VerificationError``;
- ``recheck`` a saved report, a certificate, against the module's file alone;
- ``prove_rule`` and ``prove_rules``: the rules of the primitive table themselves.

SymPy is never imported here: symbolic steps run in a process of their own.
"""

from verify.certificate import CertificateError
from verify.ladder import verify_gradient
from verify.rechecking import recheck
from verify.report import Entry, Report, Verdict, VerificationError, Witness
from verify.rules import prove_rule, prove_rules

__all__ = [
    "CertificateError",
    "Entry",
    "Report",
    "Verdict",
    "VerificationError",
    "Witness",
    "prove_rule",
    "prove_rules",
    "recheck",
    "verify_gradient",
]
