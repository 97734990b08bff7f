"""finance: portfolio. Seen in: risk-parity code."""
import numpy as np
META = dict(field='finance', idioms=['softmax', 'w @ S @ w', 'np.sqrt', 'risk contributions'], sizes=(10, 50, 200))
def f(z, mu, S):
    w = np.exp(z - np.max(z)); w = w/np.sum(w)
    sd = np.sqrt(w @ S @ w)
    rc = w*(S @ w)/sd
    return np.sum((rc - sd/len(w))**2) - 0.1*(mu @ w)/sd

def examples(n=50):
    import numpy
    r = numpy.random.default_rng(0); A = r.normal(size=(n, n))*0.1
    return r.normal(size=n)*0.1, r.normal(0.05, 0.02, n), A @ A.T + 0.04*numpy.eye(n)
