"""Whether the splits of a data set are of one kind: validation promises nothing about a test of another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from scipy.stats import ks_2samp

from ocr.annotations.faults import Fault, Place
from ocr.data_report.findings import Finding
from ocr.data_report.word_shapes import WordShapes
from ocr.geometry.packed import FloatArray

LEAST_DISTANCE = 0.35
"""Of two distributions, by Kolmogorov and Smirnov: the largest difference of their cumulative fractions."""
OTHER_UNIT = 0.25
"""Where the fractions of texts with a space differ by so much, one split is labelled by words, the other by phrases."""
CONFIDENCE = 0.001
"""So rarely two splits of one kind are that far apart."""


def find_differences(shapes: Mapping[str, WordShapes], reference: str, beside: Collection[str] = ()) -> list[Finding]:
    """Compares images and words of each split with those of one.

    Args:
        shapes: of each split, by its name.
        reference: the name of the split to compare with, the training's.
        beside: splits that are trained on with it: they may show anything, but are to be labelled alike.
    """
    traits = {name: _traits(one) for name, one in shapes.items() if name not in beside}
    findings = []
    for name, shape in shapes.items():
        faults = [
            Fault(Place(None), f"{trait}: {np.median(own):.4g} (median), in {reference} {np.median(other):.4g}")
            for trait, own in traits.get(name, {}).items()
            if name != reference and _differ(own, other := traits[reference][trait])
        ]
        own_unit, unit = shape.phrase_fraction, shapes[reference].phrase_fraction
        if own_unit is not None and unit is not None and abs(own_unit - unit) >= OTHER_UNIT:
            faults.append(
                Fault(Place(None), f"texts with a space: {own_unit:.0%}, in {reference} {unit:.0%}: words or phrases?")
            )
        findings.append(Finding("different", name, faults))
    return findings


def _differ(own: FloatArray, other: FloatArray) -> bool:
    if min(len(own), len(other)) == 0:
        return False
    result = ks_2samp(own, other)
    return bool(result.statistic >= LEAST_DISTANCE and result.pvalue < CONFIDENCE)


def _traits(shapes: WordShapes) -> dict[str, FloatArray]:
    """One value for each image that has words; those without may be a test's, whose labels are kept back."""
    has_words = shapes.words > 0
    width, height = shapes.image_sizes[has_words].astype(np.float64).T
    return {
        "words in an image": shapes.words[has_words].astype(np.float64),
        "height of the words, in % of the image's long side": 100 * shapes.heights_by_image()[has_words],
        "long side of the image, px": np.maximum(width, height),
        "width / height of the image": width / height,
    }
