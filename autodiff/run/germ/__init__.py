"""Germs: numbers that move by an infinitesimal step, on numbers or on tracers.

In: a primitive and the germs of its operands.  Out: the germ of its result (``number.py`` says what
that is), on whichever side of every switch the step leads.
"""

from autodiff.run.germ.doubt import doubted
from autodiff.run.germ.number import FORMS, Germ, apply, known, total
from autodiff.run.germ.quotients import ARITHMETIC
from autodiff.run.germ.radicals import ROOTS
from autodiff.run.germ.switches import AMONG_INFINITIES, SWITCHES

__all__ = ["AMONG_INFINITIES", "Germ", "apply", "doubted", "known", "total"]

FORMS.update(ARITHMETIC | ROOTS | SWITCHES)
