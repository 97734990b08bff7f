"""Networks compiled to one training step; plots of what they learned.

In: a model of ``autodiff.nn`` and data.  Out: trained parameters, losses, pictures.
"""
