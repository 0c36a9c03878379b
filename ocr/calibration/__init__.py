"""Post-processing settings found on probability maps that were computed once."""

from ocr.calibration.grid import GridScores, LabelledMap, score_grid

__all__ = ["GridScores", "LabelledMap", "score_grid"]
