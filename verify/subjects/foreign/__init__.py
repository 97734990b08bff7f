"""Derivatives somebody else wrote, brought into the form that everything under proof has.

In: a function, and text or a callable.  Out: what is under proof, with Programs where there are.
"""
