#include "gaussian.h"

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

/* 12 by 12 numbers, row by row */
static const double gaussian_data[144] = {
    1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0
};

/* The factors L and U of a matrix, in its place, with its rows in the order that is found, so that
   the largest number of each column divides; -1 if that is an odd one, else 1. */
static double proofgrad_eliminate(double *a, size_t n, double *order)
{
    double sign = 1.0;
    for (size_t i = 0; i < n; ++i) {
        order[i] = (double)i;
    }
    for (size_t k = 0; k < n; ++k) {
        size_t best = k;
        for (size_t i = k + 1; i < n; ++i) {
            best = fabs(a[i * n + k]) > fabs(a[best * n + k]) ? i : best;
        }
        if (best != k) {
            const double place = order[k];
            order[k] = order[best];
            order[best] = place;
            for (size_t j = 0; j < n; ++j) {
                const double number = a[k * n + j];
                a[k * n + j] = a[best * n + j];
                a[best * n + j] = number;
            }
            sign = -sign;
        }
        if (a[k * n + k] == 0.0) {
            continue;
        }
        const double *const row = a + k * n;
        for (size_t i = k + 1; i < n; ++i) {
            double *const other = a + i * n;
            const double factor = other[k] = other[k] / row[k];
            for (size_t j = k + 1; j < n; ++j) {
                other[j] -= factor * row[j];
            }
        }
    }
    return sign;
}

/* x, which has the right-hand sides in the order of the rows, becomes the solution of L U x. */
static void proofgrad_substitute(const double *lu, size_t n, size_t m, double *x)
{
    for (size_t i = 0; i < n; ++i) {
        for (size_t k = 0; k < i; ++k) {
            for (size_t j = 0; j < m; ++j) {
                x[i * m + j] -= lu[i * n + k] * x[k * m + j];
            }
        }
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; ++k) {
            for (size_t j = 0; j < m; ++j) {
                x[i * m + j] -= lu[i * n + k] * x[k * m + j];
            }
        }
        for (size_t j = 0; j < m; ++j) {
            x[i * m + j] /= lu[i * n + i];
        }
    }
}

/* The x of a x = b, for count matrices a of n rows and b of m columns. */
static void proofgrad_solve(
    const double *a, const double *b, size_t count, size_t n, size_t m, double *x, double *work)
{
    double *const lu = work, *const order = work + n * n;
    for (; count-- > 0; a += n * n, b += n * m, x += n * m) {
        for (size_t i = 0; i < n * n; ++i) {
            lu[i] = a[i];
        }
        proofgrad_eliminate(lu, n, order);
        for (size_t i = 0; i < n; ++i) {
            for (size_t j = 0; j < m; ++j) {
                x[i * m + j] = b[(size_t)order[i] * m + j];
            }
        }
        proofgrad_substitute(lu, n, m, x);
    }
}

/* The inverses of count matrices of n rows. */
static void proofgrad_inv(const double *a, size_t count, size_t n, double *x, double *work)
{
    double *const lu = work, *const order = work + n * n;
    for (; count-- > 0; a += n * n, x += n * n) {
        for (size_t i = 0; i < n * n; ++i) {
            lu[i] = a[i];
        }
        proofgrad_eliminate(lu, n, order);
        for (size_t i = 0; i < n; ++i) {
            for (size_t j = 0; j < n; ++j) {
                x[i * n + j] = order[i] == (double)j ? 1.0 : 0.0;
            }
        }
        proofgrad_substitute(lu, n, n, x);
    }
}

/* The logarithms of the sizes of the determinants of count matrices of n rows. */
static void proofgrad_logabsdet(const double *a, size_t count, size_t n, double *det, double *work)
{
    for (size_t k = 0; k < count; ++k) {
        for (size_t i = 0; i < n * n; ++i) {
            work[i] = a[k * n * n + i];
        }
        proofgrad_eliminate(work, n, work + n * n);
        det[k] = 0.0;
        for (size_t i = 0; i < n; ++i) {
            det[k] += log(fabs(work[i * n + i]));
        }
    }
}

double gaussian_value(const double *restrict m, const double *restrict x)
{
    double covariance[144];
    double v2[12];
    double room[156];
    double v4[1];
    double room2[156];
    for (size_t i = 0; i < 12; ++i) {
        for (size_t j = 0; j < 12; ++j) {
            double v1 = 0.0;
            for (size_t k = 0; k < 12; ++k) {
                v1 += m[12 * i + k] * m[12 * j + k];
            }
            covariance[12 * i + j] = v1 + gaussian_data[12 * i + j];
        }
    }
    proofgrad_solve(covariance, x, 1, 12, 1, v2, room);
    double v3 = 0.0;
    for (size_t i = 0; i < 12; ++i) {
        v3 += x[i] * v2[i];
    }
    proofgrad_logabsdet(covariance, 1, 12, v4, room2);
    return 0.5 * (v3 + v4[0]);
}

double gaussian_value_and_gradient(
    const double *restrict m,
    const double *restrict x,
    double *restrict gradient)
{
    double *const m_bar = gradient;
    double *const x_bar = gradient + 144;
    double covariance[144];
    double x_scaled[12];
    double v2[12];
    double room[156];
    double x_bar_1[12];
    double v4[144];
    double v5[1];
    double room2[156];
    double v6[144];
    double room3[156];
    double covariance_bar_1[144];
    double x_bar_2[12];
    double room4[156];
    double v7[144];
    double m_bar_1[144];
    for (size_t i = 0; i < 12; ++i) {
        for (size_t j = 0; j < 12; ++j) {
            double v1 = 0.0;
            for (size_t k = 0; k < 12; ++k) {
                v1 += m[12 * i + k] * m[12 * j + k];
            }
            covariance[12 * i + j] = v1 + gaussian_data[12 * i + j];
        }
        x_scaled[i] = x[i] * 0.5;
    }
    proofgrad_solve(covariance, x, 1, 12, 1, v2, room);
    double v3 = 0.0;
    for (size_t i = 0; i < 12; ++i) {
        v3 += x[i] * v2[i];
        x_bar_1[i] = v2[i] * 0.5;
        for (size_t j = 0; j < 12; ++j) {
            v4[12 * i + j] = covariance[12 * j + i];
        }
    }
    proofgrad_logabsdet(covariance, 1, 12, v5, room2);
    const double gaussian = 0.5 * (v3 + v5[0]);
    proofgrad_inv(covariance, 1, 12, v6, room3);
    for (size_t i = 0; i < 12; ++i) {
        for (size_t j = 0; j < 12; ++j) {
            covariance_bar_1[12 * i + j] = 0.5 * v6[12 * j + i];
        }
    }
    proofgrad_solve(v4, x_scaled, 1, 12, 1, x_bar_2, room4);
    for (size_t j = 0; j < 12; ++j) {
        for (size_t k = 0; k < 12; ++k) {
            v7[12 * j + k] = 0.0;
        }
    }
    for (size_t i = 0; i < 12; ++i) {
        double covariance_bar[12];
        for (size_t k = 0; k < 12; ++k) {
            m_bar_1[12 * i + k] = 0.0;
        }
        for (size_t j = 0; j < 12; ++j) {
            const double covariance_bar_2 = x_bar_2[i] * v2[j];
            covariance_bar[j] = covariance_bar_1[12 * i + j] - covariance_bar_2;
            for (size_t k = 0; k < 12; ++k) {
                m_bar_1[12 * i + k] += covariance_bar[j] * m[12 * j + k];
            }
        }
        x_bar[i] = x_bar_1[i] + x_bar_2[i];
        for (size_t j = 0; j < 12; ++j) {
            for (size_t k = 0; k < 12; ++k) {
                v7[12 * j + k] += m[12 * i + j] * covariance_bar[k];
            }
        }
    }
    for (size_t i = 0; i < 12; ++i) {
        for (size_t j = 0; j < 12; ++j) {
            m_bar[12 * i + j] = m_bar_1[12 * i + j] + v7[12 * j + i];
        }
    }
    return gaussian;
}
