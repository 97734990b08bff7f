"""Eigenvalues and singular values in C, by rotations of two rows or columns at a time (Jacobi).

They are those of LAPACK within rounding; a vector may have the opposite sign.
"""

from __future__ import annotations

__all__ = ["SINGULAR_VALUES"]

SINGULAR_VALUES = {
    "proofgrad_rotate": """\
/* Two rows or columns of n numbers, step apart, turned by an angle of this cosine and sine. */
static void proofgrad_rotate(
    double *x, double *y, size_t n, size_t step, double cosine, double sine)
{
    for (size_t i = 0; i < n * step; i += step) {
        const double one = x[i], other = y[i];
        x[i] = cosine * one - sine * other;
        y[i] = sine * one + cosine * other;
    }
}
""",
    "proofgrad_eigen": """\
/* Eigenvalues w of a symmetric matrix, from the smallest on, and its vectors as columns of v. */
static void proofgrad_eigen(const double *given, size_t n, double *w, double *v, double *a)
{
    double size = 0.0;
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            a[i * n + j] = given[i < j ? j * n + i : i * n + j];
            v[i * n + j] = i == j ? 1.0 : 0.0;
            size += 0.0 * a[i * n + j];
        }
    }
    for (int sweep = 0, turned = size == 0.0; turned && sweep < 60; ++sweep) {
        turned = 0;
        for (size_t p = 0; p < n; ++p) {
            for (size_t q = p + 1; q < n; ++q) {
                const double x = a[p * n + p], y = a[q * n + q], between = a[p * n + q];
                if (fabs(x) + 0.0625 * fabs(between) == fabs(x)
                    && fabs(y) + 0.0625 * fabs(between) == fabs(y)) {
                    a[p * n + q] = a[q * n + p] = 0.0;
                    continue;
                }
                const double ratio = 0.5 * (y - x) / between;
                const double tangent = copysign(1.0, ratio) / (fabs(ratio) + hypot(1.0, ratio));
                const double cosine = 1.0 / hypot(1.0, tangent), sine = tangent * cosine;
                proofgrad_rotate(a + p, a + q, n, n, cosine, sine);
                proofgrad_rotate(a + p * n, a + q * n, n, 1, cosine, sine);
                proofgrad_rotate(v + p, v + q, n, n, cosine, sine);
                a[p * n + q] = a[q * n + p] = 0.0;
                turned = 1;
            }
        }
    }
    for (size_t i = 0; i < n; ++i) {
        w[i] = a[i * n + i] + size;
    }
    for (size_t i = 0; i + 1 < n; ++i) {
        size_t least = i;
        for (size_t k = i + 1; k < n; ++k) {
            least = w[k] < w[least] ? k : least;
        }
        if (least != i) {
            const double number = w[i];
            w[i] = w[least];
            w[least] = number;
            proofgrad_rotate(v + i, v + least, n, n, 0.0, 1.0);
        }
    }
}
""",
    "proofgrad_eigvalsh": """\
/* The eigenvalues of count symmetric matrices, which are read below the diagonal. */
static void proofgrad_eigvalsh(const double *a, size_t count, size_t n, double *w, double *work)
{
    for (; count-- > 0; a += n * n, w += n) {
        proofgrad_eigen(a, n, w, work, work + n * n);
    }
}
""",
    "proofgrad_eigvectors": """\
/* The eigenvectors of count symmetric matrices, which are read below the diagonal. */
static void proofgrad_eigvectors(const double *a, size_t count, size_t n, double *v, double *work)
{
    for (; count-- > 0; a += n * n, v += n * n) {
        proofgrad_eigen(a, n, work, v, work + n);
    }
}
""",
    "proofgrad_singular": """\
/* Rows of length one in x (n of m numbers, m >= n) and v (n of n): x' s v is the matrix whose
   columns, or rows if it is wide, x is made from; s from the largest on. */
static void proofgrad_singular(
    const double *a, size_t rows, size_t columns, double *x, double *s, double *v)
{
    const int wide = rows < columns;
    const size_t m = wide ? columns : rows, n = wide ? rows : columns;
    double size = 0.0;
    for (size_t i = 0; i < n * m; ++i) {
        size = fabs(a[i]) > size || a[i] != a[i] ? fabs(a[i]) : size;
    }
    size = size > 0.0 ? size : 1.0;
    for (size_t k = 0; k < n; ++k) {
        for (size_t i = 0; i < m; ++i) {
            x[k * m + i] = (wide ? a[k * m + i] : a[i * n + k]) / size;
        }
        for (size_t j = 0; j < n; ++j) {
            v[k * n + j] = k == j ? 1.0 : 0.0;
        }
    }
    for (int sweep = 0, turned = 1; turned && sweep < 60; ++sweep) {
        turned = 0;
        for (size_t p = 0; p < n; ++p) {
            for (size_t q = p + 1; q < n; ++q) {
                double one = 0.0, other = 0.0, between = 0.0;
                for (size_t i = 0; i < m; ++i) {
                    one += x[p * m + i] * x[p * m + i];
                    other += x[q * m + i] * x[q * m + i];
                    between += x[p * m + i] * x[q * m + i];
                }
                if (!(fabs(between) > 0x1p-52 * sqrt(one) * sqrt(other))) {
                    continue;
                }
                const double ratio = 0.5 * (other - one) / between;
                const double tangent = copysign(1.0, ratio) / (fabs(ratio) + hypot(1.0, ratio));
                const double cosine = 1.0 / hypot(1.0, tangent), sine = tangent * cosine;
                proofgrad_rotate(x + p * m, x + q * m, m, 1, cosine, sine);
                proofgrad_rotate(v + p * n, v + q * n, n, 1, cosine, sine);
                turned = 1;
            }
        }
    }
    for (size_t k = 0; k < n; ++k) {
        s[k] = 0.0;
        for (size_t i = 0; i < m; ++i) {
            s[k] = hypot(s[k], x[k * m + i]);
        }
    }
    for (size_t k = 0; k < n; ++k) {
        size_t most = k;
        for (size_t j = k + 1; j < n; ++j) {
            most = s[j] > s[most] ? j : most;
        }
        if (most != k) {
            const double number = s[k];
            s[k] = s[most];
            s[most] = number;
            proofgrad_rotate(x + k * m, x + most * m, m, 1, 0.0, 1.0);
            proofgrad_rotate(v + k * n, v + most * n, n, 1, 0.0, 1.0);
        }
        /* Where there is no direction, that of an axis which the rows before leave out. */
        double length = s[k];
        for (size_t axis = 0; !(length > 0x1p-50 * s[0]) && length == length && axis < m; ++axis) {
            for (size_t i = 0; i < m; ++i) {
                x[k * m + i] = i == axis ? 1.0 : 0.0;
            }
            for (size_t twice = 0; twice < 2; ++twice) {
                for (size_t j = 0; j < k; ++j) {
                    double along = 0.0;
                    for (size_t i = 0; i < m; ++i) {
                        along += x[j * m + i] * x[k * m + i];
                    }
                    for (size_t i = 0; i < m; ++i) {
                        x[k * m + i] -= along * x[j * m + i];
                    }
                }
            }
            length = 0.0;
            for (size_t i = 0; i < m; ++i) {
                length = hypot(length, x[k * m + i]);
            }
            length = length > 0.5 / sqrt((double)m) ? length : 0.0;
        }
        for (size_t i = 0; i < m; ++i) {
            x[k * m + i] /= length;
        }
        s[k] *= size;
    }
}
""",
    "proofgrad_svdvals": """\
/* The singular values of count matrices. */
static void proofgrad_svdvals(
    const double *a, size_t count, size_t rows, size_t columns, double *s, double *work)
{
    const size_t n = rows < columns ? rows : columns;
    for (; count-- > 0; a += rows * columns, s += n) {
        proofgrad_singular(a, rows, columns, work, s, work + rows * columns);
    }
}
""",
    "proofgrad_svdleft": """\
/* The left singular vectors of count matrices, as columns. */
static void proofgrad_svdleft(
    const double *a, size_t count, size_t rows, size_t columns, double *u, double *work)
{
    const size_t n = rows < columns ? rows : columns;
    double *const v = work + rows * columns, *const s = v + n * n;
    const double *const found = rows < columns ? v : work;
    for (; count-- > 0; a += rows * columns, u += rows * n) {
        proofgrad_singular(a, rows, columns, work, s, v);
        for (size_t i = 0; i < rows; ++i) {
            for (size_t k = 0; k < n; ++k) {
                u[i * n + k] = found[k * rows + i];
            }
        }
    }
}
""",
    "proofgrad_svdright": """\
/* The right singular vectors of count matrices, as rows. */
static void proofgrad_svdright(
    const double *a, size_t count, size_t rows, size_t columns, double *vh, double *work)
{
    const size_t n = rows < columns ? rows : columns;
    double *const v = work + rows * columns, *const s = v + n * n;
    const double *const found = rows < columns ? work : v;
    for (; count-- > 0; a += rows * columns, vh += n * columns) {
        proofgrad_singular(a, rows, columns, work, s, v);
        for (size_t i = 0; i < n * columns; ++i) {
            vh[i] = found[i];
        }
    }
}
""",
    "proofgrad_pinv": """\
/* The pseudo-inverses p of count matrices; singular values up to cut times the largest are zero. */
static void proofgrad_pinv(
    const double *a, size_t count, size_t rows, size_t columns, double cut, double *p,
    double *work)
{
    const size_t n = rows < columns ? rows : columns;
    double *const v = work + rows * columns, *const s = v + n * n;
    const double *const left = rows < columns ? v : work;
    const double *const right = rows < columns ? work : v;
    for (; count-- > 0; a += rows * columns, p += rows * columns) {
        proofgrad_singular(a, rows, columns, work, s, v);
        for (size_t i = 0; i < rows * columns; ++i) {
            p[i] = 0.0;
        }
        for (size_t k = 0; k < n && !(s[k] <= cut * s[0]); ++k) {
            for (size_t j = 0; j < columns; ++j) {
                const double part = right[k * columns + j] / s[k];
                for (size_t i = 0; i < rows; ++i) {
                    p[j * rows + i] += part * left[k * rows + i];
                }
            }
        }
    }
}
""",
    "proofgrad_lstsq": """\
/* The shortest x (m columns) that bring a x closest to b. */
static void proofgrad_lstsq(
    const double *a, const double *b, size_t rows, size_t columns, size_t m, double *x,
    double *work)
{
    const double cut = 0x1p-52 * (double)(rows < columns ? columns : rows);
    proofgrad_pinv(a, 1, rows, columns, cut, work, work + rows * columns);
    for (size_t j = 0; j < columns; ++j) {
        for (size_t k = 0; k < m; ++k) {
            x[j * m + k] = 0.0;
        }
        for (size_t i = 0; i < rows; ++i) {
            for (size_t k = 0; k < m; ++k) {
                x[j * m + k] += work[j * rows + i] * b[i * m + k];
            }
        }
    }
}
""",
}
