/* Value and gradient at one point of the functions of examples/benchmark.py, as one writes them by
   hand, and a module that calls one of them (FUNCTION) over arrays given beforehand. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>

static double rosenbrock(const double *x, long n, double *g) {
    double value = 0.0, carried = 0.0;
    for (long i = 0; i < n - 1; i++) {
        double d = x[i + 1] - x[i] * x[i], e = 1.0 - x[i];
        value += 100.0 * d * d + e * e;
        g[i] = carried - 400.0 * x[i] * d - 2.0 * e;
        carried = 200.0 * d;
    }
    g[n - 1] = carried;
    return value;
}

static double black_scholes(const double *x, long n, double *g) {
    double S = x[0], K = x[1], T = x[2], r = x[3], vol = x[4], year = sqrt(T), spread = vol * year;
    double per = 1.0 / spread, discount = exp(-r * T), rate = r + 0.5 * vol * vol;
    double d1 = (log(S / K) + rate * T) * per, d2 = d1 - spread, s1 = d1 * d1, s2 = d2 * d2;
    double e1 = exp(-d1 * (1.5976 + 0.070565992 * s1)), e2 = exp(-d2 * (1.5976 + 0.070565992 * s2));
    double b1 = 1.0 / (1.0 + e1), b2 = 1.0 / (1.0 + e2), strike = K * discount;
    double p1 = b1 * b1 * e1 * (1.5976 + 0.211697976 * s1);
    double p2 = strike * (b2 * b2 * e2 * (1.5976 + 0.211697976 * s2));
    double across = (S * p1 - p2) * per, wide = p2 - across * d1, due = strike * b2;
    g[0] = b1 + across / S;
    g[1] = -(discount * b2 + across / K);
    g[2] = r * due + across * rate + wide * (0.5 * vol * vol * per);
    g[3] = T * (due + across);
    g[4] = across * T * vol + wide * year;
    return S * b1 - due;
}

static double network(const double *x, long n, double *g) {
    double h[4], k[4], h_bar[4] = {0.0};
    for (int j = 0; j < 4; j++) {
        const double *t = x + 3 + 4 * j;
        h[j] = tanh(t[0] + t[1] * x[0] + t[2] * x[1] + t[3] * x[2]);
    }
    for (int j = 0; j < 4; j++) {
        const double *t = x + 19 + 5 * j;
        k[j] = tanh(t[0] + t[1] * h[0] + t[2] * h[1] + t[3] * h[2] + t[4] * h[3]);
    }
    double o = tanh(x[39] + x[40] * k[0] + x[41] * k[1] + x[42] * k[2] + x[43] * k[3]);
    g[39] = 1.0 - o * o;
    for (int j = 0; j < 4; j++) {
        double *t = g + 19 + 5 * j;
        g[40 + j] = g[39] * k[j];
        t[0] = g[39] * x[40 + j] * (1.0 - k[j] * k[j]);
        for (int l = 0; l < 4; l++) {
            t[1 + l] = t[0] * h[l];
            h_bar[l] += t[0] * x[20 + 5 * j + l];
        }
    }
    g[0] = g[1] = g[2] = 0.0;
    for (int j = 0; j < 4; j++) {
        double *t = g + 3 + 4 * j;
        t[0] = h_bar[j] * (1.0 - h[j] * h[j]);
        for (int l = 0; l < 3; l++) {
            t[1 + l] = t[0] * x[l];
            g[l] += t[0] * x[4 + 4 * j + l];
        }
    }
    return o;
}

static double dot(const double *a, const double *b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double *a, const double *b, double *r) {
    r[0] = a[1] * b[2] - a[2] * b[1];
    r[1] = a[2] * b[0] - a[0] * b[2];
    r[2] = a[0] * b[1] - a[1] * b[0];
}

static double camera(const double *x, long n, double *g) {
    double d[3], a[3], turn[3], seen[3], d_bar[3], a_bar[3], one[3], two[3];
    for (int k = 0; k < 3; k++) d[k] = x[11 + k] - x[3 + k];
    double angle = sqrt(dot(x, x)), per = 1.0 / angle, c = cos(angle), s = sin(angle);
    for (int k = 0; k < 3; k++) a[k] = x[k] * per;
    double along = dot(a, d), rest = 1.0 - c, share = along * rest;
    cross(a, d, turn);
    for (int k = 0; k < 3; k++) seen[k] = d[k] * c + turn[k] * s + a[k] * share;
    double deep = 1.0 / seen[2], u = seen[0] * deep, t = seen[1] * deep, square = u * u + t * t;
    double lens = 1.0 + square * (x[9] + x[10] * square), scale = x[6] * lens;
    double e0 = scale * u + x[7], e1 = scale * t + x[8], b0 = 2.0 * e0, b1 = 2.0 * e1;
    double both = b0 * u + b1 * t, lens_bar = x[6] * both;
    double square_bar = 2.0 * (lens_bar * (x[9] + 2.0 * x[10] * square));
    double u_bar = scale * b0 + u * square_bar, t_bar = scale * b1 + t * square_bar;
    double bar[3] = {u_bar * deep, t_bar * deep, -(u_bar * u + t_bar * t) * deep};
    double across = dot(bar, a);
    cross(bar, a, one);
    cross(d, bar, two);
    for (int k = 0; k < 3; k++) {
        d_bar[k] = c * bar[k] + s * one[k] + rest * across * a[k];
        a_bar[k] = s * two[k] + share * bar[k] + rest * across * d[k];
    }
    double angle_bar = c * dot(bar, turn) - s * (dot(bar, d) - along * across);
    angle_bar -= per * dot(a_bar, a);
    for (int k = 0; k < 3; k++) {
        g[k] = per * a_bar[k] + angle_bar * a[k];
        g[3 + k] = -d_bar[k];
        g[11 + k] = d_bar[k];
    }
    g[6] = both * lens;
    g[7] = b0;
    g[8] = b1;
    g[9] = lens_bar * square;
    g[10] = g[9] * square;
    return e0 * e0 + e1 * e1;
}

static const double *point;
static double *gradient;
static long size;

static PyObject *bind(PyObject *self, PyObject *given) {
    unsigned long long from, to;
    if (!PyArg_ParseTuple(given, "KlK", &from, &size, &to)) return NULL;
    point = (const double *)from;
    gradient = (double *)to;
    Py_RETURN_NONE;
}

static PyObject *call(PyObject *self, PyObject *none) {
    return PyFloat_FromDouble(FUNCTION(point, size, gradient));
}

static PyMethodDef methods[] = {
    {"bind", bind, METH_VARARGS, NULL}, {"call", call, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "by_hand", NULL, -1, methods};

PyMODINIT_FUNC PyInit_by_hand(void) { return PyModule_Create(&module); }
