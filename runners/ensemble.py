"""Several models as one: `python runners/ensemble.py members=[a.ckpt,b.ckpt]`, or `members=[a.csv,b.csv] vote=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("ensemble")  # before torch is imported

import logging
import sys
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig

from ocr.metrics import EvaluationResult
from ocr.submission import PredictedImage, record_submission
from ocr.submission.prediction_folder import claimed_folder
from ocr.submission.scoring import score_predictions
from ocr.visualization import print_scores
from runners.ensembling.caches import member_settings
from runners.ensembling.labels import Labels, read_labels
from runners.ensembling.maps import fuse_members
from runners.ensembling.members import read_members
from runners.ensembling.run import EnsembleRun
from runners.ensembling.votes import vote_on_members
from runners.predict import EXIT_UNREADABLE
from runners.wiring.trainers import git_commit

log = logging.getLogger(__name__)


@entry_point("ensemble")
def main(config: DictConfig) -> None:
    """Fuses or votes, writes as predict does, scores where there are labels; status 3 where a file was unreadable."""
    members = read_members(config)
    if config.images is None and any(member.kind == "checkpoint" for member in members):
        config.images = "test"
    settings = member_settings(members[0])
    labels = read_labels(config.annotations, config.images, Path(settings.datasets.root))
    default = f"submissions/{datetime.now():%Y-%m-%d_%H-%M-%S}"
    with claimed_folder(config.output, default, overwrite=config.overwrite) as output:
        if members[0].kind == "predictions":
            run = vote_on_members(config, members, output, Path(settings.datasets.root), labels)
        else:
            run = fuse_members(config, members, output, settings, labels)
        scores = _score(run, labels, config.worst)
        record_submission(
            output,
            checkpoints=[member.path for member in members],
            settings=run.settings,
            validation=scores.cleval._asdict() if scores else None,
            commit=git_commit(),
            ledger=None if config.ledger is None else Path(config.ledger),
        )
        log.info("%d images, %d unreadable; predictions lie in %s", len(run.detections), len(run.unreadable), output)
        if run.unreadable:
            sys.exit(EXIT_UNREADABLE)


def _score(run: EnsembleRun, labels: Labels | None, worst: int) -> EvaluationResult | None:
    """Scores and prints, where there are labels."""
    if labels is None:
        return None
    predictions = {name: PredictedImage(found.polygons, found.scores) for name, found in run.detections.items()}
    result = score_predictions(labels.annotations, predictions)
    print_scores(result, worst=worst)
    return result


if __name__ == "__main__":
    main()
