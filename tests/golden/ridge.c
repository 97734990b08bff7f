#include "ridge.h"

#include <math.h>
#include <stddef.h>

#ifdef __FAST_MATH__
#error "compile without -ffast-math: it changes what infinities, nan and sums are"
#endif
/* Every operation is rounded by itself: no product is fused with a sum. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif

double ridge_value(
    const double *restrict w,
    const double *restrict A,
    const double *restrict b)
{
    double v1 = 0.0;
    for (size_t i = 0; i < 500; ++i) {
        double v2 = 0.0;
        for (size_t j = 0; j < 4; ++j) {
            v2 += A[4 * i + j] * w[j];
        }
        const double residual = v2 - b[i];
        v1 += residual * residual;
    }
    double v3 = 0.0;
    for (size_t i = 0; i < 4; ++i) {
        v3 += w[i] * w[i];
    }
    return v1 / 500.0 + 0.1 * v3;
}

double ridge_value_and_gradient(
    const double *restrict w,
    const double *restrict A,
    const double *restrict b,
    double *restrict gradient)
{
    double *const w_bar = gradient;
    double *const A_bar = gradient + 4;
    double *const b_bar = gradient + 2004;
    double w_bar_1[4];
    double v1 = 0.0;
    for (size_t j = 0; j < 4; ++j) {
        w_bar_1[j] = 0.0;
    }
    for (size_t i = 0; i < 500; ++i) {
        double v2 = 0.0;
        for (size_t j = 0; j < 4; ++j) {
            v2 += A[4 * i + j] * w[j];
        }
        const double residual = v2 - b[i];
        v1 += residual * residual;
        const double residual_bar = 0.004 * residual;
        b_bar[i] = -residual_bar;
        for (size_t j = 0; j < 4; ++j) {
            A_bar[4 * i + j] = residual_bar * w[j];
            w_bar_1[j] += A[4 * i + j] * residual_bar;
        }
    }
    double v3 = 0.0;
    for (size_t i = 0; i < 4; ++i) {
        v3 += w[i] * w[i];
        w_bar[i] = 0.2 * w[i] + w_bar_1[i];
    }
    return v1 / 500.0 + 0.1 * v3;
}
