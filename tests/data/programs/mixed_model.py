"""statistics (LMM): mixed_model. Seen in: lme-style ML."""
import numpy as np
META = dict(field='statistics (LMM)', idioms=['np.linalg.slogdet', 'np.linalg.solve', 'np.ones', 'list of groups', 'Z D Z.T'], sizes=(5, 50))
def f(p, groups):
    beta, D, s2 = p["beta"], np.diag(np.exp(p["log_d"])), np.exp(p["log_s2"])
    ll = 0.0
    for X, y in groups:
        V = X @ D @ X.T + s2*np.eye(len(y))
        r = y - X @ beta
        sign, logdet = np.linalg.slogdet(V)
        ll = ll - 0.5*(logdet + r @ np.linalg.solve(V, r))
    return -ll

def examples(n=5):
    import numpy
    r = numpy.random.default_rng(0); gs = []
    for _ in range(n):
        X = numpy.column_stack([numpy.ones(6), numpy.arange(6.0)]); gs.append((X, X @ r.normal(size=2) + 0.3*r.normal(size=6)))
    return {"beta": numpy.array([0.1, 0.2]), "log_d": numpy.array([0.0, -0.5]), "log_s2": -1.0}, gs
