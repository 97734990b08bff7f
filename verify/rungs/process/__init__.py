"""The process that symbolic steps run in: asked step by step, killed when a step takes too long.

In: a gradient under proof, pickled once, and requests.  Out: answers, or the news that time is up.
"""
