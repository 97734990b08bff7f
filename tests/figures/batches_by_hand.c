// Value and gradient at many points as an expert writes them for AVX-512: eight points a register,
// libmvec's functions, arrays of points transposed in registers.  Batches of any length of eights.
#include <immintrin.h>

typedef double v __attribute__((vector_size(64), aligned(8)));
typedef double w __attribute__((vector_size(64)));
typedef long long m __attribute__((vector_size(64)));

w _ZGVeN8v_exp(w), _ZGVeN8v_log(w), _ZGVeN8v_sin(w), _ZGVeN8v_cos(w), _ZGVeN8v_tanh(w);

static inline w root(w x) { return _mm512_sqrt_pd(x); }
static inline w at(const double *p) { return *(const v *)p; }
static inline void put(double *p, w x) { *(v *)p = x; }

// Eight registers of eight numbers, transposed.
static inline void turned(w *r) {
  w a[8], b[8];
  for (int k = 0; k < 8; k += 2) {
    a[k] = _mm512_unpacklo_pd(r[k], r[k + 1]);
    a[k + 1] = _mm512_unpackhi_pd(r[k], r[k + 1]);
  }
  for (int k = 0; k < 8; k += 4)
    for (int l = k; l < k + 2; l++) {
      b[l] = _mm512_shuffle_f64x2(a[l], a[l + 2], 0x88);
      b[l + 2] = _mm512_shuffle_f64x2(a[l], a[l + 2], 0xdd);
    }
  for (int k = 0; k < 4; k++) {
    r[k] = _mm512_shuffle_f64x2(b[k], b[k + 4], 0x88);
    r[k + 4] = _mm512_shuffle_f64x2(b[k], b[k + 4], 0xdd);
  }
}

// Columns of eight rows of `size` numbers.  The last group reaches back into the one before.
static inline void columns(const double *p, int size, w *x) {
  _Pragma("GCC unroll 6")
  for (int group = 0; group < size; group += 8) {
    int first = group + 8 <= size ? group : size - 8;
    w r[8];
    for (int k = 0; k < 8; k++) r[k] = at(p + k * size + first);
    turned(r);
    for (int k = group - first; k < 8; k++) x[first + k] = r[k];
  }
}

static inline void rows(double *p, int size, const w *x) {
  _Pragma("GCC unroll 6")
  for (int group = 0; group < size; group += 8) {
    int first = group + 8 <= size ? group : size - 8;
    w r[8];
    for (int k = 0; k < 8; k++) r[k] = x[first + k];
    turned(r);
    for (int k = 0; k < 8; k++) put(p + k * size + first, r[k]);
  }
}

void rosenbrock(long n, const double *restrict x, double *restrict y, double *restrict g) {
  const m even = {0, 2, 4, 6, 8, 10, 12, 14}, odd = {1, 3, 5, 7, 9, 11, 13, 15};
  const m low = {0, 8, 1, 9, 2, 10, 3, 11}, high = {4, 12, 5, 13, 6, 14, 7, 15};
  for (long i = 0; i < n; i += 8) {
    w p = at(x + 2 * i), q = at(x + 2 * i + 8);
    w a = __builtin_shuffle(p, q, even), b = __builtin_shuffle(p, q, odd);
    w d = b - a * a, e = 1.0 - a, gb = 200.0 * d, ga = -2.0 * (a * gb + e);
    put(y + i, 100.0 * d * d + e * e);
    put(g + 2 * i, __builtin_shuffle(ga, gb, low));
    put(g + 2 * i + 8, __builtin_shuffle(ga, gb, high));
  }
}

void black_scholes(long n, const double *restrict Ss, const double *restrict Ks,
                   const double *restrict Ts, const double *restrict rs, const double *restrict vs,
                   double *restrict y, double *restrict gS, double *restrict gK,
                   double *restrict gT, double *restrict gr, double *restrict gv) {
  for (long i = 0; i < n; i += 8) {
    w S = at(Ss + i), K = at(Ks + i), T = at(Ts + i), r = at(rs + i), vol = at(vs + i);
    w inverse = 1.0 / K, logarithm = _ZGVeN8v_log(S * inverse);
    w discount = _ZGVeN8v_exp(-r * T), year = root(T), spread = vol * year, per = 1.0 / spread;
    w rate = r + 0.5 * vol * vol, d1 = (logarithm + rate * T) * per, d2 = d1 - spread;
    w s1 = d1 * d1, s2 = d2 * d2;
    w e1 = _ZGVeN8v_exp(-d1 * (1.5976 + 0.070565992 * s1));
    w e2 = _ZGVeN8v_exp(-d2 * (1.5976 + 0.070565992 * s2));
    w b1 = 1.0 / (1.0 + e1), b2 = 1.0 / (1.0 + e2), strike = K * discount;
    w p1 = b1 * b1 * e1 * (1.5976 + 0.211697976 * s1);
    w p2 = strike * (b2 * b2 * e2 * (1.5976 + 0.211697976 * s2));
    w q = S * p1 - p2, across = q * per, wide = p2 - across * d1, due = strike * b2;
    put(y + i, S * b1 - due);
    put(gS + i, b1 + across / S);
    put(gK + i, -(discount * b2 + across * inverse));
    put(gT + i, r * due + across * rate + wide * (0.5 * vol * vol * per));
    put(gr + i, T * (due + across));
    put(gv + i, across * T * vol + wide * year);
  }
}

void network(long n, const double *restrict xs, double *restrict y, double *restrict gs) {
  for (long i = 0; i < n; i += 8) {
    w x[44], g[44], h[4], k[4], hb[4] = {0}, o;
    columns(xs + 44 * i, 44, x);
    for (int j = 0; j < 4; j++) {
      const w *t = x + 3 + 4 * j;
      h[j] = _ZGVeN8v_tanh(t[0] + (t[1] * x[0] + t[2] * x[1] + t[3] * x[2]));
    }
    for (int j = 0; j < 4; j++) {
      const w *t = x + 19 + 5 * j;
      k[j] = _ZGVeN8v_tanh(t[0] + (t[1] * h[0] + t[2] * h[1] + t[3] * h[2] + t[4] * h[3]));
    }
    o = _ZGVeN8v_tanh(x[39] + (x[40] * k[0] + x[41] * k[1] + x[42] * k[2] + x[43] * k[3]));
    g[39] = 1.0 - o * o;
    for (int j = 0; j < 4; j++) {
      w *t = g + 19 + 5 * j;
      g[40 + j] = g[39] * k[j];
      t[0] = g[39] * x[40 + j] * (1.0 - k[j] * k[j]);
      for (int l = 0; l < 4; l++) {
        t[1 + l] = t[0] * h[l];
        hb[l] += t[0] * x[20 + 5 * j + l];
      }
    }
    g[0] = g[1] = g[2] = (w){0};
    for (int j = 0; j < 4; j++) {
      w *t = g + 3 + 4 * j;
      t[0] = hb[j] * (1.0 - h[j] * h[j]);
      for (int l = 0; l < 3; l++) {
        t[1 + l] = t[0] * x[l];
        g[l] += t[0] * x[4 + 4 * j + l];
      }
    }
    put(y + i, o);
    rows(gs + 44 * i, 44, g);
  }
}

static inline w dot(const w *a, const w *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

static inline void cross(const w *a, const w *b, w *r) {
  r[0] = a[1] * b[2] - a[2] * b[1];
  r[1] = a[2] * b[0] - a[0] * b[2];
  r[2] = a[0] * b[1] - a[1] * b[0];
}

void camera(long n, const double *restrict xs, double *restrict y, double *restrict gs) {
  for (long i = 0; i < n; i += 8) {
    w x[14], g[14], d[3], a[3], turn[3], seen[3], sb[3], db[3], ab[3], one[3], two[3];
    columns(xs + 14 * i, 14, x);
    for (int k = 0; k < 3; k++) d[k] = x[11 + k] - x[3 + k];
    w angle = root(dot(x, x)), per = 1.0 / angle;
    w c = _ZGVeN8v_cos(angle), s = _ZGVeN8v_sin(angle), rest = 1.0 - c;
    for (int k = 0; k < 3; k++) a[k] = x[k] * per;
    w along = dot(a, d), share = along * rest;
    cross(a, d, turn);
    for (int k = 0; k < 3; k++) seen[k] = d[k] * c + turn[k] * s + a[k] * share;
    w deep = 1.0 / seen[2], u = seen[0] * deep, t = seen[1] * deep, square = u * u + t * t;
    w lens = 1.0 + square * (x[9] + x[10] * square), scale = x[6] * lens;
    w e0 = scale * u + x[7], e1 = scale * t + x[8];
    put(y + i, e0 * e0 + e1 * e1);
    w b0 = 2.0 * e0, b1 = 2.0 * e1, both = b0 * u + b1 * t, lb = x[6] * both;
    w sqb = 2.0 * (lb * (x[9] + 2.0 * x[10] * square));
    w ub = scale * b0 + u * sqb, tb = scale * b1 + t * sqb;
    g[6] = both * lens, g[7] = b0, g[8] = b1, g[9] = lb * square, g[10] = g[9] * square;
    sb[0] = ub * deep, sb[1] = tb * deep, sb[2] = -(ub * u + tb * t) * deep;
    w across = dot(sb, a);
    cross(sb, a, one);
    cross(d, sb, two);
    for (int k = 0; k < 3; k++) {
      db[k] = c * sb[k] + s * one[k] + rest * across * a[k];
      ab[k] = s * two[k] + share * sb[k] + rest * across * d[k];
    }
    w angleb = c * dot(sb, turn) - s * (dot(sb, d) - along * across) - per * dot(ab, a);
    for (int k = 0; k < 3; k++) {
      g[k] = per * ab[k] + angleb * a[k];
      g[3 + k] = -db[k];
      g[11 + k] = db[k];
    }
    rows(gs + 14 * i, 14, g);
  }
}
