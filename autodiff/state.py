"""Saved states, under their public name."""

from autodiff.networks.state import load_state, named_parameters, save_state

__all__ = ["load_state", "named_parameters", "save_state"]
