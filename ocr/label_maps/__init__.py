"""Polygons to the training maps of DBNet."""
