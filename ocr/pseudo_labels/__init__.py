"""Soft maps of an ensemble as labels of images that nobody has labelled."""

from ocr.pseudo_labels.cached_teacher import CachedTeacher, build_pseudo_split

__all__ = ["CachedTeacher", "build_pseudo_split"]
