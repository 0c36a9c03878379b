"""The weighted mean of what several networks predicted for one picture."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.probability_maps.fusion import Space, fuse_views, normalise_weights
from ocr.probability_maps.image_map import PictureMap, check_covers_picture, with_frame
from ocr.probability_maps.views import MapView


def fuse_maps(maps: Sequence[PictureMap], weights: Sequence[float], *, space: Space = "probability") -> PictureMap:
    """Weighted mean of maps of one picture, of any sizes; their order does not matter.

    Args:
        maps: at least one with a weight above 0; those of weight 0 are not read.
        weights: one per map, >= 0; only their ratios count.
        space: see `fuse_views`.

    Returns:
        The map, uint16, at the size of the largest that counts, with its labels; where only one map counts, that one as
        it is.

    Raises:
        ValueError: naming the picture, if the maps are of several pictures or sizes of it, one of them does not cover
            it, or there are more or fewer weights than maps; if a weight is negative, or all are 0.
    """
    if len(maps) != len(weights):
        raise ValueError(f"expected one weight per map, got {len(weights)} for {len(maps)}")
    shares = normalise_weights(weights)
    used = [(one, share) for one, share in zip(maps, shares, strict=True) if share > 0]
    _check_one_picture([one for one, _ in used])
    if len(used) == 1:
        return used[0][0]
    record = used[0][0].record
    views = [MapView(one.probability, one.record.input_to_original, share) for one, share in used]
    fused = fuse_views(views, record.width_original, record.height_original, space=space)
    return PictureMap(with_frame(record, fused.shape[1], fused.shape[0]), fused)


def _check_one_picture(maps: Sequence[PictureMap]) -> None:
    first = maps[0].record
    for one in maps:
        record = one.record
        check_covers_picture(one)
        if record.filename != first.filename:
            raise ValueError(f"expected maps of one picture, got {first.filename} and {record.filename}")
        if (record.width_original, record.height_original) != (first.width_original, first.height_original):
            raise ValueError(
                f"{record.filename}: expected maps of one picture, got one of {first.width_original} x "
                f"{first.height_original} px and one of {record.width_original} x {record.height_original} px"
            )
