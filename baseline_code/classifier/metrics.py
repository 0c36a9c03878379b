"""The scores of classifiers, by torchmetrics."""

from __future__ import annotations

from typing import Any

from torchmetrics import Metric, MetricCollection
from torchmetrics import classification as tm


def classification_metrics(num_classes: int, *, prefix: str, sync_on_compute: bool = True) -> MetricCollection:
    """Accuracy, precision, recall, F1 and the area under the ROC curve.

    Args:
        num_classes: of two, class 1 is the positive one, and its probability is what the metrics take; of more,
            precision, recall, F1 and AUC are means over the classes (macro), and accuracy is the fraction of all
            images.
        prefix: of the names, such as `val_`.
        sync_on_compute: gather the other processes' images first.

    Returns:
        Metrics `<prefix>accuracy`, `…precision`, `…recall`, `…f1` and `…auc`. A score whose denominator is empty (no
        image of a class, none predicted) counts as 0. Means of precision, recall and F1 leave out a class that has
        neither; that of the AUC does not.

    Raises:
        ValueError: for fewer than two classes.
    """
    if num_classes < 2:
        raise ValueError(f"expected two classes or more, got {num_classes}")
    # Checking values would make the device wait at each batch.
    common: dict[str, Any] = {"validate_args": False, "sync_on_compute": sync_on_compute}
    metrics: dict[str, Metric | MetricCollection]
    if num_classes == 2:
        metrics = {
            "accuracy": tm.BinaryAccuracy(**common),
            "precision": tm.BinaryPrecision(**common),
            "recall": tm.BinaryRecall(**common),
            "f1": tm.BinaryF1Score(**common),
            "auc": tm.BinaryAUROC(**common),
        }
    else:
        metrics = {
            "accuracy": tm.MulticlassAccuracy(num_classes, average="micro", **common),
            "precision": tm.MulticlassPrecision(num_classes, average="macro", **common),
            "recall": tm.MulticlassRecall(num_classes, average="macro", **common),
            "f1": tm.MulticlassF1Score(num_classes, average="macro", **common),
            "auc": tm.MulticlassAUROC(num_classes, average="macro", **common),
        }
    return MetricCollection(metrics, prefix=prefix)
