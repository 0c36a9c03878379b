"""A page that shows what a detector found, image by image, and why its score is what it is."""

from ocr.report.report import Report, ReportedRun

__all__ = ["Report", "ReportedRun"]
