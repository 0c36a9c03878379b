"""Generators of data: receipts and scenes with word polygons, CT slices of battery cells."""
