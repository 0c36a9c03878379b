"""What a checkpoint was trained on, so that nothing is tuned or scored on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from omegaconf import DictConfig

from ocr.annotations.leaks import LeakError, check_no_leak
from runners.wiring.detector import build_datamodule


def training_files(config: DictConfig) -> list[Path]:
    """The images that a detector learnt from: its training split or all folds but its own, and its teacher's.

    Args:
        config: a checkpoint's settings, as `load_module` returns them.

    Raises:
        ocr.annotations.faults.AnnotationError: if that part of the data is not there any more.
        ocr.annotations.fold_split.FoldSplitError: if its split file is not there any more, or does not fit the data.
        ocr.probability_maps.CacheError: if its teacher's maps or images are not there any more.
    """
    return build_datamodule(config).training_paths


def check_not_trained_on(config: DictConfig, images: Iterable[Path]) -> None:
    """Refuses images that a detector has learnt from.

    Args:
        config: its settings, as `load_module` returns them.
        images: labelled images to choose settings or weights on.

    Raises:
        LeakError: naming them; also where it cannot be known, because the training data are not there.
    """
    way_on = "allow_leak=true does it all the same"
    try:
        trained = training_files(config)
    except (ValueError, OSError) as error:
        raise LeakError(
            f"expected to know what the checkpoint was trained on (datasets.root={config.datasets.root}), got: "
            f"{error}; {way_on}"
        ) from error
    check_no_leak(
        trained,
        images,
        expected="images that the checkpoint was not trained on",
        relation="trained on",
        way_on=f"take another part, or out-of-fold maps of runners/kfold.py ({way_on})",
    )
