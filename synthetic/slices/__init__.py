"""Generated CT-like slices of battery cells, with and without defects."""

from synthetic.slices.dataset import SlicesPlan, write_slices
from synthetic.slices.render import GeneratedSlice, generate_slice

__all__ = ["GeneratedSlice", "SlicesPlan", "generate_slice", "write_slices"]
