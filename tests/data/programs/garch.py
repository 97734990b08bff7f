"""econometrics: garch. Seen in: statsmodels toy GARCH, many."""
import numpy as np
META = dict(field='econometrics', idioms=['np.ones/np.zeros then sig2[t] = ...', 'unpack of param**2'], sizes=(100, 1000, 5000))
def f(p, u):
    omega, alpha, beta = p**2
    n = len(u)
    v = np.ones(n)
    for i in range(1, n):
        v[i] = omega + alpha*u[i - 1]**2 + beta*v[i - 1]
    return 0.5*(np.log(v) + u**2/v).sum()

def f_jax(p, u):
    import jax
    omega, alpha, beta = p**2
    u = np.asarray(u)
    step = lambda v, a: (omega + alpha*a**2 + beta*v,)*2
    v = np.concatenate([np.ones(1), jax.lax.scan(step, 1.0, u[:-1])[1]])
    return 0.5*(np.log(v) + u**2/v).sum()

def examples(n=1000):
    import numpy
    return numpy.array([0.3, 0.3, 0.9]), numpy.random.default_rng(0).normal(size=n)
