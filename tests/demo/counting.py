"""A detector that takes dark for text and counts how often its network runs."""

from dataclasses import dataclass

from tests.detection.dark import DarkEngine, dark_detector, page

PAGE = page((8, 40, 40, 52, 0), (10, 8, 30, 20, 51))  # a darkness of 1 and of 0.8


class CountingEngine(DarkEngine):
    def __init__(self):
        self.passes = 0

    def __call__(self, images):
        self.passes += 1
        return super().__call__(images)


@dataclass(frozen=True)
class Counted:
    engine: CountingEngine
    detector: object


def counted():
    detector, engine = dark_detector(), CountingEngine()
    return Counted(engine, type(detector)(engine, detector.metadata))
