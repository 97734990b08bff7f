/* Value and gradient of two programs of simulations.py, as one writes them by hand. */

#include <math.h>
#include <stdlib.h>

double garch(const double *p, const double *u, long n, double *p_bar) {
    double omega = p[0] * p[0], a = p[1] * p[1], b = p[2] * p[2], total = 0.0, v = 1.0;
    double *kept = malloc(n * sizeof *kept);
    for (long k = 0; k < n; k++) {
        double s = u[k] * u[k];
        kept[k] = v;
        total += 0.5 * (log(v) + s / v);
        v = omega + a * s + b * v;
    }
    double v_bar = 0.0, omega_bar = 0.0, a_bar = 0.0, b_bar = 0.0;
    for (long k = n - 1; k >= 0; k--) {
        double s = u[k] * u[k], r = 1.0 / kept[k];
        omega_bar += v_bar;
        a_bar += v_bar * s;
        b_bar += v_bar * kept[k];
        v_bar = v_bar * b + 0.5 * (r - s * r * r);
    }
    free(kept);
    p_bar[0] = 2.0 * p[0] * omega_bar;
    p_bar[1] = 2.0 * p[1] * a_bar;
    p_bar[2] = 2.0 * p[2] * b_bar;
    return total;
}

enum { S = 4 };

double hmm(const double *A, const double *mean, const double *y, long n, double *A_bar,
           double *mean_bar) {
    double T[S][S], T_bar[S][S] = {{0.0}}, now[S], bar[S] = {0.0}, total = 0.0;
    double(*kept)[S] = malloc((n + 1) * sizeof *kept), (*seen)[S] = malloc(n * sizeof *seen);
    double *sums = malloc(n * sizeof *sums);
    for (int i = 0; i < S; i++) {
        double sum = 0.0;
        for (int j = 0; j < S; j++) sum += T[i][j] = exp(A[S * i + j]);
        for (int j = 0; j < S; j++) T[i][j] /= sum;
        kept[0][i] = 1.0 / S;
        mean_bar[i] = 0.0;
    }
    for (long k = 0; k < n; k++) {
        double c = 0.0;
        for (int j = 0; j < S; j++) {
            double before = 0.0, d = y[k] - mean[j];
            for (int i = 0; i < S; i++) before += kept[k][i] * T[i][j];
            seen[k][j] = exp(-0.5 * d * d);
            c += now[j] = before * seen[k][j];
        }
        for (int j = 0; j < S; j++) kept[k + 1][j] = now[j] / c;
        total -= log(sums[k] = c);
    }
    for (long k = n - 1; k >= 0; k--) {
        double r = 1.0 / sums[k], c_bar = -r, inner[S];
        for (int j = 0; j < S; j++) c_bar -= bar[j] * kept[k + 1][j] * r;
        for (int j = 0; j < S; j++) {
            double raw = bar[j] * r + c_bar;
            mean_bar[j] += raw * kept[k + 1][j] * sums[k] * (y[k] - mean[j]);
            inner[j] = raw * seen[k][j];
        }
        for (int i = 0; i < S; i++) {
            double sum = 0.0;
            for (int j = 0; j < S; j++) {
                T_bar[i][j] += kept[k][i] * inner[j];
                sum += T[i][j] * inner[j];
            }
            bar[i] = sum;
        }
    }
    for (int i = 0; i < S; i++) {
        double sum = 0.0;
        for (int j = 0; j < S; j++) sum += T_bar[i][j] * T[i][j];
        for (int j = 0; j < S; j++) A_bar[S * i + j] = T[i][j] * (T_bar[i][j] - sum);
    }
    free(kept);
    free(seen);
    free(sums);
    return total;
}
