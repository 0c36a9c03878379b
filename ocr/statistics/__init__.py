"""How sure a score is: resampled, or of choices that were made without the images that they are scored on."""

from ocr.statistics.bootstrap import PairedGain, paired_bootstrap
from ocr.statistics.cross_fitting import Images, Scores, Track, check_halves, cross_fit, silent

__all__ = ["Images", "PairedGain", "Scores", "Track", "check_halves", "cross_fit", "paired_bootstrap", "silent"]
