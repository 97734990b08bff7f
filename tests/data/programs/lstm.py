"""machine learning: lstm. Seen in: autograd examples lstm.py."""
import numpy as np
META = dict(field='machine learning', idioms=['np.concatenate', 'np.split', 'dict of weights', 'loop over time', 'sigmoid by tanh'], sizes=(5, 20, 50))
def sigmoid(x):
    return 0.5*(np.tanh(x/2) + 1)

def f(w, xs, ys):
    h = c = np.zeros(8)
    loss = 0.0
    for x, y in zip(xs, ys):
        z = np.concatenate([x, h, np.ones(1)]) @ w["gates"]
        i, fo, o, g = np.split(z, 4)
        c = sigmoid(fo)*c + sigmoid(i)*np.tanh(g)
        h = sigmoid(o)*np.tanh(c)
        loss = loss + np.sum((h @ w["out"] - y)**2)
    return loss/len(xs)

def examples(n=20):
    import numpy
    r = numpy.random.default_rng(0)
    return {"gates": r.normal(size=(4 + 8 + 1, 32))*0.3, "out": r.normal(size=(8, 4))*0.3}, r.normal(size=(n, 4)), r.normal(size=(n, 4))
