"""machine learning: logistic. Seen in: autograd examples."""
import numpy as np
META = dict(field='machine learning', idioms=['X @ w', 'np.logaddexp', 'sum'], sizes=(50, 500, 5000, 50000))
def f(w, X, y):
    z = X @ w[:-1] + w[-1]
    return np.mean(np.logaddexp(0.0, z) - y*z) + 0.01*np.sum(w**2)

def examples(n=500):
    import numpy
    r = numpy.random.default_rng(0); X = r.normal(size=(n, 10))
    return r.normal(size=11)*0.1, X, (X[:, 0] + r.normal(size=n) > 0).astype(float)
