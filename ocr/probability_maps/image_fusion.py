"""The weighted mean of what several networks predicted for one image."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.probability_maps.fusion import Space, fuse_views, normalise_weights
from ocr.probability_maps.image_map import ImageMap, check_covers_image, with_frame
from ocr.probability_maps.views import MapView


def fuse_maps(maps: Sequence[ImageMap], weights: Sequence[float], *, space: Space = "probability") -> ImageMap:
    """Weighted mean of maps of one image, of any sizes; their order does not matter.

    Args:
        maps: at least one with a weight above 0; those of weight 0 are not read.
        weights: one per map, >= 0; only their ratios count.
        space: see `fuse_views`.

    Returns:
        The map, uint16, at the size of the largest that counts, with its labels; where only one map counts, that one as
        it is.

    Raises:
        ValueError: naming the image, if the maps are of several images or sizes of it, one of them does not cover
            it, or there are more or fewer weights than maps; if a weight is negative, or all are 0.
    """
    if len(maps) != len(weights):
        raise ValueError(f"expected one weight per map, got {len(weights)} for {len(maps)}")
    fractions = normalise_weights(weights)
    used = [(one, fraction) for one, fraction in zip(maps, fractions, strict=True) if fraction > 0]
    _check_one_image([one for one, _ in used])
    if len(used) == 1:
        return used[0][0]
    record = used[0][0].record
    views = [MapView(one.probability, one.record.input_to_original, fraction) for one, fraction in used]
    fused = fuse_views(views, record.width_original, record.height_original, space=space)
    return ImageMap(with_frame(record, fused.shape[1], fused.shape[0]), fused)


def _check_one_image(maps: Sequence[ImageMap]) -> None:
    first = maps[0].record
    for one in maps:
        record = one.record
        check_covers_image(one)
        if record.filename != first.filename:
            raise ValueError(f"expected maps of one image, got {first.filename} and {record.filename}")
        if (record.width_original, record.height_original) != (first.width_original, first.height_original):
            raise ValueError(
                f"{record.filename}: expected maps of one image, got one of {first.width_original} x "
                f"{first.height_original} px and one of {record.width_original} x {record.height_original} px"
            )
