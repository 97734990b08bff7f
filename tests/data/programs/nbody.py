"""physics: nbody. Seen in: N-body energies."""
import numpy as np
META = dict(field='physics', idioms=['np.triu_indices fancy pairs', 'norm axis', 'mass outer'], sizes=(10, 50, 200))
def f(z, m):
    x, v = z
    i, j = np.triu_indices(len(m), k=1)
    d = x[i] - x[j]
    r = np.sqrt(np.sum(d**2, axis=1) + 1e-4)
    return 0.5*np.sum(m[:, None]*v**2) - np.sum(m[i]*m[j]/r)

def examples(n=50):
    import numpy
    r = numpy.random.default_rng(0)
    return (r.normal(size=(n, 3)), r.normal(size=(n, 3))*0.1), r.uniform(0.5, 1.5, n)
