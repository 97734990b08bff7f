"""curve fitting: gauss_fit. Seen in: lmfit / curve_fit multi-peak fits."""
import numpy as np
META = dict(field='curve fitting', idioms=['*args parameters', 'sum of peaks loop', 'zeros_like accumulate +=', 'residual vector'], sizes=(50, 500, 5000))
def model(x, *p):
    y = np.zeros_like(x)
    for i in range(0, len(p) - 1, 3):
        amp, cen, wid = p[i], p[i + 1], p[i + 2]
        y += amp*np.exp(-((x - cen)/wid)**2)
    return y + p[-1]

def f(p, x, y):
    return np.sum((model(x, *p) - y)**2)

def f_jax(p, x, y):
    m = p[-1]
    for i in range(0, 9, 3):
        m = m + p[i]*np.exp(-((x - p[i + 1])/p[i + 2])**2)
    return np.sum((m - y)**2)

def examples(n=500):
    x = np.linspace(0, 10, n)
    return np.array([1.0, 2.0, 0.5, 2.0, 5.0, 0.7, 0.8, 8.0, 0.6, 0.1]), x, np.sin(x)**2
