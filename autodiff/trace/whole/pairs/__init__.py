"""Complex numbers inside a function of real ones: pairs of arrays, real and imaginary parts."""
