"""Generators of data: receipts with word polygons, CT slices of battery cells."""
