"""Programs of filters, finance, networks, physics, geometry, statistics, in many styles. Written for these tests."""
from __future__ import annotations
import math, logging, itertools, functools, operator, warnings
from collections import namedtuple, defaultdict, OrderedDict, deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Optional, Callable, Sequence
import numpy as np
from numpy.linalg import norm, inv, solve, det
import scipy.special as sc
from scipy.special import logsumexp, gammaln, expit
from scipy import stats, linalg
log = logging.getLogger(__name__)
from tests.data.programs.short.collected import collector
R = np.random.default_rng(7)
PROGRAMS, prog = collector()

# --- 1 EKF on pendulum, class with state
class EKF:
    def __init__(self, q, r, dt=0.05):
        self.x = np.array([0.3, 0.0]); self.P = np.eye(2) * 0.1
        self.Q = np.diag([q, q * 2]); self.R = np.array([[r]]); self.dt = dt
        self.loglik = 0.0
    def predict(self, g, L):
        th, om = self.x
        self.x = np.array([th + self.dt * om, om - self.dt * g / L * np.sin(th)])
        F = np.array([[1.0, self.dt], [-self.dt * g / L * np.cos(th), 1.0]])
        self.P = F @ self.P @ F.T + self.Q
    def update(self, z):
        H = np.array([[1.0, 0.0]])
        y = z - H @ self.x
        S = H @ self.P @ H.T + self.R
        K = self.P @ H.T @ np.linalg.inv(S)
        self.x = self.x + (K @ y)
        self.P = (np.eye(2) - K @ H) @ self.P
        self.loglik += -0.5 * (y @ np.linalg.solve(S, y) + np.log(np.linalg.det(2 * np.pi * S)))
@prog(np.array([9.81, 1.0, 0.01, 0.05]), 0.3 * np.cos(3 * np.arange(12) * 0.05))
def ekf_nll(theta, zs):
    g, L, q, r = theta
    kf = EKF(q, r)
    for z in zs:
        kf.predict(g, L)
        kf.update(z)
    return -kf.loglik

# --- 2 particle in potential, leapfrog, dataclass
@dataclass
class State:
    pos: np.ndarray
    vel: np.ndarray
    t: float = 0.0
    def step(self, acc: Callable, dt: float) -> "State":
        v = self.vel + 0.5 * dt * acc(self.pos)
        p = self.pos + dt * v
        return replace(self, pos=p, vel=v + 0.5 * dt * acc(p), t=self.t + dt)
@prog(np.array([1.0, 0.2, 0.0, 1.1]))
def leapfrog_energy(y0: np.ndarray) -> float:
    def acc(q):
        r = np.sqrt(np.sum(q**2))
        return -q / r**3
    s = State(y0[:2], y0[2:])
    for _ in range(15):
        s = s.step(acc, 0.05)
    assert s.pos.shape == (2,), "bad shape"
    return 0.5 * np.dot(s.vel, s.vel) - 1.0 / np.linalg.norm(s.pos) + s.t * s.pos[0]

# --- 3 binomial option tree in-place
@prog(100.0, 0.2, 0.05)
def american_put(S0, sigma, r):
    K, T, n = 105.0, 1.0, 5
    dt = T / n
    u = np.exp(sigma * np.sqrt(dt)); d = 1 / u
    p = (np.exp(r * dt) - d) / (u - d)
    disc = np.exp(-r * dt)
    S = S0 * u ** np.arange(n, -n - 1, -2)
    V = np.maximum(K - S, 0)
    for i in range(n - 1, -1, -1):
        V = disc * (p * V[:-1] + (1 - p) * V[1:])
        S = S0 * u ** np.arange(i, -i - 1, -2)
        V = np.maximum(V, K - S)
    return V[0]

# --- 4 bicycle MPC cost w/ namedtuple + dict config
Car = namedtuple("Car", "x y psi v")
@prog(R.normal(size=(10, 2)) * 0.1)
def mpc_cost(u):
    cfg = dict(dt=0.1, L=2.5, w={"track": 1.0, "u": 0.1, "du": 0.5})
    car = Car(0.0, 0.0, 0.0, 5.0)
    J = 0.0
    prev = np.zeros(2)
    for k, (a, delta) in enumerate(u):
        car = car._replace(x=car.x + car.v * np.cos(car.psi) * cfg["dt"],
                           y=car.y + car.v * np.sin(car.psi) * cfg["dt"],
                           psi=car.psi + car.v / cfg["L"] * np.tan(delta) * cfg["dt"],
                           v=car.v + a * cfg["dt"])
        ref = np.sin(0.1 * (k + 1))
        J += cfg["w"]["track"] * (car.y - ref) ** 2 + cfg["w"]["u"] * (a**2 + delta**2)
        du = np.array([a, delta]) - prev
        J += cfg["w"]["du"] * du @ du
        prev = np.array([a, delta])
    return J

# --- 5 SVM hinge w/ np.maximum and penalties; str option
@prog(R.normal(size=4), R.normal(size=(20, 3)), np.sign(R.normal(size=20)), kind="squared")
def svm(w, X, y, kind="hinge"):
    w, b = w[:-1], w[-1]
    margin = 1 - y * (X @ w + b)
    if kind == "hinge":
        loss = np.maximum(0, margin).mean()
    elif kind == "squared":
        loss = np.mean(np.maximum(margin, 0) ** 2)
    else:
        raise ValueError(f"unknown loss {kind!r}")
    return loss + 0.5 * 1e-2 * np.linalg.norm(w) ** 2

# --- 6 Gaussian process with matern via cdist broadcasting
@prog(np.array([0.1, -0.3, -2.0]), R.normal(size=(8, 2)), R.normal(size=8))
def gp_matern(theta, X, y):
    ell, sf, sn = np.exp(theta)
    D = np.sqrt(((X[:, None, :] - X[None, :, :]) ** 2).sum(-1) + 1e-12)
    K = sf**2 * (1 + np.sqrt(5) * D / ell + 5 * D**2 / (3 * ell**2)) * np.exp(-np.sqrt(5) * D / ell)
    K[np.diag_indices_from(K)] += sn**2
    L = np.linalg.cholesky(K)
    alpha = linalg.cho_solve((L, True), y)
    return 0.5 * y.dot(alpha) + np.log(np.diag(L)).sum() + 0.5 * len(y) * np.log(2 * np.pi)

# --- 7 HMM forward in log space
@prog(R.normal(size=3), R.normal(size=(3, 3)), R.normal(size=(3, 4)), np.array([0, 1, 3, 2, 2, 0, 1]))
def hmm(pi, A, B, obs):
    lp = pi - logsumexp(pi)
    lA = A - logsumexp(A, axis=1, keepdims=True)
    lB = B - logsumexp(B, axis=1)[:, np.newaxis]
    alpha = lp + lB[:, obs[0]]
    for o in obs[1:]:
        alpha = logsumexp(alpha[:, None] + lA, axis=0) + lB[:, o]
    return -logsumexp(alpha)

# --- 8 wavelet / conv net 1d: stride tricks-like windows
@prog(R.normal(size=3), R.normal(size=(2, 5)), R.normal(size=20))
def conv1d(b, k, x):
    xp = np.pad(x, (2, 2), mode="constant")
    windows = np.stack([xp[i:i + len(x)] for i in range(5)], axis=1)
    h = np.tanh(windows @ k.T + b[:2])
    pooled = h.reshape(-1, 2, 2).max(axis=1)
    return np.sum(pooled**2) + b[2] * pooled.mean()

# --- 9 Ising/Boltzmann exact partition, itertools.product
@prog(R.normal(size=4) * .3, R.normal(size=(4, 4)) * .3)
def log_partition(h, J):
    J = (J + J.T) / 2
    np.fill_diagonal(J, 0)
    energies = []
    for s in itertools.product([-1, 1], repeat=4):
        s = np.array(s)
        energies.append(-(h @ s) - 0.5 * s @ J @ s)
    e = -np.array(energies)
    m = e.max()
    return m + np.log(np.sum(np.exp(e - m)))

# --- 10 cubic spline smoothing via solve; np.diff; np.searchsorted
@prog(R.normal(size=8), np.sort(R.uniform(0, 1, 5)))
def natural_spline(y, xq):
    x = np.linspace(0, 1, len(y))
    n = len(x)
    h = np.diff(x)
    A = np.zeros((n, n)); rhs = np.zeros(n)
    A[0, 0] = A[-1, -1] = 1
    for i in range(1, n - 1):
        A[i, i-1], A[i, i], A[i, i+1] = h[i-1], 2*(h[i-1]+h[i]), h[i]
        rhs[i] = 6*((y[i+1]-y[i])/h[i] - (y[i]-y[i-1])/h[i-1])
    M = np.linalg.solve(A, rhs)
    idx = np.clip(np.searchsorted(x, xq) - 1, 0, n - 2)
    t0, t1 = xq - x[idx], x[idx+1] - xq
    s = (M[idx]*t1**3 + M[idx+1]*t0**3)/(6*h[idx]) + (y[idx]/h[idx] - M[idx]*h[idx]/6)*t1 + (y[idx+1]/h[idx]-M[idx+1]*h[idx]/6)*t0
    return np.sum(s**2)

# --- 11 Poisson regression with offsets and f-strings/logging
@prog(np.array([0.1, 0.5, -0.2]), R.normal(size=(15, 2)), R.poisson(2.0, 15).astype(float))
def poisson_nll(beta, X, y):
    log.debug("evaluating at %s", beta)
    msg = f"n={len(y)} p={X.shape[1]}"
    eta = beta[0] + X.dot(beta[1:])
    if np.any(~np.isfinite(eta)):
        raise FloatingPointError(msg)
    return np.sum(np.exp(eta) - y * eta + gammaln(y + 1))

# --- 13 Rotation: Rodrigues, cross, quaternions
def skew(w): return np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
@prog(np.array([0.3, -0.2, 0.5]), R.normal(size=(6, 3)), R.normal(size=(6, 3)))
def rodrigues_fit(w, a, b):
    th = norm(w)
    if th < 1e-8:
        Rm = np.eye(3) + skew(w)
    else:
        K = skew(w / th)
        Rm = np.eye(3) + np.sin(th) * K + (1 - np.cos(th)) * K @ K
    return float(0.0) + np.sum((a @ Rm.T - b) ** 2) + np.trace(Rm)

@prog(np.array([0.9, 0.1, -0.2, 0.3]), R.normal(size=3))
def quat_rotate(q, v):
    q = q / np.linalg.norm(q)
    w, x, y, z = q
    t = 2 * np.cross(np.array([x, y, z]), v)
    out = v + w * t + np.cross(q[1:], t)
    return np.arctan2(out[1], out[0]) + out[2]

# --- 15 Black-Scholes strip with scipy.stats.norm.cdf and calibrate implied
@prog(np.array([0.2, 0.01]), np.array([90., 100., 110.]), np.array([12., 6., 2.5]))
def bs_fit(p, K, mkt):
    sigma, r = p
    S, T = 100.0, 0.5
    d1 = (np.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    c = S * stats.norm.cdf(d1) - K * np.exp(-r * T) * stats.norm.cdf(d2)
    w = 1 / stats.norm.pdf(d1)
    return np.average((c - mkt) ** 2, weights=np.array([1, 2, 1])) + 1e-3*np.sum(w)

# --- 16 heat equation implicit, tri-diag (Thomas) in place
@prog(0.7, np.sin(np.linspace(0, np.pi, 12)))
def heat_cn(kappa, u):
    n = len(u); dx = 1/(n-1); dt = 0.01
    lam = kappa*dt/dx**2
    u = u.copy()
    for step in range(4):
        a = -lam/2*np.ones(n); b = (1+lam)*np.ones(n); c = -lam/2*np.ones(n)
        d = u.copy()
        d[1:-1] = lam/2*u[:-2] + (1-lam)*u[1:-1] + lam/2*u[2:]
        b[0]=b[-1]=1; c[0]=0; a[-1]=0; d[0]=d[-1]=0
        for i in range(1, n):
            m = a[i]/b[i-1]
            b[i] -= m*c[i-1]
            d[i] -= m*d[i-1]
        u[-1] = d[-1]/b[-1]
        for i in reversed(range(n-1)):
            u[i] = (d[i]-c[i]*u[i+1])/b[i]
    return np.trapezoid(u, dx=dx) if hasattr(np, "trapezoid") else np.trapz(u, dx=dx)

# --- 17 softmax cross-entropy with one-hot via np.eye, dict params
@prog({"W1": R.normal(size=(3, 5)), "b1": np.zeros(5), "W2": R.normal(size=(5, 3)), "b2": np.zeros(3)}, R.normal(size=(7, 3)), np.array([0, 1, 2, 0, 1, 2, 1]))
def mlp_xent(params, X, y):
    h = np.maximum(0.01 * (X @ params["W1"] + params["b1"]), X @ params["W1"] + params["b1"])
    logits = h @ params["W2"] + params["b2"]
    logits -= logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    onehot = np.eye(3)[y]
    l2 = sum(np.sum(v**2) for k, v in params.items() if k.startswith("W"))
    return -np.mean(np.sum(onehot * logp, axis=-1)) + 1e-3 * l2

# --- 18 picking logits by fancy indexing
@prog(R.normal(size=(7, 3)), np.array([0, 1, 2, 0, 1, 2, 1]))
def nll_pick(logits, y):
    logp = logits - logsumexp(logits, axis=1, keepdims=True)
    return -logp[np.arange(len(y)), y].mean()

# --- 19 triplet / contrastive
@prog(R.normal(size=(6, 4)), np.array([0, 0, 1, 1, 2, 2]))
def contrastive(Z, labels):
    Z = Z / np.linalg.norm(Z, axis=1, keepdims=True)
    sim = Z @ Z.T / 0.5
    mask = labels[:, None] == labels[None, :]
    np.fill_diagonal(mask, False)
    off = ~np.eye(len(Z), dtype=bool)
    lse = np.log(np.sum(np.exp(sim) * off, axis=1))
    return np.mean(lse - np.sum(sim * mask, axis=1) / mask.sum(axis=1))

# --- 20 functools.reduce transfer matrix optics
@prog(np.array([0.12, 0.08, 0.2]), np.array([1.45, 2.1, 1.38]))
def thin_film(d, n):
    lam = 0.55
    def layer(M, dn):
        di, ni = dn
        delta = 2 * np.pi * ni * di / lam
        c, s = np.cos(delta), np.sin(delta)
        # real representation: M=[[A, iB],[iC, D]]
        A, B, C, D = M
        a, b, cc, dd = c, s / ni, ni * s, c
        return (A*a - B*cc, A*b + B*dd, C*a + D*cc, D*dd - C*b)
    A, B, C, D = functools.reduce(layer, zip(d, n), (1.0, 0.0, 0.0, 1.0))
    n0, ns = 1.0, 1.52
    re_num, im_num = n0*A - ns*D, n0*ns*B - C
    re_den, im_den = n0*A + ns*D, n0*ns*B + C
    return (re_num**2 + im_num**2)/(re_den**2 + im_den**2)

# --- 21 accumulate: Horner, recursion, generators
@prog(np.array([1.0, -0.5, 0.3, 0.2]), 0.7)
def horner_all(c, x):
    partial = list(itertools.accumulate(c, lambda acc, a: acc * x + a))
    return sum(p**2 for p in partial)

def cheb(n, x):
    if n == 0: return 1.0
    if n == 1: return x
    return 2*x*cheb(n-1, x) - cheb(n-2, x)
@prog(0.3, np.array([1.0, 0.4, -0.2, 0.6]))
def cheb_series(x, c):
    return sum(ck*cheb(k, x) for k, ck in enumerate(c))

# --- 23 Weibull survival w/ censoring mask
@prog(np.array([0.2, 1.1]), R.exponential(size=12)+0.1, R.random(12) > 0.4)
def weibull_nll(theta, t, event):
    k, lam = np.exp(theta[0]), np.exp(theta[1])
    logf = np.log(k) - k*np.log(lam) + (k-1)*np.log(t) - (t/lam)**k
    logS = -(t/lam)**k
    return -np.where(event, logf, logS).sum()

# --- 24 np.piecewise/select photometric
@prog(np.array([1.25, -0.4, 1.9]), np.linspace(-2, 2, 9))
def huber_select(p, x):
    a, b, delta = p
    r = a*x + b
    cond = [np.abs(r) <= delta, r > delta]
    val = [0.5*r**2, delta*(r - 0.5*delta)]
    return np.sum(np.select(cond, val, default=-delta*(r + 0.5*delta)))

# --- 25 interp lookup table
@prog(np.array([0.5, 1.3, 2.2]), np.array([0.0, 1.0, 4.0, 9.0]))
def table_lookup(q, fp):
    xp = np.arange(4.0)
    return np.sum(np.interp(q, xp, fp)**2)

# --- 26 kron/einsum: quantum-like expectation real
@prog(np.array([0.3, 0.7, -0.4]))
def ry_circuit(th):
    def ry(t): return np.array([[np.cos(t/2), -np.sin(t/2)], [np.sin(t/2), np.cos(t/2)]])
    I, Z = np.eye(2), np.diag([1.0, -1.0])
    cnot = np.array([[1,0,0,0],[0,1,0,0],[0,0,0,1],[0,0,1,0]], float)
    psi = np.zeros(4); psi[0] = 1
    psi = np.kron(ry(th[0]), ry(th[1])) @ psi
    psi = cnot @ psi
    psi = np.kron(I, ry(th[2])) @ psi
    H = np.kron(Z, Z) + 0.5*np.kron(Z, I)
    return np.einsum("i,ij,j->", psi, H, psi)

# --- 27 epidemic w/ np.convolve
@prog(np.array([1.5, 0.3]), np.exp(-np.arange(6.)/2))
def renewal(p, w):
    R0, eps = p
    w = w/w.sum()
    I = [1.0]
    for t in range(1, 15):
        past = np.array(I[::-1][:6])
        I.append(R0*np.exp(-eps*t)*np.dot(past, w[:len(past)]))
    I = np.array(I)
    smooth = np.convolve(I, np.ones(3)/3, mode="valid")
    return np.sum(np.log1p(smooth))

# --- 28 factor model w/ slogdet
@prog(R.normal(size=(4, 2)), np.log(np.array([.5,.6,.7,.8])), R.normal(size=(9, 4)))
def factor_nll(Lm, logpsi, X):
    S = np.cov(X, rowvar=False)
    Sigma = Lm @ Lm.T + np.diag(np.exp(logpsi))
    sign, ld = np.linalg.slogdet(Sigma)
    assert sign > 0
    return ld + np.trace(np.linalg.solve(Sigma, S))

# --- 29 vectorised geometry: polygon area, perimeter, roll
@prog(R.normal(size=(6, 2)))
def polygon(p):
    x, y = p.T
    area = 0.5*np.abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    per = np.sum(np.hypot(*(np.roll(p, -1, axis=0) - p).T))
    return 4*np.pi*area/per**2

# --- 30 attention w/ causal mask -inf
@prog(R.normal(size=(4, 3)), R.normal(size=(3, 9)))
def causal_attn(x, Wqkv):
    q, k, v = np.split(x @ Wqkv, 3, axis=-1)
    s = q @ k.T/np.sqrt(k.shape[-1])
    mask = np.triu(np.ones_like(s), k=1).astype(bool)
    s = np.where(mask, -np.inf, s)
    s = s - s.max(-1, keepdims=True)
    p = np.exp(s); p /= p.sum(-1, keepdims=True)
    return ((p @ v)**2).sum()

# --- 31 batchnorm, layernorm, gelu
@prog({"gamma": np.ones(4), "beta": np.zeros(4)}, R.normal(size=(5, 4)))
def norms(p, x):
    mu, var = x.mean(0), x.var(0)
    bn = p["gamma"]*(x-mu)/np.sqrt(var+1e-5)+p["beta"]
    ln = (bn-bn.mean(-1, keepdims=True))/(bn.std(-1, keepdims=True)+1e-6)
    gelu = 0.5*ln*(1+np.tanh(np.sqrt(2/np.pi)*(ln+0.044715*ln**3)))
    return np.sum(gelu*np.arange(20).reshape(5, 4))

# --- 32 Lagrangian/DAE: pendulum w/ jacobian by hand, RK45 coefficients table
A_ = [[], [1/5], [3/40, 9/40], [44/45, -56/15, 32/9], [19372/6561, -25360/2187, 64448/6561, -212/729], [9017/3168, -355/33, 46732/5247, 49/176, -5103/18656]]
B_ = [35/384, 0, 500/1113, 125/192, -2187/6784, 11/84]
@prog(np.array([1.0, 0.5, 0.2]), np.array([1.0, 0.0]))
def dopri_vdp(p, y0):
    mu, w, f = p
    def rhs(t, y): return np.array([y[1], mu*(1-y[0]**2)*y[1] - w*y[0] + f*np.cos(t)])
    y, t, h = y0, 0.0, 0.1
    for _ in range(8):
        ks = []
        for i, row in enumerate(A_):
            yi = y + h*sum((a*k for a, k in zip(row, ks)), np.zeros(2))
            ks.append(rhs(t + h*sum(row), yi))
        y = y + h*np.tensordot(np.array(B_), np.array(ks), axes=1)
        t += h
    return y[0]**2 + y[1]

# --- 33 ARMA residual with lists
@prog(np.array([0.5, -0.2, 0.3, 0.1]), R.normal(size=20))
def arma(params, y):
    c, phi1, phi2, theta1 = params
    eps = [0.0, 0.0]
    for t in range(2, len(y)):
        eps.append(y[t] - c - phi1*y[t-1] - phi2*y[t-2] - theta1*eps[-1])
    e = np.asarray(eps[2:])
    s2 = e.var()
    return 0.5*len(e)*(np.log(2*np.pi*s2)+1)

# --- 34 DP edit distance soft-dtw
@prog(R.normal(size=5), R.normal(size=6), gamma=0.5)
def soft_dtw(a, b, gamma=1.0):
    n, m = len(a), len(b)
    Rm = np.full((n+1, m+1), np.inf)
    Rm[0, 0] = 0.0
    for i in range(1, n+1):
        for j in range(1, m+1):
            cost = (a[i-1]-b[j-1])**2
            prev = np.array([Rm[i-1, j], Rm[i, j-1], Rm[i-1, j-1]])
            Rm[i, j] = cost - gamma*logsumexp(-prev/gamma)
    return Rm[n, m]

# --- 35 CRF viterbi-like max
@prog(R.normal(size=(5, 3)), R.normal(size=(3, 3)))
def viterbi_score(em, tr):
    v = em[0]
    for t in range(1, em.shape[0]):
        v = np.max(v[:, None] + tr, axis=0) + em[t]
    return np.max(v)

# --- 36 try/except, isinstance, warnings, match
@prog(np.array([1.0, 2.0, 0.5]), "lorentz")
def lineshape(p, kind):
    if not isinstance(p, np.ndarray): p = np.asarray(p)
    if p.ndim != 1 or p.size != 3: raise ValueError("need 3")
    try:
        A, x0, w = p
    except ValueError:
        warnings.warn("bad"); return 0.0
    x = np.linspace(0, 4, 11)
    match kind:
        case "gauss": y = A*np.exp(-((x-x0)/w)**2/2)
        case "lorentz": y = A/(1+((x-x0)/w)**2)
        case _: raise KeyError(kind)
    return np.sum((y - np.exp(-x))**2)

# --- 37 np.vectorize, apply_along_axis
@prog(np.array([0.3, 1.4, -0.6]))
def vec_fun(x):
    def g(t, k=2.0):
        if t > 0: return np.sin(t)*k
        return t*t
    vg = np.vectorize(g)
    return vg(x).sum() + np.apply_along_axis(lambda r: r @ r, 1, np.outer(x, x)).sum()

# --- 38 polynomials
@prog(np.array([1.0, -2.0, 0.5, 3.0]), np.linspace(-1, 1, 7))
def poly(c, x):
    v = np.polyval(c, x)
    dv = np.polyval(np.polyder(c), x)
    V = np.vander(x, 4) @ c
    return np.sum(v*dv) + np.sum(V**2)

# --- 39 meshgrid, indices
@prog(np.array([3.0, 2.0, 1.5, 0.8]))
def gauss2d(p):
    yy, xx = np.mgrid[0:6, 0:5]
    A, x0, y0, s = p
    g = A*np.exp(-((xx-x0)**2+(yy-y0)**2)/(2*s**2))
    X, Y = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 6))
    return np.sum((g - X*Y)**2)

# --- 40 optimal control LQR Riccati
@prog(np.array([1.0, 0.1]), 0.5)
def riccati(q, r):
    A = np.array([[1.0, 0.1], [0.0, 1.0]]); B = np.array([[0.005], [0.1]])
    Q = np.diag(q); Rm = np.atleast_2d(r)
    Pm = Q.copy()
    for _ in range(10):
        K = np.linalg.solve(Rm + B.T @ Pm @ B, B.T @ Pm @ A)
        Pm = Q + A.T @ Pm @ (A - B @ K)
    x0 = np.array([1.0, -0.5])
    return x0 @ Pm @ x0
