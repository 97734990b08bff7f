/* Values and gradients of the losses over arrays, as one writes them by hand.  Each is given its
   arguments, how many rows there are, and where its gradient goes. */

#include <math.h>
#include <string.h>

double rosenbrock(const double *x, long n, double *x_bar) {
    double value = 0.0, carried = 0.0;
    for (long i = 0; i < n - 1; i++) {
        double d = x[i + 1] - x[i] * x[i], e = 1.0 - x[i];
        value += 100.0 * d * d + e * e;
        x_bar[i] = carried - 400.0 * x[i] * d - 2.0 * e;
        carried = 200.0 * d;
    }
    x_bar[n - 1] = carried;
    return value;
}

enum { W = 10 }; /* parameters of a row */

double least_squares(const double *w, const double *A, const double *b, long n, double *w_bar) {
    double value = 0.0, bar[W] = {0.0};
    for (long i = 0; i < n; i++, A += W) {
        double residual = -b[i];
        for (int j = 0; j < W; j++) residual += A[j] * w[j];
        value += residual * residual;
        for (int j = 0; j < W; j++) bar[j] += 2.0 * residual * A[j];
    }
    memcpy(w_bar, bar, sizeof bar);
    return value;
}

double logistic(const double *w, const double *X, const double *y, long n, double *w_bar) {
    double value = 0.0, bar[W] = {0.0};
    for (long i = 0; i < n; i++, X += W) {
        double z = 0.0;
        for (int j = 0; j < W; j++) z += X[j] * w[j];
        double e = exp(-y[i] * z), pull = -y[i] * e / (1.0 + e);
        value += log1p(e);
        for (int j = 0; j < W; j++) bar[j] += pull * X[j];
    }
    for (int j = 0; j < W; j++) w_bar[j] = bar[j] / n;
    return value / n;
}

enum { D = 10, K = 25, L = D * (D - 1) / 2 }; /* a mixture */

double mixture(const double *alphas, const double *means, const double *logs, const double *lower,
               const double *X, const double *places, long n, double *alphas_bar,
               double *means_bar, double *logs_bar, double *lower_bar) {
    double scales[K * D], base[K], centred[K][D], turned[K][D], inner[K];
    double top = alphas[0], total = 0.0, value = 0.0;
    (void)places;
    for (int k = 1; k < K; k++) top = fmax(top, alphas[k]);
    for (int k = 0; k < K; k++) total += exp(alphas[k] - top);
    for (int k = 0; k < K; k++) {
        alphas_bar[k] = -n * exp(alphas[k] - top) / total;
        base[k] = alphas[k];
        for (int a = 0; a < D; a++) {
            double scale = scales[k * D + a] = exp(logs[k * D + a]);
            base[k] += logs[k * D + a];
            value += 0.5 * scale * scale - logs[k * D + a];
            logs_bar[k * D + a] = scale * scale - 1.0;
            means_bar[k * D + a] = 0.0;
        }
        for (int a = 0; a < L; a++) {
            lower_bar[k * L + a] = lower[k * L + a];
            value += 0.5 * lower[k * L + a] * lower[k * L + a];
        }
    }
    value -= n * (log(total) + top);
    for (long i = 0; i < n; i++, X += D) {
        double largest = -INFINITY, each = 0.0;
        for (int k = 0; k < K; k++) {
            const double *l = lower + k * L;
            double square = 0.0;
            for (int a = 0; a < D; a++) {
                centred[k][a] = X[a] - means[k * D + a];
                double t = scales[k * D + a] * centred[k][a];
                for (int b = 0; b < a; b++) t += *l++ * centred[k][b];
                turned[k][a] = t;
                square += t * t;
            }
            inner[k] = base[k] - 0.5 * square;
            largest = fmax(largest, inner[k]);
        }
        for (int k = 0; k < K; k++) each += inner[k] = exp(inner[k] - largest);
        value += log(each) + largest;
        for (int k = 0; k < K; k++) {
            const double *l = lower + k * L;
            double *l_bar = lower_bar + k * L, *m_bar = means_bar + k * D;
            double share = inner[k] / each;
            alphas_bar[k] += share;
            for (int a = 0; a < D; a++) {
                double t_bar = -share * turned[k][a], scale = scales[k * D + a];
                logs_bar[k * D + a] += t_bar * centred[k][a] * scale + share;
                m_bar[a] -= t_bar * scale;
                for (int b = 0; b < a; b++) {
                    *l_bar++ += t_bar * centred[k][b];
                    m_bar[b] -= t_bar * *l++;
                }
            }
        }
    }
    return value;
}

enum { A = 16 }; /* a head of attention: so many queries, keys, and numbers in each */

double attention(const double *Q, const double *keys, const double *V, long n, double *Q_bar,
                 double *keys_bar, double *V_bar) {
    double value = 0.0;
    memset(Q_bar, 0, n * A * sizeof *Q_bar);
    memset(keys_bar, 0, n * A * sizeof *Q_bar);
    memset(V_bar, 0, n * A * sizeof *Q_bar);
    for (long i = 0; i < n; i++) {
        double p[A], p_bar[A], o[A] = {0.0}, largest = -INFINITY, total = 0.0, along = 0.0;
        for (int j = 0; j < A; j++) {
            double s = 0.0;
            for (int a = 0; a < A; a++) s += Q[i * A + a] * keys[j * A + a];
            p[j] = s / 4.0;
            largest = fmax(largest, p[j]);
        }
        for (int j = 0; j < A; j++) total += p[j] = exp(p[j] - largest);
        for (int j = 0; j < A; j++) {
            p[j] /= total;
            for (int a = 0; a < A; a++) o[a] += p[j] * V[j * A + a];
        }
        for (int j = 0; j < A; j++) {
            p_bar[j] = 0.0;
            for (int a = 0; a < A; a++) p_bar[j] += 2.0 * o[a] * V[j * A + a];
            for (int a = 0; a < A; a++) V_bar[j * A + a] += p[j] * 2.0 * o[a];
            along += p_bar[j] * p[j];
        }
        for (int j = 0; j < A; j++) {
            double s_bar = p[j] * (p_bar[j] - along) / 4.0;
            for (int a = 0; a < A; a++) Q_bar[i * A + a] += s_bar * keys[j * A + a];
            for (int a = 0; a < A; a++) keys_bar[j * A + a] += s_bar * Q[i * A + a];
        }
        for (int a = 0; a < A; a++) value += o[a] * o[a];
    }
    return value;
}
