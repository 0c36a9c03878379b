"""Geometric transforms of images and polygons, and pixel augmentation."""
