"""ODE fit: lotka_odeint. Seen in: fidecastroc SIR, measles_SIR (curve_fit + odeint)."""
import numpy as np
META = dict(field='ODE fit', idioms=['scipy.integrate.odeint with args', 'exp of parameters', 'column slice'], sizes=(20,))
from scipy.integrate import odeint

def rhs(y, t, a, b, c, d):
    return [a*y[0] - b*y[0]*y[1], -c*y[1] + d*y[0]*y[1]]

def f(p, t, obs):
    sol = odeint(rhs, [1.0, 0.5], t, args=tuple(np.exp(p)), rtol=1e-10, atol=1e-10)
    return np.sum((np.log(sol) - np.log(obs))**2)

def examples(n=20):
    t = np.linspace(0.0, 5.0, n)
    return np.array([-0.2, 0.1, 0.0, -0.1]), t, np.stack([1 + 0.3*np.sin(t), 0.7 + 0.3*np.cos(t)], axis=1)
