"""How sure a score is: resampled, or of choices that were made without the images that they are scored on."""

from ocr.statistics.bootstrap import PairedGain, paired_bootstrap
from ocr.statistics.cross_fitting import Images, Scores, check_halves, cross_fit

__all__ = ["Images", "PairedGain", "Scores", "check_halves", "cross_fit", "paired_bootstrap"]
