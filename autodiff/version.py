"""The version, as emitted files state it; ``pyproject.toml`` has the same."""

__all__ = ["VERSION"]

VERSION = "0.1.0"
