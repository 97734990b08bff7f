"""Conditions: fields that know more of them than that each is an element.

In: what graphs and texts do to arrays.  Out: arrays of residues that know outside which conditions
they are zero, and arrays that are polynomials in conditions.
"""
