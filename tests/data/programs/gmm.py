"""statistics/ML (mixture): gmm. Seen in: autograd examples gmm.py."""
import numpy as np
META = dict(field='statistics/ML (mixture)', idioms=['logsumexp axis', 'broadcasting [:', 'None', ':]', 'np.exp'], sizes=(50, 500, 5000))
from scipy.special import logsumexp

def f(p, X):
    lw = p["w"] - logsumexp(p["w"])
    d = (X[:, None, :] - p["mu"][None])*np.exp(-p["ls"])[None]
    ll = -0.5*np.sum(d**2, axis=2) - np.sum(p["ls"], axis=1)[None] - X.shape[1]/2*np.log(2*np.pi)
    return -np.mean(logsumexp(ll + lw[None], axis=1))

def examples(n=500):
    import numpy
    r = numpy.random.default_rng(0)
    return {"w": r.normal(size=3)*0.1, "mu": r.normal(size=(3, 2)), "ls": r.normal(size=(3, 2))*0.1}, r.normal(size=(n, 2))
