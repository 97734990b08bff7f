"""robotics: arm_fk. Seen in: anthony2604/TESIS robot_dynamics.py, many."""
import numpy as np
META = dict(field='robotics', idioms=['np.array of nested lists', 'T = T @ A loop', 'slicing'], sizes=(6,))
DH = np.array([[0.1273, 0.0, np.pi/2], [0.0, -0.612, 0.0], [0.0, -0.5723, 0.0],
               [0.163941, 0.0, np.pi/2], [0.1157, 0.0, -np.pi/2], [0.0922, 0.0, 0.0]])

def link(d, theta, a, alpha):
    ct, st, ca, sa = np.cos(theta), np.sin(theta), np.cos(alpha), np.sin(alpha)
    return np.array([[ct, -ca*st, sa*st, a*ct], [st, ca*ct, -sa*ct, a*st],
                     [0.0, sa, ca, d], [0.0, 0.0, 0.0, 1.0]])

def f(q, target):
    T = np.eye(4)
    for i in range(6):
        T = T @ link(DH[i, 0], q[i], DH[i, 1], DH[i, 2])
    return np.sum((T[:3, 3] - target[:3, 3])**2) + 0.1*np.sum((T[:3, :3] - target[:3, :3])**2)

def examples(n=6):
    return np.linspace(0.1, 0.9, 6), np.eye(4)
