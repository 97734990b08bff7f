"""Bundle adjustment: the reprojection error of one observed point (ADBench's BA problem).

A camera is 11 numbers: a rotation vector (3), its centre (3), focal length (1), principal point
(2), radial distortion (2).  A point X in space appears in its image at ::

    Y = R (X - centre),    p = (Y1, Y2) / Y3,
    projection = focal * (1 + k1 |p|^2 + k2 |p|^4) p + principal point,

and the residual of an observed feature is weight * (projection - feature).  Adjusting all cameras
and points to many observations needs the Jacobian of these two numbers in the 11 + 3 + 1 unknowns.

R is Rodrigues' rotation by the angle |r| about r, written with the half angle as a unit quaternion
(c, u), c = cos(|r|/2), u = sin(|r|/2) r / |r|::

    R X = X + c t + u x t,    t = 2 u x X.

At r = 0 the factor sin(|r|/2) / |r| is 0/0; ``np.where`` takes 1/2 there, and nothing of the branch
that is not taken gets into the derivatives.

Run it: ``python examples/reprojection.py``
"""

import math

import numpy as np

import autodiff as ad
from codegen import compile_gradient, compile_graph

# The test instance of ADBench, ba/test.txt.
CAMERA = np.array(
    [1.797201, 0.590697, -0.635786, 90.859550, 29.361415, 28.777534,
     211.628116, -0.284531, -14.762924, 0.058931, 0.069976]
)  # fmt: skip
POINT = np.array([4.173048, 5.586898, 1.403869])
WEIGHT = 0.417022
FEATURE = np.array([-525.672849, 161.811929])


def rotate(r, x):
    """x rotated by the angle |r| about the axis r."""
    square = r @ r
    angle = np.sqrt(square)
    turned = square > 0.0
    c = np.where(turned, np.cos(0.5 * angle), 1.0)
    u = np.where(turned, np.sin(0.5 * angle) / angle, 0.5) * r
    t = 2.0 * np.cross(u, x)
    return x + c * t + np.cross(u, t)


def project(camera, point):
    """Image of a point."""
    y = rotate(camera[0:3], point - camera[3:6])
    p = y[0:2] / y[2]
    square = p @ p
    distortion = 1.0 + square * (camera[9] + square * camera[10])
    return camera[6] * distortion * p + camera[7:9]


def residual(camera=CAMERA, point=POINT, weight=WEIGHT, feature=FEATURE):
    """The two reprojection errors."""
    return weight * (project(camera, point) - feature)


def objective(camera=CAMERA, point=POINT, weight=WEIGHT, feature=FEATURE):
    """Half the squared reprojection error."""
    error = residual(camera, point, weight, feature)
    return 0.5 * (error @ error)


def objective_gradient(camera, point, weight, feature):
    """``objective`` and its gradient by hand: every value computed once, nothing in a loop."""
    r1, r2, r3, o1, o2, o3, f, p1, p2, k1, k2 = camera
    x1, x2, x3 = point
    m1, m2 = feature
    # The point relative to the camera, turned.
    x1, x2, x3 = x1 - o1, x2 - o2, x3 - o3
    square = r1 * r1 + r2 * r2 + r3 * r3
    if square > 0.0:
        angle = math.sqrt(square)
        c = math.cos(0.5 * angle)
        s = math.sin(0.5 * angle)
        q = s / angle
        q_slope = (0.5 * c - q) / square  # (dq / d angle) / angle
        c_slope = -0.5 * q  # (dc / d angle) / angle
    else:
        c, q, q_slope, c_slope = 1.0, 0.5, 0.0, 0.0
    u1, u2, u3 = q * r1, q * r2, q * r3
    t1 = 2.0 * (u2 * x3 - u3 * x2)
    t2 = 2.0 * (u3 * x1 - u1 * x3)
    t3 = 2.0 * (u1 * x2 - u2 * x1)
    y1 = x1 + c * t1 + (u2 * t3 - u3 * t2)
    y2 = x2 + c * t2 + (u3 * t1 - u1 * t3)
    y3 = x3 + c * t3 + (u1 * t2 - u2 * t1)
    # The image, and the errors.
    inverse = 1.0 / y3
    a1, a2 = y1 * inverse, y2 * inverse
    s2 = a1 * a1 + a2 * a2
    bent = k1 + s2 * k2
    distortion = 1.0 + s2 * bent
    scale = f * distortion
    d1 = scale * a1 + p1 - m1
    d2 = scale * a2 + p2 - m2
    e1, e2 = weight * d1, weight * d2
    value = 0.5 * (e1 * e1 + e2 * e2)
    # Backwards, in the same order.
    weight_bar = e1 * d1 + e2 * d2
    g1, g2 = weight * e1, weight * e2
    scale_bar = g1 * a1 + g2 * a2
    distortion_bar = f * scale_bar
    k2_bar = distortion_bar * s2 * s2
    s2_bar = 2.0 * distortion_bar * (bent + s2 * k2)
    a1_bar = g1 * scale + s2_bar * a1
    a2_bar = g2 * scale + s2_bar * a2
    y1_bar, y2_bar = a1_bar * inverse, a2_bar * inverse
    y3_bar = -(y1_bar * a1 + y2_bar * a2)
    # y = x + c t + u x t: t gets c y_bar + y_bar x u, u gets t x y_bar + 2 (x x t_bar).
    t1_bar = 2.0 * (c * y1_bar + (y2_bar * u3 - y3_bar * u2))
    t2_bar = 2.0 * (c * y2_bar + (y3_bar * u1 - y1_bar * u3))
    t3_bar = 2.0 * (c * y3_bar + (y1_bar * u2 - y2_bar * u1))
    x1_bar = y1_bar + (t2_bar * u3 - t3_bar * u2)
    x2_bar = y2_bar + (t3_bar * u1 - t1_bar * u3)
    x3_bar = y3_bar + (t1_bar * u2 - t2_bar * u1)
    u1_bar = (t2 * y3_bar - t3 * y2_bar) + (x2 * t3_bar - x3 * t2_bar)
    u2_bar = (t3 * y1_bar - t1 * y3_bar) + (x3 * t1_bar - x1 * t3_bar)
    u3_bar = (t1 * y2_bar - t2 * y1_bar) + (x1 * t2_bar - x2 * t1_bar)
    c_bar = y1_bar * t1 + y2_bar * t2 + y3_bar * t3
    q_bar = u1_bar * r1 + u2_bar * r2 + u3_bar * r3
    along = q_bar * q_slope + c_bar * c_slope
    camera_bar = [
        q * u1_bar + along * r1,
        q * u2_bar + along * r2,
        q * u3_bar + along * r3,
        -x1_bar, -x2_bar, -x3_bar,
        scale_bar * distortion,
        g1, g2,
        distortion_bar * s2, k2_bar,
    ]  # fmt: skip
    return value, (camera_bar, [x1_bar, x2_bar, x3_bar], weight_bar, [-g1, -g2])


def main():
    arguments = CAMERA, POINT, WEIGHT, FEATURE
    jacobian = compile_graph(ad.jacobian(ad.trace(residual), wrt=("camera", "point", "weight")))
    by_camera, by_point, by_weight = jacobian(*arguments)
    error = residual(*arguments)
    print(f"residual         {error[0]:.10f} {error[1]:.10f}")
    print(f"by rotation[0]   {by_camera[0, 0]:.10f} {by_camera[1, 0]:.10f}")
    print(f"by point[0]      {by_point[0, 0]:.10f} {by_point[1, 0]:.10f}")
    print(f"by weight        {by_weight[0]:.10f} {by_weight[1]:.10f}")

    gradient = compile_gradient(objective)
    value, (camera_bar, point_bar, weight_bar, _) = gradient(*arguments)
    print(f"objective        {value:.10f}")
    assert np.allclose(camera_bar, error @ by_camera, rtol=1e-13)
    assert np.allclose(point_bar, error @ by_point, rtol=1e-13)
    assert np.allclose(weight_bar, error @ by_weight, rtol=1e-13)

    # By hand, at this camera and at one that is not turned at all.
    upright = np.concatenate([np.zeros(3), CAMERA[3:]])
    for camera in (CAMERA, upright):
        value, bars = gradient(camera, POINT, WEIGHT, FEATURE)
        value_by_hand, bars_by_hand = objective_gradient(camera, POINT, WEIGHT, FEATURE)
        assert math.isclose(value, value_by_hand, rel_tol=1e-13)
        for bar, by_hand in zip(bars, bars_by_hand, strict=True):
            assert np.allclose(bar, by_hand, rtol=1e-11)
    print("gradient by hand: equal")


if __name__ == "__main__":
    main()
