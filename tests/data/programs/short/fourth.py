"""Programs of imaging, statistics, chemistry and learning, as people write them. Written for these tests."""
import numpy as np
from numpy.lib.stride_tricks import as_strided
from scipy.interpolate import BSpline, CubicSpline
from scipy.special import softmax
from tests.data.programs.short.collected import collector
R = np.random.default_rng(11)
PROGRAMS, prog = collector()

# Hueckel: a matrix from its diagonal, filled along bonds
BONDS = [(0, 1), (1, 2), (2, 3), (3, 0)]
@prog(np.r_[R.normal(size=4)*.1, -1 - .2*R.uniform(size=4)])
def hueckel(p):
    H = np.diag(p[:4])
    for k, (i, j) in enumerate(BONDS):
        H[i, j] = H[j, i] = p[4 + k]
    e, C = np.linalg.eigh(H)
    occ = np.zeros(len(e)); occ[:1] = 2
    return np.sum(occ*e) + .1*np.sum(np.diag((C*occ)@C.T)**2)

# a mixture of experts, the best two of five
@prog(R.normal(size=(4, 5)), R.normal(size=(5, 4, 3)), R.normal(size=(7, 4)))
def experts(Wg, We, x):
    g = x @ Wg
    idx = np.argpartition(g, -2, axis=1)[:, -2:]
    w = softmax(np.take_along_axis(g, idx, axis=1), axis=1)
    y = np.einsum("nd,edh->neh", x, We)
    sel = np.take_along_axis(y, idx[:, :, None], axis=1)
    return np.sum((w[:, :, None]*sel).sum(1)**2)

# length and bending of a path through points of the plane
@prog(R.normal(size=(6, 2)), np.arange(6.), np.linspace(0, 5, 20))
def path(ctrl, t, tt):
    cs = CubicSpline(t, ctrl, bc_type="natural")
    d = cs(tt, 1)
    bend = cs.derivative(2)(tt)
    return np.trapezoid(np.sqrt((d**2).sum(axis=1)), tt) + .01*np.sum(bend**2) + cs.integrate(0., 2.5)[0]

# changes of a spectrum over overlapping frames
@prog(R.normal(size=96), 32, 16)
def flux(x, n, hop):
    count = 1 + (len(x) - n)//hop
    frames = as_strided(x, (count, n), (x.strides[0]*hop, x.strides[0]))
    spec = np.abs(np.fft.rfft(frames*np.hanning(n), axis=1))
    d = np.diff(np.log1p(spec), axis=0)
    return np.sum(d[np.nonzero(d > 0)])

# bending of a polynomial
@prog(np.array([1., -2., .5, .3]), np.linspace(0, 1, 12))
def bending(c, x):
    p = np.poly1d(c)
    q = p*p - 2*p + np.poly1d([1., 0.])
    return np.trapezoid(p.deriv(2)(x)**2, x) + p(0.3)*p.integ()(1.0) + q[1]

# generalised cross-validation of a penalised spline
XS = np.sort(R.uniform(.001, .999, 30))
@prog(-1.0, XS, np.sin(6*XS))
def gcv(loglam, x, y):
    t = np.r_[[0]*3, np.linspace(0, 1, 8), [1]*3]
    B = BSpline.design_matrix(x, t, 3).toarray()
    D = np.diff(np.eye(B.shape[1]), n=2, axis=0)
    H = B @ np.linalg.solve(B.T@B + np.exp(loglam)*D.T@D, B.T)
    return len(y)*np.sum((y - H@y)**2)/(len(y) - np.trace(H))**2

# peaks above a threshold, their places found first
@prog(np.sin(np.arange(20.))*1.3, 0.4)
def peaks(y, level):
    idx = np.where(y > level)[0]
    tail = y.copy()
    tail[idx] -= level
    return np.sum(np.sqrt(y[idx])) + np.mean(tail**2)
