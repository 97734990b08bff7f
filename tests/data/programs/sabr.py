"""finance: sabr. Seen in: grinisrit/noa sabr.py, tf-quant-finance."""
import numpy as np
META = dict(field='finance', idioms=['np.where at the money', 'dataclass', 'log and powers', 'broadcasting'], sizes=(10, 100, 1000))
from dataclasses import dataclass

@dataclass
class Sabr:
    alpha: object
    beta: float
    rho: object
    nu: object

def vol(F, K, T, s):
    b1 = 1 - s.beta
    fk = (F*K)**(b1/2)
    lg = np.log(F/K)
    z = s.nu/s.alpha*fk*lg
    atm = np.abs(F - K) < 1e-8
    x = np.log((np.sqrt(1 - 2*s.rho*z + z**2) + z - s.rho)/(1 - s.rho))
    ratio = np.where(atm, 1.0, z/np.where(atm, 1.0, x))
    corr = 1 + T*(b1**2/24*s.alpha**2/fk**2 + s.rho*s.beta*s.nu*s.alpha/(4*fk) + (2 - 3*s.rho**2)/24*s.nu**2)
    return s.alpha/(fk*(1 + b1**2/24*lg**2 + b1**4/1920*lg**4))*ratio*corr

def f(p, K, market):
    s = Sabr(np.exp(p[0]), 0.5, np.tanh(p[1]), np.exp(p[2]))
    return np.sum((vol(0.03, K, 2.0, s) - market)**2)

def examples(n=10):
    K = np.linspace(0.015, 0.05, n)
    return np.array([-3.3, -0.3, -0.8]), K, 0.2 + 5*(K - 0.03)**2
