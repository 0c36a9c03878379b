"""Generated CT-like slices of battery cells, with and without defects."""

from baseline_code.slices.dataset import write_slices
from baseline_code.slices.plan import SlicesPlan
from baseline_code.slices.render import GeneratedSlice, generate_slice

__all__ = ["GeneratedSlice", "SlicesPlan", "generate_slice", "write_slices"]
