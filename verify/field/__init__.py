"""Programs over large prime fields: conditions, square roots, the loaded code itself."""
