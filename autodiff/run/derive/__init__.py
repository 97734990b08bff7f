"""Derive: what transforms are made of.

In comes a graph; out come sweeps over it, and the structures that their numbers are put into.
"""
