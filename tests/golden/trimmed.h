/* Value and gradient of trimmed, written by Proofgrad.
 *
 * Arguments:
 *   x: an array of 60 numbers
 *   weights: an array of 50 numbers
 *
 * trimmed_value returns the value.  trimmed_value_and_gradient returns it too, and writes
 * TRIMMED_GRADIENT_SIZE numbers:
 *   gradient[0] to [59]: derivative by x
 *   gradient[60] to [109]: derivative by weights
 *
 * The functions are pure, re-entrant, and never raise: results are those of IEEE 754, infinities
 * and nan included.  No array that is written may overlap another one.
 * A sum is taken one number after the other, in the order in which the loops stand: its bits are
 * the same at every level of optimisation, and it is off by at most n 2^-53 times the sum of the
 * magnitudes of its n numbers.
 * Compile as C99 without -ffast-math; link with -lm.  A compiler that is neither gcc nor
 * clang must be told not to fuse products with sums.
 *
 * What is proven: this text comes from the same graph and the same rewrites as the NumPy text of
 * the function, on which the check at compile gives its verdict.  The C text itself is not read.
 */
#ifndef PROOFGRAD_TRIMMED_H
#define PROOFGRAD_TRIMMED_H

#ifdef __cplusplus
extern "C" {
#endif

#define TRIMMED_GRADIENT_SIZE 110

double trimmed_value(const double *x, const double *weights);

double trimmed_value_and_gradient(
    const double *x,
    const double *weights,
    double *gradient);

#ifdef __cplusplus
}
#endif

#endif
