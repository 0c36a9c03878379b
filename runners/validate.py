"""Check a CSV before it is submitted: `python runners/validate.py submission=… annotations=…`."""

from __future__ import annotations

from runners.cli.entry import check_command, entry_point

if __name__ == "__main__":
    check_command("validate")  # before torch is imported

import logging
import sys
from pathlib import Path

from ocr.annotations.labelled_sizes import known_sizes
from ocr.annotations.reading import read_annotations
from ocr.submission import read_submission, validate_submission
from ocr.submission.prediction_folder import SUBMISSION, file_of
from ocr.submission.validation import find_oddities
from runners.cli.exit_status import EXIT_FAILED

log = logging.getLogger(__name__)


@entry_point("validate")
def main(submission: str, annotations: str) -> None:
    """Names every fault; exits with status 1 where there is one."""
    labels = read_annotations(annotations, confidences="refuse")
    sizes = known_sizes(labels, Path(annotations))
    if len(sizes) < len(labels):
        log.warning(
            "%s: the size of %d of %d images is not known (no img_w and img_h, no image in ../images): polygons beyond "
            "their right or lower border are not found",
            annotations,
            len(labels) - len(sizes),
            len(labels),
        )
    file = file_of(submission, SUBMISSION)
    faults = validate_submission(file, list(labels), sizes)
    for fault in faults:
        log.error("%s: %s", file, fault)
    if faults:
        sys.exit(EXIT_FAILED)
    polygons = read_submission(file)
    for oddity in find_oddities(polygons, sizes):
        log.warning("%s: %s", file, oddity)
    count, empty = sum(map(len, polygons.values())), sum(not found for found in polygons.values())
    log.info("%s: valid, %d images, %d polygons, %d images without one", file, len(labels), count, empty)


if __name__ == "__main__":
    main()
