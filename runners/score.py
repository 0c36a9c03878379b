"""Score any prediction file against any labels: `python runners/score.py predictions=… annotations=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("score")  # before torch is imported

import json
from pathlib import Path

from omegaconf import DictConfig

from baseline_code.files.atomic import write_text_atomic
from ocr.annotations.reading import read_annotations
from ocr.datasets.word_counts import check_scorable
from ocr.submission import read_predictions
from ocr.submission.scoring import check_coverage, score_predictions
from ocr.visualization.scores import print_scores


@entry_point("score")
def main(config: DictConfig) -> None:
    """Scores, prints the result and the worst images, and writes them where `output` says."""
    annotations, predictions = read_annotations(config.annotations), read_predictions(config.predictions)
    check_scorable(annotations.values(), config.annotations)
    check_coverage(annotations, predictions)
    result = score_predictions(annotations, predictions)
    print_scores(result, worst=config.worst)
    if config.output is not None:
        write_text_atomic(Path(config.output), json.dumps(result.to_dict(), indent=2) + "\n")


if __name__ == "__main__":
    main()
