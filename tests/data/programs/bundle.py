"""computer vision: bundle. Seen in: SciPy cookbook bundle adjustment."""
import numpy as np
META = dict(field='computer vision', idioms=['np.linalg.norm axis', 'nan_to_num', 'errstate', 'np.cross', 'integer index arrays', '[:', 'np.newaxis]'], sizes=(50, 500, 5000))
def rotate(points, rot):
    angle = np.linalg.norm(rot, axis=1)[:, np.newaxis]
    axis = np.nan_to_num(rot/angle)
    along = np.sum(points*axis, axis=1)[:, np.newaxis]*axis
    return along + np.cos(angle)*(points - along) + np.sin(angle)*np.cross(axis, points)

def f(p, cam, pt, obs):
    C = p[:NC*9].reshape((NC, 9))[cam]; X = p[NC*9:].reshape((-1, 3))[pt]
    q = rotate(X, C[:, :3]) + C[:, 3:6]
    q = -q[:, :2]/q[:, 2, np.newaxis]
    n = np.sum(q**2, axis=1)
    r = 1 + C[:, 7]*n + C[:, 8]*n**2
    proj = q*(r*C[:, 6])[:, np.newaxis]
    return 0.5*np.sum((proj - obs)**2)

NC = 5
def examples(n=500):
    import numpy
    r = numpy.random.default_rng(0); npt = max(10, n//10)
    cams = numpy.column_stack([r.normal(size=(NC, 3))*0.1, r.normal(size=(NC, 3))*0.1, numpy.full(NC, 500.0), r.normal(size=(NC, 2))*1e-3])
    pts = r.normal(size=(npt, 3)) + numpy.array([0, 0, -5.0])
    return numpy.concatenate([cams.ravel(), pts.ravel()]), r.integers(0, NC, n), r.integers(0, npt, n), r.normal(size=(n, 2))*50
