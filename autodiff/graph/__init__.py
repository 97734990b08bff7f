"""The intermediate representation: typed argument trees, nodes, graphs, and their text.

In: nodes, from whoever builds.  Out: frozen graphs, printed, parsed and checked.
"""
