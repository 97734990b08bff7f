"""survival analysis: cox. Seen in: Cox losses (torch/jax)."""
import numpy as np
META = dict(field='survival analysis', idioms=['np.argsort of data', 'np.cumsum reversed', '[::-1]', 'boolean event mask'], sizes=(50, 500, 5000))
def f(b, X, time, event):
    order = np.argsort(-time)
    eta = (X @ b)[order]
    log_risk = np.log(np.cumsum(np.exp(eta)))
    return -np.sum((eta - log_risk)[event[order]])

def f_jax(b, X, time, event):
    import numpy
    order = numpy.argsort(-time)
    eta = (numpy.asarray(X)[order]) @ b
    return -np.sum(np.where(event[order], eta - np.log(np.cumsum(np.exp(eta))), 0.0))

def examples(n=500):
    import numpy
    r = numpy.random.default_rng(0)
    return r.normal(size=5)*0.1, r.normal(size=(n, 5)), r.exponential(size=n), r.random(n) > 0.3
