"""statistics/ML (GP): gp_lml. Seen in: fit_gp_regression (autograd.scipy.linalg)."""
import numpy as np
META = dict(field='statistics/ML (GP)', idioms=['np.linalg.cholesky', 'scipy.linalg.solve_triangular', 'np.diag', 'broadcasting [:', 'None]'], sizes=(10, 30, 100))
from scipy.linalg import solve_triangular

def f(p, X, y):
    amp, ls, noise = np.exp(p)
    d = X[:, None, :] - X[None, :, :]
    K = amp*np.exp(-0.5*np.sum(d**2, axis=-1)/ls**2) + (noise + 1e-8)*np.eye(len(y))
    Lc = np.linalg.cholesky(K)
    a = solve_triangular(Lc, y, lower=True)
    return 0.5*np.dot(a, a) + np.sum(np.log(np.diag(Lc))) + 0.5*len(y)*np.log(2*np.pi)

def examples(n=30):
    import numpy
    X = numpy.random.default_rng(0).uniform(0, 5, (n, 2))
    return numpy.array([0.1, -0.2, -2.0]), X, numpy.sin(X[:, 0]) + 0.1*X[:, 1]
