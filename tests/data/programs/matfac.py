"""recommender: matfac. Seen in: matrix factorization with autograd."""
import numpy as np
META = dict(field='recommender', idioms=['U @ V.T', 'boolean mask of data', 'L2'], sizes=(10, 50))
def f(z, R, mask):
    U, V = z
    E = (R - U @ V.T)[mask]
    return np.mean(E**2) + 0.01*(np.sum(U**2) + np.sum(V**2))

def examples(n=10):
    import numpy
    r = numpy.random.default_rng(0)
    return (r.normal(size=(n, 5)), r.normal(size=(n, 5))), r.normal(size=(n, n)), r.random((n, n)) < 0.3
