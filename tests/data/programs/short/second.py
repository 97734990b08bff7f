"""More programs: densities, linear algebra, recursions, loops, masks, groups, in many styles. Written for these tests."""
import math, functools, itertools, operator, collections, warnings, logging, random as pyrandom
from dataclasses import dataclass, field
from typing import NamedTuple
import numpy as np
import scipy
import scipy.special
import scipy.linalg as sla
import scipy.stats as st
from scipy.special import erf, gamma, betaln, xlogy, softmax, expit, log_softmax, digamma
from numpy import exp, log, sqrt, sin, cos, pi, dot, array, zeros, ones, sum as nsum
from tests.data.programs.short.collected import collector
R = np.random.default_rng(11)
PROGRAMS, prog = collector()

@prog(np.array([1.0, 0.5]), np.linspace(0, 1, 6))
def simpson_quad(p, x):
    f = lambda t: np.exp(-p[0] * t**2) * np.cos(p[1] * t)
    n = 20
    t = np.linspace(0, 2, 2 * n + 1)
    w = np.ones(2 * n + 1); w[1:-1:2] = 4; w[2:-1:2] = 2
    return (2 / (2 * n)) / 3 * w @ f(t) + np.trapezoid(f(x), x)

@prog(np.array([2.0, 3.0]), R.beta(2, 3, 10))
def beta_nll(ab, x):
    a, b = ab
    return -np.sum((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - betaln(a, b))

@prog(np.array([5.0, 0.3]), R.normal(size=9))
def student_t_nll(p, x):
    nu, s = p
    return -st.t.logpdf(x, df=nu, scale=s).sum()

@prog(np.array([0.3, -0.2, 0.1]), R.normal(size=(8, 3)), np.array([0,1,1,0,1,0,1,1.]))
def logit_scipy(w, X, y):
    p = expit(X @ w)
    return -np.mean(xlogy(y, p) + xlogy(1 - y, 1 - p)) + 0.1 * np.linalg.norm(w, 1)

@prog(R.normal(size=(3, 3)))
def orth_penalty(W):
    return np.linalg.norm(W.T @ W - np.eye(W.shape[1]), "fro") ** 2 + np.abs(np.linalg.det(W))

@prog(R.normal(size=(3, 3)))
def expm_trace(A):
    return np.trace(sla.expm(A - A.T)) + np.sum(sla.expm(0.1 * A) ** 2)

@prog(R.normal(size=4), R.normal(size=(4, 4)))
def mahalanobis(x, A):
    C = A @ A.T + np.eye(4)
    L = np.linalg.cholesky(C)
    z = sla.solve_triangular(L, x, lower=True)
    return 0.5 * z @ z + np.sum(np.log(np.diagonal(L))) + st.multivariate_normal.logpdf(x, mean=np.zeros(4), cov=np.eye(4))

@prog(np.array([1.0, 2.0, 0.5]))
def rayleigh(v):
    A = np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 4]])
    return (v @ A @ v) / (v @ v)

@prog(R.normal(size=(4, 4)))
def eig_gap(M):
    S = (M + M.T) / 2
    w, V = np.linalg.eigh(S)
    return w[-1] - w[0] + (V[:, 0] ** 2)[1]

@prog(R.normal(size=(5, 3)))
def nuclear(M):
    U, s, Vt = np.linalg.svd(M, full_matrices=False)
    return s.sum() + np.linalg.cond(M) * 0.01

# RNN with dict state & loops over list of arrays
@prog({"Wx": R.normal(size=(3, 2)), "Wh": R.normal(size=(3, 3)) * .3, "b": np.zeros(3)}, [R.normal(size=2) for _ in range(5)])
def rnn(params, xs):
    state = {"h": np.zeros(3), "t": 0}
    outs = []
    for x in xs:
        state["h"] = np.tanh(params["Wx"] @ x + params["Wh"] @ state["h"] + params["b"])
        state["t"] += 1
        outs.append(state["h"])
    H = np.vstack(outs)
    return np.mean(H**2) + H[-1].sum() / state["t"]

# GRU class
class GRU:
    def __init__(self, params, n):
        self.p = params; self.n = n
    def sig(self, x): return 1.0 / (1.0 + np.exp(-x))
    def __call__(self, x, h):
        W, U = self.p
        z = self.sig(W[0] @ x + U[0] @ h)
        r = self.sig(W[1] @ x + U[1] @ h)
        c = np.tanh(W[2] @ x + U[2] @ (r * h))
        return (1 - z) * h + z * c
@prog((R.normal(size=(3, 2, 2)), R.normal(size=(3, 2, 2))), R.normal(size=(4, 2)))
def gru_loss(params, X):
    cell = GRU(params, 2)
    h = np.zeros(2)
    for row in X: h = cell(row, h)
    return float(h @ h)

# max pooling 2d, conv2d via loops
@prog(R.normal(size=(3, 3)), R.normal(size=(6, 6)))
def conv2d_pool(k, img):
    H, W = img.shape
    out = np.zeros((H - 2, W - 2))
    for i in range(H - 2):
        for j in range(W - 2):
            out[i, j] = np.sum(img[i:i+3, j:j+3] * k)
    out = np.maximum(out, 0)
    pooled = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            pooled[i, j] = out[2*i:2*i+2, 2*j:2*j+2].max()
    return np.log1p(pooled).sum()

# 2D heat explicit with slicing in place
@prog(R.random((5, 5)))
def heat2d(u0):
    u = u0.copy()
    for _ in range(4):
        un = u.copy()
        u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2] - 4 * un[1:-1, 1:-1])
        u[0, :] = u[1, :]; u[:, 0] = 0
    return (u**2).sum()

# Burgers with np.roll
@prog(np.sin(np.linspace(0, 2*np.pi, 12, endpoint=False)), 0.05)
def burgers(u, nu):
    dx, dt = 2*np.pi/12, 0.05
    for _ in range(6):
        flux = np.where(u > 0, u*(u - np.roll(u, 1)), u*(np.roll(u, -1) - u))/dx
        u = u - dt*flux + nu*dt*(np.roll(u, -1) - 2*u + np.roll(u, 1))/dx**2
    return np.dot(u, u)*dx

# LJ with pair loops, itertools.combinations
@prog(R.normal(size=(4, 3))*2)
def lj_pairs(pos):
    E = 0.0
    for i, j in itertools.combinations(range(len(pos)), 2):
        r2 = sum((a - b)**2 for a, b in zip(pos[i], pos[j]))
        s6 = (1/r2)**3
        E += 4*(s6*s6 - s6)
    return E

# Ewald-like / triu_indices
@prog(R.normal(size=(5, 2)))
def coulomb_triu(X):
    i, j = np.triu_indices(len(X), k=1)
    d = X[i] - X[j]
    r = np.sqrt(np.einsum("ij,ij->i", d, d))
    return np.sum(1/r) + 0.5*np.sum(X**2)

# molecular: torsion, bond angles
@prog(R.normal(size=(4, 3)))
def torsion(p):
    b0, b1, b2 = p[0]-p[1], p[2]-p[1], p[3]-p[2]
    b1 = b1/np.linalg.norm(b1)
    v = b0 - np.dot(b0, b1)*b1
    w = b2 - np.dot(b2, b1)*b1
    x, y = np.dot(v, w), np.dot(np.cross(b1, v), w)
    return 1 + np.cos(3*np.arctan2(y, x)) + np.arccos(np.clip(b1[0], -1, 1))

# Newton-Raphson inside (kepler) while
@prog(0.3, 1.2)
def kepler_E(e, M):
    E = M
    while abs(E - e*np.sin(E) - M) > 1e-13:
        E = E - (E - e*np.sin(E) - M)/(1 - e*np.cos(E))
    return E

# bisection
@prog(2.0)
def bisect_sqrt(a):
    lo, hi = 0.0, 4.0
    for _ in range(8):
        mid = (lo + hi)/2
        if mid*mid > a: hi = mid
        else: lo = mid
    x = (lo+hi)/2
    for _ in range(5): x = 0.5*(x + a/x)
    return x

# bond yield; NPV; list comprehension & enumerate(start)
@prog(0.05, [3.0, 3.0, 103.0])
def bond_price(y, flows):
    pv = sum(c/(1+y)**t for t, c in enumerate(flows, start=1))
    dur = sum(t*c/(1+y)**t for t, c in enumerate(flows, 1))/pv
    return pv + dur

# Nelson-Siegel
@prog(np.array([0.04, -0.02, 0.01, 1.5]), np.array([.25, .5, 1, 2, 5, 10, 30]), np.array([.02,.022,.025,.03,.035,.038,.04]))
def nelson_siegel(b, tau, y):
    b0, b1, b2, lam = b
    x = tau/lam
    f1 = (1-np.exp(-x))/x
    return np.sum((b0 + b1*f1 + b2*(f1-np.exp(-x)) - y)**2)

# Vasicek MC with fixed normals; antithetic, cumsum/cumprod
Z = R.normal(size=(6, 8))
@prog(np.array([100., .2, .03]))
def asian_mc(p):
    S0, vol, r = p
    dt = 1/8
    z = np.concatenate([Z, -Z])
    paths = S0*np.exp(np.cumsum((r-.5*vol**2)*dt + vol*np.sqrt(dt)*z, axis=1))
    pay = np.maximum(paths.mean(axis=1) - 100, 0)
    return np.exp(-r)*pay.mean() + np.prod(1 + 0.01*paths[0]/100)

# risk parity, softmax weights
@prog(R.normal(size=4), R.normal(size=(4, 4)))
def risk_parity(w, A):
    S = A @ A.T
    w = softmax(w)
    rc = w*(S @ w)
    rc = rc/rc.sum()
    return np.sum((rc[:, None]-rc[None, :])**2)

# CVaR via sort
@prog(np.array([.3, .7]), R.normal(size=(20, 2)))
def cvar(w, ret):
    losses = np.sort(-(ret @ w))[::-1]
    k = int(np.ceil(0.1*len(losses)))
    return losses[:k].mean() + np.percentile(losses, 90) + np.median(losses)

# AR + recursion: exponential smoothing (Holt-Winters)
@prog(np.array([0.5, 0.2, 0.1]), 10 + np.sin(np.arange(16)*np.pi/2) + 0.1*np.arange(16))
def holt_winters(p, y):
    alpha, beta, g = p
    m = 4
    level, trend = y[0], y[1]-y[0]
    season = [y[i]-y[:m].mean() for i in range(m)]
    sse = 0
    for t, obs in enumerate(y):
        s = season[t % m]
        pred = level + trend + s
        sse += (obs-pred)**2
        last = level
        level = alpha*(obs-s) + (1-alpha)*(level+trend)
        trend = beta*(level-last) + (1-beta)*trend
        season[t % m] = g*(obs-level) + (1-g)*s
    return sse

# NamedTuple params
class Theta(NamedTuple):
    mu: float
    log_sigma: float
@prog(Theta(0.2, -0.1), R.normal(size=7))
def normal_nll(th, x):
    return -st.norm(loc=th.mu, scale=np.exp(th.log_sigma)).logpdf(x).sum()

@dataclass
class Lens:
    r: float
    d: float
    n: float = 1.5
@prog([Lens(50.0, 5.0), Lens(-60.0, 3.0, 1.6)])
def raytrace(lenses):
    y, u, n = 1.0, 0.0, 1.0
    for L in lenses:
        u = (n*u - y*(L.n - n)/L.r)/L.n
        y = y + L.d*u
        n = L.n
    return -y/u

# string switch, kwargs, default args, *args, generators
def layers(params):
    for i in range(0, len(params), 2):
        yield params[i], params[i+1]
@prog([R.normal(size=(2, 4)), np.zeros(4), R.normal(size=(4, 1)), np.zeros(1)], R.normal(size=(5, 2)), act="elu")
def mlp_gen(params, X, act="tanh"):
    acts = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0)))}
    h = X
    *hidden, last = layers(params)
    for W, b in hidden: h = acts[act](h @ W + b)
    return ((h @ last[0] + last[1])**2).mean()

# dictionary keyed by tuple; graph potentials
EDGES = {(0, 1): 1.0, (1, 2): 0.5, (2, 0): 2.0}
@prog(R.normal(size=(3, 2)))
def spring_layout(pos):
    E = 0
    for (i, j), L in EDGES.items():
        E += 0.5*(np.linalg.norm(pos[i]-pos[j]) - L)**2
    return E

# kernel PCA / MMD / distance
@prog(R.normal(size=(5, 2)), R.normal(size=(4, 2)))
def mmd(X, Y):
    def k(a, b): return np.exp(-0.5*np.sum((a[:, None]-b[None])**2, axis=2))
    n, m = len(X), len(Y)
    Kxx = k(X, X); np.fill_diagonal(Kxx, 0)
    return Kxx.sum()/(n*(n-1)) - 2*k(X, Y).mean() + k(Y, Y).mean()

# sinkhorn
@prog(R.random((4, 4)))
def sinkhorn(C):
    K = np.exp(-C/0.3)
    a = b = np.full(4, .25)
    u = np.ones(4)
    for _ in range(8):
        v = b/(K.T @ u); u = a/(K @ v)
    Pm = u[:, None]*K*v
    return (Pm*C).sum()

# spectral density via DFT matrices
@prog(R.normal(size=8))
def dft_power(x):
    n = len(x); k = np.arange(n)
    ang = 2*np.pi*np.outer(k, k)/n
    re, im = np.cos(ang) @ x, -np.sin(ang) @ x
    return np.sum((re**2+im**2)[1:4])

# IIR filter direct form in-place; np.convolve
@prog(np.array([.2, .3, .1]), R.normal(size=20))
def iir(c, x):
    b0, b1, a1 = c
    y = np.zeros_like(x)
    y[0] = b0*x[0]
    for n in range(1, len(x)):
        y[n] = b0*x[n] + b1*x[n-1] - a1*y[n-1]
    h = np.convolve(y, [1, -1], "same")
    return np.sqrt(np.mean(y**2)) + np.abs(h).sum()

# histogram-free soft binning, np.digitize on data
@prog(np.array([.1, .4, .8]), R.random(12))
def bin_means(v, x):
    idx = np.digitize(x, [0.33, 0.66])
    cnt = np.bincount(idx, minlength=3)
    pred = v[idx]
    return np.sum((pred - x)**2) + np.sum(cnt*v)

# np.add.at, bincount weights
@prog(R.normal(size=6), np.array([0, 2, 1, 2, 0, 1]))
def segment(v, seg):
    out = np.zeros(3)
    np.add.at(out, seg, v**2)
    s2 = np.bincount(seg, weights=v, minlength=3)
    return np.sum(np.sqrt(out)*s2)

# unique inverse in data; groupby
@prog(R.normal(size=3), np.array(["a", "b", "a", "c"]), R.normal(size=4))
def groupby(beta, labels, y):
    names, inv = np.unique(labels, return_inverse=True)
    return np.sum((y - beta[inv])**2) + sum(b**2 for n, b in zip(names, beta))

# Ornstein–Uhlenbeck likelihood with zip shift
@prog(np.array([1.5, .2, .3]), np.cumsum(R.normal(size=15))*.1)
def ou_nll(th, x):
    k, m, s = th
    dt = .1
    ll = 0.
    for x0, x1 in zip(x[:-1], x[1:]):
        mean = m + (x0-m)*np.exp(-k*dt)
        var = s**2*(1-np.exp(-2*k*dt))/(2*k)
        ll += st.norm.logpdf(x1, mean, np.sqrt(var))
    return -ll

# cartpole-like RL rollout w/ policy and early exit
@prog(R.normal(size=4)*.1)
def rollout(w):
    s = np.array([.05, 0, .05, 0])
    cost = 0.
    for t in range(20):
        u = np.tanh(w @ s)*5
        x, xd, th, thd = s
        tdd = (9.8*np.sin(th) - np.cos(th)*(u + .05*thd**2*np.sin(th))/1.1)/(.5*(4/3 - .1*np.cos(th)**2/1.1))
        xdd = (u + .05*(thd**2*np.sin(th) - tdd*np.cos(th)))/1.1
        s = s + .02*np.array([xd, xdd, thd, tdd])
        if abs(s[2]) > 1.0:
            cost += 100
            break
        cost += s @ np.diag([1, .1, 10, .1]) @ s
    return cost

# np.frompyfunc? np.nditer, np.ndenumerate
@prog(R.normal(size=(2, 3)))
def ndenum(A):
    t = 0.
    for (i, j), a in np.ndenumerate(A):
        t += (i+1)*a**(j+1)
    return t

@prog(np.array([1.2, 0.7]))
def printing(p):
    a, b = p
    print(f"a={a} b={b:.3f}", file=open("/dev/null", "w"))
    logging.getLogger("x").debug("values %s %s", a, b)
    warnings.warn("careful", RuntimeWarning)
    assert a is not None and p.dtype == np.float64 and p.ndim == 1
    return a*np.exp(b) if isinstance(p, np.ndarray) else 0.0

@prog(np.array([0.1, 0.9, 0.4, 0.6]))
def stats_moments(x):
    m = x.mean(); s = x.std(ddof=1)
    z = (x-m)/s
    return (z**3).mean() + (z**4).mean() - 3 + np.ptp(x) + np.var(x) + np.max(np.abs(np.diff(x, n=2)))

@prog(R.normal(size=(2, 3, 4)))
def tensor_ops(T):
    a = np.transpose(T, (2, 0, 1)).reshape(4, -1)
    b = np.moveaxis(T, 0, -1).sum(axis=(0, 2))
    c = np.einsum("ijk,ilk->jl", T, T)
    d = np.tensordot(T, T, axes=([1, 2], [1, 2]))
    e = np.swapaxes(T, 0, 2)[..., 0].ravel()
    return np.sum(a**2) + b.prod() + np.trace(c) + d[0, 1] + e @ e[::-1]

@prog(np.array([.5, -.3]), 3)
def power_iteration(v, n):
    A = np.array([[2., 1.], [1., 3.]])
    for _ in range(n):
        v = A @ v
        v /= np.linalg.norm(v)
    return v @ A @ v

@prog(0.7)
def recursion_legendre(x):
    @functools.lru_cache(None)
    def Pn(n):
        if n == 0: return 1.0
        if n == 1: return x
        return ((2*n-1)*x*Pn(n-1) - (n-1)*Pn(n-2))/n
    return sum(Pn(n)**2 for n in range(6))

@prog(1.3)
def series(x):
    term, total, n = 1.0, 0.0, 0
    while n < 30:
        total += term
        n += 1
        term *= -x*x/((2*n)*(2*n-1))
    return total

@prog(np.array([3., -1., 2.]))
def agm(x):
    a, b = x[0], abs(x[1])
    for _ in range(5):
        a, b = (a+b)/2, math.sqrt(a*b)
    return math.pi/(2*a) + math.hypot(*x)

@prog(np.array([.2, .5]), np.array([[0., 0.], [1., 0.], [0., 1.]]))
def barycentric(p, tri):
    T = np.column_stack((tri[0]-tri[2], tri[1]-tri[2]))
    l12 = np.linalg.inv(T) @ (p-tri[2])
    lam = np.append(l12, 1-l12.sum())
    return np.prod(lam) + np.linalg.lstsq(T, p, rcond=None)[0].sum()
