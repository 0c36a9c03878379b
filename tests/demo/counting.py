"""A detector that takes dark for text and counts how often its network runs."""

from dataclasses import dataclass

from tests.detection.dark import DarkEngine, dark_detector


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
