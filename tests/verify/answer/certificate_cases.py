"""Reports that are saved, and what they are about."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from verify.answer.certificate import digest_of


def wave(x: Any, y: Any) -> Any:
    """A function with a portable primitive in its gradient."""
    return np.tanh(x * y) + np.sin(x) / y


Files = tuple[Path, Path]


def edited(saved: Files, tmp_path: Path, change: Callable[[Any], None], sealed: bool) -> Path:
    """A copy of the certificate with a change, and its digest made to fit if ``sealed``."""
    content = json.loads(saved[0].read_text())
    change(content)
    if sealed:
        content["digest"] = digest_of(content)
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(content))
    return path


def _sha256(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()
