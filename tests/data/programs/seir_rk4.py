"""epidemiology: seir_rk4. Seen in: SEIR fit repos."""
import numpy as np
META = dict(field='epidemiology', idioms=['y = np.zeros((T', '4)) then y[i+1] = ...', 'RK4', 'time-varying rate by if on index', 'np.log Poisson'], sizes=(20, 100, 500))
def deriv(y, beta, sigma, gamma):
    S, E, I, R = y
    new = beta*S*I
    return np.array([-new, new - sigma*E, sigma*E - gamma*I, gamma*I])

def path(theta, n):
    import jax
    b0, b1, sigma, gamma = np.exp(theta)
    def step(y, i):
        b = np.where(i < n//2, b0, b1)
        k1 = deriv(y, b, sigma, gamma); k2 = deriv(y + 0.5*k1, b, sigma, gamma)
        k3 = deriv(y + 0.5*k2, b, sigma, gamma); k4 = deriv(y + k3, b, sigma, gamma)
        y = y + (k1 + 2*k2 + 2*k3 + k4)/6
        return y, y
    y0 = np.array([0.99, 0.005, 0.005, 0.0])
    return np.concatenate([y0[None], jax.lax.scan(step, y0, np.arange(n - 1))[1]])

def loss(y, cases):
    lam = 1e4*y[:, 2] + 1e-3
    return np.sum(lam - cases*np.log(lam))

def f(theta, cases):
    n = len(cases)
    b0, b1, sigma, gamma = np.exp(theta)
    y = np.zeros((n, 4))
    y[0] = [0.99, 0.005, 0.005, 0.0]
    for i in range(n - 1):
        b = b0 if i < n//2 else b1
        k1 = deriv(y[i], b, sigma, gamma); k2 = deriv(y[i] + 0.5*k1, b, sigma, gamma)
        k3 = deriv(y[i] + 0.5*k2, b, sigma, gamma); k4 = deriv(y[i] + k3, b, sigma, gamma)
        y[i + 1] = y[i] + (k1 + 2*k2 + 2*k3 + k4)/6
    return loss(y, cases)

def f_jax(theta, cases):
    return loss(path(theta, len(cases)), cases)

def examples(n=100):
    return np.log(np.array([0.4, 0.15, 0.2, 0.1])), 50 + 100*np.exp(-(np.arange(n) - n/3.0)**2/(n*3.0))
