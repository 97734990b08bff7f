"""Five functions to measure on: small, long, transcendental, a network, a camera.

``python examples/benchmark.py`` prints their values; ``proofgrad bench`` measures them beside every
other library that is installed:

    proofgrad bench examples/benchmark.py:rosenbrock examples/benchmark.py:camera --no-rivals
"""

import numpy as np

_RANDOM = np.random.default_rng(0)
_START = np.array([0.3, 0.7])
_LONG = _RANDOM.uniform(0.5, 1.5, 100)
_WEIGHTS = 0.5 * _RANDOM.normal(size=44)
_SCENE = np.concatenate(
    [
        _RANDOM.normal(size=6),
        [500.0, 3.0, 4.0, 0.01, 0.002],
        _RANDOM.normal(size=2),
        8.0 + _RANDOM.normal(size=1),
    ]
)


def rosenbrock(x=_START):
    """Rosenbrock's valley of any length."""
    return np.sum(100.0 * (x[1:] - x[:-1] * x[:-1]) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_100(x=_LONG):
    """The same with 100 inputs."""
    return rosenbrock(x)


def black_scholes(S=100.0, K=110.0, T=1.3, r=0.03, v=0.25):
    """Price of a call; the normal distribution in its logistic approximation."""
    d1 = (np.log(S / K) + (r + 0.5 * v * v) * T) / (v * np.sqrt(T))
    d2 = d1 - v * np.sqrt(T)
    below1, below2 = (1.0 / (1.0 + np.exp(-1.5976 * d - 0.070565992 * d * d * d)) for d in (d1, d2))
    return S * below1 - K * np.exp(-r * T) * below2


def network(x=_WEIGHTS):
    """A network 3-4-4-1 with tanh: three inputs and 41 parameters in one array."""
    layer, start = x[:3], 3
    for width in (4, 4, 1):
        size = len(layer) + 1
        rows = x[start : start + width * size].reshape(width, size)
        layer, start = np.tanh(rows[:, 0] + rows[:, 1:] @ layer), start + width * size
    return layer[0]


def camera(x=_SCENE):
    """Squared image error of a point: rotation vector, centre, focal length, distortion, point."""
    rotation, centre, focal, offset = x[0:3], x[3:6], x[6], x[7:9]
    k1, k2, point = x[9], x[10], x[11:14]
    d = point - centre
    angle = np.sqrt(rotation @ rotation)
    axis = rotation / angle
    turned = d * np.cos(angle) + np.cross(axis, d) * np.sin(angle)
    seen = turned + axis * (axis @ d) * (1.0 - np.cos(angle))
    image = seen[:2] / seen[2]
    square = image @ image
    error = focal * image * (1.0 + k1 * square + k2 * square * square) + offset
    return error @ error


def main():
    for function in (rosenbrock, rosenbrock_100, black_scholes, network, camera):
        print(f"{function.__name__:15} {float(function(*function.__defaults__)):.6f}")


if __name__ == "__main__":
    main()
