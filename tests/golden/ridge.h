/* Value and gradient of ridge, written by Proofgrad.
 *
 * Arguments:
 *   w: an array of 4 numbers
 *   A: an array of 500 by 4 numbers, row by row
 *   b: an array of 500 numbers
 *
 * ridge_value returns the value.  ridge_value_and_gradient returns it too, and writes
 * RIDGE_GRADIENT_SIZE numbers:
 *   gradient[0] to [3]: derivative by w
 *   gradient[4] to [2003]: derivative by A
 *   gradient[2004] to [2503]: derivative by b
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
#ifndef PROOFGRAD_RIDGE_H
#define PROOFGRAD_RIDGE_H

#ifdef __cplusplus
extern "C" {
#endif

#define RIDGE_GRADIENT_SIZE 2504

double ridge_value(const double *w, const double *A, const double *b);

double ridge_value_and_gradient(
    const double *w,
    const double *A,
    const double *b,
    double *gradient);

#ifdef __cplusplus
}
#endif

#endif
