"""Score any prediction file against any labels: `python runners/score.py predictions=… annotations=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("score")  # before torch is imported

from pathlib import Path

from baseline_code.files.claims import refuse_overwrite
from baseline_code.files.names import rename_like
from ocr.annotations.reading import read_annotations
from ocr.datasets.word_counts import check_scorable
from ocr.submission import read_predictions
from ocr.submission.prediction_folder import PREDICTIONS, file_of
from ocr.submission.scoring import check_coverage, score_predictions
from runners.wiring.scored import explain_scores


@entry_point("score")
def main(predictions: str, annotations: str, worst: int, output: str | None, overwrite: bool) -> None:
    """Scores, prints the result, the worst images and the kinds of error, and writes them where `output` says."""
    found_in = file_of(predictions, PREDICTIONS)
    if output is not None:
        read = {"predictions=": found_in, "annotations=": Path(annotations)}
        refuse_overwrite(Path(output), overwrite=overwrite, read=read)
    labels = read_annotations(annotations, confidences="refuse")
    predicted = read_predictions(found_in)
    check_scorable(labels.values(), annotations)
    check_coverage(labels, predicted)
    scores = score_predictions(labels, predicted)
    found = {name: image.polygons for name, image in rename_like(predicted, labels).items()}
    explain_scores(list(labels.values()), found, scores, worst=worst, output=output)


if __name__ == "__main__":
    main()
