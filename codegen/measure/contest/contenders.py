"""All contenders by name, in the order of the report."""

from __future__ import annotations

from codegen.measure.contest.case import Contender
from codegen.measure.contest.ours import OURS
from codegen.measure.contest.rivals import RIVALS

__all__ = ["CONTENDERS"]

CONTENDERS: dict[str, Contender] = {contender.name: contender for contender in (*OURS, *RIVALS)}
