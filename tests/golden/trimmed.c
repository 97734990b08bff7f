#include "trimmed.h"

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

/* True if x comes before y: numbers from the smallest on, then nan. */
static int proofgrad_before(double x, double y) { return x < y || (x == x && y != y); }

/* The order that sorts the middle axis of x; equal numbers stay in theirs. */
static void proofgrad_argsort(
    const double *x, size_t outer, size_t n, size_t inner, double *order, double *work)
{
    for (size_t i = 0; i < outer * inner; ++i) {
        const size_t first = i / inner * n * inner + i % inner;
        double *numbers = work, *from = work + n, *to = work + 2 * n;
        for (size_t k = 0; k < n; ++k) {
            numbers[k] = x[first + k * inner];
            from[k] = (double)k;
        }
        for (size_t width = 1; width < n; width *= 2) {
            for (size_t start = 0; start < n; start += 2 * width) {
                const size_t middle = start + width < n ? start + width : n;
                const size_t end = middle + width < n ? middle + width : n;
                size_t left = start, right = middle;
                for (size_t k = start; k < end; ++k) {
                    const int turn = left == middle
                        || (right < end
                            && proofgrad_before(
                                numbers[(size_t)from[right]], numbers[(size_t)from[left]]));
                    to[k] = turn ? from[right] : from[left];
                    left += !turn;
                    right += turn;
                }
            }
            double *const sorted = to;
            to = from;
            from = sorted;
        }
        for (size_t k = 0; k < n; ++k) {
            order[first + k * inner] = from[k];
        }
    }
}

double trimmed_value(const double *restrict x, const double *restrict weights)
{
    double v1[60];
    double room[180];
    double v2[60];
    proofgrad_argsort(x, 1, 60, 1, v1, room);
    for (size_t i = 0; i < 60; ++i) {
        v2[i] = x[(size_t)v1[i]];
    }
    double trimmed = 0.0;
    for (size_t i = 0; i < 50; ++i) {
        trimmed += v2[i + 5] * weights[i];
    }
    return trimmed;
}

double trimmed_value_and_gradient(
    const double *restrict x,
    const double *restrict weights,
    double *restrict gradient)
{
    double *const x_bar = gradient;
    double *const weights_bar = gradient + 60;
    double v1[60];
    double room[180];
    double v2[60];
    double v2_bar[60];
    proofgrad_argsort(x, 1, 60, 1, v1, room);
    for (size_t i = 0; i < 60; ++i) {
        v2[i] = x[(size_t)v1[i]];
        v2_bar[i] = 0.0;
        x_bar[i] = 0.0;
    }
    double trimmed = 0.0;
    for (size_t i = 0; i < 50; ++i) {
        trimmed += v2[i + 5] * weights[i];
        v2_bar[i + 5] = weights[i];
        weights_bar[i] = v2[i + 5];
    }
    for (size_t i = 0; i < 60; ++i) {
        x_bar[(size_t)v1[i]] += v2_bar[i];
    }
    return trimmed;
}
