"""Which size and preset a data set asks for."""

from __future__ import annotations

from typing import NamedTuple

from ocr.data_report.word_shapes import WordShapes
from ocr.transforms.geometric import Letterbox

SIZES = (480, 640, 800, 960, 1024, 1280, 1600, 2048)
"""Values of `img_size` that are compared, px."""
TOLERATED = 0.05
"""Fraction of words that may be under 8 px."""
SLANTED = 0.2
"""Fraction of slanted words from which on images are photographs of scenes rather than of documents."""
MANY_IMAGES = 2000
"""With 400, a detector that starts from a trained one is better, and done in minutes; more were not compared."""

FINETUNED_AT, FINETUNED_SCALE = 960, (1.3, 2.4)
"""`datasets.img_size` and `datasets.train.scale` of `ppocrv6_finetune`, which trains on words as large as it reads."""


class SizeAdvice(NamedTuple):
    """A size, and what is under 8 px at it and at others."""

    img_size: int  # px
    small_fractions: dict[int, float]  # of the words, by size


def advise_size(shapes: WordShapes, letterbox: Letterbox) -> SizeAdvice:
    """The smallest of `SIZES` at which at most 5 % of the words are under 8 px; the largest where none is enough.

    Args:
        shapes: of the words.
        letterbox: which side of an image the size is.
    """
    fractions = {size: shapes.small_fraction(letterbox.at(size)) for size in SIZES}
    enough = [size for size, fraction in fractions.items() if fraction <= TOLERATED]
    return SizeAdvice(enough[0] if enough else SIZES[-1], fractions)


def advise_preset(shapes: WordShapes, img_size: int, *, accelerator: bool) -> str:
    """What to type, without the root.

    Args:
        shapes: of the images to train on.
        img_size: long side, px.
        accelerator: whether there is one.
    """
    if shapes.slanted_fraction() > SLANTED:
        return "preset=ppocrv6_scene"
    if accelerator and len(shapes.words) >= MANY_IMAGES:
        return f"preset=resnet50_unet_1024 datasets.img_size={img_size}"
    finetuning = "preset=ppocrv6_finetune models.weights=receipt_light"
    if img_size <= FINETUNED_AT:  # less would be faster, but a start reads best at the size that it learnt
        return finetuning
    low, high = (factor * img_size / FINETUNED_AT for factor in FINETUNED_SCALE)
    return f"{finetuning} datasets.img_size={img_size} datasets.train.scale=[{low:.2f},{high:.2f}]"
