"""3x3 matrices between image frames."""

import math

import numpy as np
import numpy.typing as npt

from ocr.geometry.polygons import Polygon

Matrix = npt.NDArray[np.float64]
"""(3, 3); maps homogeneous columns (x, y, 1) of continuous pixel coordinates. `b @ a` applies a first."""


def transform_polygon(polygon: npt.ArrayLike, matrix: Matrix) -> Polygon:
    """Map the vertices of a polygon, or of several at once, into another frame.

    Args:
        polygon: (K, 2) vertices in the source frame, px; K may be 0.
        matrix: (3, 3) source to target; a projective last row is honoured.

    Returns:
        (K, 2) float32 in the target frame, in the same order (a flip therefore reverses the winding).

    Raises:
        ValueError: if the matrix is not (3, 3) or the polygon is not (K, 2).
    """
    points = np.asarray(polygon, dtype=np.float64)
    transform = np.asarray(matrix, dtype=np.float64)
    if transform.shape != (3, 3):
        raise ValueError(f"expected a (3, 3) matrix, got {transform.shape}: add the row (0, 0, 1) to a (2, 3) one")
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"expected a polygon of shape (K, 2), got {points.shape}")
    mapped = points @ transform[:2, :2].T + transform[:2, 2]
    if transform[2, 0] != 0.0 or transform[2, 1] != 0.0 or transform[2, 2] != 1.0:
        mapped /= (points @ transform[2, :2] + transform[2, 2])[:, None]
    return mapped.astype(np.float32)


def translation(dx: float, dy: float) -> Matrix:
    """Shift by (dx, dy) px: right and down where positive."""
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def scaling(scale_x: float, scale_y: float | None = None) -> Matrix:
    """Scale about the image's top-left corner, x -> scale_x * x exactly; `scale_y` defaults to `scale_x`."""
    vertical = scale_x if scale_y is None else scale_y
    return np.array([[scale_x, 0.0, 0.0], [0.0, vertical, 0.0], [0.0, 0.0, 1.0]])


def rotation(degrees: float, center_x: float = 0.0, center_y: float = 0.0) -> Matrix:
    """Rotate clockwise on screen (y down) by `degrees` about (center_x, center_y), px."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    matrix: Matrix = translation(center_x, center_y) @ turn @ translation(-center_x, -center_y)
    return matrix


def flip_horizontal(width: float) -> Matrix:
    """Mirror left and right within an image `width` px wide: x -> width - x."""
    return np.array([[-1.0, 0.0, width], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def to_opencv(matrix: Matrix) -> Matrix:
    """The (2, 3) matrix that makes `cv2.warpAffine` do what `matrix` means.

    OpenCV puts the centre of pixel (i, j) on (i, j), here it lies on (i + 0.5, j + 0.5): the half pixel is added
    before the transform and taken off after it.

    Args:
        matrix: (3, 3) affine, source to target, continuous coordinates.

    Returns:
        (2, 3) float64, source to target, for `cv2.warpAffine` without `WARP_INVERSE_MAP`.

    Raises:
        ValueError: if the matrix is projective (its last row is not 0, 0, 1).
    """
    if not np.array_equal(matrix[2], [0.0, 0.0, 1.0]):
        raise ValueError(f"expected an affine matrix with last row (0, 0, 1), got {matrix[2].tolist()}")
    shifted: Matrix = translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)
    return np.ascontiguousarray(shifted[:2])
