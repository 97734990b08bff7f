"""The front doors: verify a gradient, check a compile, recheck a certificate, admit a primitive.

In: a function or a gradient, and a time limit.  Out: a Report, or a VerificationError.
"""
