"""Text detection by differentiable binarisation (DBNet): data, models, post-processing and metrics.

`from ocr import Detector` is the way in for other people's code; importing one of the packages below does not load it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr.detection import Detector

__all__ = ["Detector"]


def __getattr__(name: str) -> object:
    if name == "Detector":
        from ocr.detection import Detector

        return Detector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
