"""physics (MD): lj_vector. Seen in: jax-md style."""
import numpy as np
META = dict(field='physics (MD)', idioms=['all pairs by broadcasting', 'boolean-mask selection of traced values', 'np.round minimum image'], sizes=(10, 50, 150))
def f(x, box):
    d = x[:, None, :] - x[None, :, :]
    d = d - box*np.round(d/box)
    r2 = np.sum(d**2, axis=-1)[np.triu_indices(len(x), k=1)]
    near = r2[r2 < 6.25]
    s6 = near**-3
    return np.sum(4.0*(s6**2 - s6))

def f_jax(x, box):
    i, j = np.triu_indices(len(x), k=1)
    d = x[i] - x[j]; d = d - box*np.rint(d/box)
    r2 = np.sum(d**2, axis=1); s6 = (1.0/r2)**3
    return np.sum(np.where(r2 >= 6.25, 0.0, 4.0*(s6*s6 - s6)))

def examples(n=50):
    import numpy
    k = int(numpy.ceil(n**(1/3))); g = numpy.stack(numpy.meshgrid(*[numpy.arange(k)]*3), -1).reshape(-1, 3)[:n]*1.3
    return g + numpy.random.default_rng(0).normal(size=g.shape)*0.05, max(1.3*k, 5.2)
