"""verify_gradient: the rungs of the proof, from cheap and certain to slow, for every input.

1. Compare the gradient with SymPy's derivative at points, with 60 digits and more: a difference
   refutes, with the point as witness.
2. Subtract the two as expressions and show that nothing is left: proved.

Both run in a process that can be killed (process.py); a step that takes too long leaves its entry
to the other rungs.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from autodiff.errors import ArgumentError, DifferentiationError
from autodiff.graph import Graph
from autodiff.interpret import backpropagate
from autodiff.structure import Scalar, Structure, Tuple, flatten, unflatten
from autodiff.trace import signature_examples, trace
from codegen import CompiledGradient, compile_gradient
from verify.compare import DIGITS, ROUNDING
from verify.process import StepError, Worker, shared_worker
from verify.report import Entry, Report, Verdict, Witness
from verify.subject import Subject, compiled_subject, example_points, foreign_subject

__all__ = ["verify_gradient"]
