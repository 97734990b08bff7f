"""Contests with every rival found on this machine, under their public name."""

from codegen.measure.contest import Contest, Row, contest

__all__ = ["Contest", "Row", "contest"]
