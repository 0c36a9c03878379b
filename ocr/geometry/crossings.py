"""Whether, and how often, a polygon crosses itself."""

from ocr.geometry.compiled import compiled
from ocr.geometry.measures import turn
from ocr.geometry.packed import FloatArray

MAX_CROSSINGS = 500
"""A polygon whose edges cross more often is not taken apart: it would take minutes."""


@compiled
def crosses_itself(vertices: FloatArray) -> bool:
    """Whether two edges of (K, 2) vertices cross in their interiors, as in a bow tie; touching is not crossing."""
    return is_tangled(vertices, 0)


@compiled
def is_tangled(vertices: FloatArray, most: int) -> bool:
    """Whether more than `most` pairs of edges of (K, 2) vertices cross in their interiors."""
    count, crossings = len(vertices), 0
    for i in range(count):
        ax, ay = vertices[i]
        bx, by = vertices[(i + 1) % count]
        left, right, top, bottom = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        for j in range(i + 2, count):
            cx, cy = vertices[j]
            dx, dy = vertices[(j + 1) % count]
            if max(cx, dx) < left or min(cx, dx) > right or max(cy, dy) < top or min(cy, dy) > bottom:
                continue
            if (
                turn(ax, ay, bx, by, cx, cy) * turn(ax, ay, bx, by, dx, dy) < 0.0
                and turn(cx, cy, dx, dy, ax, ay) * turn(cx, cy, dx, dy, bx, by) < 0.0
            ):
                crossings += 1
                if crossings > most:
                    return True
    return False
