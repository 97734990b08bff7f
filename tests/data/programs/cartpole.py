"""control: cartpole. Seen in: OpenAI gym cart-pole + shooting."""
import numpy as np
META = dict(field='control', idioms=['class', 'tuple unpacking', 'np.clip', 'Euler loop', 'list append', 'np.array of list'], sizes=(20, 200, 1000))
class CartPole:
    def __init__(self, mc=1.0, mp=0.1, l=0.5, g=9.8, dt=0.02):
        self.mc, self.mp, self.l, self.g, self.dt = mc, mp, l, g, dt
    def step(self, state, force):
        x, xd, th, thd = state
        force = np.clip(force, -10.0, 10.0)
        c, s, total = np.cos(th), np.sin(th), self.mc + self.mp
        temp = (force + self.mp*self.l*thd**2*s)/total
        thacc = (self.g*s - c*temp)/(self.l*(4.0/3.0 - self.mp*c**2/total))
        xacc = temp - self.mp*self.l*thacc*c/total
        return x + self.dt*xd, xd + self.dt*xacc, th + self.dt*thd, thd + self.dt*thacc

def f(u):
    env, state, path = CartPole(), (0.0, 0.0, 0.05, 0.0), []
    for k in range(len(u)):
        state = env.step(state, u[k])
        path.append(state)
    path = np.array(path)
    return np.sum(path[:, 0]**2) + 10*np.sum(1 - np.cos(path[:, 2])) + 0.001*np.sum(u**2)

def examples(n=200):
    return (0.5*np.sin(np.arange(n)*0.3),)
