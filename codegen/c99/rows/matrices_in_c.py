"""Triangles, differences of eigenvalues and the exponential of matrices, in C."""

from __future__ import annotations

__all__ = ["OF_MATRICES"]

OF_MATRICES = {
    "proofgrad_tril": """\
/* Count matrices with zeros above a diagonal. */
static void proofgrad_tril(
    const double *x, size_t count, size_t rows, size_t columns, long offset, double *y)
{
    for (size_t i = 0; i < count * rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            const int kept = (long)j <= (long)(i % rows) + offset;
            y[i * columns + j] = kept ? x[i * columns + j] : 0.0;
        }
    }
}
""",
    "proofgrad_triu": """\
/* Count matrices with zeros below a diagonal. */
static void proofgrad_triu(
    const double *x, size_t count, size_t rows, size_t columns, long offset, double *y)
{
    for (size_t i = 0; i < count * rows; ++i) {
        for (size_t j = 0; j < columns; ++j) {
            const int kept = (long)j >= (long)(i % rows) + offset;
            y[i * columns + j] = kept ? x[i * columns + j] : 0.0;
        }
    }
}
""",
    "proofgrad_gaps": """\
/* 1 / (w[j] - w[i]) for each two of n numbers, count times; 0 on the diagonal.
   Between two that differ by rounding alone: 0 where nothing flows, else infinite. */
static void proofgrad_gaps(
    const double *w, const double *flow, size_t count, size_t n, int squares, double *y)
{
    for (size_t m = 0; m < count; ++m, w += n) {
        double room = 0.0;
        for (size_t i = 0; i < n; ++i) {
            const double size = squares ? sqrt(fmax(w[i], 0.0)) : fabs(w[i]);
            room = size > room ? size : room;
        }
        room *= (double)n * 2.220446049250313e-16;
        for (size_t i = 0; i < n; ++i) {
            for (size_t j = 0; j < n; ++j, ++flow, ++y) {
                const double apart = w[j] - w[i];
                const double found =
                    squares ? sqrt(fmax(w[j], 0.0)) - sqrt(fmax(w[i], 0.0)) : apart;
                if (i == j) {
                    *y = 0.0;
                } else if (fabs(found) <= room) {
                    *y = *flow == 0.0 ? 0.0 : INFINITY;
                } else {
                    *y = 1.0 / apart;
                }
            }
        }
    }
}
""",
    "proofgrad_product": """\
/* z = x y, of matrices of n rows. */
static void proofgrad_product(const double *x, const double *y, size_t n, double *z)
{
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) {
            z[i * n + j] = 0.0;
        }
        for (size_t k = 0; k < n; ++k) {
            for (size_t j = 0; j < n; ++j) {
                z[i * n + j] += x[i * n + k] * y[k * n + j];
            }
        }
    }
}
""",
    "proofgrad_expm": """\
/* exp of count matrices: of a half, a quarter ... by Pade's quotient, then squared as often. */
static void proofgrad_expm(const double *a, size_t count, size_t n, double *y, double *work)
{
    static const double b[14] = {
        64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
        129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0,
        40840800.0, 960960.0, 16380.0, 182.0, 1.0,
    };
    const size_t size = n * n;
    double *const x = work, *const x2 = x + size, *const x4 = x2 + size, *const x6 = x4 + size;
    double *const odd = x6 + size, *const even = odd + size, *const part = even + size;
    double largest = 0.0;
    int times = 0;
    for (size_t k = 0; k < count; ++k) {
        for (size_t j = 0; j < n; ++j) {
            double sum = 0.0;
            for (size_t i = 0; i < n; ++i) {
                sum += fabs(a[k * size + i * n + j]);
            }
            largest = sum > largest || sum != sum ? sum : largest;
        }
    }
    if (0.0 < largest && largest < INFINITY) {
        /* Good where the norm is below 5.37 (Higham 2005). */
        const double halves = ceil(log2(largest / 5.371920351148152));
        times = halves > 0.0 ? (int)halves : 0;
    }
    for (; count-- > 0; a += size, y += size) {
        for (size_t i = 0; i < size; ++i) {
            x[i] = ldexp(a[i], -times);
        }
        proofgrad_product(x, x, n, x2);
        proofgrad_product(x2, x2, n, x4);
        proofgrad_product(x4, x2, n, x6);
        for (size_t i = 0; i < size; ++i) {
            part[i] = b[13] * x6[i] + b[11] * x4[i] + b[9] * x2[i];
        }
        proofgrad_product(x6, part, n, even);
        for (size_t i = 0; i < size; ++i) {
            const double unit = i % (n + 1) == 0 ? b[1] : 0.0;
            part[i] = even[i] + b[7] * x6[i] + b[5] * x4[i] + b[3] * x2[i] + unit;
        }
        proofgrad_product(x, part, n, odd);
        for (size_t i = 0; i < size; ++i) {
            part[i] = b[12] * x6[i] + b[10] * x4[i] + b[8] * x2[i];
        }
        proofgrad_product(x6, part, n, even);
        for (size_t i = 0; i < size; ++i) {
            const double unit = i % (n + 1) == 0 ? b[0] : 0.0;
            const double both = even[i] + b[6] * x6[i] + b[4] * x4[i] + b[2] * x2[i] + unit;
            part[i] = both - odd[i];
            even[i] = both + odd[i];
        }
        proofgrad_solve(part, even, 1, n, n, y, work);
        for (int k = 0; k < times; ++k) {
            proofgrad_product(y, y, n, part);
            for (size_t i = 0; i < size; ++i) {
                y[i] = part[i];
            }
        }
    }
}
""",
}
