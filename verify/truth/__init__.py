"""What a gradient is compared with: a chain rule written apart from the transforms, and SymPy."""
