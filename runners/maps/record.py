"""A prediction folder's row in the ledger of submissions."""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig

from ocr.experiments.recording import record_submission
from ocr.transforms.tta_views import TTAViews
from runners.cli.settings import plain, without_nulls
from runners.maps.validated_scores import validated_scores
from runners.wiring.trainers import git_commit


def record_prediction(folder: Path, config: DictConfig, settings: DictConfig, views: TTAViews) -> None:
    """Notes how a checkpoint's submission was made, with its validation scores where they are those of its settings.

    Args:
        folder: of the predictions.
        config: of `predict`: what was typed.
        settings: the checkpoint's, with what was typed.
        views: how the images were seen.
    """
    sizes = {settings.datasets[name].img_size for name in ("val", "test")}
    as_trained = views.is_plain and len(sizes) == 1 and not _typed_changes(config)
    record_submission(
        folder,
        checkpoints=[Path(config.checkpoint_path)],
        settings={
            "models": {"head": plain(settings.models.head, resolve=True)},
            "img_size": views.base.img_size,
            "padding": views.base.padding,
            "tta": {} if views.is_plain else views.settings,
            "calibration": config.calibration,
        },
        validation=validated_scores(config.checkpoint_path) if as_trained else None,
        commit=git_commit(),
        ledger=None if config.ledger is None else Path(config.ledger),
    )


def _typed_changes(config: DictConfig) -> bool:
    """Whether anything was typed by which a detector's scores may differ from those of its training's validation."""
    sizes = {name: config.datasets[name].img_size for name in ("val", "test")}
    typed = {"head": plain(config.models.head), "padding": config.datasets.padding, "calibration": config.calibration}
    return bool(without_nulls(typed | sizes))
