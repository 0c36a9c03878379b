"""Detectors of this project and of others in processes of their own, for `benchmarks/predict.py`."""
