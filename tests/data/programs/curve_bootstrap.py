"""finance: curve_bootstrap. Seen in: yield-curve fitting code."""
import numpy as np
META = dict(field='finance', idioms=['np.interp', 'np.cumsum', 'np.arange', 'loop over instruments'], sizes=(5, 20))
KNOTS = np.array([0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0])

def f(zero, maturities, quotes):
    loss = 0.0
    for m, q in zip(maturities, quotes):
        t = np.arange(1, int(m)*2 + 1)*0.5
        df = np.exp(-np.interp(t, KNOTS, zero)*t)
        par = (1.0 - df[-1])/(0.5*np.cumsum(df)[-1])
        loss = loss + (par - q)**2
    return loss*1e4

def examples(n=5):
    m = [1 + (3*i) % 30 for i in range(n)]
    return 0.02 + 0.001*np.arange(10), m, [0.02 + 0.0005*x for x in m]
