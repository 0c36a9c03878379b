"""For people: polygons drawn on images, scores as tables."""

from ocr.visualization.overlays import draw_polygons, write_overlays
from ocr.visualization.scores import print_scores

__all__ = ["draw_polygons", "print_scores", "write_overlays"]
