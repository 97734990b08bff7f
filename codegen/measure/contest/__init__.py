"""A contest: our code and every rival found on this machine, on one function.

Each contender works in a process of its own (lap.py), so that no library's threads, allocator or
imports touch another's times, and its peak memory is its own.  All must give the interpreter's
numbers first; then they are timed in turns.  ``case.py`` is the task, ``ours.py`` and ``rivals.py``
say how each contender does it, ``tournament.py`` runs them, ``results.py`` is the answer.

In: a function, a point, the contenders.  Out: a table of times and of who could not take part.
"""

from codegen.measure.contest.results import Contest, Row
from codegen.measure.contest.tournament import contest

__all__ = ["Contest", "Row", "contest"]
