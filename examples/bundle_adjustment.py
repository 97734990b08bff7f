"""Bundle adjustment to convergence: cameras and points from images, by a proven sparse Jacobian.

The residual of one observation is that of ``reprojection.py`` (ADBench's BA problem): how far the
image of a point lies from where a camera saw it.  Its Jacobian, 2 numbers by 11 of the camera and 3
of the point, is proven, compiled to machine code, and called for all observations at once.  The
blocks are the whole sparse Jacobian of the problem: block row k holds observation k, block columns
hold cameras and points.  Levenberg and Marquardt's method solves for the cameras first (the Schur
complement of the points), which are few.

Without an argument a small scene is made, looked at, disturbed and recovered; a file of ADBench
(``ba1_n49_m7776_p31843.txt``: 49 cameras, 7776 points, 31843 observations) may be given instead.

Run it: ``python examples/bundle_adjustment.py [FILE]``
"""

import sys
from pathlib import Path

import numpy as np
from reprojection import CAMERA, POINT, project, residual
from scipy.sparse import bsr_array, diags_array, eye_array

from codegen import compile_function, compile_jacobian
from verify import verify_jacobian


class Problem:
    """Observations of points by cameras.

    Args:
        seen: Which camera saw which point: two columns.
        features: Where; a row each.
        weight: Of every observation.
    """

    def __init__(self, seen, features, weight):
        self.camera, self.point = seen.T
        self.features, self.weight = features, weight
        example = CAMERA, POINT, weight, features[0]
        options = {"target": "native", "batch": (True, True, False, True)}
        self.value = compile_function(residual, *example, **options)
        self.blocks = compile_jacobian(residual, *example, wrt=(0, 1), **options)

    def _gathered(self, cameras, points):
        return cameras[self.camera], points[self.point], self.weight, self.features

    def residuals(self, cameras, points):
        """All residuals, two an observation."""
        return self.value(*self._gathered(cameras, points)).ravel()

    def jacobian(self, cameras, points):
        """Its columns of the cameras, its columns of the points: sparse matrices of blocks."""
        found = self.blocks(*self._gathered(cameras, points))
        rows = np.arange(len(self.camera) + 1)
        return [
            bsr_array((block, place, rows), shape=(2 * len(place), unknowns.size))
            for block, place, unknowns in zip(
                found, (self.camera, self.point), (cameras, points), strict=True
            )
        ]


def step(of_cameras, of_points, residuals, damping):
    """The move of cameras and points that Levenberg and Marquardt's method makes."""
    u, v = of_cameras.T @ of_cameras, of_points.T @ of_points
    u = u + damping * diags_array(u.diagonal()) + 1e-12 * eye_array(u.shape[0])
    v = bsr_array(v + damping * diags_array(v.diagonal()), blocksize=(3, 3))
    v.sort_indices()
    inverse = bsr_array((np.linalg.inv(v.data), v.indices, v.indptr), shape=v.shape)
    between = of_cameras.T @ of_points
    through = between @ inverse
    slope_c, slope_p = of_cameras.T @ residuals, of_points.T @ residuals
    schur = (u - through @ between.T).toarray()
    move_c = -np.linalg.solve(schur, slope_c - through @ slope_p)
    return move_c, -(inverse @ (slope_p + between.T @ move_c))


def adjust(problem, cameras, points, steps=60):
    """Cameras and points where the residuals are smallest, and the errors on the way."""
    damping, residuals = 1e-3, problem.residuals(cameras, points)
    errors = [0.5 * residuals @ residuals]
    for _ in range(steps):
        jacobians = problem.jacobian(cameras, points)
        slope = max(np.max(np.abs(one.T @ residuals)) for one in jacobians)
        if slope < 1e-6 or errors[-1] < 1e-15 * errors[0]:
            break
        for _ in range(20):
            moves = step(*jacobians, residuals, damping)
            tried = [
                x + move.reshape(x.shape) for x, move in zip((cameras, points), moves, strict=True)
            ]
            found = problem.residuals(*tried)
            error = 0.5 * found @ found
            if error < errors[-1]:
                break
            damping *= 10.0
        else:
            break  # no step is better: rounding is all that is left
        (cameras, points), residuals, damping = tried, found, damping / 10.0
        errors.append(error)
    return cameras, points, errors


def of_adbench(path):
    """A problem of ADBench: one camera, one point and one feature, repeated."""
    lines = Path(path).read_text().splitlines()
    n, m, count = map(int, lines[0].split())
    camera, point, weight, feature = (np.array(line.split(), float) for line in lines[1:5])
    seen = np.arange(count)
    seen = np.stack([seen % n, seen % m], axis=1)
    problem = Problem(seen, np.tile(feature, (count, 1)), float(weight[0]))
    return problem, np.tile(camera, (n, 1)), np.tile(point, (m, 1))


def scene(n=6, m=40):
    """Cameras around a cloud of points, their exact images, and a disturbed start."""
    draw = np.random.default_rng(0)
    points = draw.uniform(-1.0, 1.0, (m, 3))
    cameras = np.zeros((n, 11))
    cameras[:, :3] = draw.normal(0.0, 0.2, (n, 3))
    cameras[:, 3:6] = draw.normal(0.0, 0.3, (n, 3)) - [0.0, 0.0, 6.0]
    cameras[:, 6] = draw.uniform(400.0, 600.0, n)
    cameras[:, 9:] = [-0.05, 0.01]
    seen = np.stack(np.meshgrid(np.arange(n), np.arange(m), indexing="ij"), -1).reshape(-1, 2)
    image = compile_function(project, CAMERA, POINT, target="native", batch=True)
    features = image(cameras[seen[:, 0]], points[seen[:, 1]])
    start = cameras * (1.0 + 0.01 * draw.standard_normal(cameras.shape))
    return Problem(seen, features, 1.0), start, points + 0.01 * draw.standard_normal(points.shape)


def main():
    report = verify_jacobian(residual, CAMERA, POINT, 1.0, np.zeros(2), wrt=(0, 1))
    print(f"Jacobian of an observation: {report.verdict}, all {len(report.entries)} numbers")
    problem, cameras, points = of_adbench(sys.argv[1]) if sys.argv[1:] else scene()
    print(f"{len(cameras)} cameras, {len(points)} points, {len(problem.camera)} observations")
    cameras, points, errors = adjust(problem, cameras, points)
    print(f"error {errors[0]:.3e} before, {errors[-1]:.1e} after {len(errors) - 1} steps")
    assert errors[-1] < 1e-12 * errors[0]


if __name__ == "__main__":
    main()
