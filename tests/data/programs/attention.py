"""machine learning: attention. Seen in: transformer in NumPy."""
import numpy as np
META = dict(field='machine learning', idioms=['softmax with max keepdims', 'np.tril mask', 'np.where -inf', '@ .T', 'layer norm mean/var'], sizes=(4, 16, 32))
def softmax(a):
    a = a - np.max(a, axis=-1, keepdims=True)
    e = np.exp(a)
    return e/np.sum(e, axis=-1, keepdims=True)

def f(w, X, Y):
    n, d = X.shape
    mu = X.mean(axis=-1, keepdims=True); var = X.var(axis=-1, keepdims=True)
    H = (X - mu)/np.sqrt(var + 1e-5)*w["g"]
    q, k, v = H @ w["q"], H @ w["k"], H @ w["v"]
    s = q @ k.T/np.sqrt(d)
    s = np.where(np.tril(np.ones((n, n))) > 0, s, -1e9)
    out = X + softmax(s) @ v @ w["o"]
    return np.mean((out - Y)**2)

def examples(n=16):
    import numpy
    r = numpy.random.default_rng(0); d = 16
    w = {k: r.normal(size=(d, d))*0.2 for k in "qkvo"}; w["g"] = numpy.ones(d)
    return w, r.normal(size=(n, d)), r.normal(size=(n, d))
