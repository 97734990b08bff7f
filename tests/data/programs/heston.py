"""finance: heston. Seen in: mingxuan-yi/torch-SDEs, many."""
import numpy as np
META = dict(field='finance', idioms=['complex numbers (1j)', 'np.exp of complex', 'np.real', 'trapezoid sum'], sizes=(5, 20))
U = np.linspace(1e-4, 100.0, 400)

def phi(u, p, T):
    kappa, theta, sigma, rho, v0 = p
    xi = kappa - rho*sigma*1j*u
    d = np.sqrt(xi**2 + sigma**2*(u**2 + 1j*u))
    g = (xi - d)/(xi + d)
    C = kappa*theta/sigma**2*((xi - d)*T - 2*np.log((1 - g*np.exp(-d*T))/(1 - g)))
    return np.exp(C + (xi - d)/sigma**2*(1 - np.exp(-d*T))/(1 - g*np.exp(-d*T))*v0)

def f(p, K, price, T):
    loss = 0.0
    for i in range(len(K)):
        k = np.log(K[i])
        p1 = np.real(np.exp(-1j*U*k)*phi(U - 1j, p, T)/(1j*U))
        p2 = np.real(np.exp(-1j*U*k)*phi(U, p, T)/(1j*U))
        du = U[1] - U[0]
        P1 = 0.5 + np.sum((p1[1:] + p1[:-1])/2)*du/np.pi
        P2 = 0.5 + np.sum((p2[1:] + p2[:-1])/2)*du/np.pi
        loss = loss + (P1 - K[i]*P2 - price[i])**2
    return loss

def examples(n=5):
    return np.array([1.5, 0.04, 0.5, -0.6, 0.05]), np.linspace(0.8, 1.2, n), np.linspace(0.22, 0.03, n), 1.0
