/* Value and gradient of gaussian, written by Proofgrad.
 *
 * Arguments:
 *   m: an array of 12 by 12 numbers, row by row
 *   x: an array of 12 numbers
 *
 * gaussian_value returns the value.  gaussian_value_and_gradient returns it too, and writes
 * GAUSSIAN_GRADIENT_SIZE numbers:
 *   gradient[0] to [143]: derivative by m
 *   gradient[144] to [155]: derivative by x
 *
 * The functions are pure, re-entrant, and never raise: results are those of IEEE 754, infinities
 * and nan included.  No array that is written may overlap another one.
 * A sum is taken one number after the other, in the order in which the loops stand: its bits are
 * the same at every level of optimisation, and it is off by at most n 2^-53 times the sum of the
 * magnitudes of its n numbers.
 * Where a matrix is singular, or not positive definite, results are infinite or nan.
 * Compile as C99 without -ffast-math; link with -lm.  A compiler that is neither gcc nor
 * clang must be told not to fuse products with sums.
 *
 * What is proven: this text comes from the same graph and the same rewrites as the NumPy text of
 * the function, on which the check at compile gives its verdict.  The C text itself is not read.
 */
#ifndef PROOFGRAD_GAUSSIAN_H
#define PROOFGRAD_GAUSSIAN_H

#ifdef __cplusplus
extern "C" {
#endif

#define GAUSSIAN_GRADIENT_SIZE 156

double gaussian_value(const double *m, const double *x);

double gaussian_value_and_gradient(
    const double *m,
    const double *x,
    double *gradient);

#ifdef __cplusplus
}
#endif

#endif
