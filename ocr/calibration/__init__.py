"""Post-processing settings found on probability maps that were computed once."""

from ocr.calibration.calibrate import Calibrated, calibrate
from ocr.calibration.calibration_file import Calibration, CalibrationError, read_calibration, write_calibration
from ocr.calibration.grid import GridScores, score_grid
from ocr.calibration.space import Axis, read_axes

__all__ = [
    "Axis",
    "Calibrated",
    "Calibration",
    "CalibrationError",
    "GridScores",
    "calibrate",
    "read_axes",
    "read_calibration",
    "score_grid",
    "write_calibration",
]
