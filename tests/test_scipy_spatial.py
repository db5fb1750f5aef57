"""Rotations, trees of points and clusters, lifted."""

import numpy as np
import pytest
import scipy
from scipy import spatial
from scipy.cluster import vq
from scipy.spatial.transform import Rotation, RotationSpline, Slerp

import dualad as da
from dualad.errors import MissingRowError, SingularDerivativeError, UnsupportedParameterError
from tests.lifted import check_lifted

OLD = tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 17)
ROTATIONS = pytest.mark.skipif(OLD, reason="SciPy has rotations in compiled code alone")
RNG = np.random.default_rng(23)
V = np.array([0.3, -0.4, 0.6])
QUAT = np.array([0.1, 0.5, -0.3, 0.8])
POINTS, OTHERS = RNG.random((6, 3)), RNG.random((4, 3))
AXES = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
FIXED = Rotation.from_rotvec([0.1, 0.2, 0.3])


def vec(r):
    return Rotation.from_rotvec(r)


BETWEEN = Slerp([0, 1, 2], vec(POINTS[:3]))
CASES = {
    "from_euler": (lambda e: Rotation.from_euler("xyz", e).as_matrix(), V),
    "from_euler, own axes": (
        lambda e: Rotation.from_euler("ZYX", e, degrees=True).as_quat(), 30 * V,
    ),
    "from_euler, one": (lambda e: Rotation.from_euler("z", e).apply(V), 0.3),
    "from_rotvec": (lambda r: vec(r).as_rotvec(degrees=True), V),
    "from_rotvec, far": (lambda r: vec(r).as_matrix(), 5 * V),
    "from_rotvec, zero": (lambda r: (vec(r).as_matrix(), vec(r).as_rotvec()), 0 * V),
    "from_rotvec, small": (lambda r: (vec(r).as_quat(), vec(r).as_rotvec()), 3e-4 * V),
    "from_quat": (lambda q: (Rotation.from_quat(q).as_matrix(), Rotation.from_quat(q).as_quat()),
                  QUAT),
    "from_quat, canonical": (lambda q: Rotation.from_quat(q).as_quat(canonical=True), -QUAT),
    "from_quat, beyond half a turn": (lambda q: Rotation.from_quat(q).as_rotvec(), -QUAT),
    "from_matrix": (lambda m: Rotation.from_matrix(m).as_quat(), FIXED.as_matrix()),
    "from_matrix, nearest": (
        lambda m: Rotation.from_matrix(m).as_quat(), FIXED.as_matrix() + 0.1 * POINTS[:3],
    ),
    "from_mrp": (lambda m: (Rotation.from_mrp(m).as_matrix(), Rotation.from_mrp(m).as_mrp()), V),
    "as_euler": (lambda r: (vec(r).as_euler("zyx"), vec(r).as_euler("ZXZ", degrees=True)), V),
    "davenport": (
        lambda r: Rotation.from_davenport(AXES, "intrinsic", r).as_davenport(AXES, "extrinsic"), V,
    ),
    "apply": (lambda r, p: (vec(r).apply(p), vec(r).apply(p, inverse=True)), V, POINTS),
    "products": (lambda r, s: (vec(r) * vec(s)).as_rotvec(), V, V[::-1].copy()),
    "powers": (lambda r, n: ((vec(r) ** n).as_matrix(), vec(r).inv().as_quat()), V, 1.7),
    "magnitude": (lambda r: vec(r).magnitude(), POINTS),
    "mean": (lambda r, w: vec(r).mean(w).as_quat(), POINTS, RNG.random(6) + 0.1),
    "parts": (
        lambda r, s: (vec(r)[1].as_matrix(), Rotation.concatenate([vec(r), vec(s)]).as_quat()),
        POINTS, V,
    ),
    "align_vectors": (
        lambda a, b, w: (
            Rotation.align_vectors(a, b, weights=w)[0].as_matrix(),
            Rotation.align_vectors(a, b, weights=w)[1],
        ),
        POINTS, FIXED.apply(POINTS) + 0.1 * RNG.random((6, 3)), RNG.random(6) + 0.5,
    ),
    "of plain ones": (lambda p, r: (FIXED.apply(p), (FIXED * vec(r)).as_matrix()), POINTS, V),
    "Slerp": (lambda r, t: Slerp([0, 1, 2], vec(r))(t).as_matrix(), POINTS[:3],
              np.array([0.3, 1.2])),
    "Slerp of plain ones": (
        lambda t: BETWEEN(t).as_matrix(), np.array([0.3, 1.2]),
    ),
    "RotationSpline": (
        lambda r, t: RotationSpline([0, 1, 2], vec(r))(t).as_matrix(), POINTS[:3], 0.3,
    ),
}  # fmt: skip


@ROTATIONS
@pytest.mark.parametrize("name", CASES)
def test_rotations(name):
    fn, *args = CASES[name]
    check_lifted(fn, *args)


@ROTATIONS
@pytest.mark.parametrize("at", [V, 0 * V, 1e-4 * V])
def test_second_derivatives_of_rotations_where_angles_have_kinks(at):
    """To second order, a rotation is ``1 + K + K K / 2``, with the cross product's matrix ``K``."""
    check_lifted(lambda r: (vec(r).as_matrix(), (vec(r) * FIXED).as_rotvec()), at, order=2)
    i, j = 0, 1
    second = da.hessian(da.lift(lambda r: vec(r).as_matrix()[i, j] + vec(r).as_matrix()[i, i]))
    if not at.any():
        expected = np.zeros((3, 3))
        expected[i, j] = expected[j, i] = 0.5
        expected[1, 1] = expected[2, 2] = -1.0
        np.testing.assert_allclose(second(at), expected, atol=1e-12)


@ROTATIONS
def test_rigid_transformations():
    transform = spatial.transform.RigidTransform

    def fn(r, t, p):
        made = transform.from_components(t, vec(r))
        return made.apply(p), (made * made.inv()).as_matrix(), made.as_exp_coords()

    check_lifted(fn, V, V + 1.0, POINTS)
    check_lifted(lambda x: transform.from_exp_coords(x).as_matrix(), np.arange(6) / 7.0)


@ROTATIONS
def test_what_rotations_do_not_tell_raises():
    locked = da.lift(lambda e: Rotation.from_euler("xyz", e).as_euler("xyz").sum())
    with pytest.raises(SingularDerivativeError, match="gimbal"):
        da.grad(locked)(np.array([0.1, np.pi / 2, 0.2]))
    with pytest.raises(UnsupportedParameterError, match="reduce"):
        da.grad(da.lift(lambda r: vec(r).reduce(Rotation.identity(1)).as_quat().sum()))(V)


@pytest.mark.parametrize("tree", [spatial.KDTree, spatial.cKDTree])
def test_distances_to_the_nearest_points(tree):
    for how in ({}, {"k": 2}, {"k": [2, 3], "p": 1}, {"p": np.inf}):
        check_lifted(lambda x, data, how=how: tree(data).query(x, **how)[0], POINTS, OTHERS)
    check_lifted(lambda x: tree(OTHERS).query(x)[0], POINTS[0])
    check_lifted(lambda x: x[tree(x).query_ball_point(x[0], 0.6)].sum(), POINTS)


def test_points_that_are_not_there_are_infinitely_far():
    def fn(x):
        return np.minimum(spatial.KDTree(OTHERS).query(x, k=6)[0], 9.0)

    check_lifted(fn, POINTS)


def test_trees_of_plain_points_stay_what_they_are():
    tree = spatial.KDTree(OTHERS)
    check_lifted(lambda x: tree.query(x)[0], POINTS)
    with pytest.raises(MissingRowError, match="sparse_distance_matrix"):
        da.grad(
            da.lift(lambda x: spatial.KDTree(x).sparse_distance_matrix(tree, 1.0).toarray().sum())
        )(POINTS)


def test_clusters():
    check_lifted(lambda x, codes: vq.vq(x, codes)[1], POINTS, OTHERS)
    check_lifted(lambda x: vq.kmeans2(x, x[:2], minit="matrix")[0], POINTS)
    check_lifted(lambda x: vq.kmeans(x, x[:2]), POINTS)
    check_lifted(vq.whiten, POINTS)
