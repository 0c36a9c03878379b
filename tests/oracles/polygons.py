"""Made-up words: upright, tilted and bent polygons, and how well polygons overlap."""

import numpy as np
import shapely


def box(left, top, right, bottom):
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def tilted_box(center_x, center_y, width, height, degrees):
    radians = np.radians(degrees)
    along = np.array([np.cos(radians), np.sin(radians)]) * width / 2
    across = np.array([-np.sin(radians), np.cos(radians)]) * height / 2
    corners = [-along - across, along - across, along + across, -along + across]
    return (np.array(corners) + np.array([center_x, center_y])).astype(np.float32)


def bent_line(center_x, center_y, width, height, sagitta, points=14):
    x = np.linspace(-1.0, 1.0, points // 2)
    middle = np.stack([center_x + x * width / 2, center_y + sagitta * (x**2 - 0.5)], axis=1)
    half = np.array([0, height / 2])
    return np.concatenate([middle - half, middle[::-1] + half]).astype(np.float32)


def iou(one, other):
    first, second = shapely.make_valid(shapely.Polygon(one)), shapely.make_valid(shapely.Polygon(other))
    return first.intersection(second).area / first.union(second).area


def mean_best_iou(labels, found):
    return float(np.mean([max((iou(label, polygon) for polygon in found), default=0.0) for label in labels]))
