"""statistics (state space): kalman. Seen in: KalmanFilterAlgorithm repos, scikit-learn kalman.py."""
import numpy as np
META = dict(field='statistics (state space)', idioms=['np.linalg.inv', 'np.linalg.det', 'matrix loop', '.T'], sizes=(20, 100, 500))
def f(logq, y):
    F = np.array([[1.0, 1.0], [0.0, 1.0]]); H = np.array([[1.0, 0.0]])
    Q = np.diag(np.exp(logq[:2])); R = np.exp(logq[2:3]).reshape(1, 1)
    m, P, ll = np.zeros(2), 10*np.eye(2), 0.0
    for t in range(len(y)):
        m = F @ m; P = F @ P @ F.T + Q
        S = H @ P @ H.T + R
        v = y[t] - H @ m
        Si = np.linalg.inv(S)
        K = P @ H.T @ Si
        m = m + K @ v
        P = (np.eye(2) - K @ H) @ P
        ll = ll - 0.5*(v @ Si @ v + np.log(np.linalg.det(S)) + np.log(2*np.pi))
    return -ll

def examples(n=100):
    import numpy
    r = numpy.random.default_rng(0)
    return numpy.array([-1.0, -3.0, -0.5]), numpy.cumsum(r.normal(size=n))
