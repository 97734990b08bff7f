"""statistics: negbin_glm. Seen in: statsmodels-like log-likelihoods."""
import numpy as np
META = dict(field='statistics', idioms=['scipy.special.gammaln', 'np.exp', 'np.dot'], sizes=(50, 500, 5000))
from scipy.special import gammaln

def f(p, X, y):
    mu = np.exp(np.dot(X, p[:-1])); r = np.exp(p[-1])
    ll = gammaln(y + r) - gammaln(r) - gammaln(y + 1) + r*np.log(r/(r + mu)) + y*np.log(mu/(r + mu))
    return -ll.sum()

def examples(n=500):
    import numpy
    r = numpy.random.default_rng(0); X = numpy.column_stack([numpy.ones(n), r.normal(size=(n, 3))])
    return numpy.array([0.5, 0.2, -0.1, 0.3, 0.1]), X, r.poisson(2.0, n).astype(float)
