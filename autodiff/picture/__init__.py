"""Pictures of Values and graphs.

In: a Value or a graph.  Out: SVG, DOT or Mermaid text.
"""
