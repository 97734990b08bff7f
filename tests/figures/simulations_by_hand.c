/* Value and gradient of the programs of simulations.py, as one writes them by hand. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* The covariance is symmetric: three numbers. */
double kalman(const double *p, const double *y, long n, double *p_bar) {
    const double h = 0.1, q = exp(p[0]), r = exp(p[1]);
    double m = p[2], u = 0.0, a = 1.0, b = 0.0, c = 1.0, total = 0.0;
    double(*kept)[3] = malloc(n * sizeof *kept);
    for (long k = 0; k < n; k++) {
        m += h * u;
        a += 2.0 * h * b + h * h * c + 0.25 * q;
        b += h * c + 0.5 * q;
        c += q;
        double s = a + r, g = a / s, f = b / s, e = y[k] - m;
        kept[k][0] = a;
        kept[k][1] = b;
        kept[k][2] = e;
        m += g * e;
        u += f * e;
        a -= g * a;
        c -= f * b;
        b -= g * b;
        total += 0.5 * (log(s) + e * e / s);
    }
    double m_bar = 0.0, u_bar = 0.0, a_bar = 0.0, b_bar = 0.0, c_bar = 0.0;
    double q_bar = 0.0, r_bar = 0.0;
    for (long k = n - 1; k >= 0; k--) {
        double a1 = kept[k][0], b1 = kept[k][1], e = kept[k][2], per = 1.0 / (a1 + r);
        double g = a1 * per, f = b1 * per;
        double g_bar = m_bar * e - a_bar * a1 - b_bar * b1, f_bar = u_bar * e - c_bar * b1;
        double e_bar = e * per + m_bar * g + u_bar * f;
        double s_bar = 0.5 * (per - e * e * per * per) - (g_bar * g + f_bar * f) * per;
        a_bar = a_bar * (1.0 - g) + g_bar * per + s_bar;
        b_bar = b_bar * (1.0 - g) - c_bar * f + f_bar * per;
        r_bar += s_bar;
        m_bar -= e_bar;
        q_bar += 0.25 * a_bar + 0.5 * b_bar + c_bar;
        c_bar += h * h * a_bar + h * b_bar;
        b_bar += 2.0 * h * a_bar;
        u_bar += h * m_bar;
    }
    free(kept);
    p_bar[0] = q_bar * q;
    p_bar[1] = r_bar * r;
    p_bar[2] = m_bar;
    return total;
}

enum { X = 4, H = 8, I = X + H + 1, Z = 4 * H };

static inline double squashed(double x) { return 0.5 * tanh(0.5 * x) + 0.5; }

double lstm(const double *gates, const double *out, const double *xs, const double *ys, long n,
            double *gates_bar, double *out_bar) {
    double(*in)[I] = malloc((n + 1) * sizeof *in), (*c)[H] = malloc((n + 1) * sizeof *c);
    double(*z)[Z] = malloc(n * sizeof *z), (*wide)[H] = malloc(n * sizeof *wide);
    double(*r)[X] = malloc(n * sizeof *r), loss = 0.0;
    memset(in[0], 0, sizeof in[0]);
    memset(c[0], 0, sizeof c[0]);
    for (long k = 0; k < n; k++) {
        double sums[Z] = {0.0}, *h = in[k + 1] + X;
        memcpy(in[k], xs + k * X, X * sizeof *xs);
        in[k][I - 1] = 1.0;
        for (int a = 0; a < I; a++)
            for (int j = 0; j < Z; j++) sums[j] += in[k][a] * gates[a * Z + j];
        for (int j = 0; j < 3 * H; j++) z[k][j] = squashed(sums[j]);
        for (int j = 3 * H; j < Z; j++) z[k][j] = tanh(sums[j]);
        for (int j = 0; j < H; j++) {
            c[k + 1][j] = z[k][H + j] * c[k][j] + z[k][j] * z[k][3 * H + j];
            wide[k][j] = tanh(c[k + 1][j]);
            h[j] = z[k][2 * H + j] * wide[k][j];
        }
        for (int j = 0; j < X; j++) {
            r[k][j] = -ys[k * X + j];
            for (int a = 0; a < H; a++) r[k][j] += h[a] * out[a * X + j];
            loss += r[k][j] * r[k][j];
        }
    }
    double h_bar[H] = {0.0}, c_bar[H] = {0.0};
    memset(gates_bar, 0, I * Z * sizeof *gates_bar);
    memset(out_bar, 0, H * X * sizeof *out_bar);
    for (long k = n - 1; k >= 0; k--) {
        double z_bar[Z], *h = in[k + 1] + X;
        for (int a = 0; a < H; a++)
            for (int j = 0; j < X; j++) {
                out_bar[a * X + j] += h[a] * 2.0 * r[k][j] / n;
                h_bar[a] += out[a * X + j] * 2.0 * r[k][j] / n;
            }
        for (int j = 0; j < H; j++) {
            double i = z[k][j], f = z[k][H + j], o = z[k][2 * H + j], g = z[k][3 * H + j];
            c_bar[j] += h_bar[j] * o * (1.0 - wide[k][j] * wide[k][j]);
            z_bar[j] = c_bar[j] * g * i * (1.0 - i);
            z_bar[H + j] = c_bar[j] * c[k][j] * f * (1.0 - f);
            z_bar[2 * H + j] = h_bar[j] * wide[k][j] * o * (1.0 - o);
            z_bar[3 * H + j] = c_bar[j] * i * (1.0 - g * g);
            c_bar[j] *= f;
        }
        for (int a = 0; a < I; a++)
            for (int j = 0; j < Z; j++) gates_bar[a * Z + j] += in[k][a] * z_bar[j];
        for (int a = 0; a < H; a++) {
            h_bar[a] = 0.0;
            for (int j = 0; j < Z; j++) h_bar[a] += gates[(X + a) * Z + j] * z_bar[j];
        }
    }
    free(in), free(c), free(z), free(wide), free(r);
    return loss / n;
}

/* --- steps of Runge and Kutta, forwards and backwards --- */

#define INLINE static inline __attribute__((always_inline))

typedef void flow(const double *s, const double *p, double *k);
typedef void pulled(const double *s, const double *p, const double *k_bar, double *s_bar,
                    double *p_bar);

INLINE void moved(int size, const double *s, double h, const double *k, double *to) {
    for (int i = 0; i < size; i++) to[i] = s[i] + h * k[i];
}

/* Where the four slopes are taken: u[0] is the state. */
INLINE void slopes(int size, flow f, const double *p, double h, double u[4][6], double k[4][6]) {
    for (int i = 0; i < 4; i++) {
        if (i) moved(size, u[0], i == 3 ? h : 0.5 * h, k[i - 1], u[i]);
        f(u[i], p, k[i]);
    }
}

INLINE void step(int size, flow f, const double *p, double h, double *s) {
    double u[4][6], k[4][6];
    memcpy(u[0], s, size * sizeof *s);
    slopes(size, f, p, h, u, k);
    for (int i = 0; i < size; i++)
        s[i] += h / 6.0 * (k[0][i] + 2.0 * k[1][i] + 2.0 * k[2][i] + k[3][i]);
}

INLINE void step_back(int size, flow f, pulled g, const double *p, double h, const double *s,
                      double *s_bar, double *p_bar) {
    static const double share[4] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
    double u[4][6], k[4][6], u_bar[6] = {0.0}, k_bar[6], after[6];
    memcpy(u[0], s, size * sizeof *s);
    memcpy(after, s_bar, size * sizeof *s);
    slopes(size, f, p, h, u, k);
    for (int i = 3; i >= 0; i--) {
        double reach = i == 3 ? 0.0 : i == 2 ? h : 0.5 * h;
        for (int j = 0; j < size; j++) k_bar[j] = h * share[i] * after[j] + reach * u_bar[j];
        memset(u_bar, 0, sizeof u_bar);
        g(u[i], p, k_bar, u_bar, p_bar);
        for (int j = 0; j < size; j++) s_bar[j] += u_bar[j];
    }
}

INLINE void infection(const double *s, const double *p, double *k) {
    double new = p[0] * s[0] * s[2], ill = p[1] * s[1], well = p[2] * s[2];
    k[0] = -new;
    k[1] = new - ill;
    k[2] = ill - well;
    k[3] = well;
}

INLINE void infection_back(const double *s, const double *p, const double *k, double *s_bar,
                           double *p_bar) {
    double new = k[1] - k[0], ill = k[2] - k[1], well = k[3] - k[2];
    s_bar[0] += new * p[0] * s[2];
    s_bar[1] += ill * p[1];
    s_bar[2] += new * p[0] * s[0] + well * p[2];
    p_bar[0] += new * s[0] * s[2];
    p_bar[1] += ill * s[1];
    p_bar[2] += well * s[2];
}

double seir(const double *p, const double *y, long n, double *p_bar) {
    double s[4] = {0.99, 0.005, 0.005, 0.0}, loss = 0.0, (*kept)[4] = malloc((n + 1) * sizeof s);
    double s_bar[4] = {0.0};
    memset(p_bar, 0, 3 * sizeof *p_bar);
    memcpy(kept[0], s, sizeof s);
    for (long k = 0; k < n; k++) {
        step(4, infection, p, 0.05, s);
        memcpy(kept[k + 1], s, sizeof s);
        loss += (s[2] - y[k]) * (s[2] - y[k]);
    }
    for (long k = n - 1; k >= 0; k--) {
        s_bar[2] += 2.0 * (kept[k + 1][2] - y[k]);
        step_back(4, infection, infection_back, p, 0.05, kept[k], s_bar, p_bar);
    }
    free(kept);
    return loss;
}

INLINE void fall(const double *s, const double *p, double *k) {
    double r2 = s[0] * s[0] + s[1] * s[1] + s[2] * s[2], per = 1.0 / r2, g = -per / sqrt(r2);
    double q = 1.5e-3 * per, t = 5.0 * s[2] * s[2] * per;
    double even = g * (1.0 + q * (1.0 - t)), odd = g * (1.0 + q * (3.0 - t));
    memcpy(k, s + 3, 3 * sizeof *s);
    k[3] = even * s[0];
    k[4] = even * s[1];
    k[5] = odd * s[2];
}

INLINE void fall_back(const double *s, const double *p, const double *k, double *s_bar,
                      double *p_bar) {
    double r2 = s[0] * s[0] + s[1] * s[1] + s[2] * s[2], per = 1.0 / r2, g = -per / sqrt(r2);
    double q = 1.5e-3 * per, t = 5.0 * s[2] * s[2] * per;
    double even = 1.0 + q * (1.0 - t), odd = 1.0 + q * (3.0 - t);
    double even_bar = k[3] * s[0] + k[4] * s[1], odd_bar = k[5] * s[2];
    double g_bar = even_bar * even + odd_bar * odd;
    double q_bar = g * (even_bar * (1.0 - t) + odd_bar * (3.0 - t));
    double t_bar = -g * q * (even_bar + odd_bar);
    double r2_bar = -(t_bar * t + q_bar * q + 1.5 * g_bar * g) * per;
    s_bar[0] += k[3] * g * even + 2.0 * s[0] * r2_bar;
    s_bar[1] += k[4] * g * even + 2.0 * s[1] * r2_bar;
    s_bar[2] += k[5] * g * odd + 2.0 * s[2] * (r2_bar + 5.0 * t_bar * per);
    for (int i = 0; i < 3; i++) s_bar[3 + i] += k[i];
}

double orbit(const double *p, const double *steps, long n, double *p_bar) {
    double s[6], none[1], (*kept)[6] = malloc(n * sizeof s);
    memcpy(s, p, sizeof s);
    for (long k = 0; k < n; k++) {
        memcpy(kept[k], s, sizeof s);
        step(6, fall, none, steps[k], s);
    }
    double a = s[0] - 0.5, b = s[1] - 0.4, bar[6] = {2.0 * a, 2.0 * b, 2.0 * s[2]};
    for (long k = n - 1; k >= 0; k--)
        step_back(6, fall, fall_back, none, steps[k], kept[k], bar, none);
    free(kept);
    memcpy(p_bar, bar, sizeof bar);
    return a * a + b * b + s[2] * s[2];
}
