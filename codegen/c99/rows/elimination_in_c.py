"""Systems of equations in C: elimination with the largest pivot, determinants, Cholesky's factor.

Where NumPy refuses a matrix, because it is singular or not positive definite, numbers are nan or
infinite.
"""

from __future__ import annotations

__all__ = ["SYSTEMS"]

SYSTEMS = {
    "proofgrad_eliminate": """\
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
""",
    "proofgrad_substitute": """\
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
""",
    "proofgrad_solve": """\
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
""",
    "proofgrad_inv": """\
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
""",
    "proofgrad_det": """\
/* The determinants of count matrices of n rows. */
static void proofgrad_det(const double *a, size_t count, size_t n, double *det, double *work)
{
    for (size_t k = 0; k < count; ++k) {
        for (size_t i = 0; i < n * n; ++i) {
            work[i] = a[k * n * n + i];
        }
        det[k] = proofgrad_eliminate(work, n, work + n * n);
        for (size_t i = 0; i < n; ++i) {
            det[k] *= work[i * n + i];
        }
    }
}
""",
    "proofgrad_logabsdet": """\
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
""",
    "proofgrad_detsign": """\
/* The signs of the determinants of count matrices of n rows. */
static void proofgrad_detsign(const double *a, size_t count, size_t n, double *det, double *work)
{
    for (size_t k = 0; k < count; ++k) {
        for (size_t i = 0; i < n * n; ++i) {
            work[i] = a[k * n * n + i];
        }
        det[k] = proofgrad_eliminate(work, n, work + n * n);
        for (size_t i = 0; i < n; ++i) {
            const double pivot = work[i * n + i];
            det[k] *= pivot == 0.0 || pivot != pivot ? pivot : copysign(1.0, pivot);
        }
    }
}
""",
    "proofgrad_cholesky": """\
/* The lower triangles l of l l' = a, for count matrices a, which are read below the diagonal. */
static void proofgrad_cholesky(const double *a, size_t count, size_t n, double *l)
{
    for (; count-- > 0; a += n * n, l += n * n) {
        for (size_t i = 0; i < n; ++i) {
            for (size_t j = 0; j <= i; ++j) {
                double rest = a[i * n + j];
                for (size_t k = 0; k < j; ++k) {
                    rest -= l[i * n + k] * l[j * n + k];
                }
                l[i * n + j] = j < i ? rest / l[j * n + j] : sqrt(rest);
            }
            for (size_t j = i + 1; j < n; ++j) {
                l[i * n + j] = 0.0;
            }
        }
    }
}
""",
}
