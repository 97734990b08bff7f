"""Random programs in ordinary Python and in NumPy, held to differences of themselves.

``python -m tests.figures.programs SEED N [python numpy native] [--only ordinary arrays]`` writes N
programs, asks for their derivatives in every way that there is, and prints what differs from
extrapolated differences of the program itself, with the smallest program that still differs.

``grammar.py`` writes text from templates, ``ordinary.py`` and ``arrays.py`` are the two languages,
``truth.py`` takes differences, ``asked.py`` asks, ``smaller.py`` takes statements away.
"""

from __future__ import annotations

from tests.figures.programs.arrays import arrays
from tests.figures.programs.ordinary import ordinary

LANGUAGES = {"ordinary": ordinary, "arrays": arrays}
