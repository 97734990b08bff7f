"""Graph to LLVM IR: kernels, their order, and the entries that Python calls."""
