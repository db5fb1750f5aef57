"""Functions of SciPy that call others for windows, lines and places; peaks; Fourier filters."""

import numpy as np
import pytest
from scipy import linalg, ndimage, signal

import dualad as da
from dualad.errors import UnsupportedParameterError
from tests.lifted import check_lifted

RNG = np.random.default_rng(27)
IMAGE = RNG.standard_normal((5, 6))
X = np.sin(np.arange(40.0) / 2.3) + 0.1 * np.cos(1.1 * np.arange(40.0))
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


def spread(window, power=2.0, offset=0.0):
    return np.sum((window - np.mean(window) + 9.0) ** power) + offset


def halved(line, out):
    out[...] = line[1:-1] / 2 + line[:-2] * line[2:]


CASES = {
    **{
        f"generic_filter, {mode}": (
            lambda x, mode=mode: ndimage.generic_filter(x, spread, 3, mode=mode, cval=0.7), IMAGE,
        )
        for mode in ("reflect", "constant", "nearest", "mirror", "wrap")
    },
    "generic_filter, footprint": (
        lambda x, p: ndimage.generic_filter(
            x, spread, footprint=CROSS, extra_arguments=(p,), extra_keywords={"offset": 0.3}
        ),
        np.abs(IMAGE) + 1.0, 2.0,
    ),
    "generic_filter, what stays constant": (
        lambda x: ndimage.generic_filter(x, lambda window: float(np.size(window)), 3) * x, IMAGE,
    ),
    "generic_filter1d": (
        lambda x: (
            ndimage.generic_filter1d(x, halved, 3),
            ndimage.generic_filter1d(x, halved, 3, axis=0, mode="constant", cval=0.4),
        ),
        IMAGE,
    ),
    "geometric_transform": (
        lambda x, by: ndimage.geometric_transform(
            x, lambda at: (at[0] * by - 0.2, at[1] + 0.1 * by), (4, 3), order=3, mode="mirror"
        ),
        IMAGE, 0.83,
    ),
    "prominences": (lambda x: signal.find_peaks(x, prominence=0.1)[1]["prominences"], X),
    "heights": (lambda x: signal.find_peaks(x, height=0.0, distance=3)[1]["peak_heights"], X),
    "widths": (lambda x: signal.peak_widths(x, signal.find_peaks(x, prominence=0.3)[0], 0.4), X),
    "czt": (lambda x, w: np.abs(signal.czt(x, 5, np.exp(-1j * w))), X[:8], 0.4),
    "zoom_fft": (lambda x, f: np.abs(signal.zoom_fft(x, [f, 0.4], 6)), X[:8], 0.1),
    "savgol_coeffs": (lambda p: signal.savgol_coeffs(5, 2, pos=p), 2.2),
    "lfiltic": (
        lambda b, a, y: signal.lfiltic(b, a, y), np.array([0.2, 0.3, 0.1]),
        np.array([1.0, -0.4, 0.2]), np.array([0.3, 0.1]),
    ),
    "fourier filters": (
        lambda x, s: np.fft.ifftn(
            ndimage.fourier_shift(ndimage.fourier_gaussian(np.fft.fftn(x), 0.4), s)
        ).real,
        IMAGE, np.array([0.4, -1.3]),
    ),
    "fourier filters of real images": (
        lambda x, s: ndimage.fourier_uniform(np.fft.rfftn(x), s, 6).real, IMAGE, 2.3,
    ),
    "ldl": (lambda a: linalg.ldl(a + a.T)[:2], IMAGE[:4, :4]),
    "funm": (lambda a: linalg.funm(a @ a.T, lambda w: 1 / (1 + w * w)), IMAGE[:3, :3]),
    "three diagonals": (
        lambda a, b: linalg.solve(a, b, assume_a="tridiagonal"),
        np.diag([2.0, 3, 2]) + np.diag([0.4, 0.3], 1) + np.diag([0.1, 0.2], -1), IMAGE[:3, 0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_windows_lines_places_and_peaks(name):
    fn, *args = CASES[name]
    if name == "three diagonals" and "tridiagonal" not in (linalg.solve.__doc__ or ""):
        pytest.skip("SciPy does not know the structure")
    check_lifted(fn, *args)


def test_second_derivatives():
    peaks = signal.find_peaks(X, prominence=0.3)[0]
    check_lifted(lambda x: ndimage.generic_filter(x, spread, 3), IMAGE, order=2)
    check_lifted(lambda x: signal.peak_widths(x, peaks, 0.4)[0], X, order=2)


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: ndimage.generic_filter(x, np.sum, 3, output=np.float64),
        lambda x: ndimage.fourier_gaussian(x * 1j, 1.0, output=np.complex128).imag,
        lambda x: linalg.ldl(x[:4, :4] * (1 + 1j), hermitian=False)[0].real,
    ],
)
def test_what_has_no_rule_raises(fn):
    fn(IMAGE)
    with pytest.raises(UnsupportedParameterError):
        da.grad(da.lift(fn))(IMAGE)
