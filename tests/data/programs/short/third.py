"""Programs of numerical methods: implicit steps, splines, plans, fits, spectra. Written for these tests."""
import functools, math
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from dataclasses import dataclass, field
import numpy as np
import scipy.linalg as sla
import scipy.special as sc
import scipy.stats as st
from scipy.interpolate import CubicSpline
from scipy.linalg import solve_banded, solve_triangular
from scipy.spatial.distance import cdist
from scipy.optimize import brentq
from scipy.special import gammaln
from numpy.linalg import norm
from tests.data.programs.short.collected import collector
R = np.random.default_rng(5)
PROGRAMS, prog = collector()

# 1 Cox-de Boor
def basis(i, k, t, knots):
    if k == 0:
        return np.where((knots[i] <= t) & (t < knots[i+1]), 1.0, 0.0)
    a = b = 0.0
    if knots[i+k] > knots[i]:
        a = (t - knots[i])/(knots[i+k]-knots[i])*basis(i, k-1, t, knots)
    if knots[i+k+1] > knots[i+1]:
        b = (knots[i+k+1]-t)/(knots[i+k+1]-knots[i+1])*basis(i+1, k-1, t, knots)
    return a + b
@prog(R.normal(size=(7, 2)), np.linspace(0.05, 0.95, 15), R.normal(size=(15, 2)))
def bspline_fit(ctrl, t, target):
    k = 3
    knots = np.concatenate([np.zeros(k), np.linspace(0, 1, len(ctrl)-k+1), np.ones(k)])
    B = np.column_stack([basis(i, k, t, knots) for i in range(len(ctrl))])
    res = B @ ctrl - target
    D2 = np.diff(np.eye(len(ctrl)), n=2, axis=0)
    return np.sum(res**2) + 0.1*np.sum((D2 @ ctrl)**2)

# 3 stiff implicit midpoint by Newton
@prog(np.array([0.04, 3.0, 1.2]))
def robertson_implicit(k):
    y = np.array([1.0, 0.0, 0.0]); h = 0.1
    def rhs(y):
        r1, r2, r3 = k[0]*y[0], k[1]*y[1]*y[2], k[2]*y[1]**2
        return np.array([-r1 + r2, r1 - r2 - r3, r3])
    def jac(y):
        J = np.zeros((3, 3))
        J[0, 0] = -k[0]; J[0, 1] = k[1]*y[2]; J[0, 2] = k[1]*y[1]
        J[2, 1] = 2*k[2]*y[1]
        J[1] = -J[0] - J[2]
        return J
    for n in range(6):
        z = y.copy()
        for it in range(4):
            F = z - y - h*rhs(0.5*(z+y))
            z -= np.linalg.solve(np.eye(3) - 0.5*h*jac(0.5*(z+y)), F)
        y = z
    return y[2] + 10*y[1]

# 7 Unscented transform
@prog(np.array([1.0, 0.4]), np.array([[0.2, 0.05], [0.05, 0.1]]))
def unscented(m, C):
    n, kappa = 2, 1.0
    Ls = np.linalg.cholesky((n+kappa)*C)
    pts = np.vstack([m, m + Ls.T, m - Ls.T])
    wts = np.full(2*n+1, 1/(2*(n+kappa))); wts[0] = kappa/(n+kappa)
    y = np.stack([pts[:, 0]*np.cos(pts[:, 1]), pts[:, 0]*np.sin(pts[:, 1])], axis=-1)
    mu = wts @ y
    d = y - mu
    S = np.einsum('k,ki,kj->ij', wts, d, d)
    return mu @ mu + np.log(np.linalg.det(S))

# 8 CRF forward + gold score
@prog({"emit": R.normal(size=(6, 4))[:4], "trans": R.normal(size=(4, 4)), "start": np.zeros(4), "end": np.zeros(4)}, [2, 1, 3, 3])
def crf_nll(p, tags):
    E, T = p["emit"], p["trans"]
    alpha = p["start"] + E[0]
    for t in range(1, len(tags)):
        alpha = np.logaddexp.reduce(alpha[:, None] + T + E[t][None, :], axis=0)
    logZ = np.logaddexp.reduce(alpha + p["end"])
    score = p["start"][tags[0]] + E[0, tags[0]]
    for t, (prev, cur) in enumerate(zip(tags, tags[1:]), start=1):
        score += T[prev, cur] + E[t, cur]
    score += p["end"][tags[-1]]
    return logZ - score

# 12 ICP with quaternion
@prog(np.array([0.98, 0.05, 0.1, -0.1, 0.2, 0.0, -0.1]), R.normal(size=(20, 3)), R.normal(size=(20, 3)))
def icp_cost(x, src, dst):
    q, t = x[:4], x[4:]
    q = q/np.sqrt(np.sum(q*q))
    a, b, c, d = q
    Rm = np.array([[a*a+b*b-c*c-d*d, 2*(b*c-a*d), 2*(b*d+a*c)],
                   [2*(b*c+a*d), a*a-b*b+c*c-d*d, 2*(c*d-a*b)],
                   [2*(b*d-a*c), 2*(c*d+a*b), a*a-b*b-c*c+d*d]])
    moved = src.dot(Rm.T) + t
    d2 = ((moved[:, None] - dst[None])**2).sum(axis=2)
    nearest = np.argmin(d2, axis=1)
    res = np.linalg.norm(moved - dst[nearest], axis=1)
    k = 1.0
    rho = np.where(res <= k, 0.5*res**2, k*(res-0.5*k))
    return np.mean(rho)

# 16 multi-curve swaps: piecewise linear zero with searchsorted on data
@prog(np.array([0.01, 0.015, 0.02, 0.025]), [1.0, 2.0, 3.0, 5.0], {"2y": 0.017, "3y": 0.021, "5y": 0.026})
def swap_curve(z, tenors, quotes):
    T = np.asarray(tenors)
    def zero(t):
        j = np.searchsorted(T, t)
        if j == 0: return z[0]
        if j >= len(T): return z[-1]
        w = (t-T[j-1])/(T[j]-T[j-1])
        return (1-w)*z[j-1] + w*z[j]
    df = lambda t: np.exp(-zero(t)*t)
    err = 0.0
    for name, q in quotes.items():
        n = int(name[:-1])
        annuity = sum(df(float(k)) for k in range(1, n+1))
        err += ((1-df(float(n)))/annuity - q)**2
    return 1e4*err + np.sum(np.diff(z, 2)**2)

# 18 Thomas solver, Crank-Nicolson Black-Scholes PDE
def thomas(a, b, c, d):
    n = len(d)
    cp, dp = np.zeros(n), np.zeros(n)
    cp[0], dp[0] = c[0]/b[0], d[0]/b[0]
    for i in range(1, n):
        m = b[i] - a[i]*cp[i-1]
        cp[i] = c[i]/m
        dp[i] = (d[i] - a[i]*dp[i-1])/m
    x = np.empty(n); x[-1] = dp[-1]
    for i in range(n-2, -1, -1):
        x[i] = dp[i] - cp[i]*x[i+1]
    return x
@prog(np.array([0.2, 0.05]))
def cn_bs(p):
    vol, r = p
    M, N, Smax, K = 20, 10, 200.0, 100.0
    S = np.linspace(0, Smax, M+1); dt = 1.0/N
    V = np.maximum(S-K, 0)
    j = np.arange(1, M)
    al = 0.25*dt*(vol**2*j**2 - r*j); be = -0.5*dt*(vol**2*j**2 + r); ga = 0.25*dt*(vol**2*j**2 + r*j)
    for n in range(N):
        rhs = al*V[:-2] + (1+be)*V[1:-1] + ga*V[2:]
        top = Smax - K*np.exp(-r*(n+1)*dt)
        rhs[-1] += ga[-1]*top
        V[1:-1] = thomas(-al, 1-be, -ga, rhs)
        V[0], V[-1] = 0.0, top
    return np.interp(100.0, S, V)

# 19 circuit nodal analysis with dict of components
@prog({"R1": 10.0, "R2": 22.0, "R3": 47.0, "R4": 33.0, "I": 0.1})
def circuit(c):
    edges = [("R1", 1, 2), ("R2", 2, 3), ("R3", 3, 0), ("R4", 2, 0), ("R1", 1, 0)]
    n = 3
    G = np.zeros((n+1, n+1))
    for name, a, b in edges:
        g = 1/c[name]
        G[a, a] += g; G[b, b] += g; G[a, b] -= g; G[b, a] -= g
    i = np.zeros(n+1); i[1] = c["I"]
    v = np.linalg.solve(G[1:, 1:], i[1:])
    return v[0]*v[2] + np.sum(v**2)

# 24 HMM scaled forward w/ gaussian emission
@prog((R.normal(size=(2, 2)), np.array([-1.0, 1.0]), np.array([0.0, 0.2])), R.normal(size=12))
def hmm_scaled(params, obs):
    A, mu, ls = params
    A = np.exp(A)/np.exp(A).sum(axis=1, keepdims=True)
    B = np.exp(-0.5*((obs[:, None]-mu)/np.exp(ls))**2)/(np.exp(ls)*np.sqrt(2*np.pi))
    T, K = B.shape
    alpha = np.zeros((T, K)); c = np.zeros(T)
    alpha[0] = 0.5*B[0]; c[0] = alpha[0].sum(); alpha[0] /= c[0]
    for t in range(1, T):
        alpha[t] = (alpha[t-1] @ A)*B[t]
        c[t] = alpha[t].sum()
        alpha[t] /= c[t]
    return -np.log(c).sum()

# 25 RTS smoother
@prog(np.array([-1.0, -0.5]), R.normal(size=10))
def rts(lq, y):
    q, r = np.exp(lq)
    n = len(y)
    m, Pv = np.zeros(n), np.zeros(n); mp, Pp = np.zeros(n), np.zeros(n)
    mk, Pk = 0.0, 1.0
    for k in range(n):
        mp[k], Pp[k] = mk, Pk + q
        K = Pp[k]/(Pp[k] + r)
        m[k] = mk = mp[k] + K*(y[k] - mp[k])
        Pv[k] = Pk = (1-K)*Pp[k]
    ms, Ps = m.copy(), Pv.copy()
    for k in range(n-2, -1, -1):
        G = Pv[k]/Pp[k+1]
        ms[k] += G*(ms[k+1] - mp[k+1])
        Ps[k] += G**2*(Ps[k+1] - Pp[k+1])
    return np.sum((y-ms)**2) + np.sum(Ps)

# 29 IK with DH and jacobian damped LS
@prog(np.array([0.3, 0.4, -0.2]), np.array([1.2, 0.8]))
def ik_steps(q, target):
    L = [1.0, 0.8, 0.5]
    def fk(q):
        ang = np.cumsum(q)
        return np.array([np.dot(L, np.cos(ang)), np.dot(L, np.sin(ang))])
    def jac(q):
        ang = np.cumsum(q)
        J = np.zeros((2, 3))
        for i in range(3):
            J[0, i] = -np.sum(np.array(L[i:])*np.sin(ang[i:]))
            J[1, i] = np.sum(np.array(L[i:])*np.cos(ang[i:]))
        return J
    for _ in range(4):
        e = target - fk(q)
        J = jac(q)
        q = q + J.T @ np.linalg.solve(J @ J.T + 0.01*np.eye(2), e)
    return norm(target - fk(q))**2 + 0.1*q @ q

# 37 zero-inflated poisson, np.where with masks and gammaln
@prog(np.array([0.2, -0.5, 0.3]), np.array([0, 0, 3, 1, 0, 2, 5, 0]), np.linspace(-1, 1, 8))
def zip_nll(b, y, x):
    lam = np.exp(b[0] + b[2]*x); pi = 1/(1+np.exp(-b[1]))
    zero = y == 0
    ll = np.zeros(len(y))
    ll[zero] = np.log(pi + (1-pi)*np.exp(-lam[zero]))
    ll[~zero] = np.log(1-pi) - lam[~zero] + y[~zero]*np.log(lam[~zero]) - gammaln(y[~zero]+1)
    return -ll.sum()

# 39 Kaplan-like concordance, lowess weights with loops
@prog(R.normal(size=10)[:8], np.sort(R.random(10)[:8]))
def lowess(y, x):
    n = len(x); fit = np.zeros(n)
    for i in range(n):
        d = np.abs(x - x[i]); h = np.sort(d)[6]
        w = (1 - np.clip(d/h, 0, 1)**3)**3
        A = np.array([[np.sum(w), np.sum(w*x)], [np.sum(w*x), np.sum(w*x*x)]])
        b = np.array([np.sum(w*y), np.sum(w*y*x)])
        beta = np.linalg.solve(A, b)
        fit[i] = beta[0] + beta[1]*x[i]
    return np.sum((y-fit)**2) + np.ptp(fit)

# 40 Ising mean field / belief propagation
@prog(R.normal(size=(4, 4))*.4, R.normal(size=4))
def bp_ising(J, h):
    n = len(h); msg = defaultdict(float)
    J = (J+J.T)/2
    for it in range(5):
        new = {}
        for i in range(n):
            for j in range(n):
                if i == j: continue
                f = h[i] + sum(msg[(k, i)] for k in range(n) if k not in (i, j))
                new[(i, j)] = np.arctanh(np.tanh(J[i, j])*np.tanh(f))
        msg.update(new)
    m = [np.tanh(h[i] + sum(msg[(k, i)] for k in range(n) if k != i)) for i in range(n)]
    return np.sum(np.square(m)) + m[0]

# 41 k-means soft + hard assignments
@prog(R.normal(size=(3, 2)), R.normal(size=(15, 2)))
def kmeans(C, X):
    d = np.linalg.norm(X[:, None] - C[None], axis=-1)
    lab = d.argmin(axis=1)
    return np.mean(d[np.arange(len(X)), lab]**2)

# 42 SVM RBF dual / kernel ridge with CV folds
@prog(np.array([0.0, -1.0]), R.normal(size=(12, 2)), R.normal(size=12))
def krr_cv(lp, X, y):
    gamma, lam = np.exp(lp)
    K = np.exp(-gamma*((X[:, None]-X[None])**2).sum(-1))
    err = 0.0
    folds = np.array_split(np.arange(len(y)), 3)
    for te in folds:
        tr = np.setdiff1d(np.arange(len(y)), te)
        a = np.linalg.solve(K[np.ix_(tr, tr)] + lam*np.eye(len(tr)), y[tr])
        err += np.sum((K[np.ix_(te, tr)] @ a - y[te])**2)
    return err/len(y)

# 46 GJR-GARCH with student t
@prog(np.array([0.05, 0.05, 0.9, 0.05, 6.0]), R.normal(size=60))
def gjr(p, r):
    om, al, be, ga, nu = p
    T = len(r); h = np.zeros(T); h[0] = np.var(r)
    for t in range(1, T):
        lev = ga if r[t-1] < 0 else 0.0
        h[t] = om + (al+lev)*r[t-1]**2 + be*h[t-1]
    c = gammaln((nu+1)/2) - gammaln(nu/2) - 0.5*np.log(np.pi*(nu-2))
    return -np.sum(c - 0.5*np.log(h) - (nu+1)/2*np.log1p(r**2/(h*(nu-2))))

# 49 CDS / hazard bootstrapping w/ bisect; np.searchsorted on data; np.piecewise
@prog(np.array([0.01, 0.02, 0.03]))
def cds(haz):
    kn = np.array([1.0, 3.0, 5.0])
    t = np.arange(0.25, 5.01, 0.25)
    lam = np.piecewise(t, [t <= 1, (t > 1) & (t <= 3), t > 3], list(haz)) if False else haz[np.searchsorted(kn, t - 1e-9)]
    H = np.cumsum(lam*0.25); Q = np.exp(-H)
    D = np.exp(-0.02*t)
    prem = np.sum(D*Q)*0.25
    Qp = np.insert(Q, 0, 1.0)[:-1]
    prot = 0.6*np.sum(D*(Qp-Q))
    return prot/prem*1e4

# 55 multibody double pendulum lagrangian w/ M^-1
@prog(np.array([1.0, 0.8, 0.5, -0.2]))
def double_pend(y0):
    m1 = m2 = l1 = l2 = 1.0; g = 9.81
    def f(y):
        t1, t2, w1, w2 = y
        c, s = np.cos(t1-t2), np.sin(t1-t2)
        M = np.array([[(m1+m2)*l1, m2*l2*c], [l1*c, l2]])
        b = np.array([-m2*l2*w2**2*s - (m1+m2)*g*np.sin(t1), l1*w1**2*s - g*np.sin(t2)])
        return np.r_[w1, w2, np.linalg.solve(M, b)]
    y, h = y0, 0.02
    for _ in range(12):
        k1 = f(y); k2 = f(y+h/2*k1); k3 = f(y+h/2*k2); k4 = f(y+h*k3)
        y = y + h/6*(k1+2*k2+2*k3+k4)
    return np.cos(y[0]) + y[2]*y[3]

# 57 Wiener/adaptive filter LMS, RLS
@prog(np.array([0.95, 1.0]), R.normal(size=20), R.normal(size=20))
def rls(p, x, d):
    lam, delta = p
    w = np.zeros(3); Pm = np.eye(3)/delta; e2 = 0.0
    for n in range(2, len(x)):
        u = x[n-2:n+1][::-1]
        k = Pm @ u/(lam + u @ Pm @ u)
        e = d[n] - w @ u
        w = w + k*e
        Pm = (Pm - np.outer(k, u @ Pm))/lam
        e2 += e*e
    return e2

# 58 biquad cascade w/ deque state
@prog(np.array([1000.0, 0.7]), R.normal(size=20))
def biquad(p, x):
    f0, Q = p; fs = 8000.0
    w0 = 2*math.pi*f0/fs; al = math.sin(w0)/(2*Q)
    b0 = (1-math.cos(w0))/2; b1 = 1-math.cos(w0); b2 = b0; a0 = 1+al; a1 = -2*math.cos(w0); a2 = 1-al
    xs, ys, out = deque([0.0, 0.0], maxlen=2), deque([0.0, 0.0], maxlen=2), []
    for v in x:
        y = (b0*v + b1*xs[0] + b2*xs[1] - a1*ys[0] - a2*ys[1])/a0
        xs.appendleft(v); ys.appendleft(y)
        out.append(y)
    return np.sqrt(np.mean(np.square(out)))

# heat equation, implicit, SciPy's banded solver
@prog(np.array([0.7, 0.1]), np.sin(np.linspace(0, np.pi, 10)))
def heat_banded(p, u):
    kappa, src = p
    n = len(u); lam = kappa*0.01*(n-1)**2
    ab = np.zeros((3, n))
    ab[0, 1:] = -lam; ab[1] = 1+2*lam; ab[2, :-1] = -lam
    for _ in range(4):
        u = solve_banded((1, 1), ab, u + 0.01*src)
    return np.trapezoid(u**2)

# Gaussian process with SciPy's distances
@prog(np.array([0.1, -0.3, -2.0]), R.normal(size=(7, 2)), R.normal(size=7))
def gp_cdist(theta, X, y):
    ell, amp, noise = np.exp(theta)
    K = amp**2*np.exp(-0.5*cdist(X/ell, X/ell, "sqeuclidean")) + noise*np.eye(len(y))
    c, low = sla.cho_factor(K)
    return 0.5*y @ sla.cho_solve((c, low), y) + np.sum(np.log(np.diag(c)))

# spectrum of a windowed signal, RC filter as complex impedances
@prog(np.array([0.7, 1.9, 0.2]), np.linspace(0, 1, 16, endpoint=False))
def spectrum_fit(p, t):
    x = p[0]*np.sin(2*np.pi*3*t + p[2]) + p[1]*np.cos(2*np.pi*5*t)
    S = np.abs(np.fft.rfft(x*np.hanning(len(t))))**2/len(t)
    w = 2*np.pi*np.fft.rfftfreq(len(t), t[1]-t[0])
    H = 1/(1 + 1j*w*np.exp(p[2])/40)
    return np.sum(np.log1p(S*np.abs(H)**2)) + np.angle(H[3])

# yields through a cubic spline
@prog(np.array([0.010, 0.015, 0.021, 0.024]), np.array([1.0, 2.0, 5.0, 10.0]))
def spline_curve(z, knots):
    t = np.arange(1.0, 10.5, 0.5)
    df = np.exp(-CubicSpline(knots, z, bc_type="natural")(t)*t)
    return (1 - df[-1])/(0.5*np.sum(df))

# volatility smile: a frozen dataclass with properties as the parameters
@dataclass(frozen=True)
class Svi:
    a: float
    b: float
    rho: float
    m: float
    s: float
    def __post_init__(self):
        if abs(self.rho) >= 1: raise ValueError(f"rho={self.rho}")
    @property
    def minimum(self): return self.a + self.b*self.s*math.sqrt(1 - self.rho**2)
    def w(self, k): return self.a + self.b*(self.rho*(k - self.m) + np.sqrt((k - self.m)**2 + self.s**2))
@prog(Svi(0.02, 0.3, -0.4, 0.1, 0.2), np.linspace(-.5, .5, 9), np.linspace(.15, .09, 9))
def svi_fit(p, k, w):
    return np.sum((p.w(k) - w)**2)*100 + max(0.0, -p.minimum) + p.minimum

# caps and digitals behind one abstract class, math alone
class Payoff(ABC):
    @abstractmethod
    def price(self, F, K, sigma, T, df): ...
class CapletPayoff(Payoff):
    def price(self, F, K, sigma, T, df):
        s = sigma*math.sqrt(T); d1 = math.log(F/K)/s + 0.5*s
        N = lambda x: 0.5*(1.0 + math.erf(x/math.sqrt(2.0)))
        return df*(F*N(d1) - K*N(d1 - s))
class DigitalPayoff(Payoff):
    def price(self, F, K, sigma, T, df):
        s = sigma*math.sqrt(T)
        return df*0.5*math.erfc(-(math.log(F/K)/s - 0.5*s)/math.sqrt(2))
@prog({"a": 0.05, "b": 0.3, "c": 0.7, "d": 0.12}, [0.02, 0.022, 0.025, 0.027])
def cap_price(abcd, fwds):
    vol = lambda t: (abcd["a"] + abcd["b"]*t)*math.exp(-abcd["c"]*t) + abcd["d"]
    df, total = 1.0, 0.0
    for i, F in enumerate(fwds, 1):
        df /= 1.0 + 0.5*F
        total += sum(0.5*p.price(F, 0.024, vol(0.5*i), 0.5*i, df) for p in (CapletPayoff(), DigitalPayoff()))
    return total*100

# implied volatility by SciPy's root between two numbers
@prog(10.5, 100.0)
def implied_vol(price, S):
    def call(s):
        d1 = (np.log(S/100.0) + 0.02 + s*s/2)/s
        return S*st.norm.cdf(d1) - 100.0*np.exp(-0.02)*st.norm.cdf(d1 - s)
    return brentq(lambda s: call(s) - price, 1e-3, 3.0)
