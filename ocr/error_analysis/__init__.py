"""Why a score is what it is: the kind of each error, where errors are, and what each kind costs."""

from ocr.error_analysis.analysis import ErrorAnalysis, analyse_errors
from ocr.error_analysis.kinds import FALSE_KINDS, KINDS, MISSED_KINDS, ImageErrors, Kind, find_errors

__all__ = [
    "FALSE_KINDS",
    "KINDS",
    "MISSED_KINDS",
    "ErrorAnalysis",
    "ImageErrors",
    "Kind",
    "analyse_errors",
    "find_errors",
]
